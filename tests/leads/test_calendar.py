import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.calendar import Calendar, CalendarError, CountryHolidays, parse_calendar
from tests.leads.calendar_samples import document


def refusal(**parts: Any) -> CalendarError:
    with pytest.raises(CalendarError) as refused:
        parse_calendar(document(**parts))
    return refused.value


def test_the_whole_format_is_read_and_written_back() -> None:
    written = {
        "timezone": "Europe/Berlin",
        "weekly": {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "fri": [["22:00", "06:00"]], "sat": []},
        "date_overrides": {"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []},
        "breaks": {"2026-05-04": [["10:00", "11:00"], ["23:00", "24:00"]]},
        "holidays": ["2026-12-25", {"country": "DE", "subdivision": "BY"}, {"ical": "BEGIN:VCALENDAR"}],
    }

    assert json.loads(parse_calendar(written).model_dump_json()) == written


@pytest.mark.parametrize(
    ("window", "code", "reason"),
    [
        (["09:00", "25:00"], "bad_time", "HH:MM"),
        (["9:00", "17:00"], "bad_time", "HH:MM"),
        (["09:00", "24:01"], "bad_time", "HH:MM"),
        (["09:00:00", "17:00"], "bad_time", "HH:MM"),
        ([540, 1020], "bad_time", "in quotes"),  # what YAML makes of a bare 09:00
        (["24:00", "01:00"], "bad_time", "only end"),
        (["09:00", "09:00"], "empty_window", "no length"),
        (["09:00"], "bad_window", "pair"),
        (["09:00", "10:00", "11:00"], "bad_window", "pair"),
        ("09:00-17:00", "bad_window", "pair"),
        (None, "bad_window", "pair"),
    ],
)
def test_a_bad_window_is_refused_with_its_place_and_the_reason(window: object, code: str, reason: str) -> None:
    refused = refusal(weekly={"mon": [["07:00", "08:00"], window]})

    assert (refused.code, refused.place) == (code, "weekly.mon[1]")
    assert reason in refused.message


@pytest.mark.parametrize(
    ("windows", "overlap"),
    [
        ([["09:00", "12:00"], ["11:00", "13:00"]], "09:00-12:00 and 11:00-13:00"),
        ([["11:00", "13:00"], ["09:00", "12:00"]], "09:00-12:00 and 11:00-13:00"),
        ([["22:00", "06:00"], ["23:00", "23:30"]], "22:00-06:00 and 23:00-23:30"),
        ([["09:00", "10:00"], ["09:00", "10:00"]], "09:00-10:00 and 09:00-10:00"),
    ],
)
@pytest.mark.parametrize("part", ["weekly", "date_overrides", "breaks"])
def test_windows_of_one_day_that_overlap_are_refused(part: str, windows: object, overlap: str) -> None:
    key = "mon" if part == "weekly" else "2026-05-04"
    refused = refusal(**{part: {key: windows}})

    assert (refused.code, refused.place) == ("overlapping_windows", f"{part}.{key}")
    assert overlap in refused.message


@pytest.mark.parametrize(
    "windows",
    [
        [["09:00", "12:00"], ["12:00", "17:00"]],  # touching
        [["22:00", "06:00"], ["05:00", "07:00"]],  # the night is the next day's morning
        [["00:00", "24:00"]],
        [["18:00", "00:00"]],
    ],
)
def test_windows_that_only_touch_or_lie_on_different_days_are_taken(windows: list[list[str]]) -> None:
    assert len(parse_calendar(document(windows)).weekly["mon"]) == len(windows)


@pytest.mark.parametrize(
    ("parts", "code", "place"),
    [
        ({"timezone": "Mars/Base"}, "unknown_zone", "timezone"),
        ({"timezone": "../../etc/passwd"}, "unknown_zone", "timezone"),
        ({"timezone": "Europe"}, "unknown_zone", "timezone"),
        ({"timezone": "right/UTC"}, "unknown_zone", "timezone"),
        ({"timezone": None}, "unknown_zone", "timezone"),
        ({"timezone": "x" * 5_000}, "unknown_zone", "timezone"),
        ({"timezone": "\0"}, "unknown_zone", "timezone"),
        ({"timezone": "\ud800"}, "unknown_zone", "timezone"),
        ({"weekly": {"monday": []}}, "unknown_key", "weekly.monday"),
        ({"weekly": {"mon": None}}, "bad_window", "weekly.mon"),
        ({"weekly": {}}, "no_open_time", ""),
        ({"weekly": {"mon": []}, "date_overrides": {"2026-01-01": []}}, "no_open_time", ""),
        ({"weekly": {"mon": [["00:00", "00:01"]] * 25}}, "too_many", "weekly.mon"),
        ({"opening": {}}, "unknown_key", "opening"),
        ({"\ud800": {}}, "bad_value", ""),  # a key no one can write out
        ({"date_overrides": {"2026-02-30": []}}, "bad_date", "date_overrides.2026-02-30"),
        ({"date_overrides": {"24.12.2026": []}}, "bad_date", "date_overrides.24.12.2026"),
        ({"breaks": []}, "bad_calendar", "breaks"),
        ({"holidays": ["2026-12-25", "Christmas"]}, "bad_date", "holidays[1]"),
        ({"holidays": [{"country": "DE", "state": "BY"}]}, "unknown_key", "holidays[0].state"),
        ({"holidays": [{"country": False}]}, "bad_value", "holidays[0].country"),  # YAML's bare NO
        ({"holidays": [{"url": "https://example.org"}]}, "bad_holiday", "holidays[0]"),
        ({"holidays": [20261225]}, "bad_holiday", "holidays[0]"),
        ({"holidays": ["2026-12-25"] * 10_001}, "too_many", "holidays"),
        ({"holidays": [{"ical": "x" * 262_145}]}, "bad_value", "holidays[0].ical"),
    ],
)
def test_a_refusal_names_the_place(parts: dict[str, Any], code: str, place: str) -> None:
    refused = refusal(**parts)

    assert (refused.code, refused.place) == (code, place)


def test_several_faults_are_told_at_once_but_not_without_end() -> None:
    refused = refusal(weekly={"mon": [["a", "b"]] * 9})

    assert refused.message.count("HH:MM") == 5
    assert refused.message.endswith("and 4 more")


def test_holidays_are_expanded_when_all_are_dates() -> None:
    named = parse_calendar(document(holidays=["2026-12-25", {"country": "DE"}]))
    dates = named.with_holidays([date(2027, 1, 1), date(2026, 12, 25), date(2027, 1, 1)])

    assert not named.is_expanded
    assert named.holidays[1] == CountryHolidays(country="DE")
    assert dates.is_expanded
    assert dates.holidays == (date(2026, 12, 25), date(2027, 1, 1))


def test_equal_calendars_have_equal_hashes_whatever_the_order_of_keys() -> None:
    one = parse_calendar({"timezone": "UTC", "weekly": {"mon": [["09:00", "10:00"]], "tue": []}})
    other = parse_calendar({"weekly": {"tue": [], "mon": [["09:00", "10:00"]]}, "timezone": "UTC"})

    assert one == other
    assert hash(one) == hash(other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["09:00", "24:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["timezone", "weekly", "date_overrides", "breaks", "holidays", "mon", "2026-01-01", "country", "ical"]
)


@given(JSON | st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=3), max_size=5))
def test_any_document_is_read_or_refused(junk: object) -> None:
    with suppress(CalendarError):
        assert isinstance(parse_calendar(junk), Calendar)
