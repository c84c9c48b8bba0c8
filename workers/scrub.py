"""Errors in logs: what failed and where, never the message, because a driver's message quotes row values.

A unique violation says `Key (email)=(anna@example.com) already exists`. So an exception is reduced to its class, its
code and the frames of its traceback, and so are its causes. A class of ours that vouches for its message with
`safe_message = True` keeps it.
"""

import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import PurePath
from types import TracebackType
from typing import Any
from uuid import UUID

EventDict = MutableMapping[str, Any]
_MAX_CAUSES = 5
_MAX_FRAMES = 30
_MAX_CODE_CHARACTERS = 64
_MAX_TEXT_CHARACTERS = 2000
_MAX_DEPTH = 4
_MAX_ITEMS = 50
_SHORTEST_TEXT = 4
_REDACTED = "[redacted]"
_PATTERNS = (  # what must be in the text for the pattern to be tried at all, the pattern
    ("=(", re.compile(r"(?<==\().*?(?=\)(?:\s|$|\W))", re.DOTALL)),  # Key (email)=(…)
    ("Failing row", re.compile(r"(?<=Failing row contains \().*", re.DOTALL)),
    ("DETAIL:", re.compile(r"(?<=DETAIL:).*", re.DOTALL)),
    ("input_value=", re.compile(r"(?<=input_value=).*?(?=, input_type=|$)", re.DOTALL)),
    ("@", re.compile(r"[^\s@<>()\[\],;:\"'=]+@[^\s@<>()\[\],;:\"'=]+")),  # an e-mail address
    ("+", re.compile(r"\+\d[\d ()/.-]{6,}\d")),  # a phone number
)


def scrub(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: `exc_info` becomes `error`; no other value keeps what an error says.

    Some libraries format an error into their sentence. So the texts of the error at hand, and whatever looks like a row
    value, an e-mail address or a phone number, are redacted from every string.
    """
    error = _error_of(event.pop("exc_info", None))
    for key in ("exception", "stack", "stack_info", "color_message"):
        event.pop(key, None)
    errors = [found for found in (error, sys.exc_info()[1], *event.values()) if isinstance(found, BaseException)]
    secrets = sorted({text for found in errors for text in _texts(found)}, key=len, reverse=True)
    for key, value in event.items():
        event[key] = _plain(value, secrets, 0)
    if error is not None:
        event["error"] = describe(error)
    return event


def without_errors(arguments: Any) -> Any:
    """The arguments of a log record with each error replaced by its class's name, before they become text."""
    if isinstance(arguments, tuple):
        return tuple(_name(part) if isinstance(part, BaseException) else part for part in arguments)
    if isinstance(arguments, dict):
        return {key: _name(part) if isinstance(part, BaseException) else part for key, part in arguments.items()}
    return arguments


def describe(error: BaseException) -> dict[str, Any]:
    """Class, code, safe message and frames (`file:line function`) of an error, and of what it came from."""
    chain = list(_causes(error))
    described = _describe_one(chain[0])
    if len(chain) > 1:
        described["causes"] = [_describe_one(cause) for cause in chain[1:]]
    return described


def _plain(value: Any, secrets: list[str], depth: int) -> Any:
    """A value as JSON has it; of things unknown only the type's name, since their `repr` may hold anything."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return _name(value)
    if isinstance(value, str | datetime | date | timedelta | UUID | PurePath):
        return _redact(str(value), secrets)
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {str(key): _plain(value[key], secrets, depth + 1) for key in islice(value, _MAX_ITEMS)}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [_plain(part, secrets, depth + 1) for part in islice(value, _MAX_ITEMS)]
    return f"<{type(value).__name__}>"


def _redact(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _REDACTED)
    text = text[:_MAX_TEXT_CHARACTERS]
    for mark, pattern in _PATTERNS:
        if mark in text:
            text = pattern.sub(_REDACTED, text)
    return text


def _texts(error: BaseException) -> Iterator[str]:
    """Every text by which an error or its causes could have got into a line that was formatted elsewhere."""
    for link in _causes(error):
        if not _is_safe(link):
            parts = [str(link), repr(link), *str(link).splitlines(), *(str(part) for part in link.args)]
            yield from (part.strip() for part in parts if len(part.strip()) >= _SHORTEST_TEXT)


def _describe_one(error: BaseException) -> dict[str, Any]:
    described: dict[str, Any] = {"type": _name(error)}
    for attribute in ("code", "sqlstate", "type"):
        code = getattr(error, attribute, None)
        if isinstance(code, str) and _looks_like_a_code(code):
            described["code"] = code
            break
        if isinstance(code, int) and not isinstance(code, bool):
            described["code"] = code
            break
    if _is_safe(error):
        described["message"] = str(error)
    described["frames"] = list(_frames(error.__traceback__))
    return described


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Innermost frames last, without source lines: those can hold values too."""
    for frame, line in list(traceback.walk_tb(trace))[-_MAX_FRAMES:]:
        code = frame.f_code
        yield f"{_short(code.co_filename)}:{line} {code.co_name}"


def _short(filename: str) -> str:
    """A file's name as an import would find it, free of where this machine keeps it."""
    for root in sorted(sys.path, key=len, reverse=True):
        if root and filename.startswith(f"{root}/"):
            return filename[len(root) + 1 :]
    return filename.rpartition("/")[2]


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen and len(seen) < _MAX_CAUSES:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _error_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) > 1 else None
    return sys.exc_info()[1] if exc_info else None


def _is_safe(error: BaseException) -> bool:
    return getattr(type(error), "safe_message", False) is True


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _looks_like_a_code(text: str) -> bool:
    return 0 < len(text) <= _MAX_CODE_CHARACTERS and all(sign.isalnum() or sign in "_.-" for sign in text)
