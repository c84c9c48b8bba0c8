"""The journal: where every event is accepted once, numbered per lead, and kept as it came."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from pydantic_core import PydanticSerializationError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.bell import Bell
from storage.engine import DatabaseAwayError, driver_connection
from storage.group_commit import GroupCommit
from storage.ids import uuid7
from storage.new_event import EventConflict, EventKey, NewEvent, Receipt, UnstorableEventError, unstorable
from storage.posting import Known, Verdict, judge, plan, receipts_of
from storage.posting_at_sight import may_be_simple, post_at_sight
from storage.posting_sql import RacedError, read_known, write
from storage.reading import read_all, read_mail

__all__ = [
    "EventConflict",
    "Journal",
    "NewEvent",
    "Preview",
    "Receipt",
    "UnstorableEventError",
    "read_all",
    "read_mail",
]

_TRIES = 20
_SMALL = 50
"""Calls of at most so many events may share a transaction with others."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to an event."""

    source: str
    id: str
    verdict: Verdict
    lead_id: UUID | None
    """The lead it would go to; None when it would be a new one, or for an account or a person."""


class Journal:
    """Appends events; every call is one transaction. Needs the database only."""

    def __init__(self, engine: AsyncEngine, new_id: Callable[[], UUID] = uuid7, bell: Bell | None = None) -> None:
        self._engine = engine
        self._new_id = new_id
        self._bell = bell or Bell(engine)
        self._group = GroupCommit(self._write)

    async def append(self, events: Sequence[NewEvent], recorded_at: datetime) -> list[Receipt]:
        """Store the events, in their order; a repeat is a success that changes nothing.

        Raises `EventConflict` (an id came again with other content) and `UnstorableEventError`, either of which stores
        nothing, and `DatabaseAwayError`, after which the caller cannot know and simply sends again.
        """
        if not events:
            return []
        small = len(events) <= _SMALL
        receipts = await (self._group.append if small else self._write)(events, recorded_at)
        if not all(receipt.duplicate for receipt in receipts):
            self._bell.ring()
        return receipts

    async def append_history(
        self, events: Sequence[NewEvent], recorded_at: datetime, ring_at: datetime
    ) -> list[Receipt]:
        """Store events as `append` does, but leave their leads unrung until `ring_at`: whoever imports folds them.

        Should the import die, the courier rings them then.
        """
        return await self._write(events, recorded_at, ring_at) if events else []

    async def preview(self, events: Sequence[NewEvent]) -> list[Preview]:
        """What `append` would do with each event, without storing. Raises `DatabaseAwayError`."""
        if not events:
            return []
        async with self._connection(events) as connection:
            known = await read_known(connection, events)
        previews = []
        for event, verdict in zip(events, judge(events, known.receipts), strict=True):
            entity_id = known.entities.get(event.entity_key)
            previews.append(Preview(event.source, event.id, verdict, entity_id if event.stream == "lead" else None))
        return previews

    async def close(self) -> None:
        """Wait until the courier has been told of the last batch."""
        await self._bell.close()

    async def _write(
        self, events: Sequence[NewEvent], recorded_at: datetime, ring_at: datetime | None = None
    ) -> list[Receipt]:
        async with self._connection(events) as connection:
            for _ in range(_TRIES):
                try:
                    return await self._try(connection, events, recorded_at, ring_at)
                except (RacedError, psycopg.errors.DeadlockDetected):
                    continue
        raise DatabaseAwayError(f"the same subjects were written by others {_TRIES} times in a row: send again")

    async def _try(
        self,
        connection: psycopg.AsyncConnection,
        events: Sequence[NewEvent],
        recorded_at: datetime,
        ring_at: datetime | None,
    ) -> list[Receipt]:
        if len(events) == 1 and may_be_simple(events[0]):
            number, known = await post_at_sight(connection, events[0], recorded_at, ring_at or recorded_at)
            if number is not None:
                return [_receipt(events[0], known, number)]
        else:
            known = await read_known(connection, events)
        made = plan(events, known, self._new_id)
        conflicts: list[EventKey] = [
            event.key for event, verdict in zip(events, made.verdicts, strict=True) if verdict is Verdict.CONFLICT
        ]
        if conflicts:
            raise EventConflict(conflicts)
        if made.fresh:
            await write(connection, made, recorded_at, ring_at)
        return receipts_of(events, made, known)

    @asynccontextmanager
    async def _connection(self, events: Sequence[NewEvent]) -> AsyncIterator[psycopg.AsyncConnection]:
        """A connection outside SQLAlchemy's statements, with the driver's errors turned into ours."""
        try:
            async with driver_connection(self._engine) as connection:
                yield connection
        except (psycopg.DataError, PydanticSerializationError, UnicodeEncodeError):
            # the driver's message quotes the content
            raise UnstorableEventError(unstorable(events)) from None


def _receipt(event: NewEvent, known: Known, number: int) -> Receipt:
    return Receipt(event.source, event.id, known.entities[event.entity_key], number, duplicate=False)
