"""Commands as they are kept: what was asked, by whom, until when it may be granted, and the answer.

The row is written by whoever is asked, weighed and answered by the lead's next step, and read for the answer. Free text
stays in it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Row, Text, Uuid, exists, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import transaction
from storage.tables import commands, leads

VALID_FOR = timedelta(seconds=10)
"""A command not weighed by then is expired, and never granted later."""


class NoSuchLeadError(Exception):
    """There is no lead to give this command to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommand:
    command_id: UUID
    lead_id: UUID
    name: str
    body: dict[str, Any]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand(NewCommand):
    """A command with its answer: `state` is pending, granted, refused or expired."""

    created_at: datetime
    expires_at: datetime
    state: str
    reason: str | None = None
    """Why it was refused."""

    def repeats(self, asked: NewCommand) -> bool:
        """Whether `asked` is the same command, sent again."""
        same = ("command_id", "lead_id", "name", "body", "actor")
        return all(getattr(self, name) == getattr(asked, name) for name in same)


class CommandStore:
    """Keeps and finds commands. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, asked: NewCommand, now: datetime) -> StoredCommand:
        """Store a command, or find what stands under its id. Raises `NoSuchLeadError`."""
        there_is_one = exists().where(leads.c.lead_id == asked.lead_id)
        row = select(
            literal(asked.command_id, Uuid), literal(asked.lead_id, Uuid), literal(asked.name, Text),
            literal(asked.body, JSONB), literal(asked.actor, Text), literal(now, DateTime(timezone=True)),
            literal(now + VALID_FOR, DateTime(timezone=True)),
        ).where(there_is_one)  # fmt: skip
        columns = ["command_id", "lead_id", "name", "body", "actor", "created_at", "expires_at"]
        statement = insert(commands).from_select(columns, row).on_conflict_do_nothing()
        async with transaction(self._engine) as connection:
            await connection.execute(statement)
            found = (await connection.execute(_by_id(asked.command_id))).one_or_none()
        if found is None:
            raise NoSuchLeadError(f"there is no lead {asked.lead_id}")
        return _stored(found)

    async def read(self, command_id: UUID) -> StoredCommand | None:
        async with transaction(self._engine) as connection:
            found = (await connection.execute(_by_id(command_id))).one_or_none()
        return None if found is None else _stored(found)


def _by_id(command_id: UUID) -> Any:
    return select(commands).where(commands.c.command_id == command_id)


def _stored(row: Row[Any]) -> StoredCommand:
    return StoredCommand(
        command_id=row.command_id,
        lead_id=row.lead_id,
        name=row.name,
        body=row.body,
        actor=row.actor,
        created_at=row.created_at,
        expires_at=row.expires_at,
        state=row.state,
        reason=(row.answer or {}).get("reason"),
    )
