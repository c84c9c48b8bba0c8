"""The playbook's revisions for those who publish and look them up."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import transaction
from storage.playbooks import publish_read, read_playbook
from storage.tables import playbook_revisions

_RECORD = tuple(playbook_revisions.c[name] for name in ("number", "published_at", "in_force_from", "author", "comment"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRecord:
    """A revision without what it says."""

    number: int
    published_at: datetime
    in_force_from: datetime
    author: str
    comment: str


class PlaybookStore:
    """Publishes and finds revisions. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def publish(self, source: str, *, author: str, comment: str, now: datetime) -> RevisionRecord:
        """Publish a YAML document as the next revision, atomically. Raises `PlaybookError` with every fault."""
        playbook = await asyncio.to_thread(read_playbook, source, now.year)
        async with transaction(self._engine) as connection:
            number = await publish_read(connection, playbook, source, author=author, comment=comment, now=now)
            made = (await connection.execute(select(*_RECORD).where(playbook_revisions.c.number == number))).one()
        return _record(made)

    async def revisions(self, *, before: int | None, limit: int) -> list[RevisionRecord]:
        """The newest first, numbered under `before`."""
        query = select(*_RECORD).order_by(playbook_revisions.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(playbook_revisions.c.number < before)
        async with transaction(self._engine) as connection:
            return [_record(row) for row in await connection.execute(query)]

    async def revision(self, number: int) -> tuple[RevisionRecord, str] | None:
        """A revision with its document as the admin wrote it."""
        query = select(*_RECORD, playbook_revisions.c.source_text).where(playbook_revisions.c.number == number)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else (_record(row), row.source_text)


def _record(row: Any) -> RevisionRecord:
    return RevisionRecord(
        number=row.number,
        published_at=row.published_at,
        in_force_from=row.in_force_from,
        author=row.author,
        comment=row.comment,
    )
