"""Facts about a lead not captured yet wait for the capture."""

from leads.lifecycle import Phase
from leads.stages import Stage
from tests.builders import TO_REACH, Story, at, captured, fact, raised, touched


def test_a_lead_nobody_captured_is_provisional_decides_nothing_and_is_looked_at_all_the_same() -> None:
    story = Story()

    turn = story.step(at(1), raised(at(0)), touched(at(1)))

    assert (story.lead.stage, turn.phase, turn.decisions) == (Stage.PROVISIONAL, Phase.CAPTURE, [])
    assert (story.lead.entries, story.lead.clocks, story.lead.real_touches) == (2, {}, 0)
    assert story.lead.first_heard_at == at(0)
    assert turn.wake_at == at(1, days=30)


def test_the_capture_lets_everything_count_that_waited_for_it() -> None:
    story = Story()
    story.step(at(1), raised(at(0)))
    story.step(at(6), fact("lead.assigned", at(1), owner="ana"), touched(at(5)))

    turn = story.step(at(30), captured(at(20)))  # the form's own event was slow

    assert turn.refolded
    assert story.lead.stage is Stage.WORKING
    assert {str(c.clock): (c.started_at, c.outcome) for c in story.lead.clocks.values() if c.clock in TO_REACH} == {
        "speed_to_lead": (at(0), "met"), "assign": (at(0), "met"), "first_touch": (at(1), "met"),
    }  # fmt: skip


def test_waiting_facts_are_counted_one_by_one_without_folding_again() -> None:
    story = Story()

    turns = [story.step(at(minute), fact("lead.engaged", at(minute), kind="page_viewed")) for minute in range(50)]

    assert not any(turn.refolded for turn in turns)
    assert story.lead == story.refolded_with_tick()


def test_late_and_early_waiting_facts_end_the_same() -> None:
    story = Story()
    story.step(at(9), touched(at(5)))
    story.step(at(10), raised(at(0)))

    assert story.lead == story.refolded_with_tick()
    story.step(at(11), captured(at(0)))
    assert story.lead == story.refolded_with_tick()
    assert story.lead.real_touches == 1


def test_a_second_capture_changes_the_latest_source_and_keeps_the_first() -> None:
    story = Story()

    story.step(at(2), captured(at(0), source="webinar"), captured(at(1), source="chat", company="Acme"))

    assert (story.lead.source_original, story.lead.profile["source"]) == ("webinar", "chat")
    assert story.lead.captured_at == at(0)


def test_an_earlier_capture_arriving_late_becomes_the_first() -> None:
    story = Story()
    story.step(at(1), captured(at(0), source="chat"))

    story.step(at(2), captured(at(-60), source="webinar"))

    assert (story.lead.source_original, story.lead.profile["source"]) == ("webinar", "chat")
    assert story.lead == story.refolded_with_tick()


def test_a_command_to_a_provisional_lead_is_refused() -> None:
    story = Story()
    story.step(at(1), raised(at(0)))

    turn = story.give(at(2), "disqualify", reason="no_fit")

    assert turn.refusal == "this lead has not been captured yet; try again once it is"
    assert turn.entries == []


def test_a_profile_keeps_a_hundred_plain_attributes_and_no_novels() -> None:
    story = Story()
    story.step(at(0), captured(at(0)))

    for i in range(3):
        many = {f"a{i}_{j}": j for j in range(90)}
        story.step(at(i + 1), fact("lead.updated", at(i + 1), attributes=many))
    odd = {"deep": {"a": [1]}, "list": [1, 2], "long": "x" * 501, "n" * 501: 1, "plain": True}
    story.step(at(9), fact("lead.updated", at(9), attributes=odd))

    kept = story.lead.profile["attributes"]
    assert len(kept) == 100
    assert kept["plain"] is True
    assert not {"deep", "list", "long", "n" * 501} & kept.keys()
