"""Meetings: their outcome is to be told, and one that did not take place is to be agreed on anew."""

from datetime import datetime
from typing import Any

import pytest

from leads.entries import Entry
from leads.state import Clock
from tests.builders import Story, at, captured, fact, raised, touched

NOON = at(hours=3)


def told(*entries: Entry) -> Story:
    story = Story(people=("ana", "ben"))
    story.step(at(0), captured(at(0)), raised(at(0)))
    for entry in entries:
        story.step(entry.effective_at, entry)
    return story


def booked(when: datetime, meets_at: datetime = NOON, **data: Any) -> Entry:
    return fact("lead.meeting_booked", when, at=meets_at.isoformat(), **({"by": "ana"} | data))


def then(kind: str, when: datetime, meets_at: datetime = NOON, **data: Any) -> Entry:
    return fact(f"lead.meeting_{kind}", when, at=meets_at.isoformat(), **data)


def of(story: Story, name: str) -> list[Clock]:
    return [clock for clock in story.lead.clocks.values() if clock.clock == name]


OUTCOMES: list[tuple[list[Entry], list[tuple[datetime, str | None, str | None]]]] = [
    # what happened                                   outcome promised: due (end of the hour, + 4 wh), how it ended, why
    ([booked(at(5))], [(at(hours=8), None, None)]),
    ([booked(at(5), ends_at=at(hours=3.5).isoformat())], [(at(hours=7.5), None, None)]),
    ([booked(at(5)), then("held", at(hours=4))], [(at(hours=8), "met", "meeting_told")]),
    ([booked(at(5)), then("missed", at(hours=3.2))], [(at(hours=8), "met", "meeting_told")]),
    ([booked(at(5)), then("held", at(hours=8.5))], [(at(hours=8), "breached", "meeting_told")]),
    ([booked(at(5)), then("cancelled", at(60))], [(at(hours=8), "cancelled", "meeting_cancelled")]),
    ([booked(at(5)), then("cancelled", at(hours=5))], [(at(hours=8), "met", "meeting_told")]),  # told afterwards
    (
        [booked(at(5), meeting="m"), booked(at(9), at(hours=4), meeting="m")],
        [(at(hours=8), "cancelled", "rebooked"), (at(hours=9), None, None)],
    ),
    (
        [booked(at(5), meeting="m"), booked(at(9), at(hours=4), meeting="n"), then("held", at(hours=6), meeting="n")],
        [(at(hours=8), None, None), (at(hours=9), "met", "meeting_told")],
    ),
    ([booked(at(5)), fact("lead.won", at(9))], [(at(hours=8), "cancelled", "skipped")]),
]


@pytest.mark.parametrize(("happened", "promised"), OUTCOMES)
def test_the_outcome_of_a_meeting_is_to_be_told(
    happened: list[Entry], promised: list[tuple[datetime, str | None, str | None]]
) -> None:
    assert [(c.due_at, c.outcome, c.why) for c in of(told(*happened), "meeting_outcome")] == promised


@pytest.mark.parametrize(
    ("happened", "owed"),
    [
        ([booked(at(5)), then("missed", at(hours=4))], True),
        ([booked(at(5)), then("cancelled", at(hours=1))], True),
        ([booked(at(5), meeting="m"), then("cancelled", at(60), meeting="m")], True),
        ([booked(at(5), meeting="m"), booked(at(9), at(hours=30), meeting="n"),
          then("cancelled", at(60), meeting="m")], False),  # another one is ahead
    ],
)  # fmt: skip
def test_a_meeting_that_did_not_take_place_is_to_be_agreed_on_anew(happened: list[Entry], *, owed: bool) -> None:
    story = told(*happened)

    rebook = [clock for clock in of(story, "next_step") if clock.subject == "rebook"]
    assert [clock.is_running for clock in rebook] == [True] * owed


def test_booking_again_keeps_the_promise_of_a_new_date() -> None:
    story = told(booked(at(5)), then("missed", at(hours=4)), booked(at(hours=5), at(hours=30)))

    [rebook] = [clock for clock in of(story, "next_step") if clock.subject == "rebook"]
    assert (rebook.outcome, rebook.why) == ("met", "real_touch")


def test_after_a_booking_the_next_step_is_the_meeting() -> None:
    [step] = of(told(booked(at(5), at(days=7))), "next_step")

    assert step.due_at == at(days=7, hours=9)  # nine working hours after it begins


def test_a_slot_that_the_buyer_picks_answers_the_raised_hand_and_is_no_touch() -> None:
    story = told(booked(at(5), self_booked=True, by=None))

    [speed] = of(story, "speed_to_lead")
    assert (speed.outcome, speed.why) == ("met", "self_serve")
    assert story.lead.hand_offs[0].touched_at is None
    assert of(story, "first_touch")[0].is_running


def test_a_slot_picked_by_someone_in_nurturing_hands_them_to_sales() -> None:
    story = Story(people=("ana",))
    story.step(at(20), captured(at(0)))

    story.step(at(30), booked(at(30), self_booked=True, by=None))

    assert (story.lead.stage, story.lead.owner, story.lead.anomalies) == ("assigned", "ana", 0)


def test_a_meeting_goes_on_with_the_closer() -> None:
    story = told(booked(at(5)), fact("lead.assigned", at(9), owner="carl", team="closers"))

    [outcome] = of(story, "meeting_outcome")
    assert (outcome.is_running, outcome.owner, outcome.hand_off) == (True, "carl", story.lead.hand_offs[-1].id)


def test_a_late_report_is_taken_as_the_meeting_that_was_to_end_first() -> None:
    story = told(booked(at(5)), touched(at(10)), then("held", at(hours=4), meets_at=at(hours=2.9)))

    assert of(story, "meeting_outcome")[0].outcome == "met"
