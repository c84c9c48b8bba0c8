"""Builders of events on their way into the journal, and a look at what is stored."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.events import stream_of
from storage.journal import NewEvent
from storage.tables import metadata

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CAPTURED = {"source": "website", "email": "ana@example.com"}


def new_event(
    id: str,  # noqa: A002 the field's name
    *,
    subject: str = "lead-1",
    type: str = "lead.captured",  # noqa: A002 the field's name
    data: dict[str, Any] | None = None,
    at: datetime = NOON,
    source: str = "crm",
    system: str = "default",
    actor: str | None = None,
    backfill: bool = False,
) -> NewEvent:
    content = CAPTURED if data is None else data
    return NewEvent(
        source=source,
        id=id,
        type=type,
        stream=stream_of(type),
        system=system,
        subject=subject,
        effective_at=at,
        data=content,
        digest=hashlib.sha256(json.dumps([type, subject, at.isoformat(), content]).encode()).digest(),
        actor=actor,
        backfill=backfill,
    )


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0
