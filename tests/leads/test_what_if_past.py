"""What a draft would have made of past leads: what happened is kept, what follows from promises is taken anew."""

from leads.decisions import RungFired, RungSkipped
from leads.what_if.past import PastEffect
from tests.builders import Story, at, captured, fact, playbook, raised, touched
from tests.leads.what_ifs import asked, promising, weighed_past

FIRST_TOUCH, SPEED = "first_touch", "speed_to_lead"


def touched_after(minutes: float) -> Story:
    """Asked at 09:00, reached out to so many minutes later."""
    story = asked()
    story.sleep_until(at(minutes - 0.5))
    story.step(at(minutes), touched(at(minutes), by="ana"))
    return story


def fates(effect: PastEffect, clock: str) -> tuple[str | None, str | None]:
    """What became of a clock, and what would have."""
    old, new = (
        next((str(made.outcome) for made in side.promises.values() if made.clock == clock), None)
        for side in (effect.old, effect.new)
    )
    return old, new


def test_the_same_playbook_makes_the_same_of_it() -> None:
    effect = weighed_past(touched_after(12), playbook(), at(60), since=at(-60))

    assert not effect.is_touched
    assert fates(effect, FIRST_TOUCH) == ("met", "met")


def test_a_tighter_promise_would_have_been_missed_by_the_same_touch() -> None:
    effect = weighed_past(touched_after(12), promising(first_touch="PT10M"), at(60), since=at(-60))

    assert fates(effect, FIRST_TOUCH) == ("met", "breached")
    assert fates(effect, SPEED) == ("met", "met")
    assert (len(effect.newly_missed), effect.newly_kept) == (1, [])


def test_a_wider_promise_would_have_been_kept_by_the_same_touch() -> None:
    effect = weighed_past(touched_after(18), promising(first_touch="PT20M", speed_to_lead="PT20M"), at(60), at(-60))

    assert (fates(effect, FIRST_TOUCH), fates(effect, SPEED)) == (("breached", "met"), ("breached", "met"))
    assert (effect.newly_missed, len(effect.newly_kept)) == ([], 2)


def test_rungs_come_due_by_the_draft_s_promise_and_no_later_than_the_touch() -> None:
    effect = weighed_past(touched_after(12), promising(first_touch="PT10M"), at(60), since=at(-60))

    (old,) = (made for made in effect.old.promises.values() if made.clock == FIRST_TOUCH)
    (new,) = (made for made in effect.new.promises.values() if made.clock == FIRST_TOUCH)
    # half of 15 minutes; half of 10 minutes, then due with the channel at 10 minutes; the next at 20 would be too late
    assert (old.rungs, old.is_escalated) == (("half",), False)
    assert (new.rungs, new.is_escalated) == (("half", "due", "due_channel"), True)


def test_what_the_ladder_did_is_counted_as_it_was_done() -> None:
    story = asked()
    story.sleep_until(at(100))

    effect = weighed_past(story, playbook(), at(100), since=at(-60))

    settled = [entry.data for entry in story.journal if isinstance(entry.data, RungFired | RungSkipped)]
    counted = {(key, rung) for key, made in effect.old.promises.items() for rung in made.rungs}
    assert counted == {(each.clock, each.rung) for each in settled}


def test_whoever_had_the_lead_keeps_it() -> None:
    story = asked()
    story.sleep_until(at(26))
    moved = [entry.data.owner for entry in story.decided("assigned")]  # type: ignore[attr-defined]  # by type

    effect = weighed_past(story, promising(first_touch="PT8H"), at(26), since=at(-60))

    assert len(moved) == 2
    assert effect.new.teams == effect.old.teams
    # taken from its first owner at 25 minutes, when the draft had hours left: nobody missed anything
    assert fates(effect, FIRST_TOUCH) == ("breached", None)


def test_hand_offs_before_the_date_are_in_no_figure() -> None:
    story = asked()
    story.step(at(60), fact("lead.lost", at(60), reason="no_answer"))

    effect = weighed_past(story, playbook(), at(days=1), since=at(1))

    assert (effect.old.segments, effect.old.promises, effect.is_touched) == ({}, {}, False)


def test_what_never_was_a_lead_is_in_no_figure() -> None:
    story = touched_after(12)
    story.step(at(60), fact("lead.disqualified", at(60), kind="not_a_lead"))

    effect = weighed_past(story, promising(first_touch="PT10M"), at(days=1), since=at(-60))

    assert (effect.new.segments, effect.new.promises) == ({}, {})


def test_an_ignored_hand_off_is_one_by_the_draft_s_horizon() -> None:
    story = asked()
    story.step(at(hours=5), touched(at(hours=5)))
    draft = playbook()
    hot = draft.segment("hot")
    shorter = hot.model_copy(update={"ignored_after": hot.ignored_after.model_copy(update={"target": "PT4H"})})
    segments = tuple(shorter if each.name == "hot" else each for each in draft.segments)

    effect = weighed_past(story, draft.model_copy(update={"segments": segments}), at(days=3), since=at(-60))

    assert (len(effect.old.ignored), len(effect.new.ignored)) == (0, 1)


def test_history_counts_as_if_alarms_had_been_live() -> None:
    story = Story()
    told = captured(at(0), backfill=True), raised(at(0), backfill=True), touched(at(12), backfill=True)
    owner = fact("lead.assigned", at(0), owner="ana", backfill=True)
    story.step(at(days=30), *told, owner)

    effect = weighed_past(story, promising(first_touch="PT10M"), at(days=30), since=at(-60))

    assert fates(effect, FIRST_TOUCH) == ("met", "breached")
