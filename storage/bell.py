"""Tells the courier that there is mail: NOTIFY after the commit, merged, and never in the way of ingest."""

import asyncio
import logging

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import driver_connection

CHANNEL = "leadloop_mail"
# two statements in one message are one transaction and one round trip; a ring lost in a crash is healed by the sweep,
# so nobody waits for the disk
_RING = f"SET LOCAL synchronous_commit = off; NOTIFY {CHANNEL}".encode()
_log = logging.getLogger(__name__)


class Bell:
    """One NOTIFY stands for all mail committed since the last; a lost one is healed by the courier's sweep.

    Inside ingest's transaction it would serialise all commits on the server's queue lock.
    """

    def __init__(self, engine: AsyncEngine, *, merge_seconds: float = 0.02) -> None:
        self._engine = engine
        self._merge_seconds = merge_seconds
        self._asked = False
        self._ringer: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Ask for a ring; returns at once."""
        self._asked = True
        if self._ringer is None or self._ringer.done():
            self._ringer = asyncio.create_task(self._ring(), name="bell")

    async def close(self) -> None:
        """Wait for the last ring to be sent."""
        if self._ringer is not None:
            await self._ringer

    async def _ring(self) -> None:
        while self._asked:
            self._asked = False
            try:
                async with driver_connection(self._engine) as connection:
                    await connection.execute(_RING, prepare=False)
            except (SQLAlchemyError, psycopg.Error, OSError):
                _log.warning("could not ring the bell; the sweep will")
            await asyncio.sleep(self._merge_seconds)
