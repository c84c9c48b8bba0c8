"""Golden cases of working time. 2026-03-27 is a Friday; Berlin goes to summer time on Sunday 2026-03-29."""

from datetime import UTC, datetime, timedelta

import pytest

from leads.business_time import ELAPSED_TIME, Pause, ReversedRangeError, working_time
from leads.calendar import parse_calendar
from leads.instants import OutOfRangeError
from leads.open_days import UnexpandedHolidaysError
from leads.open_hours import NeverClosesError, NoOpenTimeError
from tests.leads.calendar_samples import Windows, berlin, document, h, hours

OFFICE: Windows = [["09:00", "17:00"]]
LUNCH: Windows = [["08:00", "12:00"], ["13:30", "18:00"]]
NIGHT: Windows = [["22:00", "06:00"]]
SMALL_HOURS: Windows = [["01:00", "04:00"]]
ALL_DAY: Windows = [["00:00", "24:00"]]


@pytest.mark.parametrize(
    ("windows", "start", "target", "due"),
    [
        (OFFICE, "2026-03-27 16:30", 1, "2026-03-30 09:30"),  # Fri 30 min + Mon 30 min
        (OFFICE, "2026-03-27 16:30", 2, "2026-03-30 10:30"),
        (OFFICE, "2026-03-28 15:00", 1, "2026-03-30 10:00"),  # Saturday counts nothing, whatever the time of day
        (OFFICE, "2026-03-28 18:00", 1, "2026-03-30 10:00"),
        (OFFICE, "2026-03-26 17:00", 1, "2026-03-27 10:00"),  # the end is exclusive
        (OFFICE, "2026-03-26 09:00", 8, "2026-03-26 17:00"),  # exactly one day: closing time, not next opening
        (OFFICE, "2026-03-26 08:00", 16, "2026-03-27 17:00"),  # exactly two
        (OFFICE, "2026-03-26 12:00", 40, "2026-04-02 12:00"),  # a week of 5 x 8 h
        (LUNCH, "2026-03-26 11:30", 1, "2026-03-26 14:00"),  # 30 min + 30 min around lunch
        ([["08:00", "18:00"]], "2026-03-23 17:00", 4, "2026-03-24 11:00"),  # Mon 1 h + Tue 3 h
        (OFFICE, "2026-03-26 10:00", 0, "2026-03-26 10:00"),  # nothing to do, while open: at once
        (OFFICE, "2026-03-26 17:00", 0, "2026-03-27 09:00"),  # while closed: at the next opening
        (OFFICE, "2026-03-28 12:00", 0, "2026-03-30 09:00"),
    ],
)
def test_a_target_falls_due_when_that_much_working_time_has_run(
    windows: Windows, start: str, target: float, due: str
) -> None:
    time = hours(windows)

    assert time.due(berlin(start), h(target)) == berlin(due)
    assert time.elapsed(berlin(start), berlin(due)) == h(target)


@pytest.mark.parametrize(
    ("windows", "start", "target", "due"),
    [
        (NIGHT, "2026-03-28 23:00", 4, "2026-03-29T04:00:00+02:00"),  # 23, 0, 1, 3: the hour from 2 to 3 is missing
        (NIGHT, "2026-10-24 22:00", 6, "2026-10-25T03:00:00+01:00"),  # 22, 23, 0, 1, 2, 2 again
        (SMALL_HOURS, "2026-03-29 00:00", 2, "2026-03-29T04:00:00+02:00"),  # 3 h on the clock are 2 h in spring
        (SMALL_HOURS, "2026-10-25 00:00", 4, "2026-10-25T04:00:00+01:00"),  # and 4 h in autumn
        (ALL_DAY, "2026-03-28 12:00", 24, "2026-03-29T13:00:00+02:00"),  # 24 real hours
        (ALL_DAY, "2026-10-24 12:00", 24, "2026-10-25T11:00:00+01:00"),
    ],
)
def test_hours_over_a_clock_change_are_the_hours_that_really_pass(
    windows: Windows, start: str, target: float, due: str
) -> None:
    time = hours(windows, days=7)

    assert time.due(berlin(start), h(target)) == datetime.fromisoformat(due)
    assert time.elapsed(berlin(start), datetime.fromisoformat(due)) == h(target)


def test_a_warning_before_due_is_a_shorter_target_and_so_in_working_time() -> None:
    time = hours([["08:00", "18:00"]])

    assert time.due(berlin("2026-03-23 17:00"), h(4) - h(1)) == berlin("2026-03-24 10:00")
    assert time.due(berlin("2026-03-23 17:00"), h(1.5) - h(1)) == berlin("2026-03-23 17:30")


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([("2026-03-27 16:00", "2026-03-30 10:00")], "2026-03-30 12:00"),  # Fri 1 h; Mon 10 + 2 h: moved by 2 h
        ([("2026-03-30 09:30", "2026-03-30 10:00"), ("2026-03-27 16:00", "2026-03-30 09:30")], "2026-03-30 12:00"),
        ([("2026-03-27 16:00", "2026-03-30 09:45"), ("2026-03-27 16:30", "2026-03-30 10:00")], "2026-03-30 12:00"),
        ([("2026-03-20 00:00", "2026-03-27 15:30")], "2026-03-30 10:30"),  # before the start only half an hour counts
        ([("2026-03-28 00:00", "2026-03-29 00:00")], "2026-03-30 10:00"),  # a weekend pauses nothing
        ([("2026-03-30 10:00", "2026-03-30 12:00")], "2026-03-30 10:00"),  # reached as the pause begins: reached
        ([("2026-03-30 10:30", "2026-03-30 12:00")], "2026-03-30 10:00"),
        ([("2026-03-27 16:00", "2026-03-27 16:00")], "2026-03-30 10:00"),  # no length
    ],
)
def test_pauses_move_the_due_instant_by_the_open_time_they_cover(pauses: list[tuple[str, str]], due: str) -> None:
    time = hours()
    start = berlin("2026-03-27 15:00")  # 2 h until closing; 3 h are due on Monday at 10:00
    intervals = [Pause(berlin(begin), berlin(end)) for begin, end in pauses]

    assert time.due(start, h(3), intervals) == berlin(due)
    assert time.elapsed(start, berlin(due), intervals) == h(3)


def test_a_pause_without_end_leaves_the_due_instant_unknown_unless_it_was_reached_before() -> None:
    time = hours()
    start = berlin("2026-03-26 09:00")
    pause = [Pause(berlin("2026-03-26 11:00"))]

    assert time.due(start, h(3), pause) is None
    assert time.due(start, h(2), pause) == berlin("2026-03-26 11:00")
    assert time.elapsed(start, berlin("2026-04-30 09:00"), pause) == h(2)


def test_a_zero_target_waits_for_the_first_instant_that_is_open_and_not_paused() -> None:
    pauses = [Pause(berlin("2026-03-26 10:00"), berlin("2026-03-26 18:00"))]

    assert hours().due(berlin("2026-03-26 12:00"), h(0), pauses) == berlin("2026-03-27 09:00")
    assert hours().due(berlin("2026-03-26 10:00"), h(0), pauses) == berlin("2026-03-27 09:00")
    assert hours().due(berlin("2026-03-26 09:30"), h(0), pauses) == berlin("2026-03-26 09:30")


def test_overrides_replace_breaks_cut_and_holidays_close() -> None:
    time = hours(
        date_overrides={"2026-12-24": [["09:00", "12:00"]], "2026-12-25": OFFICE, "2026-12-26": [["10:00", "11:00"]]},
        breaks={"2026-12-23": [["10:00", "11:00"]]},
        holidays=["2026-12-25"],
    )

    def worked(day: str) -> timedelta:
        return time.elapsed(berlin(f"{day} 00:00"), berlin(f"{day} 23:59"))

    assert worked("2026-12-23") == h(7)  # 8 h without the break
    assert worked("2026-12-24") == h(3)  # half a day
    assert worked("2026-12-25") == h(0)  # the holiday wins over the override
    assert worked("2026-12-26") == h(1)  # a Saturday opened


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    friday_only = {"timezone": "Europe/Berlin", "weekly": {"fri": NIGHT}}
    time = working_time(parse_calendar(friday_only))
    cancelled = working_time(parse_calendar({**friday_only, "date_overrides": {"2026-03-27": []}}))
    next_day = working_time(parse_calendar({**friday_only, "date_overrides": {"2026-03-28": []}}))

    assert time.is_open(berlin("2026-03-28 05:59"))
    assert not cancelled.is_open(berlin("2026-03-28 05:59"))
    assert next_day.is_open(berlin("2026-03-28 05:59"))


def test_a_holiday_closes_its_date_from_midnight_to_midnight_and_nothing_else() -> None:
    time = hours(NIGHT, days=7, holidays=["2026-05-01"])

    assert time.is_open(berlin("2026-04-30 23:59"))
    assert not time.is_open(berlin("2026-05-01 00:00"))
    assert not time.is_open(berlin("2026-05-01 23:59"))
    assert time.is_open(berlin("2026-05-02 00:00"))


def test_a_holiday_is_a_date_in_the_calendars_zone() -> None:
    auckland = hours(ALL_DAY, days=7, timezone="Pacific/Auckland", holidays=["2026-06-10"])

    assert not auckland.is_open(datetime(2026, 6, 9, 12, tzinfo=UTC))  # Auckland's midnight, UTC+12
    assert auckland.is_open(datetime(2026, 6, 10, 12, tzinfo=UTC))


def test_a_night_shift_that_runs_into_the_next_days_hours_is_one_opening() -> None:
    time = hours([["06:00", "14:00"], ["22:00", "06:00"]], days=7)

    assert time.next_close(berlin("2026-05-05 23:00")) == berlin("2026-05-06 14:00")


@pytest.mark.parametrize(
    ("at", "is_open", "next_open", "next_close"),
    [
        ("2026-03-26 08:59", False, "2026-03-26 09:00", "2026-03-26 17:00"),
        ("2026-03-26 09:00", True, "2026-03-26 09:00", "2026-03-26 17:00"),
        ("2026-03-26 16:59", True, "2026-03-26 16:59", "2026-03-26 17:00"),
        ("2026-03-26 17:00", False, "2026-03-27 09:00", "2026-03-27 17:00"),
        ("2026-03-28 12:00", False, "2026-03-30 09:00", "2026-03-30 17:00"),
    ],
)
def test_hours_open_inclusive_and_close_exclusive(at: str, is_open: bool, next_open: str, next_close: str) -> None:  # noqa: FBT001
    time = hours()

    assert time.is_open(berlin(at)) is is_open
    assert time.next_open(berlin(at)) == berlin(next_open)
    assert time.next_close(berlin(at)) == berlin(next_close)


def test_elapsed_time_counts_every_instant_through_the_same_interface() -> None:
    start = berlin("2026-03-28 12:00")

    assert ELAPSED_TIME.due(start, timedelta(days=1)) == start + h(24)
    assert ELAPSED_TIME.due(start, h(2), [Pause(start + h(1), start + h(5))]) == start + h(6)
    assert ELAPSED_TIME.due(start, h(0)) == start
    assert ELAPSED_TIME.elapsed(start, start + h(6), [Pause(start + h(1), start + h(5))]) == h(2)
    assert ELAPSED_TIME.is_open(start)
    with pytest.raises(NeverClosesError):
        ELAPSED_TIME.next_close(start)


def test_an_opening_without_end_never_closes_and_a_calendar_of_the_past_never_opens() -> None:
    always = hours(ALL_DAY, days=7)
    past = working_time(parse_calendar({"timezone": "UTC", "date_overrides": {"2020-01-01": OFFICE}}))

    with pytest.raises(NeverClosesError, match="does not close"):
        always.next_close(berlin("2026-03-26 12:00"))
    with pytest.raises(NoOpenTimeError, match="ever again from 2026-03-26"):
        past.due(berlin("2026-03-26 12:00"), h(1))
    with pytest.raises(NoOpenTimeError):
        past.next_open(berlin("2026-03-26 12:00"))
    assert past.elapsed(berlin("2019-01-01 00:00"), berlin("2026-03-26 12:00")) == h(8)


def test_a_calendar_must_open_within_400_days() -> None:
    time = working_time(parse_calendar({"timezone": "UTC", "date_overrides": {"2027-06-01": OFFICE}}))
    opening = datetime(2027, 6, 1, 9, tzinfo=UTC)

    time.require_open_time(opening - timedelta(days=399))
    with pytest.raises(NoOpenTimeError, match="in the 400 days from 2026-04-27"):
        time.require_open_time(opening - timedelta(days=400))


def test_gaps_of_years_are_crossed() -> None:
    years = {f"{year}-06-01": OFFICE for year in (2027, 2035, 2190)}
    time = working_time(parse_calendar({"timezone": "UTC", "date_overrides": years}))

    assert time.due(datetime(2026, 1, 1, tzinfo=UTC), h(17)) == datetime(2190, 6, 1, 10, tzinfo=UTC)


def test_what_makes_no_sense_is_refused() -> None:
    time = hours()
    noon = berlin("2026-03-26 12:00")

    with pytest.raises(ReversedRangeError):
        time.elapsed(noon, noon - h(1))
    with pytest.raises(ReversedRangeError):
        time.due(noon, h(-1))
    with pytest.raises(ReversedRangeError):
        time.due(noon, h(1), [Pause(noon, noon - h(1))])
    with pytest.raises(OutOfRangeError):
        time.due(datetime(1969, 12, 31, tzinfo=UTC), h(1))
    with pytest.raises(OutOfRangeError):
        time.due(datetime(2199, 12, 31, tzinfo=UTC), timedelta(days=3_000))
    with pytest.raises(UnexpandedHolidaysError):
        hours(holidays=[{"country": "DE"}])


def test_equal_calendars_share_their_compiled_hours() -> None:
    assert working_time(parse_calendar(document())) is working_time(parse_calendar(document()))
