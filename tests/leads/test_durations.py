from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.durations import (
    LONGEST_TARGET,
    DurationError,
    format_duration,
    parse_duration,
    parse_working_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT2H", 7_200),
        ("PT2H30M", 9_000),
        ("PT15M", 900),
        ("PT1H0.5S", 3_600.5),
        ("PT1.5H", 5_400),
        ("PT1,5H", 5_400),
        ("PT0S", 0),
        ("PT0.000001S", 0.000001),
        ("P1D", 86_400),  # elapsed: a day is 24 hours
        ("P1W", 7 * 86_400),
        ("P1W2DT3H", 9 * 86_400 + 3 * 3_600),
        ("P0.5D", 43_200),
    ],
)
def test_iso_8601_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


NO_TEXTS = "P PT P1DT 2H PT2 pt2h -PT2H PT-2H +PT2H PT1M1H P1Y P1M PTH PT.5H PT5.H PT1e3S PT١H PT9999999999S"


@pytest.mark.parametrize("text", [*NO_TEXTS.split(), "", " PT2H", "PT2H\n", None, 5, 7.5, True, [], {}, b"PT2H"])
def test_what_is_no_duration_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(DurationError, match="PT2H30M"):
        parse_duration(text)


def test_only_the_smallest_unit_may_have_decimals() -> None:
    with pytest.raises(DurationError, match="smallest unit"):
        parse_duration("PT1.5H30M")


def test_targets_end_at_ten_years() -> None:
    assert parse_duration("P3660D") == LONGEST_TARGET
    with pytest.raises(DurationError, match="at most 3660 days"):
        parse_duration("P3660DT1S")
    with pytest.raises(DurationError, match="at most 3660 days"):
        parse_duration("PT999999999H")


@pytest.mark.parametrize("text", ["P1D", "P1W", "P1DT2H", "P0D"])
def test_days_of_working_time_are_refused_as_ambiguous(text: str) -> None:
    with pytest.raises(DurationError, match="write the hours"):
        parse_working_duration(text)


def test_hours_of_working_time_are_read() -> None:
    assert parse_working_duration("PT40H") == timedelta(hours=40)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(hours=2), "PT2H"),
        (timedelta(days=2, minutes=5), "PT48H5M"),
        (timedelta(seconds=90.5), "PT1M30.5S"),
        (timedelta(), "PT0S"),
    ],
)
def test_durations_are_written_in_hours_minutes_and_seconds(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


def test_a_negative_duration_is_not_written() -> None:
    with pytest.raises(DurationError):
        format_duration(timedelta(seconds=-1))


@given(st.timedeltas(timedelta(), LONGEST_TARGET))
def test_what_is_written_is_read_back(duration: timedelta) -> None:
    assert parse_working_duration(format_duration(duration)) == duration


@given(st.text() | st.from_regex(r"P[0-9.,YMWDTHS]{1,12}", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(DurationError):
        assert timedelta() <= parse_duration(text) <= LONGEST_TARGET
