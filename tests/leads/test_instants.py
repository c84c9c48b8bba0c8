from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.instants import (
    InstantError,
    OutOfRangeError,
    format_instant,
    from_microseconds,
    parse_instant,
    to_microseconds,
)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-27T16:30:00Z", datetime(2026, 3, 27, 16, 30, tzinfo=UTC)),
        ("2026-03-27t16:30:00z", datetime(2026, 3, 27, 16, 30, tzinfo=UTC)),
        ("2026-03-27T16:30:00+01:00", datetime(2026, 3, 27, 15, 30, tzinfo=UTC)),
        ("2026-03-27T16:30:00-00:00", datetime(2026, 3, 27, 16, 30, tzinfo=UTC)),
        ("2026-03-27T16:30:00.5Z", datetime(2026, 3, 27, 16, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-03-27T16:30:00.123456789Z", datetime(2026, 3, 27, 16, 30, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),  # a leap second
        ("2017-01-01T05:29:60+05:30", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_rfc_3339_texts_are_read(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


NO_TEXTS = """
2026-03-27  2026-03-27T16:30:00  2026-03-27T16:30Z  2026-03-27T16:30:00+0100  20260327T163000Z  2026-W13-5T16:30:00Z
2026-03-27T16:30:00,5Z  2026-03-27T16:30:00.Z  2026-02-29T00:00:00Z  2026-03-27T24:00:00Z  2026-03-27T16:60:00Z
2026-03-27T16:30:61Z  0000-01-01T00:00:00Z  2026-03-27T16:30:00+24:00  2026-03-27T16:30:00+01:60  2026-03-27T16:30:60Z
٢026-03-27T16:30:00Z  0001-01-01T00:00:00+23:59  9999-12-31T23:59:60Z
"""
TOO_LONG = f"2026-03-27T16:30:00.{'1' * 90}Z"


@pytest.mark.parametrize(
    "text", [*NO_TEXTS.split(), TOO_LONG, "", "2026-03-27 16:30:00Z", "2026-03-27T16:30:00Z\n", None, 1_700_000_000]
)
def test_everything_else_is_refused(text: object) -> None:
    with pytest.raises(InstantError):
        parse_instant(text)


def test_instants_are_written_with_the_offset_of_a_zone() -> None:
    instant = datetime(2026, 3, 27, 15, 30, tzinfo=UTC)

    assert format_instant(instant) == "2026-03-27T15:30:00+00:00"
    assert format_instant(instant, ZoneInfo("Europe/Berlin")) == "2026-03-27T16:30:00+01:00"


def test_an_offset_with_seconds_which_rfc_3339_cannot_write_becomes_utc() -> None:
    assert format_instant(datetime(1971, 1, 1, tzinfo=UTC), ZoneInfo("Africa/Monrovia")) == "1971-01-01T00:00:00+00:00"


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_survive_writing_and_counting(instant: datetime) -> None:
    assert parse_instant(format_instant(instant, ZoneInfo("America/New_York"))) == instant
    assert from_microseconds(to_microseconds(instant)) == instant


def test_years_that_are_not_served_are_refused() -> None:
    for instant in (datetime(1970, 1, 1, tzinfo=UTC) - timedelta(microseconds=1), datetime(2200, 1, 1, tzinfo=UTC)):
        with pytest.raises(OutOfRangeError, match="1970 to before 2200"):
            to_microseconds(instant)
