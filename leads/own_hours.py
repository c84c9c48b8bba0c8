"""The hours of an owner, as a promise needs them: the question to the roster, and what is kept of the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from leads.calendar import Calendar
from leads.state import OwnHours

MOST_ABSENCES = 100
"""Of one person, kept with a promise: those that end first."""
KEPT_BACK, KEPT_AHEAD = timedelta(days=2), timedelta(days=731)
"""Around the start of a promise; holidays and single dates further off are left out. No promise reaches that far."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class AskHours:
    """The question when a person works, and from `since` on is away; answered by `OwnHours`."""

    person: str
    since: datetime


def kept_with(hours: OwnHours, start: datetime) -> OwnHours:
    """What of a person's hours is kept with a promise that starts at `start`.

    Hours without a week that comes again would end some day, and the promise with them: then the team's hold.
    """
    away = sorted((begin, end) for begin, end in hours.away if end > start)[:MOST_ABSENCES]
    calendar = hours.calendar
    if calendar is None or not any(calendar.weekly.values()):
        return OwnHours(None, tuple(away))
    first, last = (start - KEPT_BACK).date(), (start + KEPT_AHEAD).date()
    near = Calendar(
        timezone=calendar.timezone,
        weekly=calendar.weekly,
        date_overrides=_between(calendar.date_overrides, first, last),
        breaks=_between(calendar.breaks, first, last),
        holidays=tuple(_dates(calendar.holidays, first, last)),
    )
    return OwnHours(near, tuple(away))


def _between(days: Mapping[date, _T], first: date, last: date) -> dict[date, _T]:
    return {day: windows for day, windows in days.items() if first <= day <= last}


def _dates(days: Iterable[object], first: date, last: date) -> list[date]:
    return [day for day in days if isinstance(day, date) and first <= day <= last]
