"""Segments that begin with a call run in the buyer's own hours, where their zone is known."""

from datetime import UTC, datetime

import pytest

from leads.revisions import Shelf
from tests.builders import Story, captured, fact, playbook, shelf


def call_first(**promise: str) -> Shelf:
    promises = {"first_touch": {"target": "PT1H", "zone": "buyer", **promise}}
    return shelf(playbook(segments=[
        {"name": "calls", "team": "sales", "ignored_after": {"target": "PT27H"}, "promises": promises},
    ]))  # fmt: skip


def june(day: int, hour: float) -> datetime:
    return datetime(2026, 6, day, int(hour), int(hour % 1 * 60), tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "came_in_at", "due_at"),
    [
        # Monday 10:00 UTC with office hours 09:00 to 18:00 in the zone named
        (None, june(1, 10), june(1, 11)),  # the calendar's own, UTC
        ("Europe/Berlin", june(1, 10), june(1, 11)),  # 12:00 there
        ("America/New_York", june(1, 10), june(1, 14)),  # 06:00 there: opens at 13:00 UTC
        ("America/New_York", june(1, 21.5), june(2, 13.5)),  # 17:30 there: half an hour, and half tomorrow
        ("Asia/Tokyo", june(1, 10), june(2, 1)),  # 19:00 there: closed; opens Tuesday 00:00 UTC
        ("Nowhere/Land", june(1, 10), june(1, 11)),  # no zone: the calendar's own
        ("not a zone", june(1, 10), june(1, 11)),
        ("../../etc/passwd", june(1, 10), june(1, 11)),
    ],
)
def test_the_hours_are_read_where_the_buyer_is(zone: str | None, came_in_at: datetime, due_at: datetime) -> None:
    story = Story(call_first(), people=("ana",))
    known = {"timezone": zone} if zone else {}
    story.step(came_in_at, captured(came_in_at, **known), fact("lead.qualified", came_in_at))

    [clock] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert clock.due_at == due_at


def test_what_arrives_while_the_buyer_sleeps_has_its_own_target() -> None:
    story = Story(call_first(if_arrived_closed="PT3H"), people=("ana",))
    at = june(1, 10)
    story.step(at, captured(at, timezone="America/New_York"), fact("lead.qualified", at))

    [clock] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert clock.due_at == june(1, 16)


def test_a_zone_learnt_later_moves_no_running_promise() -> None:
    story = Story(call_first(), people=("ana",))
    at = june(1, 10)
    story.step(at, captured(at), fact("lead.qualified", at))

    story.step(at, fact("lead.updated", june(1, 10.25), timezone="America/New_York"))

    [clock] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert clock.due_at == june(1, 11)


def test_elapsed_time_is_the_same_in_every_zone() -> None:
    with pytest.raises(ValueError, match="elapsed time is the same in every zone"):
        playbook(segments=[{
            "name": "all", "team": "sales", "ignored_after": {"target": "PT27H"},
            "promises": {"first_touch": {"target": "PT1H", "time": "elapsed", "zone": "buyer"}},
        }])  # fmt: skip
