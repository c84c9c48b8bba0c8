"""Hears from the database, in the moment of the commit, when mail is read and when a notice is issued and settled.

Triggers of the measurement's own tell it; asking again and again would cost more than what is measured.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from uuid import UUID

import psycopg

from tests.measures.posting import Receipt

_CHANNEL = "measured"
_TRIGGERS = f"""
CREATE OR REPLACE FUNCTION tell_read() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('{_CHANNEL}', NEW.lead_id || ' ' || NEW.read_to); RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION tell_action() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('{_CHANNEL}', NEW.lead_id || ' ' || NEW.state); RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION tell_broken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('{_CHANNEL}', NEW.lead_id || ' broken'); RETURN NULL; END $$;
CREATE TRIGGER tell_read AFTER UPDATE OF read_to ON mailboxes FOR EACH ROW
    WHEN (NEW.read_to IS DISTINCT FROM OLD.read_to) EXECUTE FUNCTION tell_read();
CREATE TRIGGER tell_broken AFTER UPDATE ON clocks FOR EACH ROW
    WHEN (NEW.announced_at IS NOT NULL AND OLD.announced_at IS NULL) EXECUTE FUNCTION tell_broken();
CREATE TRIGGER tell_issued AFTER INSERT ON actions FOR EACH ROW EXECUTE FUNCTION tell_action();
CREATE TRIGGER tell_settled AFTER UPDATE OF state ON actions FOR EACH ROW
    WHEN (NEW.state NOT IN ('pending', 'claimed') AND OLD.state IN ('pending', 'claimed'))
    EXECUTE FUNCTION tell_action();
"""


@dataclass
class Watch:
    """What was heard so far. Instants are of `perf_counter`, in this process."""

    read_at: dict[tuple[UUID, int], float] = field(default_factory=dict)
    """Of a step that read up to this sequence."""
    broken_at: list[float] = field(default_factory=list)
    """Of the step that announced a promise as broken, for each promise."""
    issued_at: list[float] = field(default_factory=list)
    """Of the step that decided on a notice, for each notice."""
    settled_at: list[float] = field(default_factory=list)
    """Of each notice that was handed to its channel, or is no longer wanted."""
    _read_to: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    _news: defaultdict[UUID, list[tuple[int, asyncio.Future[float]]]] = field(default_factory=lambda: defaultdict(list))

    def are_settled(self, notices: int) -> bool:
        """Whether at least so many notices were issued, and all that were are settled."""
        return len(self.issued_at) == len(self.settled_at) >= notices

    async def read(self, receipt: Receipt, *, within_seconds: float = 60.0) -> float:
        """When the step was heard to commit that reads this event, or the last that read any of this lead."""
        if self._read_to[receipt.lead_id] >= receipt.sequence:
            return self.read_at[receipt.lead_id, self._read_to[receipt.lead_id]]
        coming: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._news[receipt.lead_id].append((receipt.sequence, coming))
        async with asyncio.timeout(within_seconds):
            return await coming

    def hear(self, payload: str) -> None:
        lead, what = payload.split(" ")
        if not what.isdigit():
            {"broken": self.broken_at, "pending": self.issued_at}.get(what, self.settled_at).append(perf_counter())
            return
        lead_id, read_to, now = UUID(lead), int(what), perf_counter()
        self._read_to[lead_id] = read_to
        self.read_at[lead_id, read_to] = now
        waiting = self._news.pop(lead_id, [])
        for sequence, coming in waiting:
            if sequence > read_to:
                self._news[lead_id].append((sequence, coming))
            elif not coming.done():
                coming.set_result(now)


@asynccontextmanager
async def watching(database_url: str) -> AsyncIterator[Watch]:
    watch = Watch()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(_TRIGGERS)
        await connection.execute(f"LISTEN {_CHANNEL}")

        async def listen() -> None:
            async for notice in connection.notifies():
                watch.hear(notice.payload)

        hearing = asyncio.create_task(listen())
        try:
            yield watch
        finally:
            hearing.cancel()
            with suppress(asyncio.CancelledError):
                await hearing
