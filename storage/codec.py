"""Rows of the journal ⇄ entries of the core."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from pydantic import BaseModel

from leads.commands import COMMANDS
from leads.decisions import DECISIONS
from leads.entries import Book, Entry, Kind
from leads.posted import FACT_DATA

if TYPE_CHECKING:
    from sqlalchemy import Row

MODELS: dict[Kind, Mapping[str, type[BaseModel]]] = {
    Kind.FACT: FACT_DATA,
    Kind.COMMAND: COMMANDS,
    Kind.DECISION: DECISIONS,
}


class UnknownEntryError(Exception):
    """The journal holds a type this build does not know: it was written by a newer one."""


def to_entry(row: "Row[Any] | Any") -> Entry:
    """An entry from a row of `journal` (by attribute). Raises `UnknownEntryError`, pydantic's ValidationError."""
    kind = Kind(row.kind)
    model = MODELS[kind].get(row.type)
    if model is None:
        raise UnknownEntryError(f"the journal holds the {kind.name.lower()} {row.type}, which this build does not know")
    return Entry(
        kind=kind,
        type=row.type,
        effective_at=row.effective_at,
        source=row.source,
        id=row.event_id,
        data=model.model_validate(row.data),
        recorded_at=row.recorded_at,
        book=Book(row.book),
        number=row.number,
        actor=row.actor,
        backfill=row.backfill,
    )


class _Written(msgspec.Struct):
    """A row of `journal` as PostgreSQL writes it in JSON."""

    book: str
    number: int
    kind: int
    type: str
    effective_at: datetime
    source: str
    event_id: str
    data: dict[str, Any]
    recorded_at: datetime
    actor: str | None
    backfill: bool


_ROWS = msgspec.json.Decoder(list[_Written])


def to_entries(rows: str) -> list[Entry]:
    """Entries from rows of `journal` as one JSON array. Raises as `to_entry`."""
    return [to_entry(row) for row in _ROWS.decode(rows)]


def to_row(lead_id: UUID, entry: Entry) -> dict[str, Any]:
    """The columns of `journal` for an entry."""
    return {
        "lead_id": lead_id,
        "book": entry.book.value,
        "number": entry.number,
        "kind": int(entry.kind),
        "type": entry.type,
        "effective_at": entry.effective_at,
        "source": entry.source,
        "event_id": entry.id,
        "data": entry.data.model_dump(mode="json", by_alias=True),
        "recorded_at": entry.recorded_at,
        "actor": entry.actor,
        "backfill": entry.backfill,
    }
