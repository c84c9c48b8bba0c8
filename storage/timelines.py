"""A lead's timeline as it can be told: each line with the journal's entry it stands for, and the line it corrects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import BigInteger, Row, Select, and_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.entries import Book, Entry
from leads.revisions import Shelf
from leads.telling.words import Delivery, Names
from storage.codec import UnknownEntryError, to_entry
from storage.tables import actions, journal, timeline

OF_ENTRIES = ("fact", "command", "decision")
"""Lines that stand for an entry; all others are derived from one."""
CORRECTIONS = ("corrected", "reinstated", "amended")
"""Taken back; holds again; holds from another instant or in other words, which `of` and `data` say."""


_ACTION = (
    actions.c.state.label("action_state"),
    actions.c.error_code.label("action_code"),
    actions.c.payload["told"].is_not(None).label("action_told"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    number: int
    key: str
    at: datetime
    recorded_at: datetime
    kind: str
    data: dict[str, Any]
    delivery: Delivery | None = None
    """How the notice stands that this decision issued."""
    entry: Entry | None = None
    """Of a fact, command or decision this build knows."""
    original: "TimelineLine | None" = None
    """What a correction takes back, lets stand again or puts right."""
    stands: bool = True
    """False: a later line takes it back, or puts it right."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page, and what is needed to tell it."""

    lines: list[TimelineLine]
    has_more: bool
    names: Names
    shelf: Shelf
    revision: int | None
    segment: str | None


async def read_timeline(
    connection: AsyncConnection, lead_id: UUID, *, after: int, limit: int
) -> tuple[list[TimelineLine], bool]:
    """Lines numbered above `after` in their order, and whether there are more."""
    rows = [*await connection.execute(page_query(lead_id, after, limit + 1))]
    lines = [_line(row) for row in rows[:limit]]
    corrected = [str(line.data.get("corrects")) for line in lines if line.kind in CORRECTIONS]
    originals = {}
    if corrected:
        found = await connection.execute(keyed_query(lead_id, corrected))
        originals = {row.key: _line(row) for row in found}
    fallen = _fallen(await connection.execute(corrections_query(lead_id)))
    told = [
        replace(line, original=originals.get(str(line.data.get("corrects"))), stands=line.key not in fallen)
        for line in lines
    ]
    return told, len(rows) > limit


def _fallen(rows: Iterable[Row[Any]]) -> set[str]:
    """Keys of lines that no longer hold: a later one takes them back, or says it otherwise."""
    wordings: dict[str, list[str]] = {}
    taken_back: dict[str, bool] = {}
    for row in rows:
        key = str(row.data.get("corrects"))
        said = wordings.setdefault(key, [key])
        if row.kind == "amended":
            said.append(row.key)
        taken_back[key] = row.kind == "corrected"
    return {said for key, all_said in wordings.items() for said in all_said[: None if taken_back[key] else -1]}


def deliveries_of(lines: Iterable[TimelineLine]) -> dict[str, Delivery]:
    """How the notices on these lines stand, by their decisions' ids."""
    told = [one for line in lines for one in (line, line.original) if one is not None]
    return {one.entry.id: one.delivery for one in told if one.entry is not None and one.delivery is not None}


def entries_of(lines: Iterable[TimelineLine]) -> Iterator[Entry]:
    for line in lines:
        for told in (line, line.original):
            if told is not None and told.entry is not None:
                yield told.entry


def _with_entries() -> Select[Any]:
    """Lines beside the journal's rows they stand for; the journal's columns carry its name."""
    stands_for = and_(
        journal.c.lead_id == timeline.c.lead_id,
        timeline.c.kind.in_(OF_ENTRIES),
        journal.c.book == timeline.c.data["book"].astext,
        journal.c.number == cast(timeline.c.data["number"].astext, BigInteger),
    )
    entry = [column.label(f"journal_{column.name}") for column in journal.c]
    issued = and_(
        journal.c.book == Book.OWN.value, actions.c.lead_id == journal.c.lead_id, actions.c.key == journal.c.event_id
    )
    return select(timeline, *entry, *_ACTION).outerjoin(journal, stands_for).outerjoin(actions, issued)


def page_query(lead_id: UUID, after: int, limit: int) -> Select[Any]:
    return (
        _with_entries()
        .where(timeline.c.lead_id == lead_id, timeline.c.number > after)
        .order_by(timeline.c.number)
        .limit(limit)
    )


def keyed_query(lead_id: UUID, keys: list[str]) -> Select[Any]:
    return _with_entries().where(timeline.c.lead_id == lead_id, timeline.c.key.in_(keys))


def corrections_query(lead_id: UUID) -> Select[Any]:
    return (
        select(timeline.c.key, timeline.c.kind, timeline.c.data)
        .where(timeline.c.lead_id == lead_id, timeline.c.kind.in_(CORRECTIONS))
        .order_by(timeline.c.number)
    )


class _JournalRow:
    """The journal's half of a joined row, by the journal's own names."""

    def __init__(self, row: Row[Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"journal_{name}")


def _line(row: Row[Any]) -> TimelineLine:
    return TimelineLine(
        number=row.number,
        key=row.key,
        at=row.at,
        recorded_at=row.recorded_at,
        kind=row.kind,
        data=row.data,
        delivery=_delivery(row) if row.action_state is not None else None,
        entry=_entry(row),
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(row.action_state, row.action_code, row.action_told)


async def read_deliveries(connection: AsyncConnection, lead_id: UUID) -> dict[str, Delivery]:
    """How each notice of a lead stands, by the id of the decision that issued it."""
    rows = await connection.execute(select(actions.c.key, *_ACTION).where(actions.c.lead_id == lead_id))
    return {row.key: _delivery(row) for row in rows}


def _entry(row: Row[Any]) -> Entry | None:
    if row.journal_type is None:
        return None
    try:
        return to_entry(_JournalRow(row))
    except (UnknownEntryError, ValidationError):
        return None
