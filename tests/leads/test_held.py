"""What an edit itself would break is held: nobody is alarmed until somebody confirms it, or it finishes as it was."""

from datetime import datetime

import pytest

from leads.entries import Book, Entry, Kind
from leads.posted import FACT_DATA, PLAYBOOK_SOURCE
from leads.running import Choice
from leads.state import Outcome
from tests.builders import Story, at, touched
from tests.leads.editions import EDITED_AT, begun, book, clock, edited, notices, reached


def posted(type_: str, when: datetime, revision: int = 2) -> Entry:
    return Entry(Kind.FACT, type_, when, PLAYBOOK_SOURCE, f"{type_}:{revision}",
                 FACT_DATA[type_].model_validate({"revision": revision}), when, Book.MAIL)  # fmt: skip


def halved() -> Story:
    """4 h become 1 h while 2 are used."""
    return reached(begun(edited(book("PT4H"), book("PT1H"))))


def test_a_promise_that_the_edit_would_break_stays_where_it_was() -> None:
    story = halved()

    assert clock(story).due_at == at(hours=4)
    assert clock(story).hold is not None
    assert clock(story).hold.due_at == at(hours=1)  # type: ignore[union-attr]
    assert story.decided("breach_announced") == []
    assert "clock_held" in {line.kind for line in story.timeline.values()}


def test_a_touch_keeps_a_held_promise_by_the_old_target() -> None:
    story = halved()

    story.step(at(hours=3), touched(at(hours=3)))

    assert clock(story).outcome is Outcome.MET


def test_confirmed_it_is_broken_now_and_alarms_once() -> None:
    story = halved()
    told = len(notices(story))

    story.step(at(hours=3), posted("playbook.hold_released", at(hours=3)))

    assert clock(story).due_at == at(hours=3)
    assert len(story.decided("breach_announced")) == 1
    assert notices(story)[told:] == [("breach", "due")]

    story.sleep_until(at(hours=8))
    assert notices(story)[told:] == [("breach", "due"), ("escalation", "manager")]  # an hour after it was broken
    assert [e.effective_at for e in story.decided("rung_fired")][-1] == at(hours=4)
    assert story.lead == story.refolded_with_tick()


def test_waived_it_finishes_under_the_target_it_had() -> None:
    story = halved()

    story.step(at(hours=3), posted("playbook.hold_waived", at(hours=3)))
    story.sleep_until(at(hours=4))

    assert clock(story).hold is None
    assert clock(story).due_at == at(hours=4)
    assert [e.effective_at for e in story.decided("breach_announced")] == [at(hours=4)]


def test_a_later_edit_takes_a_held_promise_along() -> None:
    story = reached(begun(edited(book("PT6H"), book("PT1H"), book("PT5H"))), EDITED_AT, 2)
    assert clock(story).hold is not None

    reached(story, at(hours=3), 3)

    assert clock(story).hold is None
    assert clock(story).due_at == at(hours=5)


def test_a_rollout_that_comes_late_alarms_nobody_of_what_ran_out_meanwhile() -> None:
    story = begun(edited(book("PT8H"), book("PT3H")))

    reached(story, at(hours=5))  # in force at 11:00; by 12:00 it would have been due, and it is 14:00

    assert clock(story).due_at == at(hours=8)
    assert clock(story).hold is not None
    assert story.decided("breach_announced") == []


@pytest.mark.parametrize("choice", [Choice.CARRY, Choice.RESTART])
def test_what_ran_out_under_the_old_target_is_broken_and_not_held(choice: Choice) -> None:
    story = begun(edited(book("PT3H"), book("PT1H"), choice=choice))

    reached(story, at(hours=5))

    assert clock(story).hold is None
    assert clock(story).due_at == at(hours=3)
    assert len(story.decided("breach_announced")) == 1


def test_confirming_twice_changes_nothing_more() -> None:
    story = halved()
    story.step(at(hours=3), posted("playbook.hold_released", at(hours=3)))
    before = story.refolded()

    story.step(at(hours=3.1), posted("playbook.hold_released", at(hours=3)))

    assert clock(story).due_at == before.clocks[clock(story).key].due_at
    assert len(story.decided("breach_announced")) == 1


def test_no_edit_brings_the_horizon_into_the_past() -> None:
    near = book("PT4H")
    near = near.model_copy(update={"segments": tuple(
        segment.model_copy(update={"ignored_after": segment.ignored_after.model_copy(update={"target": "PT1H"})})
        for segment in near.segments
    )})  # fmt: skip
    story = begun(edited(book("PT4H"), near))
    horizon = story.lead.hand_offs[0].ignored_at

    reached(story)

    assert story.lead.hand_offs[0].ignored_at == horizon
