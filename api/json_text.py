"""JSON read strictly: what two parsers could read differently, or a database can't hold, is refused.

Stricter than RFC 8259 where I-JSON (RFC 7493) is: no doubled keys, UTF-8 only, finite numbers. Numbers without a
fraction become integers, so that 1 and 1.0, one number in JSON, are one number here.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 32
"""Containers within containers, counted from the value handed to `canonical`."""
MAX_INTEGER = 2**63 - 1
_EXACT_FLOAT = 2**53
_read = msgspec.json.Decoder().decode
_write = msgspec.json.Encoder().encode
_write_sorted = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Unfit:
    """Stands in a parsed value where something can't be kept, so that one bad event does not hide the good ones."""

    reason: str


class UnfitError(ValueError):
    """A value that is JSON but can't be stored. The message says why and quotes nothing."""


class JsonTextError(ValueError):
    """The text is no acceptable JSON. The message says where and why and quotes nothing."""


def parse(body: bytes) -> Any:
    """What a body holds, with `Unfit` where `canonical` will object. Raises `JsonTextError` where it is no JSON."""
    try:
        value = _read(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _strictly(body)  # which says why, or finds it in one event only
    return value if _is_plain(value) and _kept_every_string(body, value) else _strictly(body)


def parse_fit(body: bytes) -> Any:
    """What a body holds, all of it fit to be kept but for its strings. Raises `JsonTextError` and `UnfitError`."""
    value = parse(body)
    _check(value, False, MAX_DEPTH)  # noqa: FBT003  as within
    return value


def _is_plain(value: Any) -> bool:
    """Whether there is no number in it that the fast reader may have read otherwise than the strict one."""
    for child in value.values() if value.__class__ is dict else value if value.__class__ is list else (value,):
        kind = child.__class__
        if kind is str:
            continue
        if kind is float or (kind is int and not -MAX_INTEGER <= child <= MAX_INTEGER):
            return False
        if (kind is dict or kind is list) and not _is_plain(child):
            return False
    return True


def _kept_every_string(body: bytes, value: Any) -> bool:
    """Whether no key was there twice: the fast reader drops the first, and so two quotes at least."""
    return _quotes(body) == _quotes(_write(value))


def _quotes(text: bytes) -> int:
    """How many quotes begin or end a string."""
    if b"\\" not in text:
        return text.count(b'"')
    return text.count(b'"') - text.replace(b"\\\\", b"").count(b'\\"')


def _strictly(body: bytes) -> Any:
    try:
        return _DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        raise JsonTextError(f"the body is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise JsonTextError(f"{error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise JsonTextError("containers are nested too deeply") from None


def may_hide_bad_characters(body: bytes) -> bool:
    """Whether escapes in the text could stand for NUL or a surrogate: only then is every string worth a look."""
    return b"\\" in body and (b"\\u0000" in body or b"\\ud" in body or b"\\uD" in body)


def canonical(value: Any, *, look_at_strings: bool) -> bytes:
    """The one text of a JSON value: keys sorted, no spaces, UTF-8. Raises `UnfitError`.

    Looks for NUL and surrogates only with `look_at_strings`: see `may_hide_bad_characters`.
    """
    _check(value, look_at_strings, MAX_DEPTH)
    return _write_sorted(value)


def _check(value: Any, look_at_strings: bool, depth: int) -> None:  # noqa: FBT001  called for every container
    kind = value.__class__
    if kind is not dict and kind is not list:
        _check_scalar(value, look_at_strings=look_at_strings)
        return
    if depth == 0:
        raise UnfitError(f"containers are nested more than {MAX_DEPTH} deep")
    if look_at_strings and kind is dict and any(map(_is_bad, value)):
        raise UnfitError(_BAD_STRING)
    for child in value.values() if kind is dict else value:
        if look_at_strings or child.__class__ in _WORTH_A_LOOK:
            _check(child, look_at_strings, depth - 1)


def _check_scalar(value: Any, *, look_at_strings: bool) -> None:
    if isinstance(value, Unfit):
        raise UnfitError(value.reason)
    if look_at_strings and isinstance(value, str) and _is_bad(value):
        raise UnfitError(_BAD_STRING)


_DOUBLED_KEY = Unfit("an object has the same key twice")
_BIG_INTEGER = Unfit("an integer does not fit 64 bits; send it as a string")
_BIG_NUMBER = Unfit("a number is too large")
_LONGEST_INTEGER = len(str(-MAX_INTEGER))
_WORTH_A_LOOK = frozenset({dict, list, Unfit})
_BAD_STRING = "a string holds NUL or half of a surrogate pair, which cannot be stored"


def _is_bad(text: str) -> bool:
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Unfit:
    unique = dict(pairs)
    return unique if len(unique) == len(pairs) else _DOUBLED_KEY


def _integer(digits: str) -> int | Unfit:
    if len(digits) > _LONGEST_INTEGER:
        return _BIG_INTEGER
    value = int(digits)
    return value if -MAX_INTEGER <= value <= MAX_INTEGER else _BIG_INTEGER


def _fraction(digits: str) -> int | float | Unfit:
    value = float(digits)
    if not math.isfinite(value):
        return _BIG_NUMBER
    return int(value) if abs(value) < _EXACT_FLOAT and value.is_integer() else value


def _constant(_: str) -> NoReturn:
    raise JsonTextError("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
