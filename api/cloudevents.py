"""CloudEvents over HTTP: the three content modes, each read into events in their structured form.

Follows the HTTP protocol binding 1.0.2: the media type says the mode; in binary mode the attributes are `ce-` headers,
percent-encoded UTF-8. Attributes and data are judged elsewhere; here only what makes a request unreadable is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote_to_bytes

from api.envelope import JSON_MEDIA_TYPE
from api.json_text import JsonTextError, may_hide_bad_characters, parse
from api.problems import BadJson, InvalidRequest, TooLarge, UnsupportedMediaType

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HINT = f"Send {STRUCTURED}, {BATCH}, or application/json with ce- headers; UTF-8, not compressed."

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI has them: lower-case names."""


class Mode(Enum):
    STRUCTURED = "structured"
    BATCH = "batch"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Message:
    """The events of one request, parsed but not yet judged."""

    raws: list[Any]
    look_at_strings: bool


def mode_of(headers: Headers) -> Mode:
    """Which mode a request is in, before its body is read. Raises `UnsupportedMediaType`."""
    media_type = ""
    has_attributes = False
    for name, value in headers:
        if name == b"content-type":
            media_type = value.decode("latin-1")
        elif name.startswith(b"ce-"):
            has_attributes = True
    essence, _, parameters = media_type.partition(";")
    if not is_utf8(parameters):
        raise UnsupportedMediaType(_HINT)
    match essence.strip().lower():
        case "application/cloudevents+json":
            return Mode.STRUCTURED
        case "application/cloudevents-batch+json":
            return Mode.BATCH
        case other if JSON_MEDIA_TYPE.fullmatch(other) and has_attributes:
            return Mode.BINARY
        case _:
            raise UnsupportedMediaType(_HINT)


def read(mode: Mode, headers: Headers, body: bytes, *, max_events: int) -> Message:
    """The events in a body. Raises `BadJson`, `InvalidRequest` (headers) or `TooLarge` (more than `max_events`)."""
    try:
        value = parse(body)
    except JsonTextError as error:
        raise BadJson(f"The body is not JSON that can be taken: {error}.") from None
    look = may_hide_bad_characters(body)
    match mode:
        case Mode.STRUCTURED:
            return Message([value], look)
        case Mode.BINARY:
            return Message([{**_attributes(headers), "data": value}], look)
        case Mode.BATCH:
            if not isinstance(value, list):
                raise InvalidRequest("A batch is a JSON array of events.")
            if len(value) > max_events:
                raise TooLarge(f"A batch has at most {max_events} events; send several.")
            return Message(value, look)


def header_value(value: bytes) -> str:
    """The attribute a `ce-` header stands for: quotes taken off, percent-decoded once. Raises `ValueError`."""
    text = value.decode("ascii")
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    if _BROKEN_ESCAPE.search(text):
        raise ValueError("a percent sign is not followed by two hexadecimal digits")
    return unquote_to_bytes(text).decode()


def _attributes(headers: Headers) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, value in headers:
        if name == b"content-type":
            attributes["datacontenttype"] = value.decode("latin-1")
        if not name.startswith(b"ce-"):
            continue
        attribute = name[3:].decode("latin-1")
        if attribute in {"data", "data_base64", "datacontenttype"}:
            raise InvalidRequest(f"{attribute} does not travel in a ce- header: see Content-Type and the body.")
        if attribute in attributes:
            raise InvalidRequest("A ce- header is there twice.")
        try:
            attributes[attribute] = header_value(value)
        except ValueError:
            raise InvalidRequest("A ce- header is not percent-encoded UTF-8.") from None
    return attributes


def is_utf8(parameters: str) -> bool:
    """Whether the parameters of a media type name no other encoding."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8", "us-ascii"}:
            return False
    return True
