"""The CloudEvents 1.0 envelope: which attributes an event carries and what each may hold.

The rules are those of the CloudEvents specification 1.0.2. Ours on top: `subject` and `time` are required, since an
event is about somebody and says when it happened, and `data` is a JSON object.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from api.uri import URI, URI_REFERENCE
from storage.new_event import ID_LIMIT, SOURCE_LIMIT, SUBJECT_LIMIT, SYSTEM_LIMIT

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""An event said to be older is a mistake of the sender's clock or format."""

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\uFDD0-\uFDEF\uFFFE\uFFFF]*$"
JSON_MEDIA_TYPE = re.compile(r"application/(?:[a-z0-9!#$&^_.\-]+\+)?json", re.ASCII)
"""A JSON media type without parameters, in lower case."""
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def instant_of(value: Any) -> datetime:
    """An RFC 3339 timestamp as an instant in UTC; digits below the microsecond are dropped. Raises `ValueError`."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("no RFC 3339 timestamp")
    try:
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("no such instant") from None
    if instant < EARLIEST:
        raise ValueError("too long ago")
    return instant


def _json_media_type(value: str) -> str:
    if value != "application/json" and not JSON_MEDIA_TYPE.fullmatch(value.partition(";")[0].strip().lower()):
        raise ValueError("no JSON media type")
    return value


def _flag(value: Any) -> Any:
    """A boolean may have become a string on its way through HTTP headers; some SDKs write it with a capital."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _text(limit: int) -> Any:
    """A CloudEvents string: not empty, no control characters."""
    return StringConstraints(min_length=1, max_length=limit, pattern=_PRINTABLE)


def _uri_schema(limit: int, form: str) -> WithJsonSchema:
    """Names the format where the pattern would fill half a page."""
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": limit, "format": form})


SourceUri = Annotated[
    str,
    StringConstraints(min_length=1, max_length=SOURCE_LIMIT, pattern=URI_REFERENCE),
    _uri_schema(SOURCE_LIMIT, "uri-reference"),
]
SchemaUri = Annotated[
    str, StringConstraints(min_length=1, max_length=SOURCE_LIMIT, pattern=URI), _uri_schema(SOURCE_LIMIT, "uri")
]
JsonMediaType = Annotated[str, StringConstraints(max_length=200), AfterValidator(_json_media_type)]
Instant = Annotated[datetime, BeforeValidator(instant_of), WithJsonSchema({"type": "string", "format": "date-time"})]


class CloudEvent(BaseModel):
    """One event in its structured form. Further attributes are extensions: lower-case names, scalar values."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        strict=True,
        hide_input_in_errors=True,
        json_schema_extra={
            "propertyNames": {"pattern": "^[a-z0-9]+$"},
            "additionalProperties": {"type": ["string", "boolean", "integer", "null"]},
        },
    )

    specversion: Literal["1.0"]
    id: Annotated[str, _text(ID_LIMIT)] = Field(
        description="Unique within the source; sending it again with equal content changes nothing."
    )
    source: SourceUri = Field(description="Who says so: a URI-reference.")
    type: Annotated[str, _text(ID_LIMIT)] = Field(description="What happened; GET /v1/event-types lists what is known.")
    subject: Annotated[str, _text(SUBJECT_LIMIT)] = Field(
        description="The key of the lead (account, person) in the sender's system."
    )
    time: Instant = Field(description="When it happened: RFC 3339 with an offset.")
    datacontenttype: JsonMediaType | None = None
    dataschema: SchemaUri | None = None
    leadsystem: Annotated[str, _text(SYSTEM_LIMIT)] | None = Field(
        default=None, description="Whose key `subject` is, when there are several systems."
    )
    leadbackfill: Annotated[bool | None, BeforeValidator(_flag)] = Field(
        default=None, description="History brought in later: nobody is alarmed by it."
    )
    data: dict[Any, Any] = Field(description="What is told; its fields depend on `type`.")


class PlainEvent(msgspec.Struct, gc=False):
    """The attributes of an event that carries the required ones only, as most do."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]
    leadsystem: None = None
    leadbackfill: None = None


def plain_event(raw: dict[str, Any]) -> PlainEvent | None:
    """What `CloudEvent` would make of it, found several times faster; None where it takes `CloudEvent` to tell."""
    try:
        version, event_id, source, event_type, subject, time, data = _required(raw)
        if len(raw) != _REQUIRED and (len(raw) != _REQUIRED + 1 or raw["datacontenttype"] != "application/json"):
            return None
    except KeyError:
        return None
    if not (
        version == "1.0"
        and data.__class__ is dict
        # printable text has no control characters; some that has none is not printable
        and event_id.__class__ is event_type.__class__ is subject.__class__ is source.__class__ is str
        and 0 < len(event_id) <= ID_LIMIT
        and 0 < len(event_type) <= ID_LIMIT
        and 0 < len(subject) <= SUBJECT_LIMIT
        and len(source) <= SOURCE_LIMIT
        and event_id.isprintable()
        and event_type.isprintable()
        and subject.isprintable()
        and is_source(source)
    ):
        return None
    try:
        return PlainEvent(event_id, source, event_type, subject, instant_of(time), data)
    except ValueError:
        return None


_REQUIRED = 7
_required = itemgetter("specversion", "id", "source", "type", "subject", "time", "data")
_source_adapter: TypeAdapter[str] = TypeAdapter(SourceUri, config=ConfigDict(strict=True))


@lru_cache(maxsize=1024)
def is_source(value: str) -> bool:
    """Whether an event may come from it: a URI-reference. Remembered, since senders have few names."""
    try:
        _source_adapter.validate_python(value)
    except ValidationError:
        return False
    return True


EXPLANATIONS: dict[str, str] = {
    "specversion": 'specversion must be "1.0"',
    "id": f"id must be a string of 1 to {ID_LIMIT} characters without control characters",
    "source": f"source must be a URI-reference of 1 to {SOURCE_LIMIT} characters, such as /crm/emea",
    "type": "type must be a string: one of those GET /v1/event-types lists",
    "subject": (
        f"subject must be a string of 1 to {SUBJECT_LIMIT} characters without control characters: "
        "the lead's key in your system"
    ),
    "time": (
        "time must say when it happened as an RFC 3339 timestamp with an offset, not before 1970, "
        "such as 2026-03-02T09:30:00Z"
    ),
    "datacontenttype": "datacontenttype must be a JSON media type, such as application/json",
    "dataschema": "dataschema must be an absolute URI",
    "leadsystem": f"leadsystem must be a string of 1 to {SYSTEM_LIMIT} characters without control characters",
    "leadbackfill": "leadbackfill must be true or false",
    "data": "data must be a JSON object",
}
"""What to do about each attribute, in words that hold for every way to get it wrong."""
