"""From a parsed event to a fact the journal takes, or to the reasons why not.

Reasons are typed and come per event. They say where (a JSON pointer into the event's structured form) and what to do;
they never quote what was sent, since it may be somebody's address.
"""

import hashlib
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from pydantic import BaseModel, Field, ValidationError

from api.envelope import EXPLANATIONS, CloudEvent, plain_event
from api.json_text import Unfit, UnfitError, canonical
from leads.events import EVENTS, LATEST, TIME_IN_FUTURE, stream_of
from leads.posted import OUR_SOURCES
from storage.new_event import ID_LIMIT, NewEvent

MAX_PROBLEMS_PER_EVENT = 5
DEFAULT_SYSTEM = "default"
"""Whose key `subject` is where the sender names no system."""
_EXTENSION_NAME = re.compile(r"[a-z0-9]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_MAX_EXTENSIONS = 32
_ATTRIBUTES = frozenset(CloudEvent.model_fields)
_write = msgspec.json.Encoder().encode
_INT32 = range(-(2**31), 2**31)
_STREAMS = {event_type: stream_of(event_type) for event_type in EVENTS}
_VALIDATE = {event_type: model.__pydantic_validator__.validate_json for event_type, model in EVENTS.items()}


class ProblemCode(StrEnum):
    NOT_AN_EVENT = "not_an_event"
    MISSING_ATTRIBUTE = "missing_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    INVALID_EXTENSION = "invalid_extension"
    BINARY_DATA = "binary_data"
    UNKNOWN_TYPE = "unknown_type"
    TIME_IN_FUTURE = "time_in_future"
    UNFIT_VALUE = "unfit_value"
    INVALID_DATA = "invalid_data"
    REPEATED = "repeated"
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    CONFLICT = "conflict"


class EventProblem(BaseModel):
    """One reason why one event was not taken."""

    index: int = Field(description="The event's place in the request, from 0.")
    id: str | None = Field(description="The event's id, where it has a readable one.")
    code: ProblemCode
    detail: str = Field(description="What to do about it.")
    pointer: str = Field(description="Where: a JSON pointer into the event's structured form.")


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose word events are taken."""

    actor: str
    sources: Container[str] | None = None
    """The sources it may speak for; None means all."""


@dataclass(frozen=True, slots=True)
class Decoded:
    events: list[tuple[int, NewEvent]]
    """The valid ones, each with its place in the request."""
    problems: list[EventProblem]
    types: list[str]
    """Of every event in the request, a known type or `other`: for counting."""


def decode(
    raws: Sequence[Any], *, sender: Sender, now: datetime, future_tolerance: timedelta, look_at_strings: bool
) -> Decoded:
    """Check each parsed event; a pair of (source, id) may stand only once in a request.

    `look_at_strings` says whether any string could hold characters that can't be stored.
    """
    latest = now + future_tolerance
    decoded = Decoded([], [], [])
    seen: dict[tuple[str, str], int] = {}
    for index, raw in enumerate(raws):
        try:
            event = _event(raw, sender, now, latest, look_at_strings)
            first = seen.setdefault(event.key, index)
            if first != index:
                raise _refusal(ProblemCode.REPEATED, f"source and id are those of event {first} of this request", "/id")
        except _RefusedError as refused:
            decoded.types.append(known_type(raw))
            decoded.problems.extend(_named(refused, index, raw, name_types=not _names_types(decoded.problems)))
        else:
            decoded.types.append(event.type)
            decoded.events.append((index, event))
    return decoded


def known_type(raw: Any) -> str:
    """The type of a parsed event, folded to `other` where it is none of ours."""
    claimed = raw.get("type") if isinstance(raw, dict) else None
    return claimed if isinstance(claimed, str) and claimed in EVENTS else "other"


@dataclass(frozen=True, slots=True)
class _Reason:
    code: ProblemCode
    detail: str
    pointer: str


class _RefusedError(Exception):
    def __init__(self, reasons: list[_Reason]) -> None:
        super().__init__()
        self.reasons = reasons


def _refusal(code: ProblemCode, detail: str, pointer: str) -> _RefusedError:
    return _RefusedError([_Reason(code, detail, pointer)])


def _event(raw: Any, sender: Sender, now: datetime, latest: datetime, look_at_strings: bool) -> NewEvent:  # noqa: FBT001  called for every event
    if not isinstance(raw, dict):
        detail = raw.reason if isinstance(raw, Unfit) else "an event is a JSON object"
        raise _RefusedError([_Reason(ProblemCode.NOT_AN_EVENT, detail, "")])
    envelope = plain_event(raw) or _envelope(raw)
    stream = _STREAMS.get(envelope.type)
    if stream is None:
        raise _refusal(ProblemCode.UNKNOWN_TYPE, "this type is not known", "/type")
    if sender.sources is not None and envelope.source not in sender.sources:
        raise _refusal(ProblemCode.SOURCE_NOT_ALLOWED, "this API key may not speak for this source", "/source")
    if envelope.source.startswith(OUR_SOURCES):
        detail = f"sources that begin with {OUR_SOURCES} are Leadloop's own: name the system that sends"
        raise _refusal(ProblemCode.SOURCE_NOT_ALLOWED, detail, "/source")
    if envelope.time > latest:
        raise _refusal(ProblemCode.TIME_IN_FUTURE, "time lies in the future: check the sender's clock", "/time")
    text = _text_of(envelope.data, look_at_strings=look_at_strings)
    _check_data(envelope.type, text, latest)
    system = envelope.leadsystem or DEFAULT_SYSTEM
    return NewEvent(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        stream=stream,
        system=system,
        subject=envelope.subject,
        # a sender's clock may run ahead; nothing has happened later than now
        effective_at=min(now, envelope.time),
        data=envelope.data,
        digest=digest_of(envelope.type, envelope.subject, system, envelope.time, text),
        actor=sender.actor,
        backfill=envelope.leadbackfill or False,
        text=text,
    )


def digest_of(event_type: str, subject: str, system: str, time: datetime, data_text: bytes) -> bytes:
    """What makes two events with one (source, id) the same: sha256 over all that counts, however it was written.

    `time` is in UTC, `data_text` canonical; the attributes hold no line breaks.
    """
    head = f"{event_type}\n{subject}\n{system}\n"
    instant = _write(time)[1:-2]  # as isoformat() has it, and much faster, but for the Z at the end
    return hashlib.sha256(b"%b%b+00:00\n%b" % (head.encode(), instant, data_text)).digest()


def _envelope(raw: dict[str, Any]) -> CloudEvent:
    if None in raw.values():
        # the JSON format: an attribute that is null is an attribute not set
        raw = {name: value for name, value in raw.items() if value is not None}
    if "data_base64" in raw:
        detail = "binary data is not taken: send a JSON object as data"
        raise _refusal(ProblemCode.BINARY_DATA, detail, "/data_base64")
    if extensions := raw.keys() - _ATTRIBUTES:
        _check_extensions({name: raw[name] for name in extensions})
    try:
        return CloudEvent.model_validate(raw)
    except ValidationError as error:
        raise _RefusedError([_attribute_reason(item) for item in _errors(error)]) from None


def _text_of(data: dict[str, Any], *, look_at_strings: bool) -> bytes:
    try:
        return canonical(data, look_at_strings=look_at_strings)
    except UnfitError as error:
        raise _RefusedError([_Reason(ProblemCode.UNFIT_VALUE, str(error), "/data")]) from None


def _check_data(event_type: str, text: bytes, latest: datetime) -> None:
    try:
        # from the text, since JSON has its own strictness: a date is a string there, a number is no string
        _VALIDATE[event_type](text, strict=True, context={LATEST: latest})
    except ValidationError as error:
        raise _RefusedError([_data_reason(item) for item in _errors(error)]) from None


def _data_reason(item: dict[str, Any]) -> _Reason:
    code = ProblemCode.TIME_IN_FUTURE if item["type"] == TIME_IN_FUTURE else ProblemCode.INVALID_DATA
    return _Reason(code, item["msg"], _pointer(("data", *item["loc"])))


def _check_extensions(extensions: dict[str, Any]) -> None:
    if len(extensions) > _MAX_EXTENSIONS:
        raise _refusal(ProblemCode.INVALID_EXTENSION, f"an event has at most {_MAX_EXTENSIONS} extensions", "")
    for name, value in extensions.items():
        if not _EXTENSION_NAME.fullmatch(name):
            raise _refusal(ProblemCode.INVALID_EXTENSION, "attribute names are lower-case letters and digits", "")
        if isinstance(value, str):
            fits = not _CONTROL.search(value)
        else:
            fits = isinstance(value, bool) or (isinstance(value, int) and value in _INT32)
        if not fits:
            detail = "an extension is a string without control characters, a 32-bit integer, true or false"
            raise _refusal(ProblemCode.INVALID_EXTENSION, detail, _pointer((name,)))


def _errors(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_context=False, include_input=False))[:MAX_PROBLEMS_PER_EVENT]


def _attribute_reason(item: dict[str, Any]) -> _Reason:
    name = str(item["loc"][0])
    if item["type"] == "missing":
        return _Reason(ProblemCode.MISSING_ATTRIBUTE, f"{name} is missing: {EXPLANATIONS[name]}", "")
    return _Reason(ProblemCode.INVALID_ATTRIBUTE, EXPLANATIONS.get(name, "this attribute is invalid"), f"/{name}")


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _names_types(problems: Sequence[EventProblem]) -> bool:
    return any(problem.code is ProblemCode.UNKNOWN_TYPE for problem in problems)


def _named(refused: _RefusedError, index: int, raw: Any, *, name_types: bool) -> list[EventProblem]:
    problems = []
    for reason in refused.reasons:
        detail = reason.detail
        if reason.code is ProblemCode.UNKNOWN_TYPE and name_types:
            detail = f"{detail}; the known ones are {', '.join(EVENTS)}"
        problems.append(
            EventProblem(index=index, id=_readable_id(raw), code=reason.code, detail=detail, pointer=reason.pointer)
        )
    return problems


def _readable_id(raw: Any) -> str | None:
    claimed = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(claimed, str) or not 0 < len(claimed) <= ID_LIMIT or _CONTROL.search(claimed):
        return None
    return claimed
