"""From a calendar's dates and wall times to open intervals on the instant line.

Wall times become instants as RFC 5545 (3.3.5) has it: a time that a clock change skips is read with the offset before
the change, one that occurs twice is its first occurrence. So a shift over a clock change has the hours it really has.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from leads.calendar import Calendar, CalendarError
from leads.calendar_fields import WEEKDAYS, Window, window_minutes
from leads.instants import EPOCH, duration_microseconds
from leads.intervals import Interval, cut, joined

MICROSECONDS_PER_MINUTE = 60_000_000
MICROSECONDS_PER_DAY = 1_440 * MICROSECONDS_PER_MINUTE
_EPOCH_DAY = EPOCH.toordinal()
_REACH_DAYS = 3  # a window ends at most two dates after its own starts, and zones lie within a day of UTC


class UnexpandedHolidaysError(CalendarError):
    """Arithmetic was asked of a calendar whose holidays are still named by country or iCalendar text."""

    def __init__(self) -> None:
        super().__init__("holidays_not_expanded", "holidays", "expand country and iCalendar holidays to dates first")


class OpenDays:
    """Which intervals each date of a calendar opens and shuts. Raises UnexpandedHolidaysError.

    A window, also the part of it past midnight, belongs to the date it starts on; a holiday shuts exactly its date,
    from midnight to midnight in the calendar's zone.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._zone = calendar.zone
        self._epoch_wall = EPOCH.replace(tzinfo=self._zone)
        holidays = [day for day in calendar.holidays if isinstance(day, date)]
        if len(holidays) < len(calendar.holidays):
            raise UnexpandedHolidaysError
        self._holidays = {day.toordinal() for day in holidays}
        self._weekly = [_compiled(calendar.weekly.get(day, ())) for day in WEEKDAYS]
        self._overrides = {day.toordinal(): _compiled(windows) for day, windows in calendar.date_overrides.items()}
        self._breaks = {day.toordinal(): _compiled(windows) for day, windows in calendar.breaks.items()}

    @property
    def last_instant(self) -> int | None:
        """An instant after which nothing opens any more; None if the weekly hours go on for ever."""
        if any(self._weekly):
            return None
        return (max(self._overrides) + _REACH_DAYS - _EPOCH_DAY) * MICROSECONDS_PER_DAY

    def openings(self, start: int, end: int) -> list[Interval]:
        """The maximal open intervals between two instants, in microseconds since 1970, sorted."""
        opened: list[Interval] = []
        shut: list[Interval] = []
        first, last = (instant // MICROSECONDS_PER_DAY + _EPOCH_DAY for instant in (start, end))
        for day in range(first - _REACH_DAYS, last + _REACH_DAYS):
            opened += self._on(day, self._windows(day))
            if day in self._breaks:
                shut += self._on(day, self._breaks[day])
            if day in self._holidays:
                shut += self._on(day, [(0, MICROSECONDS_PER_DAY)])
        inside = cut(joined(opened), joined(shut))
        return [(max(a, start), min(b, end)) for a, b in inside if a < end and b > start]

    def holidays(self, first: date, last: date) -> list[date]:
        """The holidays from the first to the last date, inclusive, that would have had hours."""
        within = (day for day in self._holidays if first.toordinal() <= day <= last.toordinal())
        return [date.fromordinal(day) for day in sorted(within) if self._windows(day)]

    def _windows(self, day: int) -> list[Interval]:
        windows = self._overrides.get(day)
        return self._weekly[(day - 1) % 7] if windows is None else windows

    def _on(self, day: int, windows: list[Interval]) -> Iterator[Interval]:
        midnight = (day - _EPOCH_DAY) * MICROSECONDS_PER_DAY
        for start, end in windows:
            yield self._instant(midnight + start), self._instant(midnight + end)

    def _instant(self, wall: int) -> int:
        # Adding to an aware datetime moves its wall clock.
        offset = self._zone.utcoffset(self._epoch_wall + timedelta(microseconds=wall)) or timedelta()
        return wall - duration_microseconds(offset)


def _compiled(windows: tuple[Window, ...]) -> list[Interval]:
    pairs = (window_minutes(window) for window in windows)
    return [(start * MICROSECONDS_PER_MINUTE, end * MICROSECONDS_PER_MINUTE) for start, end in pairs]
