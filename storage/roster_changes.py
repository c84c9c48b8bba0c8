"""Who changed what of the roster, and when. Written in the transaction of the change itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.engine import transaction
from storage.ids import uuid7
from storage.roster_kept import Entry, Kept, document
from storage.tables import roster_changes

MOST_KEPT = 200
"""Changes of each person or team, and of the absences of each person; the oldest are forgotten first."""
KEPT_FOR = timedelta(days=3 * 366)


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
    connection: AsyncConnection,
    of: tuple[str, str],
    before: Kept[Entry] | None,
    after: Kept[Entry] | None,
    by: By,
) -> None:
    """Keep a change `of` a kind and subject, and forget what is too old or too much of it."""
    kind, subject = of
    what = "added" if before is None else "removed" if after is None else "changed"
    row = {
        "change_id": uuid7(),
        "at": by.at,
        "actor": by.actor,
        "kind": kind,
        "subject": subject,
        "what": what,
        "before": document(before.entry) if before else None,
        "after": document(after.entry) if after else None,
    }
    await connection.execute(insert(roster_changes).values(row))
    of_subject = (roster_changes.c.kind == kind) & (roster_changes.c.subject == subject)
    too_many = (
        select(roster_changes.c.change_id)
        .where(of_subject)
        .order_by(roster_changes.c.change_id.desc())
        .offset(MOST_KEPT)
        .limit(1)
        .scalar_subquery()
    )
    await connection.execute(delete(roster_changes).where(of_subject, roster_changes.c.change_id <= too_many))
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
