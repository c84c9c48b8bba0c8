"""The playbook's revisions for those who publish and look them up."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.playbook import Playbook
from storage.engine import transaction
from storage.playbooks import PlaybookError, publish_read, read_playbook
from storage.tables import playbook_revisions, teams

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
        """Publish a YAML document as the next revision, atomically. Raises `PlaybookError` with every fault.

        Teams named must be in the roster, or their leads would wait where nobody works.
        """
        playbook = await asyncio.to_thread(read_playbook, source, now.year)
        async with transaction(self._engine) as connection:
            if faults := await _unknown_teams(connection, playbook):
                raise PlaybookError(*faults)
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


async def _unknown_teams(connection: AsyncConnection, playbook: Playbook) -> list[str]:
    """A fault for each segment whose team is not in the roster."""
    named = {segment.team for segment in playbook.segments}
    known = set(await connection.scalars(select(teams.c.team_id).where(teams.c.team_id.in_(named))))
    return [
        f"segments.{segment.name}.team: there is no team '{segment.team}' in the roster"
        for segment in playbook.segments
        if segment.team not in known
    ]


def _record(row: Any) -> RevisionRecord:
    return RevisionRecord(
        number=row.number,
        published_at=row.published_at,
        in_force_from=row.in_force_from,
        author=row.author,
        comment=row.comment,
    )
