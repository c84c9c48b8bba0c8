"""How the columns of a file become events: one YAML document that says it.

One row may give several events. A value comes from a column (with a map of words and a default), from a template of
columns, or is constant. Columns of a joined file are named `join.column`.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from api.envelope import EXPLANATIONS, is_source
from leads.events import EVENTS
from storage.new_event import SYSTEM_LIMIT
from storage.plain_yaml import YamlTextError, load_yaml
from workers.errors import CliError

Row = Mapping[str, str]
"""Column → text; a column that is absent or empty says nothing."""
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]


MAX_BYTES = 1 << 20
"""Of a mapping document."""
MOST_FAULTS = 20
_CAPTURED = "lead.captured"
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class MappingError(CliError):
    """A mapping that cannot be used; the message says where and why."""


class RowError(ValueError):
    """A row that cannot become events; the message goes into the rejects file."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"unknown time zone {name!r}; use an IANA name such as Europe/Berlin"
        raise ValueError(msg) from None
    return name


def _source(name: str) -> str:
    if not is_source(name):
        raise ValueError(EXPLANATIONS["source"])
    return name


def _system(name: str) -> str:
    if not 0 < len(name) <= SYSTEM_LIMIT or not name.isprintable():
        raise ValueError(EXPLANATIONS["leadsystem"].replace("leadsystem", "system"))
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Source = Annotated[str, AfterValidator(_source)]
System = Annotated[str, AfterValidator(_system)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(Part):
    """Whether a row gives this event: the column says something, or one of these words."""

    column: Column
    one_of: tuple[str, ...] | None = Field(default=None, alias="in")

    def holds(self, row: Row) -> bool:
        text = row.get(self.column, "").strip()
        return text in self.one_of if self.one_of is not None else bool(text)


class Value(Part):
    """A value of an event's data."""

    column: Column | None = None
    template: str | None = Field(default=None, description="Text with {column} in it.")
    constant: JsonValue = None
    map: dict[str, JsonValue] = Field(default_factory=dict, description="What to read for a word of the column.")
    default: JsonValue = Field(default=None, description="For an empty column; without it the field is left out.")
    number: bool = Field(default=False, description="Read as a number.")
    time: tuple[str, ...] = Field(default=(), description="Read as an instant in one of these formats.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.template, self.constant)) != 1:
            msg = "a value is exactly one of: column, template, constant"
            raise ValueError(msg)
        return self

    def of(self, row: Row, zone: str) -> Any:
        """The value, or None for none. Raises RowError."""
        if self.constant is not None:
            return self.constant
        text = _filled(self.template, row) if self.template is not None else row.get(self.column or "", "").strip()
        if text in self.map:
            return self.map[text]
        if not text:
            return self.default
        if self.time:
            return read_time(text, self.time, zone).isoformat()
        return _number(text) if self.number else text


class Time(Part):
    """When the event happened. Times without an offset are of the zone."""

    column: Column
    formats: tuple[str, ...] = Field(default=("iso",), description="strptime formats, or `iso`; the first that fits.")
    timezone: Zone | None = None


class Event(Part):
    type: str
    when: When | None = None
    time: Time
    id: str | None = Field(default=None, description="A template; subject, type and place when left out.")
    data: dict[str, Value | str | int | float | bool] = Field(default_factory=dict, max_length=100)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.type not in EVENTS:
            msg = f"unknown type {self.type!r}; known are {', '.join(EVENTS)}"
            raise ValueError(msg)
        for name in self.data:
            if (head := name.partition(".")[0]) != name and head in self.data:
                msg = f"data has {head!r} as a whole and {name!r} as a part of it; give one of them"
                raise ValueError(msg)
        return self


class Join(Part):
    """Another file with at most one row for each row: its `key` column holds what `column` holds here."""

    key: Column
    column: Column


class ImportMapping(Part):
    """A whole mapping document."""

    source: Source
    system: System | None = Field(
        default=None, description="Whose keys the subjects are, if there are several systems."
    )
    timezone: Zone = "UTC"
    subject: Value
    joins: dict[str, Join] = Field(default_factory=dict, max_length=5)
    events: tuple[Event, ...] = Field(min_length=1, max_length=50)

    def events_of(self, row: Row, *, backfill: bool, live_list: str | None = None) -> Iterator[dict[str, Any]]:
        """The CloudEvents of one row, unchecked. A capture names the list it came with. Raises RowError."""
        subject = self.subject.of(row, self.timezone)
        if not subject:
            raise RowError("the subject is empty")
        for place, event in enumerate(self.events):
            if event.when is None or event.when.holds(row):
                made = self._event(event, place, str(subject), row, backfill=backfill)
                if live_list is not None and event.type == _CAPTURED:
                    made["data"]["list"] = live_list
                yield made

    def _event(self, event: Event, place: int, subject: str, row: Row, *, backfill: bool) -> dict[str, Any]:
        zone = event.time.timezone or self.timezone
        text = row.get(event.time.column, "").strip()
        if not text:
            raise RowError(f"{event.type}: {event.time.column} is empty, so there is no time")
        values = {
            name: value.of(row, zone) if isinstance(value, Value) else value for name, value in event.data.items()
        }
        made: dict[str, Any] = {
            "specversion": "1.0",
            "id": _filled(event.id, row) if event.id else f"{subject}/{event.type}/{place}",
            "source": self.source,
            "type": event.type,
            "subject": subject,
            "time": read_time(text, event.time.formats, zone).isoformat(),
            "data": _nested({name: value for name, value in values.items() if value is not None}),
        }
        if self.system:
            made["leadsystem"] = self.system
        if backfill:
            made["leadbackfill"] = True
        return made


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """`attributes.size` becomes a member of `attributes`."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        head, dot, tail = name.partition(".")
        if dot:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[name] = value
    return nested


def _filled(template: str | None, row: Row) -> str:
    """The template with each `{column}` replaced. Raises RowError for a column that is not there."""

    def cell(match: re.Match[str]) -> str:
        if match[1] not in row:
            raise RowError(f"the template {template!r} names the column {match[1]!r}, which is not there")
        return row[match[1]]

    return _PLACEHOLDER.sub(cell, template or "").strip()


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RowError(f"{text[:40]!r} is no number")
    return number


def read_time(text: str, formats: tuple[str, ...], zone: str) -> datetime:
    """An aware instant; a text without an offset is read in `zone`. Raises RowError."""
    for form in formats:
        try:
            read = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 zoned below
        except ValueError:
            continue
        return read if read.utcoffset() is not None else read.replace(tzinfo=ZoneInfo(zone))
    raise RowError(f"{text[:40]!r} fits none of the time formats {', '.join(formats)}")


def load_mapping(path: Path) -> ImportMapping:
    """Read and check a mapping document. Raises MappingError, one line with every fault."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise MappingError(f"{path} is larger than {MAX_BYTES:,} bytes")
        return ImportMapping.model_validate(load_yaml(content.decode("utf-8-sig"), aliases=True))
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path} is not UTF-8 text") from None
    except YamlTextError as error:
        raise MappingError(f"{path}: {error}") from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = "; ".join(f"{'.'.join(map(str, f['loc']))[:100] or 'mapping'}: {f['msg']}" for f in faults[:MOST_FAULTS])
        raise MappingError(f"{path}: {told.replace(': Value error, ', ': ')}") from None
