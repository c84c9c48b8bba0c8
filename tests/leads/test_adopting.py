"""What a publication does to a promise that runs: carried, kept, restarted, or for new leads only."""

from datetime import datetime, timedelta

import pytest

from leads.running import Choice, Running
from leads.state import Outcome
from tests.builders import at, fact, touched
from tests.leads.editions import EDITED_AT, begun, book, clock, edited, notices, reached

OFFICE = {
    "timezone": "UTC",
    "weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
EARLY = OFFICE | {"weekly": {day: [["08:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}


@pytest.mark.parametrize(
    ("choice", "target", "due"),
    [
        (Choice.CARRY, "PT3H", at(hours=3)),  # of 4 h 2 were used: 1 h of the new 3 is left
        (Choice.CARRY, "PT6H", at(hours=6)),
        (Choice.KEEP, "PT3H", at(hours=4)),
        (Choice.RESTART, "PT3H", at(hours=5)),  # 11:00 + 3 h
        (Choice.NEW_LEADS_ONLY, "PT3H", at(hours=4)),
    ],
)
def test_a_running_clock_under_each_choice(choice: Choice, target: str, due: datetime) -> None:
    story = reached(begun(edited(book("PT4H"), book(target), choice=choice)))

    assert clock(story).due_at == due
    assert story.lead == story.refolded_with_tick()


def test_a_choice_for_one_clock_wins_over_the_default() -> None:
    before = book("PT4H", promises={"speed_to_lead": {"target": "PT4H"}})
    after = book("PT3H", promises={"speed_to_lead": {"target": "PT3H"}})
    running = Running.model_validate({"default": "carry", "clocks": {"first_touch": "keep"}})
    story = begun(edited(before, after, choice=running))
    story.step(at(1), fact("lead.hand_raised", at(0), kind="demo"))

    reached(story)

    assert clock(story, "first_touch").due_at == at(hours=4)
    assert clock(story, "speed_to_lead").due_at == at(hours=3)


@pytest.mark.parametrize(
    ("choice", "due"),
    [
        (Choice.KEEP, at(hours=6)),  # another team at 12:00 promises by the new 3 h plus 3
        (Choice.CARRY, at(hours=6)),
        (Choice.NEW_LEADS_ONLY, at(hours=7)),  # and here by the 4 h of the day it was captured
    ],
)
def test_a_later_clock_of_an_open_lead(choice: Choice, due: datetime) -> None:
    story = reached(begun(edited(book("PT4H"), book("PT3H"), choice=choice)))

    story.step(at(hours=3), fact("lead.assigned", at(hours=3), owner="zoe", team="elsewhere"))

    assert clock(story).owner == "zoe"
    assert clock(story).due_at == due


def test_a_lead_captured_later_gets_the_new_promise_whatever_was_chosen() -> None:
    for choice in Choice:
        story = begun(edited(book("PT4H"), book("PT3H"), choice=choice))
        late = begun(story.shelf)
        late.lead = type(late.lead)("lead-1")
        late.journal.clear()
        late.step(at(hours=3), fact("lead.captured", at(hours=3), source="x"),
                  fact("lead.assigned", at(hours=3), owner="ana"))  # fmt: skip
        assert clock(late).due_at == at(hours=6)


def test_a_pause_before_the_edit_is_kept() -> None:
    story = begun(edited(book("PT4H", snooze_before_touch=True), book("PT3H", snooze_before_touch=True)))
    story.step(at(hours=1), fact("lead.snoozed", at(hours=1), until=at(hours=1.5).isoformat()))

    reached(story)

    assert clock(story).due_at == at(hours=3.5)  # 3 h of which 1.5 are used, half an hour not counted


def test_a_pause_that_lasts_over_the_edit_is_kept() -> None:
    story = begun(edited(book("PT4H", snooze_before_touch=True), book("PT3H", snooze_before_touch=True)))
    story.step(at(hours=1), fact("lead.snoozed", at(hours=1), until=at(hours=5).isoformat()))

    reached(story)
    assert clock(story).due_at == at(hours=7)  # 1 h used, paused for 4 h, 2 h left from 14:00

    story.step(at(hours=3), fact("lead.replied", at(hours=3), channel="email"))
    assert clock(story).due_at == at(hours=5)  # the buyer spoke at 12:00


def test_in_other_hours_what_was_used_stays_used() -> None:
    after = book("PT4H", calendar="early", calendars={"early": EARLY})
    story = reached(begun(edited(book("PT4H"), after)))

    # 2 of 4 h are used by 11:00; one more until 12:00, one on Tuesday from 08:00
    assert clock(story).due_at == at(days=1)
    assert clock(story).terms[0].used_seconds == 7200


def test_back_in_the_former_hours_nothing_used_is_lost_or_counted_twice() -> None:
    after = book("PT4H", calendar="early", calendars={"early": EARLY})
    story = reached(begun(edited(book("PT4H"), after, book("PT4H"))), at(hours=3))

    assert clock(story).due_at == at(hours=4)  # 2 h until 11:00, 1 h until 12:00, 1 h left


def test_going_back_restores_every_due_instant() -> None:
    story = reached(begun(edited(book("PT4H"), book("PT3H"), book("PT4H"))), at(hours=3) - timedelta(minutes=1), 2)
    assert clock(story).due_at == at(hours=3)

    reached(story, at(hours=3) - timedelta(seconds=1), 3)
    assert clock(story).due_at == at(hours=3)  # not in force yet

    story.step(at(hours=3))
    assert clock(story).due_at == at(hours=3)  # it ran out at the very instant: broken is broken


def test_going_back_before_it_is_due_restores_the_due_instant() -> None:
    story = reached(begun(edited(book("PT6H"), book("PT4H"), book("PT6H"))), at(hours=3))

    assert clock(story).due_at == at(hours=6)
    assert clock(story).terms == begun(story.shelf).lead.clocks[clock(story).key].terms


def test_what_was_broken_before_the_edit_stays_broken() -> None:
    for choice in (Choice.CARRY, Choice.RESTART):
        story = begun(edited(book("PT1H"), book("PT8H"), choice=choice))

        reached(story)

        assert clock(story).due_at == at(hours=1)
        assert story.decided("breach_retracted") == []


def test_a_rung_climbed_before_the_edit_is_not_climbed_again() -> None:
    for choice in (Choice.CARRY, Choice.RESTART):
        story = begun(edited(book("PT2H30M"), book("PT5H"), choice=choice))
        reached(story)
        assert notices(story) == [("warning", "half")]  # at 10:15

        story.sleep_until(at(hours=9))

        assert notices(story)[:2] == [("warning", "half"), ("breach", "due")]
        assert clock(story).due_at == at(hours=5 if choice is Choice.CARRY else 7)


def test_a_warning_that_the_edit_puts_in_the_past_alarms_nobody() -> None:
    story = reached(begun(edited(book("PT8H"), book("PT3H"))))  # half of 3 h was over at 10:30

    assert notices(story) == []
    assert [(e.data.rung, e.data.why) for e in story.decided("rung_skipped")] == [("half", "rollout")]  # type: ignore[attr-defined]

    story.sleep_until(at(hours=3))
    assert notices(story) == [("breach", "due")]


def test_a_warning_that_was_due_anyway_is_heard() -> None:
    story = begun(edited(book("PT4H"), book("PT3H")))
    story.adopts = frozenset({2})

    story.step(at(hours=2.2))  # asleep since 09:00: half of 4 h was over at 11:00

    assert notices(story) == [("warning", "half")]


def test_a_promise_the_revision_no_longer_makes_ends_and_nobody_is_to_blame() -> None:
    story = reached(begun(edited(book("PT4H"), book(None, promises={"reply": {"target": "PT1H"}}))))

    assert (clock(story).outcome, clock(story).why) == (Outcome.CANCELLED, "policy")
    assert clock(story).ended_at == EDITED_AT


def test_a_promise_kept_before_word_of_the_edit_stays_kept() -> None:
    story = begun(edited(book("PT4H"), book("PT2H10M")))
    story.step(at(hours=2.5), fact("lead.engaged", at(hours=2.5), kind="page_viewed"))
    story.adopts = frozenset({2})

    story.step(at(hours=3), touched(at(hours=2.75)))  # the edit would have had it by 11:10

    assert clock(story).outcome is Outcome.MET
    assert story.lead == story.refolded_with_tick()


def test_the_later_of_two_revisions_is_adopted_after_the_earlier() -> None:
    story = begun(edited(book("PT8H"), (book("PT7H"), Choice.RESTART), (book("PT5H"), Choice.CARRY)))

    reached(story, at(hours=4))

    assert clock(story).due_at == at(hours=7)  # counted anew from 11:00, five hours since
    assert story.lead.adopted == [2, 3]


def test_late_word_from_before_the_edit_folds_as_if_it_had_been_in_time() -> None:
    on = edited(book("PT4H"), book("PT3H"))
    in_time, late = begun(on), begun(on)
    in_time.step(at(hours=1), fact("lead.assigned", at(hours=1), owner="zoe", team="elsewhere"))
    reached(in_time)

    reached(late)
    late.step(at(hours=2, minutes=5), fact("lead.assigned", at(hours=1), owner="zoe", team="elsewhere"))

    assert clock(late).due_at == clock(in_time).due_at == at(hours=4)
    assert clock(late).revision == 2


def test_history_brought_in_is_left_as_it_was() -> None:
    story = begun(edited(book("PT4H"), book("PT3H")))
    story.lead = type(story.lead)("lead-1")
    story.journal.clear()
    story.step(at(0), fact("lead.captured", at(0), source="x", backfill=True),
               fact("lead.assigned", at(0), owner="ana", backfill=True))  # fmt: skip

    reached(story)

    assert clock(story).due_at == at(hours=4)
    assert story.lead.adopted == []
