"""Who changed what of the roster, and when. Written in the transaction of the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.engine import transaction
from storage.ids import uuid7
from storage.roster_kept import Entry, Kept, document
from storage.tables import roster_changes

MOST_KEPT = 200
"""Changes of each person or team, and of the absences of each person; the oldest are forgotten first."""
KEPT_FOR = timedelta(days=3 * 366)
_FORGET = text("""
DELETE FROM roster_changes USING (
    SELECT change_id, row_number() OVER (PARTITION BY subject ORDER BY change_id DESC) AS place
    FROM roster_changes WHERE kind = :kind AND subject = ANY (CAST(:subjects AS text[]))
) AS counted
WHERE roster_changes.change_id = counted.change_id AND counted.place > :most
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChange:
    """One change; `before` and `after` are the whole entries, None where there was or is none."""

    change_id: UUID
    at: datetime
    actor: str
    kind: str
    """person, team or absence."""
    subject: str
    what: str
    """added, changed or removed."""
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def fields(self) -> list[str]:
        """The fields that differ."""
        before, after = self.before or {}, self.after or {}
        return [name for name in before | after if before.get(name) != after.get(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who changes something, and when."""

    actor: str
    at: datetime


async def record(
    connection: AsyncConnection, kind: str, edits: Sequence[tuple[str, Kept[Entry] | None, Kept[Entry] | None]], by: By
) -> None:
    """Keep changes of one kind: subject, before, after. Forget what is too old, or too much of a subject."""
    rows = [
        {
            "change_id": uuid7(),
            "at": by.at,
            "actor": by.actor,
            "kind": kind,
            "subject": subject,
            "what": "added" if before is None else "removed" if after is None else "changed",
            "before": document(before.entry) if before else None,
            "after": document(after.entry) if after else None,
        }
        for subject, before, after in edits
    ]
    if not rows:
        return
    await connection.execute(insert(roster_changes), rows)
    subjects = [subject for subject, _, _ in edits]
    await connection.execute(_FORGET, {"kind": kind, "subjects": subjects, "most": MOST_KEPT})
    # ids rise with time: the first of that long ago bounds what is older
    long_ago = UUID(int=max(int((by.at - KEPT_FOR).timestamp() * 1000), 0) << 80)
    await connection.execute(delete(roster_changes).where(roster_changes.c.change_id < long_ago))


class Changes:
    """Reads them. Raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(
        self, *, kind: str | None = None, subject: str | None = None, before: UUID | None = None, limit: int = 50
    ) -> list[RosterChange]:
        """The newest first, older than `before`."""
        query = select(roster_changes).order_by(roster_changes.c.change_id.desc()).limit(limit)
        if kind is not None:
            query = query.where(roster_changes.c.kind == kind)
        if subject is not None:
            query = query.where(roster_changes.c.subject == subject)
        if before is not None:
            query = query.where(roster_changes.c.change_id < before)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).mappings()
            return [RosterChange(**row) for row in rows]
