"""When a lead is looked at again: the earliest instant that matters, and always one while it is open."""

from datetime import datetime

import pytest

from leads.entries import Entry
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

HOT = [captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ana")]


def wake(*entries: Entry, now: datetime, lag: str = "PT2M", people: tuple[str, ...] = ()) -> datetime | None:
    story = Story(shelf(playbook(evidence={"lag": lag, "late_after": "PT1H"})), people=people)
    return story.step(now, *entries).wake_at


@pytest.mark.parametrize(
    ("now", "entries", "wakes_at"),
    [
        (at(0), [captured(at(0))], at(15)),  # nurtured after 15 min
        (at(15), [captured(at(0))], at(15, days=30)),  # and reviewed after 30 days
        (at(1), [captured(at(0)), fact("lead.recycled", at(1), reason="no_need")], at(1, days=180)),
        (at(1), HOT, at(8.5)),  # half of 15 minutes
        (at(9), HOT, at(15)),  # speed to lead is due
        (at(15), HOT, at(16)),  # first touch is due
        (at(16), HOT, at(18)),  # the channel, after the evidence lag
        (at(18), HOT, at(28)),  # due + 10, + 2
        (at(28), HOT, at(78)),  # due + 1 h, + 2
        (at(78), HOT, at(2, hours=9)),  # ignored after 9 working hours, at closing time; + 2
        (at(5), [*HOT, touched(at(4))], at(4, days=14)),  # the effort: 90 working hours
        (at(5), [captured(at(0)), fact("lead.opportunity_opened", at(4))], at(19)),  # an owner is due
        (at(5), [captured(at(0)), fact("lead.won", at(4))], None),
        (at(5), [captured(at(0)), fact("lead.lost", at(4))], None),
        (at(5), [captured(at(0)), fact("lead.disqualified", at(4))], None),
        (at(5), [touched(at(4))], at(5, days=30)),  # provisional
    ],
)
def test_the_next_instant_that_matters(now: datetime, entries: list[Entry], wakes_at: datetime | None) -> None:
    assert wake(*entries, now=now) == wakes_at


def test_without_an_owner_the_next_look_for_one_matters_too() -> None:
    life = [captured(at(0)), fact("lead.qualified", at(0))]

    assert [wake(*life, now=at(minute)) for minute in (0, 14)] == [at(15), at(15)]  # look at 15; assign due at 15


def test_a_hand_off_out_of_history_has_no_instants_of_its_own() -> None:
    old = [
        fact("lead.captured", at(0), backfill=True, source="web"),
        fact("lead.hand_raised", at(0), backfill=True, kind="demo"),
    ]

    assert wake(*old, now=at(5)) == at(5, days=30)


def test_a_snooze_moves_the_wake_with_the_promise() -> None:
    story = Story(shelf(playbook(snooze_before_touch=True)), people=())
    story.step(at(1), *HOT)

    turn = story.step(at(2), fact("lead.snoozed", at(2), until=at(hours=5).isoformat()))

    # half was at 7.5 minutes of 15: one has run by 2, so 6.5 after the snooze
    assert turn.wake_at == at(6.5, hours=5)


def test_a_year_of_a_nurtured_lead_is_two_wakes_and_one_decision() -> None:
    story = Story()
    story.step(at(0), captured(at(0)))

    wakes = 0
    while story.turn is not None and story.turn.wake_at is not None and story.turn.wake_at < at(days=365):
        story.step(story.turn.wake_at)
        wakes += 1

    assert wakes == 2  # taken up by marketing, and one look
    assert [entry.type for entry in story.journal] == ["lead.captured", "nurtured"]
