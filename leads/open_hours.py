"""When time counts: always (elapsed time), or in a calendar's hours; sums and look-ups on the instant line."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, timedelta, tzinfo
from itertools import accumulate
from typing import NamedTuple, Protocol

from leads.calendar import Calendar, CalendarError
from leads.instants import EPOCH, LAST_INSTANT, OutOfRangeError, from_microseconds, to_microseconds
from leads.intervals import Interval
from leads.open_days import MICROSECONDS_PER_DAY, OpenDays

HORIZON = timedelta(days=400)
"""A calendar in use must open within this time; one that stays open for longer counts as never closing."""

_HORIZON = HORIZON.days * MICROSECONDS_PER_DAY
_BLOCK_BITS = 45  # 2**45 µs are 407 days, so that a block's number is a shift
_LAST_BLOCK = to_microseconds(LAST_INSTANT - timedelta(microseconds=1)) >> _BLOCK_BITS


class NoOpenTimeError(CalendarError):
    """The calendar does not open again, or not within the horizon where that is asked for."""

    def __init__(self, since: int, within: timedelta | None = None) -> None:
        span = f"in the {within.days} days" if within else "ever again"
        super().__init__("no_open_time", "calendar", f"no open time {span} from {from_microseconds(since).date()}")


class NeverClosesError(CalendarError):
    """A closing instant was asked of hours that stay open for longer than the horizon."""

    def __init__(self, since: int) -> None:
        day = from_microseconds(since).date()
        super().__init__("never_closes", "calendar", f"it does not close in the {HORIZON.days} days from {day}")


class Hours(Protocol):
    """When time counts. Instants are microseconds since 1970, amounts microseconds; intervals are half-open."""

    zone: tzinfo

    def open_between(self, start: int, end: int) -> int:
        """The open time from start to an end that is not before it."""

    def advance(self, start: int, amount: int) -> int:
        """The earliest instant with `amount` (above 0) of open time since start. Raises NoOpenTimeError."""

    def next_open(self, at: int) -> int:
        """The earliest open instant, `at` itself included. Raises NoOpenTimeError."""

    def next_close(self, at: int) -> int:
        """The end of the opening that `at` lies in, or else of the next. Raises NeverClosesError, NoOpenTimeError."""

    def openings(self, start: int, end: int) -> Iterator[Interval]:
        """The maximal open intervals between start and end, in order."""

    def holidays(self, start: int, end: int) -> list[date]:
        """The dates between start and end that only a holiday closes."""


class AlwaysOpen:
    """Plain elapsed time: every instant counts."""

    zone: tzinfo = UTC

    def open_between(self, start: int, end: int) -> int:
        return end - start

    def advance(self, start: int, amount: int) -> int:
        return start + amount

    def next_open(self, at: int) -> int:
        return at

    def next_close(self, at: int) -> int:
        raise NeverClosesError(at)

    def openings(self, start: int, end: int) -> Iterator[Interval]:
        if start < end:
            yield start, end

    def holidays(self, start: int, end: int) -> list[date]:  # noqa: ARG002 (the protocol's names)
        return []


class _Block(NamedTuple):
    """The openings of one stretch of the instant line; `before[i]` is the open time ahead of opening i."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def open_until(self, at: int) -> int:
        i = bisect_right(self.starts, at) - 1
        if i < 0:
            return 0
        end = self.ends[i]
        return self.before[i] + (at if at < end else end) - self.starts[i]  # noqa: FURB136 (half the cost of min)


class CalendarHours:
    """The open hours of a calendar whose holidays are plain dates. Raises UnexpandedHolidaysError.

    Blocks of openings are built when first asked for and kept; the years served bound them to about two hundred.
    Threads may share it: a block built twice is the same block.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.zone: tzinfo = calendar.zone
        self._days = OpenDays(calendar)
        last = self._days.last_instant
        self._final_block = _LAST_BLOCK if last is None else last >> _BLOCK_BITS
        self._blocks: dict[int, _Block] = {}

    def open_between(self, start: int, end: int) -> int:
        first, last = start >> _BLOCK_BITS, end >> _BLOCK_BITS
        total = self._block(last).open_until(end) - self._block(first).open_until(start)
        for number in range(first, last):
            total += self._block(number).total
        return total

    def advance(self, start: int, amount: int) -> int:
        number = start >> _BLOCK_BITS
        block = self._block(number)
        needed = block.open_until(start) + amount
        while needed > block.total:
            needed -= block.total
            number += 1
            block = self._next_block(number, start)
        i = bisect_left(block.before, needed) - 1
        return block.starts[i] + needed - block.before[i]

    def next_open(self, at: int) -> int:
        number = at >> _BLOCK_BITS
        block = self._block(number)
        while not block.ends or block.ends[-1] <= at:
            number += 1
            block = self._next_block(number, at)
        return max(at, block.starts[bisect_right(block.ends, at)])

    def next_close(self, at: int) -> int:
        opened = self.next_open(at)
        _, end = next(self.openings(opened, opened + _HORIZON + 1))
        if end > opened + _HORIZON:
            raise NeverClosesError(opened)
        return end

    def openings(self, start: int, end: int) -> Iterator[Interval]:
        pending: Interval | None = None
        for number in range(start >> _BLOCK_BITS, (end - 1 >> _BLOCK_BITS) + 1):
            block = self._block(number)
            for i in range(bisect_right(block.ends, start), bisect_left(block.starts, end)):
                opening = max(start, block.starts[i]), min(end, block.ends[i])
                if pending is not None and pending[1] == opening[0]:  # one opening, cut where two blocks meet
                    opening = pending[0], opening[1]
                elif pending is not None:
                    yield pending
                pending = opening
        if pending is not None:
            yield pending

    def holidays(self, start: int, end: int) -> list[date]:
        first, last = (from_microseconds(instant).astimezone(self.zone).date() for instant in (start, end))
        return self._days.holidays(first, last)

    def _next_block(self, number: int, since: int) -> _Block:
        if self._final_block < number <= _LAST_BLOCK:
            raise NoOpenTimeError(since)
        return self._block(number)

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._build(number)
        return block

    def _build(self, number: int) -> _Block:
        if not 0 <= number <= _LAST_BLOCK:
            raise OutOfRangeError(f"the answer lies outside the years served, {EPOCH.year} to {LAST_INSTANT.year - 1}")
        openings = self._days.openings(number << _BLOCK_BITS, number + 1 << _BLOCK_BITS)
        sums = list(accumulate((end - start for start, end in openings), initial=0))
        return _Block([start for start, _ in openings], [end for _, end in openings], sums[:-1], sums[-1])
