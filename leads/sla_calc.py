"""The calendar arithmetic by itself, for trying a policy out: one request, one answer, never an exception.

A request is a JSON object with an `op`; the answer is `{"result": …}` or `{"error": {"code", "message"}}`. Instants go
in as RFC 3339 with any offset and come out with the numeric offset of the calendar's zone.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

from leads.business_time import BusinessTime, Pause, ReversedRangeError, working_time
from leads.calendar import Calendar, CalendarError, calendar_error, parse_calendar
from leads.calendar_fields import refusal
from leads.durations import DurationError, parse_working_duration
from leads.instants import LAST_INSTANT, InstantError, OutOfRangeError, format_instant, parse_instant, to_microseconds

Expand = Callable[[Calendar, int, int], Calendar]
"""Turns a calendar's holidays into dates, for the years from the first to the second, inclusive."""
Answer = dict[str, Any]

MAX_PAUSES = 10_000
MAX_YEARS = 60
"""Country and iCalendar holidays are expanded for at most so many years around a request."""


def calculate(request: object, default: Calendar | None, *, expand: Expand, now: datetime) -> Answer:
    """Answer one request; `default` serves those without a calendar, `now` is where `validate` starts to look."""
    try:
        if not isinstance(request, Mapping):
            return error("bad_request", "a request is a JSON object with an op")
        kind = _KINDS.get(op) if isinstance(op := request.get("op"), str) else None
        if kind is None:
            return error("unknown_op", f"op is one of {', '.join(_KINDS)}")
        parsed = kind.model_validate(request)
        calendar = _calendar(parsed.calendar, default)
        return {"result": _json(_answer(parsed, calendar, expand, now), calendar)}
    except ValidationError as refused:
        fault = calendar_error(refused)
        return error(fault.code, fault.message)
    except (CalendarError, ReversedRangeError, InstantError) as refused:
        return error(refused.code, refused.message)
    except RecursionError:
        return error("bad_request", "the request is nested too deeply")


def error(code: str, message: str) -> Answer:
    """A refusal as an answer line."""
    return {"error": {"code": code, "message": message}}


def _instant(value: object) -> datetime:
    try:
        instant = parse_instant(value)
        to_microseconds(instant)
    except InstantError as bad:
        raise refusal(bad.code, bad.message) from None
    return instant


def _target(value: object) -> timedelta:
    try:
        return parse_working_duration(value)
    except DurationError as bad:
        raise refusal(bad.code, bad.message) from None


def _pause(value: object) -> Pause:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 (a pair)
        raise refusal("bad_pause", "a pause is a pair of instants; the second is null while it lasts")
    pause = Pause(_instant(value[0]), None if value[1] is None else _instant(value[1]))
    if pause.end is not None and pause.end < pause.start:
        raise refusal("reversed_range", "the pause ends before it starts")
    return pause


Instant = Annotated[datetime, BeforeValidator(_instant)]
Pauses = Annotated[tuple[Annotated[Pause, PlainValidator(_pause)], ...], Field(max_length=MAX_PAUSES)]


class _Request(BaseModel, ABC):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    op: str
    calendar: Any = None

    def instants(self) -> list[datetime]:
        """The instants that say for which years holidays are needed."""
        return []

    @abstractmethod
    def answer(self, time: BusinessTime, now: datetime) -> object:
        """What the request asks for, as JSON."""


class _Due(_Request):
    start: Instant
    target: Annotated[timedelta, BeforeValidator(_target)]
    pauses: Pauses = ()

    def instants(self) -> list[datetime]:
        return [self.start]

    def answer(self, time: BusinessTime, now: datetime) -> object:  # noqa: ARG002 (only validate looks at now)
        due = time.due(self.start, self.target, self.pauses)
        if due is None:
            raise CalendarError("paused", "pauses", "a pause that has no end yet comes before the due instant")
        return due


class _Elapsed(_Request):
    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    pauses: Pauses = ()

    def instants(self) -> list[datetime]:
        return [self.from_, self.to]

    def answer(self, time: BusinessTime, now: datetime) -> object:  # noqa: ARG002
        return time.elapsed(self.from_, self.to, self.pauses)


class _At(_Request):
    at: Instant

    def instants(self) -> list[datetime]:
        return [self.at]

    def answer(self, time: BusinessTime, now: datetime) -> object:  # noqa: ARG002
        look_up = {"is_open": time.is_open, "next_open": time.next_open, "next_close": time.next_close}[self.op]
        return look_up(self.at)


class _Validate(_Request):
    def answer(self, time: BusinessTime, now: datetime) -> object:
        time.require_open_time(now)
        return True


_KINDS: dict[str, type[_Request]] = {
    "due": _Due,
    "elapsed": _Elapsed,
    "is_open": _At,
    "next_open": _At,
    "next_close": _At,
    "validate": _Validate,
}


def _answer(request: _Request, calendar: Calendar, expand: Expand, now: datetime) -> object:
    """The answer with holidays expanded far enough: once more for more years when it lies near their end."""
    if calendar.is_expanded:
        return request.answer(working_time(calendar), now)
    years = [instant.year for instant in request.instants() or [now]]
    first, last = min(years) - 1, max(years) + 2
    while last - first < MAX_YEARS:
        answer = request.answer(working_time(_expanded(expand, calendar, first, last)), now)
        if not isinstance(answer, datetime) or answer.year < last:
            return answer
        last += last - first
    raise OutOfRangeError(f"holidays are expanded for at most {MAX_YEARS} years: ask for a shorter time")


def _calendar(document: object, default: Calendar | None) -> Calendar:
    if document is None:
        if default is None:
            raise CalendarError("missing_calendar", "calendar", "give one in the request, or a default with --calendar")
        return default
    try:
        text = json.dumps(document, sort_keys=True)
    except (ValueError, TypeError):
        return parse_calendar(document)  # which will say what is wrong with it
    return _parsed(text)


@lru_cache(maxsize=64)
def _parsed(document: str) -> Calendar:
    return parse_calendar(json.loads(document))


@lru_cache(maxsize=64)
def _expanded(expand: Expand, calendar: Calendar, first: int, last: int) -> Calendar:
    return expand(calendar, max(first, 1970), min(last, LAST_INSTANT.year))


def _json(answer: object, calendar: Calendar) -> object:
    if isinstance(answer, datetime):
        return format_instant(answer, calendar.zone)
    if isinstance(answer, timedelta):
        seconds = answer.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    return answer
