"""Instants: RFC 3339 text in and out, and whole microseconds since 1970 for arithmetic."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

MICROSECONDS_PER_SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_INSTANT = EPOCH
"""The earliest instant the calendar arithmetic serves."""
LAST_INSTANT = datetime(2200, 1, 1, tzinfo=UTC)
"""The end, exclusive, of the instants the calendar arithmetic serves."""
_DAYS_SERVED = (LAST_INSTANT - FIRST_INSTANT).days

_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}):(\d{2})(?:\.(\d{1,32}))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_LONGEST_TEXT = 80
_LEAP_SECOND = 60


class InstantError(ValueError):
    """A text that names no instant, or one outside the years served; `message` says why."""

    code = "bad_instant"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OutOfRangeError(InstantError):
    """An instant before 1970 or not before 2200."""

    code = "out_of_range"


def parse_instant(text: object) -> datetime:
    """The instant an RFC 3339 text names, as aware UTC; digits below a microsecond are cut off.

    A leap second (`23:59:60` in UTC) is the first instant of the next minute. Raises InstantError.
    """
    match = _RFC_3339.fullmatch(text) if isinstance(text, str) and len(text) <= _LONGEST_TEXT else None
    if match is None:
        msg = 'an instant is RFC 3339 text with an offset, as "2026-03-27T16:30:00+01:00"'
        raise InstantError(msg)
    day, minute, second, fraction, offset = match.groups()
    is_leap = int(second) == _LEAP_SECOND
    plain = f"{day}T{minute}:{59 if is_leap else second}.{(fraction or '0')[:6]:0<6}{offset.upper()}"
    try:
        instant = datetime.fromisoformat(plain).astimezone(UTC)
        if is_leap:
            instant = instant.replace(microsecond=0) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise InstantError("there is no such date or time of day") from None
    if is_leap and (instant.hour, instant.minute) != (0, 0):
        raise InstantError("a leap second stands at 23:59:60 UTC only")
    return instant


def format_instant(instant: datetime, zone: tzinfo = UTC) -> str:
    """RFC 3339 text of an aware instant with the numeric offset of `zone` (of UTC where that has seconds)."""
    local = instant.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    if offset % timedelta(minutes=1):
        local = instant.astimezone(UTC)
    return local.isoformat()


def to_microseconds(instant: datetime) -> int:
    """Whole microseconds from 1970 to an aware instant of the years served. Raises OutOfRangeError."""
    since = instant - EPOCH
    if not 0 <= since.days < _DAYS_SERVED:
        raise OutOfRangeError(f"instants from {FIRST_INSTANT.year} to before {LAST_INSTANT.year} are served")
    return (since.days * 86_400 + since.seconds) * MICROSECONDS_PER_SECOND + since.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """The aware UTC instant that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


def duration_microseconds(duration: timedelta) -> int:
    """A duration as whole microseconds."""
    return (duration.days * 86_400 + duration.seconds) * MICROSECONDS_PER_SECOND + duration.microseconds
