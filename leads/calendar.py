# ruff: noqa: A005  (imported as leads.calendar only; "calendar" is the field's word)
"""The calendar document: when a team works, as an admin writes it. What it means is in leads/open_hours.py."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import ErrorDetails

from leads.calendar_fields import MAX_DATES, CalendarDate, Dates, Weekly, ZoneName, refusal

MAX_ICAL_CHARACTERS = 262_144
MAX_REASONS = 5
_CODES = {"extra_forbidden": "unknown_key", "missing": "missing_key", "too_long": "too_many"}
_REASONS = {
    "extra_forbidden": "no such key",
    "missing": "is missing",
    "string_type": "must be text, in quotes",
    "tuple_type": "must be a list",
}
_NOT_PLACES = ("(date)", "(country)", "(ical)", "[key]")


class CalendarError(ValueError):
    """A calendar that is refused: `code`, `place` in the document, and `message` with place and reason."""

    def __init__(self, code: str, place: str, reason: str) -> None:
        self.code = code
        self.place = place
        self.message = f"{place}: {reason}" if place else reason
        super().__init__(self.message)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CountryHolidays(_Strict):
    """The public holidays of a country, by ISO 3166 codes."""

    country: Annotated[str, Field(min_length=2, max_length=3)]
    subdivision: Annotated[str, Field(max_length=20)] | None = None


class ICalHolidays(_Strict):
    """The all-day events of an iCalendar text (RFC 5545), given inline."""

    ical: Annotated[str, Field(max_length=MAX_ICAL_CHARACTERS)]


def _kind_of_holiday(value: object) -> str | None:
    if isinstance(value, Mapping):
        return "(country)" if "country" in value else "(ical)" if "ical" in value else None
    if isinstance(value, CountryHolidays | ICalHolidays):
        return "(country)" if isinstance(value, CountryHolidays) else "(ical)"
    return "(date)" if isinstance(value, str | date) else None


Holiday = Annotated[
    Annotated[CalendarDate, Tag("(date)")]
    | Annotated[CountryHolidays, Tag("(country)")]
    | Annotated[ICalHolidays, Tag("(ical)")],
    Discriminator(
        _kind_of_holiday,
        custom_error_type="bad_holiday",
        custom_error_message='a holiday is a date, {"country": …, "subdivision": …} or {"ical": …}',
    ),
]


class Calendar(_Strict):
    """Working hours in one zone.

    `date_overrides` replace the weekly hours of their date, `breaks` cut out of whatever is open, `holidays` close
    their whole date and win. A window belongs to the date it starts on, also past midnight.
    """

    timezone: ZoneName
    weekly: Weekly = {}
    date_overrides: Dates = {}
    breaks: Dates = {}
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=MAX_DATES)] = ()

    @model_validator(mode="after")
    def _opens_at_all(self) -> Self:
        if not any(self.weekly.values()) and not any(self.date_overrides.values()):
            raise refusal("no_open_time", "weekly and date_overrides have no window: this calendar is never open")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of all wall times here."""
        return ZoneInfo(self.timezone)

    @property
    def is_expanded(self) -> bool:
        """Whether all holidays are plain dates, so that arithmetic can be done."""
        return all(isinstance(holiday, date) for holiday in self.holidays)

    def with_holidays(self, dates: Iterable[date]) -> "Calendar":
        """The same hours with exactly these dates as holidays, in order. Raises CalendarError if too many."""
        in_order = tuple(sorted(set(dates)))
        if len(in_order) > MAX_DATES:
            raise CalendarError("too_many", "holidays", f"at most {MAX_DATES} dates")
        return self.model_copy(update={"holidays": in_order})

    @cached_property
    def identity(self) -> str:
        """The document as canonical JSON: equal calendars have equal identities."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    def __hash__(self) -> int:
        return hash(self.identity)


def parse_calendar(document: object) -> Calendar:
    """The calendar of a JSON or YAML document. Raises CalendarError with the places and reasons."""
    if not isinstance(document, Mapping):
        raise CalendarError("bad_calendar", "calendar", "must be an object with timezone and weekly")
    try:
        return Calendar.model_validate(document)
    except ValidationError as refused:
        raise calendar_error(refused) from None


def calendar_error(refused: ValidationError) -> CalendarError:
    """A pydantic refusal in a calendar's words: all places in the message, the first one's code."""
    faults = refused.errors(include_url=False, include_input=False)
    first, *others = [(place_of(fault["loc"]), reason_of(fault)) for fault in faults[:MAX_REASONS]]
    also = [f"{place}: {reason}" for place, reason in others]
    if len(faults) > MAX_REASONS:
        also.append(f"and {len(faults) - MAX_REASONS} more")
    return CalendarError(code_of(faults[0]), first[0], "; ".join([first[1], *also]))


def place_of(path: tuple[int | str, ...]) -> str:
    """Where in a document, as `weekly.mon[1]`."""
    parts = [part for part in path if not (isinstance(part, str) and part in _NOT_PLACES)]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{str(part)[:40]}" for part in parts).removeprefix(".")


def code_of(fault: ErrorDetails) -> str:
    """A stable code: ours as raised, the few of pydantic's own that matter by name, else `bad_value`."""
    is_ours = "reason" in fault.get("ctx", {}) or fault["type"] == "bad_holiday"
    return fault["type"] if is_ours else _CODES.get(fault["type"], "bad_value")


def reason_of(fault: ErrorDetails) -> str:
    """The reason in one clause, without the input (which may be long, or private)."""
    return _REASONS.get(fault["type"], fault["msg"])
