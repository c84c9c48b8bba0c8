"""The small parts of a calendar document: zone names, times of day, windows, dates. Each says what to write instead."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY = 1_440
MAX_WINDOWS_PER_DAY = 24
MAX_DATES = 10_000
_NOT_IANA = ("posix/", "right/", "posixrules", "localtime", "Factory")


def refusal(code: str, reason: str) -> PydanticCustomError:
    """What a validator raises: a stable code, and a sentence that says what to write."""
    # What it quotes may hold half a surrogate pair, which breaks whoever writes the sentence out, or steer a terminal.
    return PydanticCustomError(code, "{reason}", {"reason": "".join(s if s.isprintable() else "?" for s in reason)})


def _zone(name: object) -> object:
    if not isinstance(name, str) or not name or name.startswith(_NOT_IANA):
        raise refusal("unknown_zone", 'write an IANA zone name, as "Europe/Berlin"')
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what zoneinfo raises for a missing, unsafe or unreadable name
        raise refusal("unknown_zone", f'no IANA zone is named "{name[:60]}"; write one as "Europe/Berlin"') from None
    return name


def minutes_of(clock_time: str) -> int:
    """Minutes after midnight of a valid "HH:MM"; "24:00" is 1,440."""
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


def _time(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", value, re.ASCII):
        return value
    hint = "" if isinstance(value, str) else " in quotes"  # YAML reads a bare 13:30 as the number 810
    raise refusal("bad_time", f'a time is HH:MM{hint}, from "00:00" to "24:00"')


def _window(value: object) -> tuple[str, str]:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 (a pair)
        raise refusal("bad_window", 'a window is a pair of times, as ["09:00", "17:00"]')
    start, end = _time(value[0]), _time(value[1])
    if start == "24:00":
        raise refusal("bad_time", '24:00 can only end a window; write "00:00" of the next day')
    if start == end:
        raise refusal("empty_window", 'the window has no length; a whole day is ["00:00", "24:00"]')
    return start, end


def window_minutes(window: tuple[str, str]) -> tuple[int, int]:
    """Start and end in minutes after midnight of the window's day; an end across midnight is above 1,440."""
    start, end = minutes_of(window[0]), minutes_of(window[1])
    return start, end if end > start else end + MINUTES_PER_DAY


def _day(windows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if len(windows) > MAX_WINDOWS_PER_DAY:
        raise refusal("too_many", f"at most {MAX_WINDOWS_PER_DAY} windows a day")
    in_order = sorted(windows, key=window_minutes)
    for earlier, later in pairwise(in_order):
        if window_minutes(earlier)[1] > window_minutes(later)[0]:
            raise refusal("overlapping_windows", f"{'-'.join(earlier)} and {'-'.join(later)} overlap")
    return tuple(in_order)


def _windows(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise refusal("bad_window", 'a day is a list of windows, as [["09:00", "17:00"]]; [] is closed')
    return value


def _date(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refusal("bad_date", "there is no such date") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise refusal("bad_date", 'a date is YYYY-MM-DD, as "2026-12-25"')


def _weekday(value: object) -> object:
    if value not in WEEKDAYS:
        raise refusal("unknown_key", f"a day of the week is one of {', '.join(WEEKDAYS)}")
    return value


def _object(value: object) -> object:
    if not isinstance(value, Mapping):
        raise refusal("bad_calendar", "must be an object")
    return value


ZoneName = Annotated[str, BeforeValidator(_zone)]
Window = Annotated[tuple[str, str], BeforeValidator(_window)]
"""One opening as ["09:00", "12:30"]: start inclusive, end exclusive; an end before its start crosses midnight."""
Day = Annotated[tuple[Window, ...], BeforeValidator(_windows), AfterValidator(_day)]
CalendarDate = Annotated[date, BeforeValidator(_date)]
Weekday = Annotated[str, BeforeValidator(_weekday), Field(json_schema_extra={"enum": list(WEEKDAYS)})]
Weekly = Annotated[dict[Weekday, Day], BeforeValidator(_object)]
Dates = Annotated[dict[CalendarDate, Day], BeforeValidator(_object), Field(max_length=MAX_DATES)]
