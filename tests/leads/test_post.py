"""When a person may be told: quiet hours in the playbook's zone, and how much is too much."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from leads.brief import Brief, PromiseBrief, Prospect, Whereabouts
from leads.calendar import Calendar
from leads.playbook import Notices
from leads.playbook_lists import Lists
from leads.post import Manners, is_wanted, letter_id

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
NIGHT = (time(20), time(8))
WEEK = ("mon", "tue", "wed", "thu", "fri")
MORNINGS = Calendar.model_validate({
    "timezone": "America/New_York", "weekly": {day: [["09:00", "12:00"]] for day in WEEK},
})  # fmt: skip
NIGHTS = Calendar.model_validate({"timezone": "UTC", "weekly": {day: [["22:00", "06:00"]] for day in WEEK}})
ONCE = Calendar.model_validate({"timezone": "UTC", "date_overrides": {"2026-05-01": [["09:00", "12:00"]]}})
MINUTE = timedelta(minutes=1)


def manners(quiet: tuple[time, time] | None = None, zone: str = "UTC") -> Manners:
    return Manners(Notices(quiet=quiet), ZoneInfo(zone), Lists())


@pytest.mark.parametrize(
    ("zone", "quiet", "at", "until"),
    [
        ("UTC", NIGHT, "2026-06-01T19:59:59", None),
        ("UTC", NIGHT, "2026-06-01T20:00:00", "2026-06-02T08:00:00"),
        ("UTC", NIGHT, "2026-06-02T03:00:00", "2026-06-02T08:00:00"),
        ("UTC", NIGHT, "2026-06-02T08:00:00", None),
        ("UTC", (time(12), time(13)), "2026-06-01T12:30:00", "2026-06-01T13:00:00"),
        ("UTC", (time(12), time(13)), "2026-06-01T13:30:00", None),
        (BERLIN, NIGHT, "2026-06-01T18:30:00", "2026-06-02T06:00:00"),  # 20:30 CEST
        (BERLIN, NIGHT, "2026-03-28T22:00:00", "2026-03-29T06:00:00"),  # begins in winter, 8:00 is CEST
        (BERLIN, NIGHT, "2026-10-24T20:00:00", "2026-10-25T07:00:00"),  # begins in summer, 8:00 is CET
        (BERLIN, (time(22), time(2, 30)), "2026-03-29T00:00:00", "2026-03-29T01:30:00"),  # 2:30 does not exist
        (BERLIN, (time(22), time(2, 30)), "2026-10-25T00:15:00", "2026-10-25T00:30:00"),  # the first of two 2:30
        (BERLIN, (time(22), time(2, 30)), "2026-10-25T01:15:00", None),
    ],
)
def test_quiet_hours_end_at_their_hour_of_the_wall(
    zone: str, quiet: tuple[time, time], at: str, until: str | None
) -> None:
    found = manners(quiet, zone).quiet_until(datetime.fromisoformat(at).replace(tzinfo=UTC))

    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)


@pytest.mark.parametrize(
    ("where", "at", "until"),
    [
        # quiet from 20:00 to 08:00; the playbook's calendar is Berlin's, an hour or two ahead of UTC
        (Whereabouts(), "2026-06-01T18:30:00", "2026-06-02T06:00:00"),  # 20:30 in Berlin
        (Whereabouts("America/New_York"), "2026-06-01T18:30:00", None),  # 14:30 in New York
        (Whereabouts("America/New_York"), "2026-06-02T02:00:00", "2026-06-02T12:00:00"),  # 22:00 there
        (
            Whereabouts("America/New_York"),
            "2026-03-08T04:00:00",
            "2026-03-08T12:00:00",
        ),  # summer time begins
        (Whereabouts("America/New_York"), "2026-11-01T03:00:00", "2026-11-01T13:00:00"),  # and ends
        (Whereabouts("Asia/Kolkata"), "2026-06-01T14:20:00", None),  # 19:50
        (Whereabouts("Asia/Kolkata"), "2026-06-01T14:30:00", "2026-06-02T02:30:00"),  # 20:00
        (Whereabouts("Nowhere/Land"), "2026-06-01T18:30:00", "2026-06-02T06:00:00"),  # as the playbook
        (Whereabouts(None, MORNINGS), "2026-06-01T18:30:00", None),  # 14:30 where the person works
    ],
)
def test_quiet_hours_are_read_where_the_person_lives(where: Whereabouts, at: str, until: str | None) -> None:
    found = manners(NIGHT, BERLIN).quiet_until(datetime.fromisoformat(at).replace(tzinfo=UTC), where)

    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (MORNINGS, "2026-06-01T14:00:00", None),  # Monday 10:00 in New York
        (MORNINGS, "2026-06-01T16:00:00", "2026-06-02T13:00:00"),  # 12:00: closes
        (MORNINGS, "2026-06-05T17:00:00", "2026-06-08T13:00:00"),  # Friday afternoon: Monday
        (NIGHTS, "2026-06-01T23:00:00", None),  # at work, though others sleep
        (NIGHTS, "2026-06-02T09:00:00", "2026-06-02T22:00:00"),
        (ONCE, "2026-06-01T21:00:00", "2026-06-02T08:00:00"),  # those hours are over: quiet hours hold
        (None, "2026-06-01T19:00:00", None),
        (None, "2026-06-01T21:00:00", "2026-06-02T08:00:00"),
    ],
)
def test_owners_with_hours_of_their_own_may_be_told_in_these_only(
    hours: Calendar | None, at: str, until: str | None
) -> None:
    ways = Manners(Notices(quiet=NIGHT, only_at_work=True), ZoneInfo("UTC"), Lists())
    where, instant = Whereabouts("UTC", hours), datetime.fromisoformat(at).replace(tzinfo=UTC)

    assert ways.quiet_until(instant, where) == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)
    assert ways.not_before("manager", instant, where) == instant


def test_without_quiet_hours_the_night_is_as_the_day() -> None:
    assert manners().quiet_until(NOON + timedelta(hours=12)) is None


@pytest.mark.parametrize(
    ("lately", "gathering", "held"),
    [
        (0, None, None),
        (2, None, None),
        (3, None, 5 * MINUTE),  # the fourth within ten minutes
        (3, 2 * MINUTE, 2 * MINUTE),  # joins what is held
        (0, 2 * MINUTE, 2 * MINUTE),
        (0, -MINUTE, -MINUTE),  # nobody has come for it yet: goes out at once
    ],
)
def test_what_is_too_much_is_held_until_the_next_digest(
    lately: int, gathering: timedelta | None, held: timedelta | None
) -> None:
    found = manners().hold("owner", NOON, lately, NOON + gathering if gathering else None)

    assert found == (NOON + held if held else None)


def test_owners_and_their_stand_ins_are_left_in_peace_and_managers_are_not() -> None:
    midnight, morning = NOON + timedelta(hours=12), NOON + timedelta(hours=20)
    holds = {role: manners(NIGHT).hold(role, midnight, 0, None) for role in ("owner", "stand_in", "manager", "channel")}

    assert holds == {"owner": morning, "stand_in": morning, "manager": None, "channel": None}


def test_a_digest_that_would_leave_in_quiet_hours_waits_for_their_end() -> None:
    evening = datetime(2026, 6, 1, 19, 57, tzinfo=UTC)

    assert manners(NIGHT).hold("owner", evening, 3, None) == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    assert manners(NIGHT).hold("manager", evening, 3, None) == evening + 5 * MINUTE


def test_a_letter_is_named_by_what_it_holds() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))

    assert letter_id([one]) == one
    assert letter_id([one, two]) == letter_id([two, one]) != letter_id([one, two, three])


@pytest.mark.parametrize(
    ("template", "ended", "outcome", "is_still_wanted"),
    [
        ("breach", None, None, True),
        ("breach", NOON, "breached", True),  # told and moved by one step of the ladder
        ("escalation", NOON, "breached", True),
        ("breach", NOON + MINUTE, "breached", False),  # kept late, or moved later: whom to alarm?
        ("breach", NOON - MINUTE, "met", False),
        ("warning", NOON, "cancelled", False),
    ],
)
def test_an_alarm_is_wanted_while_its_promise_runs_or_where_its_own_ladder_moved_the_lead(
    template: str, ended: datetime | None, outcome: str | None, *, is_still_wanted: bool
) -> None:
    promise = PromiseBrief(clock="first_touch", due_at=NOON, ended_at=ended, outcome=outcome)

    brief = Brief(
        action_id=UUID(int=1), lead_id=UUID(int=2), template=template, issued_at=NOON, prospect=Prospect(),
        timezone="UTC", hearers=(), promise=promise,
    )  # fmt: skip

    assert is_wanted(brief, "mira") is is_still_wanted
