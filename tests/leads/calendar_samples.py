"""Calendars and instants that the tests of business time share."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from leads.business_time import BusinessTime, working_time
from leads.calendar import parse_calendar
from leads.calendar_fields import WEEKDAYS

Windows = list[list[str]]
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE: Windows = [["09:00", "17:00"]]


def document(
    hours: Windows = OFFICE, *, days: int = 5, timezone: str = "Europe/Berlin", **parts: Any
) -> dict[str, Any]:
    """The same hours on the first days of the week."""
    return {"timezone": timezone, "weekly": dict.fromkeys(WEEKDAYS[:days], hours), **parts}


def hours(windows: Windows = OFFICE, *, days: int = 5, timezone: str = "Europe/Berlin", **parts: Any) -> BusinessTime:
    return working_time(parse_calendar(document(windows, days=days, timezone=timezone, **parts)))


def berlin(text: str) -> datetime:
    """The instant of a Berlin wall time, as "2026-03-27 16:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def h(number: float) -> timedelta:
    return timedelta(hours=number)
