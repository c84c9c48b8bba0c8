"""Business time: when a target falls due, how much of it has run, when hours open and close.

One interface for both kinds of target: `working_time(calendar)` counts a calendar's open hours, `ELAPSED_TIME` counts
every instant. Pauses stop the count; they are kept as intervals, so that every answer can be computed again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple, overload

from leads.calendar import Calendar
from leads.instants import LAST_INSTANT, duration_microseconds, from_microseconds, to_microseconds
from leads.intervals import Interval, joined
from leads.open_hours import HORIZON, AlwaysOpen, CalendarHours, Hours, NoOpenTimeError

END_OF_TIME = to_microseconds(LAST_INSTANT - timedelta(microseconds=1)) + 1


class ReversedRangeError(ValueError):
    """A range or pause whose end is before its start, or a target below zero."""

    code = "reversed_range"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Pause(NamedTuple):
    """A stretch in which a clock stands still: start inclusive, end exclusive; an end of None has not come yet."""

    start: datetime
    end: datetime | None = None


class BusinessTime:
    """Arithmetic over hours that count. Arguments are aware instants, results aware UTC.

    Instants from 1970 to before 2200 are served; others raise OutOfRangeError. Pauses may come in any order, overlap,
    touch, or reach outside the range asked about. `hours` may be shared by threads, so may this.
    """

    def __init__(self, hours: Hours) -> None:
        self.hours = hours

    @property
    def zone(self) -> tzinfo:
        """The zone people of these hours live in; UTC for elapsed time."""
        return self.hours.zone

    @overload
    def due(self, start: datetime, target: timedelta) -> datetime: ...
    @overload
    def due(self, start: datetime, target: timedelta, pauses: Iterable[Pause]) -> datetime | None: ...
    def due(self, start: datetime, target: timedelta, pauses: Iterable[Pause] = ()) -> datetime | None:
        """The earliest instant by which `target` has run since `start`, or None if a pause without end comes first.

        A target that exactly fills the hours ends at closing time. A target of zero is due at the first instant that
        counts: at the start if that is open and not paused, else at the next opening. A rung at a fraction of the
        target, or at an offset before or after its due instant, is due(start, target * fraction or target ± offset).
        Raises ReversedRangeError for a negative target, NoOpenTimeError.
        """
        at, needed = to_microseconds(start), duration_microseconds(target)
        if needed < 0:
            raise ReversedRangeError("a target is not below zero")
        if not pauses:
            return from_microseconds(self._run(at, needed))
        for pause_start, pause_end in pauses_since(at, pauses):
            if pause_start > at:
                due = self._run(at, needed)
                # At one instant a stop beats a pause: reached as the pause begins is reached.
                if due < pause_start or (needed and due == pause_start):
                    return from_microseconds(due)
                needed -= self.hours.open_between(at, pause_start)
            if pause_end == END_OF_TIME:
                return None
            at = pause_end
        return from_microseconds(self._run(at, needed))

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """The time that counted from `start` to `end`. Raises ReversedRangeError if the end is before the start."""
        first, last = to_microseconds(start), to_microseconds(end)
        if last < first:
            raise ReversedRangeError("the end is before the start")
        ran = self.hours.open_between(first, last)
        for pause_start, pause_end in pauses_since(first, pauses) if pauses else ():
            if pause_start < last:
                ran -= self.hours.open_between(pause_start, min(pause_end, last))
        return timedelta(microseconds=ran)

    def is_open(self, at: datetime) -> bool:
        """Whether time counts at this instant: true when hours start, false when they end."""
        instant = to_microseconds(at)
        return self.hours.open_between(instant, instant + 1) > 0

    def next_open(self, at: datetime) -> datetime:
        """The earliest open instant, `at` itself if it is open. Raises NoOpenTimeError."""
        return from_microseconds(self.hours.next_open(to_microseconds(at)))

    def next_close(self, at: datetime) -> datetime:
        """The first closing after `at`: of the opening it lies in, or of the next. Raises NeverClosesError."""
        return from_microseconds(self.hours.next_close(to_microseconds(at)))

    def require_open_time(self, since: datetime) -> None:
        """Refuse hours that do not open in the 400 days from `since`. Raises NoOpenTimeError."""
        at = to_microseconds(since)
        if self.next_open(since) - since >= HORIZON:
            raise NoOpenTimeError(at, HORIZON)

    def _run(self, at: int, needed: int) -> int:
        return self.hours.advance(at, needed) if needed else self.hours.next_open(at)


def pauses_since(at: int, pauses: Iterable[Pause]) -> list[Interval]:
    """The pauses from `at` on, disjoint and in order, in microseconds; one without end reaches END_OF_TIME."""
    return joined((max(at, start), end) for start, end in map(_interval, pauses) if end > at)


def _interval(pause: Pause) -> Interval:
    start = to_microseconds(pause.start)
    end = END_OF_TIME if pause.end is None else to_microseconds(pause.end)
    if end < start:
        raise ReversedRangeError("a pause ends before it starts")
    return start, end


ELAPSED_TIME = BusinessTime(AlwaysOpen())
"""Plain elapsed time: every instant counts, day and night."""


@lru_cache(maxsize=128)
def working_time(calendar: Calendar) -> BusinessTime:
    """The compiled working time of a calendar; equal calendars share one. Raises UnexpandedHolidaysError."""
    return BusinessTime(CalendarHours(calendar))
