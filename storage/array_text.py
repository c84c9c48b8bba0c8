"""PostgreSQL array literals; several times faster for a thousand strings than the driver's own lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

_write = msgspec.json.Encoder().encode


def array(values: Sequence[str]) -> str:
    """An array of words, numbers or instants, each already in PostgreSQL's text form."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return '{"' + joined + '"}'


def plain_array(values: Sequence[int] | Sequence[UUID] | Sequence[datetime]) -> str:
    """The same of values whose JSON is also PostgreSQL's text form."""
    return "{" + _write(values)[1:-1].decode() + "}"


def sparse_array(values: Sequence[str | None]) -> str:
    """The same with NULLs."""
    if None not in values:
        return array(cast("Sequence[str]", values))
    return "{" + ",".join(["NULL" if value is None else array([value])[1:-1] for value in values]) + "}"
