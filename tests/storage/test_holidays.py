from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.calendar import parse_calendar
from storage.holidays import HolidaysError, expand_holidays

WEEKLY = {"mon": [["09:00", "17:00"]]}


def expanded(*holidays: object, years: tuple[int, int] = (2026, 2027)) -> list[str]:
    calendar = parse_calendar({"timezone": "Europe/Berlin", "weekly": WEEKLY, "holidays": list(holidays)})
    return [str(day) for day in expand_holidays(calendar, *years).holidays]


def refusal(*holidays: object, years: tuple[int, int] = (2026, 2027)) -> HolidaysError:
    with pytest.raises(HolidaysError) as refused:
        expanded(*holidays, years=years)
    return refused.value


def ical(*events: str) -> dict[str, str]:
    """A calendar of events, each given as its lines separated by spaces."""
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event.split(), "END:VEVENT")]
    return {"ical": "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *lines, "END:VCALENDAR", ""])}


def test_a_country_gives_its_public_holidays_and_a_subdivision_those_of_its_own_too() -> None:
    germany = expanded({"country": "DE"}, years=(2026, 2026))
    bavaria = expanded({"country": "DE", "subdivision": "BY"}, years=(2026, 2026))

    assert len(germany) == 9
    assert set(bavaria) - set(germany) == {
        "2026-01-06",
        "2026-06-04",
        "2026-11-01",
    }  # Epiphany, Corpus Christi, All Saints


def test_a_holiday_moved_from_a_weekend_closes_the_day_it_is_moved_to() -> None:
    assert "2026-07-03" in expanded({"country": "US"}, years=(2026, 2026))  # 4 July 2026 is a Saturday


def test_dates_stay_as_they_are_and_everything_comes_in_order_once() -> None:
    days = expanded("2030-01-01", {"country": "DE"}, "2026-12-25", years=(2026, 2026))

    assert days[-1] == "2030-01-01"
    assert days.count("2026-12-25") == 1
    assert days == sorted(days)


@pytest.mark.parametrize(
    ("source", "code", "place", "says"),
    [
        ({"country": "XX"}, "unknown_country", "country", "ISO 3166"),
        ({"country": "de"}, "unknown_country", "country", "ISO 3166"),
        ({"country": "ECB"}, "unknown_country", "country", "ISO 3166"),  # a bank, in the library's eyes
        ({"country": "DE", "subdivision": "XX"}, "unknown_subdivision", "subdivision", "BB, BE, BW, BY"),
        ({"country": "DE", "subdivision": ""}, "unknown_subdivision", "subdivision", "BB, BE, BW, BY"),
        ({"country": "MC", "subdivision": "XX"}, "unknown_subdivision", "subdivision", "this country has none"),
    ],
)
def test_an_unknown_place_is_refused_with_what_is_known(source: object, code: str, place: str, says: str) -> None:
    refused = refusal("2026-12-25", source)

    assert (refused.code, refused.place) == (code, f"holidays[1].{place}")
    assert says in refused.message


def test_years_no_library_knows_are_refused_instead_of_being_without_holidays() -> None:
    assert refusal({"country": "DE"}, years=(2099, 2101)).code == "out_of_range"
    assert refusal({"country": "DE"}, years=(2027, 2026)).code == "too_many"
    assert refusal({"country": "DE"}, years=(1970, 2070)).code == "too_many"


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20261225", ["2026-12-25"]),
        ("DTSTART;VALUE=DATE:20261224 DTEND;VALUE=DATE:20261227", ["2026-12-24", "2026-12-25", "2026-12-26"]),
        ("DTSTART;VALUE=DATE:20261224 DURATION:P2D", ["2026-12-24", "2026-12-25"]),
        ("DTSTART;VALUE=DATE:20261224 DTEND;VALUE=DATE:20261224", ["2026-12-24"]),  # seen in the wild
        ("DTSTART:20261224T000000 DTEND:20261226T000000", ["2026-12-24", "2026-12-25"]),  # all-day as some write it
        ("DTSTART;VALUE=DATE:20261224 STATUS:CANCELLED", []),
        ("DTSTART;VALUE=DATE:20251231 DTEND;VALUE=DATE:20260102", ["2026-01-01"]),  # begun the year before
        ("DTSTART;VALUE=DATE:20000501 RRULE:FREQ=YEARLY", ["2026-05-01", "2027-05-01"]),
        ("DTSTART;VALUE=DATE:16010501 RRULE:FREQ=YEARLY", ["2026-05-01", "2027-05-01"]),  # as Outlook begins
        ("DTSTART;VALUE=DATE:20200501 RRULE:FREQ=YEARLY;INTERVAL=2", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20250501 RRULE:FREQ=YEARLY;COUNT=2", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20200501 RRULE:FREQ=YEARLY;UNTIL=20260501", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20200501 RRULE:FREQ=YEARLY;UNTIL=20260501T000000Z", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20201126 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["2026-11-26", "2027-11-25"]),
        ("DTSTART;VALUE=DATE:20200525 RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", ["2026-05-25", "2027-05-31"]),
        ("DTSTART;VALUE=DATE:20240229 RRULE:FREQ=YEARLY", []),  # no 29 February in either year
        ("DTSTART;VALUE=DATE:20200501 RRULE:FREQ=YEARLY EXDATE;VALUE=DATE:20260501", ["2027-05-01"]),
        ("DTSTART;VALUE=DATE:20260501 RDATE;VALUE=DATE:20260601,20270601", ["2026-05-01", "2026-06-01", "2027-06-01"]),
        (
            "DTSTART;VALUE=DATE:20251231 DTEND;VALUE=DATE:20260102 RRULE:FREQ=YEARLY",
            ["2026-01-01", "2026-12-31", "2027-01-01", "2027-12-31"],
        ),
    ],
)
def test_all_day_events_close_the_dates_they_cover(event: str, days: list[str]) -> None:
    assert expanded(ical(event)) == days


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ({"ical": ""}, "bad_ical", "BEGIN:VCALENDAR"),
        ({"ical": "https://example.org/holidays.ics"}, "bad_ical", "BEGIN:VCALENDAR"),
        ({"ical": "\0"}, "bad_ical", "BEGIN:VCALENDAR"),
        ({"ical": "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101"}, "bad_ical", "BEGIN:VCALENDAR"),
        (ical(), "bad_ical", "at least one VEVENT"),
        (ical("SUMMARY:x"), "bad_ical", "event 1: DTSTART is missing"),
        (ical("DTSTART;VALUE=DATE:20261301"), "bad_ical", "event 1: DTSTART"),
        (ical("DTSTART;VALUE=DATE:20261225 DTSTART;VALUE=DATE:20261226"), "bad_ical", "event 1: "),
        (ical("DTSTART;VALUE=DATE:20261225", "DTSTART:20261225T090000Z"), "bad_ical", "event 2: only all-day"),
        (ical("DTSTART;VALUE=DATE:20261225 DTEND;VALUE=DATE:20261224"), "reversed_range", "ends before it starts"),
        (ical("DTSTART;VALUE=DATE:20260101 DURATION:-P1D"), "reversed_range", "ends before it starts"),
        (ical("DTSTART;VALUE=DATE:20260101 DTEND;VALUE=DATE:20270601"), "too_many", "longer than 366 days"),
        (ical("DTSTART;VALUE=DATE:20260101 RRULE:FREQ=DAILY"), "bad_ical", "yearly"),
        (ical("DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYHOUR=9"), "bad_ical", "yearly"),
        (ical("DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYMONTH=13"), "bad_ical", "event 1: "),
        (ical("DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;INTERVAL=0"), "bad_ical", "INTERVAL"),
        (ical("DTSTART;VALUE=DATE:20260101 RRULE:FREQ=SOMETIMES"), "bad_ical", "event 1: RRULE"),
        (ical("DTSTART;VALUE=DATE:20260101 RECURRENCE-ID;VALUE=DATE:20260102"), "bad_ical", "EXDATE"),
        (ical(*["DTSTART;VALUE=DATE:20260101"] * 2_001), "too_many", "at most 2000 events"),
        (ical(*["DTSTART;VALUE=DATE:16010101 RRULE:FREQ=YEARLY;COUNT=999"] * 30), "too_many", "recurring"),
    ],
)
def test_icalendar_text_that_cannot_be_used_is_refused_with_the_event(source: Any, code: str, says: str) -> None:
    refused = refusal("2026-12-25", source)

    assert (refused.code, refused.place) == (code, "holidays[1].ical")
    assert says in refused.message


def test_a_rule_that_never_matches_ends() -> None:
    never = "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"

    assert expanded(ical(*[never] * 100)) == ["2026-01-01"]


def test_expanding_again_changes_nothing() -> None:
    calendar = parse_calendar({"timezone": "UTC", "weekly": WEEKLY, "holidays": [{"country": "FR"}]})
    once = expand_holidays(calendar, 2026, 2027)

    assert once.holidays[0] == date(2026, 1, 1)
    assert expand_holidays(once, 2030, 2031) == once


PIECES = st.sampled_from(
    [
        "DTSTART;VALUE=DATE:20260101",
        "DTSTART:20260101T000000Z",
        "DTEND;VALUE=DATE:20260103",
        "DTEND:junk",
        "RRULE:FREQ=YEARLY",
        "RRULE:",
        "RRULE:FREQ=YEARLY;COUNT=x",
        "RRULE:FREQ=YEARLY;BYDAY=9ZZ",
        "RRULE:FREQ=YEARLY;UNTIL=1",
        "RRULE:FREQ=YEARLY;BYMONTH=5L",
        "EXDATE:1",
        "EXDATE;VALUE=DATE:20260101",
        "RDATE:",
        "RDATE;VALUE=PERIOD:20260101T000000Z/P1D",
        "DURATION:P1D",
        "DURATION:-PT1H",
        "STATUS:CANCELLED",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "X",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=12), max_size=6))
def test_any_event_is_read_or_refused(pieces: list[str]) -> None:
    try:
        days = expanded(ical(" ".join(pieces)))
    except HolidaysError as refused:
        days = [refused.place]

    assert days == sorted(days)
