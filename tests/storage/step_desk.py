"""A real database with a playbook, people and leads, on which steps are taken."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.entries import Entry
from storage.engine import create_engine
from storage.journal import Journal, NewEvent
from storage.playbooks import Shelves, default_text, publish
from storage.step_store import StepStore, Taken
from storage.tables import commands, people, team_members, teams
from tests.builders import at

WITHOUT_LAG = default_text().replace("lag: PT2M", "lag: PT0S")
ALL_WINS = WITHOUT_LAG.replace("share_of_wins: 0.25", "share_of_wins: 1.0")
"""Every win is asked about."""


class StepDesk:
    """A database with a playbook and people, and the two ends of a lead's mail."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.shelves = Shelves(engine)
        self.store = StepStore(engine, self.shelves)
        self.journal = Journal(engine)

    async def mail(self, *entries: Entry, subject: str = "lead-1") -> UUID:
        receipts = await self.journal.append([event_of(entry, subject) for entry in entries], entries[0].recorded_at)
        assert receipts[0].lead_id is not None
        return receipts[0].lead_id

    async def step(self, lead_id: UUID, now: datetime, command_id: UUID | None = None) -> Taken:
        return await self.store.take_step(lead_id, now, command_id)

    async def told(self, *entries: Entry, subject: str = "lead-1") -> UUID:
        """Mail, each read as it comes in."""
        for entry in entries:
            lead_id = await self.mail(entry, subject=subject)
            await self.step(lead_id, entry.recorded_at)
        return lead_id

    async def sleep_until(self, lead_id: UUID, end: datetime, now: datetime) -> None:
        """Wake at every instant the lead asks for."""
        taken = await self.step(lead_id, now)
        while taken.wake_at is not None and taken.wake_at <= end:
            taken = await self.step(lead_id, taken.wake_at)

    async def give(self, lead_id: UUID, now: datetime, actor: str, **body: Any) -> dict[str, Any]:
        """The answer to a command."""
        row = {"command_id": uuid4(), "lead_id": lead_id, "name": body["command"], "body": body, "actor": actor}
        row |= {"created_at": now, "expires_at": now + timedelta(minutes=20)}
        async with self.engine.begin() as connection:
            await connection.execute(insert(commands).values(row))
        await self.step(lead_id, now, row["command_id"])
        async with self.engine.connect() as connection:
            asked = select(commands.c.answer).where(commands.c.command_id == row["command_id"])
            answer: dict[str, Any] = await connection.scalar(asked) or {}
        return answer

    async def everything_is_sent(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text("UPDATE actions SET state = 'done'"))

    async def rows(self, table: Any, lead_id: UUID) -> list[Any]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(select(table).where(table.c.lead_id == lead_id)))


@asynccontextmanager
async def opened_desk(database_url: str, playbook: str = WITHOUT_LAG) -> AsyncIterator[StepDesk]:
    engine = create_engine(database_url, pool_size=8)
    async with engine.begin() as connection:
        await _furnish(connection, playbook)
    desk = StepDesk(engine)
    try:
        yield desk
    finally:
        await desk.journal.close()
        await engine.dispose()


async def _furnish(connection: AsyncConnection, playbook: str) -> None:
    """Ana, Ben and Cleo sell, Carl closes; Mira is the manager of all."""
    await publish(connection, playbook, author="test", comment="first", now=at(days=-30))
    staff = {"sales": ["ana", "ben", "cleo"], "closers": ["carl"]}
    await connection.execute(insert(people).values(person_id="mira", name="mira", email="mira@example.com"))
    for team, members in staff.items():
        await connection.execute(insert(teams).values(team_id=team, name=team.capitalize()))
        for position, person in enumerate(members):
            row = {"person_id": person, "name": person, "email": f"{person}@example.com", "manager": "mira"}
            await connection.execute(insert(people).values(row))
            member = {"team_id": team, "person_id": person, "position": position}
            await connection.execute(insert(team_members).values(member))


def event_of(entry: Entry, subject: str) -> NewEvent:
    data = entry.data.model_dump(mode="json", exclude_none=True)
    digest = hashlib.sha256(json.dumps([entry.type, data], sort_keys=True).encode()).digest()
    return NewEvent(
        source=entry.source,
        id=entry.id,
        type=entry.type,
        stream="lead",
        system="default",
        subject=subject,
        effective_at=entry.effective_at,
        data=data,
        digest=digest,
        actor=None,
        backfill=entry.backfill,
    )
