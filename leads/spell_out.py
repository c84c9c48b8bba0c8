"""The arithmetic behind a due instant, opening by opening, for people who ask why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from operator import attrgetter
from typing import Literal

from leads.business_time import END_OF_TIME, BusinessTime, Pause, pauses_since
from leads.instants import from_microseconds, to_microseconds
from leads.intervals import Interval, cut

MAX_STRETCHES = 100
_MINUTES_SAID_AS_SUCH = 119


Kind = Literal["counted", "paused", "away", "holiday"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One line: an opening that counted, a pause, an absence or a holiday. Start and end are in the calendar's zone.

    `used` is the time that counted, of a pause or an absence the open time it covered; `left` is what of the target is
    left after it. A pause that has no end yet has the end None.
    """

    kind: Kind
    start: datetime
    end: datetime | None
    used: timedelta
    left: timedelta

    def __str__(self) -> str:
        if self.kind == "holiday":
            return f"{self.start:%Y-%m-%d} holiday, closed"
        if self.end is None:
            return f"{_text(self.start)} paused, with no end yet"
        span = f"{_text(self.start)}–{self._until(self.end)}"
        if self.kind in ("paused", "away"):
            return f"{span} {self.kind}, {_words(self.used)} of open time not counted"
        return f"{span} {_words(self.used)} used, {_words(self.left)} left"

    def _until(self, end: datetime) -> str:
        if end.date() == self.start.date():
            return _text(end, day=False)
        ends_the_day = f"{end:%H%M%S%f}" == "0" * 12 and end.date() - self.start.date() == timedelta(days=1)
        return "24:00" if ends_the_day else _text(end)


def spell_out(
    hours: BusinessTime,
    start: datetime,
    target: timedelta,
    pauses: Iterable[Pause] = (),
    away: Iterable[Pause] = (),
) -> list[Stretch]:
    """What counted and what did not, from `start` to the due instant or to the pause that has no end.

    Only openings, pauses, absences (`away`, each with an end) and holidays that would have had hours are told; a pause
    within an absence is told as a pause. After 100 lines the rest that counted is one line. Raises as BusinessTime.due.
    """
    pauses, away = list(pauses), list(away)
    due = hours.due(start, target, [*pauses, *away])
    first = to_microseconds(start)
    stops = pauses_since(first, [*pauses, *away])
    last = stops[-1][0] if due is None else max(first, to_microseconds(due))
    stops = [stop for stop in stops if stop[0] < last or due is None]
    paused = [stop for stop in pauses_since(first, pauses) if stop[0] < last or due is None]
    absent = [stop for stop in cut(pauses_since(first, away), paused) if stop[0] < last]
    lines = [
        *_counted(hours, first, last, stops), *_stopped("paused", hours, paused), *_stopped("away", hours, absent),
        *_holidays(hours, first, last),
    ]  # fmt: skip
    return _with_rest(sorted(lines, key=attrgetter("start")), target)


def _counted(hours: BusinessTime, first: int, last: int, stops: list[Interval]) -> Iterator[Stretch]:
    counted = cut(list(hours.hours.openings(first, last)), stops)
    for start, end in islice(counted, MAX_STRETCHES - 1):
        yield _stretch("counted", hours.zone, start, end, end - start)
    rest = list(counted)
    if rest:
        yield _stretch("counted", hours.zone, rest[0][0], rest[-1][1], sum(end - start for start, end in rest))


def _stopped(kind: Kind, hours: BusinessTime, stops: list[Interval]) -> Iterator[Stretch]:
    for start, end in stops:
        yield _stretch(kind, hours.zone, start, end, 0 if end == END_OF_TIME else hours.hours.open_between(start, end))


def _holidays(hours: BusinessTime, first: int, last: int) -> Iterator[Stretch]:
    for day in hours.hours.holidays(first, last):
        midnight = datetime(day.year, day.month, day.day, tzinfo=hours.zone)
        yield Stretch("holiday", midnight, midnight + timedelta(days=1), timedelta(), timedelta())


def _stretch(kind: Kind, zone: tzinfo, start: int, end: int, used: int) -> Stretch:
    until = None if end == END_OF_TIME else from_microseconds(end).astimezone(zone)
    return Stretch(kind, from_microseconds(start).astimezone(zone), until, timedelta(microseconds=used), timedelta())


def _with_rest(lines: list[Stretch], target: timedelta) -> list[Stretch]:
    left = target
    told = []
    for line in lines:
        if line.kind == "counted":
            left -= line.used
        told.append(replace(line, left=left))
    return told


def _text(local: datetime, *, day: bool = True) -> str:
    seconds = local.second or local.microsecond
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{local:%Y-%m-%d} {clock}" if day else clock


def _words(duration: timedelta) -> str:
    """A duration as people say it: "90 min", "7 h 30 min", "40 s"; below a second it is cut off."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60) if minutes > _MINUTES_SAID_AS_SUCH else (0, minutes)
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if number]
    return " ".join(parts) or "0 min"
