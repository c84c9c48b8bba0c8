"""A short iCalendar text keeps nobody busy: what would take minutes or memory is refused, the rest is quick."""

import time

import pytest

from leads.calendar import parse_calendar
from storage.holidays import HolidaysError, expand_holidays
from storage.ical_dates import ICalError, dates_of_ical
from tests.leads.calendar_samples import document

FROM_2020 = "DTSTART;VALUE=DATE:20200101"
FROM_YEAR_1 = "DTSTART;VALUE=DATE:00010101"
A_YEAR = ",".join(map(str, range(1, 367)))
YEARS_OF_STARTS = ",".join(f"{year:04}{month}01" for year in range(1, 9_999) for month in ("01", "06"))


def text(*lines: str, times: int = 1) -> str:
    event = "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", ""))
    return f"BEGIN:VCALENDAR\r\n{event * times}END:VCALENDAR\r\n"


REFUSED = {
    "every second for ever": text(FROM_2020, "RRULE:FREQ=SECONDLY"),
    "every day for ever": text(FROM_2020, "RRULE:FREQ=DAILY"),
    "counted from the year 1": text(FROM_YEAR_1, f"RRULE:FREQ=YEARLY;COUNT=99999999;BYYEARDAY={A_YEAR}"),
    "the same day again and again": text(FROM_2020, f"RRULE:FREQ=YEARLY;BYYEARDAY={','.join(['366'] * 60_000)}"),
    "all Sundays 400 times": text(FROM_2020, "RRULE:FREQ=YEARLY;BYDAY=SU", times=400),
    "many that never match": text(FROM_YEAR_1, "RRULE:FREQ=YEARLY;COUNT=9;BYMONTH=2;BYMONTHDAY=30", times=1_000),
    "events without end": text(FROM_2020, times=2_001),
    "one that lasts ten thousand years": text(FROM_2020, "DTEND;VALUE=DATE:99990101"),
    "lists in lists": "BEGIN:VCALENDAR\r\n" * 7_000 + "END:VCALENDAR\r\n" * 7_000,
}
TAKEN = {
    "years of starts, each a year long": text(FROM_YEAR_1, "DURATION:P366D", f"RDATE;VALUE=DATE:{YEARS_OF_STARTS}"),
    "as many as are allowed": text(FROM_2020, times=2_000),
    "a long word": text(FROM_2020, "SUMMARY:" + "x" * 260_000),
    "a line folded again and again": text(FROM_2020, "SUMMARY:" + "\r\n " * 80_000),
    "parameters": text(FROM_2020, "SUMMARY;" + ";".join(["A=b"] * 60_000) + ":x"),
}


def seconds_of(given: str) -> float:
    begun = time.process_time()
    days = dates_of_ical(given, 2016, 2036)
    assert len(days) <= 21 * 366
    return time.process_time() - begun


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED)
def test_what_would_take_for_ever_is_refused_at_once(given: str) -> None:
    begun = time.process_time()

    with pytest.raises(ICalError):
        dates_of_ical(given, 2016, 2036)

    assert time.process_time() - begun < 10


@pytest.mark.parametrize("given", TAKEN.values(), ids=TAKEN)
def test_what_is_merely_long_is_read_quickly(given: str) -> None:
    assert seconds_of(given) < 10


def test_a_text_is_all_there_is_and_nothing_is_fetched_or_opened() -> None:
    for place in ("https://calendar.example/holidays.ics", "file:///etc/passwd", "/etc/passwd", "webcal://x.example/"):
        with pytest.raises(ICalError, match="not an iCalendar text"):
            dates_of_ical(place, 2026, 2026)


def test_a_calendar_names_few_sources() -> None:
    # the cheapest of them costs milliseconds, and a playbook may hold a hundred calendars
    many = parse_calendar(document(holidays=[{"country": "DE"}] * 21))

    with pytest.raises(HolidaysError, match="at most 20 countries"):
        expand_holidays(many, 2026, 2026)
