"""Agreement with an independent calculator on random calendars, and laws that hold whatever the calendar.

The oracle knows weekly hours, breaks by weekday and holidays, so those are drawn; it answers a zero target with the
start even while closed, where Leadloop waits for the opening, so targets are above zero.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from workclock import Break, Holidays, NoWorkingTimeError, Schedule, WorkDay

from leads.business_time import BusinessTime, Pause, working_time
from leads.calendar import parse_calendar
from leads.calendar_fields import WEEKDAYS

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # half an hour off
    "Australia/Lord_Howe",  # a clock change of half an hour
    "Africa/Casablanca",  # summer time that pauses for Ramadan
    "Africa/Cairo",  # a clock change at midnight
    "America/Havana",  # midnight twice
    "Asia/Kolkata",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]
CLOCK_CHANGES = [
    *(datetime(2026, 3, day, tzinfo=UTC) for day in (8, 22, 29)),
    *(datetime(2026, 4, day, tzinfo=UTC) for day in (5, 24)),
    *(datetime(2026, 10, day, tzinfo=UTC) for day in (4, 25, 30)),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2025, 11, 2, tzinfo=UTC),
]
DAY_MINUTES = 1_440
COMPARISON = settings(max_examples=2_000, deadline=None)
LAW = settings(max_examples=150, deadline=None)


@dataclass(frozen=True)
class Both:
    """One drawn calendar, as Leadloop and as the oracle know it."""

    document: dict[str, object]
    ours: BusinessTime = field(repr=False)
    oracle: Schedule = field(repr=False)


DAYS = [str(date(2025, 9, 1) + timedelta(days=n)) for n in range(600)]
LUNCHES = [(12, 13), (0, 2), (2, 4), (22, 24)]  # the same hours on each of those days


def clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def text(minute: int, *, ends: bool) -> str:
    return "24:00" if ends and minute == DAY_MINUTES else clock(minute).strftime("%H:%M")


def drawn_week(chance: Random) -> dict[int, list[tuple[int, int]]]:
    """Per weekday up to three windows in minutes of the day; the last may cross midnight."""
    week: dict[int, list[tuple[int, int]]] = {}
    for day in chance.sample(range(7), chance.randint(1, 7)):
        edges = sorted(chance.sample(range(97), 2 * chance.randint(1, 3)))
        windows = [(start * 15, end * 15) for start, end in zip(edges[::2], edges[1::2], strict=True)]
        if windows[-1][1] < DAY_MINUTES - 15 and chance.random() < 0.5:
            windows.append((DAY_MINUTES - 15, DAY_MINUTES + 15 * chance.randint(1, 47)))
        week[day] = windows
    return week


def drawn_calendar(seed: int) -> Both | None:
    """A calendar; None where the breaks ate all its hours. Chance is plain, since drawing it piecewise is slow."""
    chance = Random(seed)
    zone, week = chance.choice(ZONES), drawn_week(chance)
    shut = [date(2026, 1, 1) + timedelta(days=chance.randint(-60, 400)) for _ in range(chance.randint(0, 12))]
    lunch = chance.choice(LUNCHES) if chance.random() < 0.25 else None
    document: dict[str, object] = {
        "timezone": zone,
        "weekly": {
            WEEKDAYS[day]: [
                [text(start, ends=False), text(end % DAY_MINUTES or end, ends=True)] for start, end in windows
            ]
            for day, windows in week.items()
        },
        "breaks": {day: [[f"{lunch[0]:02}:00", f"{lunch[1]:02}:00"]] for day in DAYS} if lunch else {},
        "holidays": [str(day) for day in shut],
    }
    rules = [WorkDay(clock(start), clock(end), [day]) for day, windows in week.items() for start, end in windows]
    pause = [Break(clock(lunch[0] * 60), clock(lunch[1] * 60), range(7))] if lunch else []
    try:
        oracle = Schedule([*rules, *pause, Holidays(shut)], time_zone=zone)
    except NoWorkingTimeError:
        return None
    return Both(document, working_time(parse_calendar(document)), oracle)


calendars = st.integers(0, 2**32).map(drawn_calendar).filter(lambda both: both is not None)
instants = st.one_of(
    st.tuples(st.sampled_from(CLOCK_CHANGES), st.integers(-3_000, 3_000)).map(
        lambda it: it[0] + timedelta(minutes=it[1])
    ),
    st.datetimes(datetime(2025, 10, 1), datetime(2026, 9, 30)).map(lambda it: it.replace(tzinfo=UTC)),  # noqa: DTZ001
)
targets = st.one_of(
    st.integers(1, 96).map(lambda quarters: timedelta(minutes=15 * quarters)),  # often fills a day exactly
    st.timedeltas(timedelta(microseconds=1), timedelta(hours=60)),
)
WHERE_BREAKS_END = datetime(2027, 3, 1, tzinfo=UTC)


@st.composite
def pauses_near(draw: st.DrawFn) -> list[Pause]:
    """Up to four pauses in any order, overlapping or touching."""
    starts = draw(st.lists(st.tuples(instants, st.integers(0, 6_000)), max_size=4))
    return [Pause(start, start + timedelta(minutes=length)) for start, length in starts]


@COMPARISON
@given(calendars, st.lists(instants, min_size=4, max_size=4), targets)
def test_due_elapsed_and_openings_agree_with_the_oracle(both: Both, at: list[datetime], target: timedelta) -> None:
    for start, end in pairwise(sorted(at)):
        due = both.ours.due(start, target)
        if due < WHERE_BREAKS_END:
            assert due == both.oracle.add(start, target)

        assert both.ours.elapsed(start, end) == both.oracle.between(start, end)

        opened, closed = both.oracle.next_period(start)
        if closed < WHERE_BREAKS_END:  # which also leaves out hours that never close
            assert both.ours.next_open(start) == opened
            assert both.ours.next_close(start) == closed
            assert both.ours.is_open(start) == (opened == start)


@LAW
@given(calendars, instants, targets, pauses_near())
def test_due_and_elapsed_are_inverse_whatever_the_pauses(
    both: Both, start: datetime, target: timedelta, pauses: list[Pause]
) -> None:
    due = both.ours.due(start, target, pauses)

    assert due is not None
    assert both.ours.elapsed(start, due, pauses) == target
    just_before = due - timedelta(microseconds=1)
    assert both.ours.elapsed(start, just_before, pauses) < target  # and it is the earliest such instant


@LAW
@given(calendars, instants, targets, pauses_near(), st.randoms())
def test_the_order_and_cutting_of_pauses_changes_nothing(
    both: Both, start: datetime, target: timedelta, pauses: list[Pause], chance: Random
) -> None:
    halves = [
        half
        for begin, end in pauses
        if end is not None
        for half in (Pause(begin, begin + (end - begin) / 2), Pause(begin + (end - begin) / 2, end))
    ]
    chance.shuffle(halves)

    assert both.ours.due(start, target, halves) == both.ours.due(start, target, pauses)


@LAW
@given(calendars, instants, targets, pauses_near())
def test_a_pause_moves_the_due_instant_by_the_open_time_it_covers(
    both: Both, start: datetime, target: timedelta, pauses: list[Pause]
) -> None:
    due = both.ours.due(start, target, pauses)
    assert due is not None
    covered = both.ours.elapsed(start, due) - both.ours.elapsed(start, due, pauses)

    assert due == both.ours.due(start, target + covered)


@LAW
@given(calendars, instants, instants, instants)
def test_working_time_adds_up_over_adjoining_stretches(
    both: Both, one: datetime, two: datetime, three: datetime
) -> None:
    first, middle, last = sorted([one, two, three])

    whole = both.ours.elapsed(first, last)
    assert whole == both.ours.elapsed(first, middle) + both.ours.elapsed(middle, last)
    assert timedelta() <= whole <= last - first
