"""A process may start before its database is up."""

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import DatabaseAwayError, transaction

_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 15.0

log = structlog.get_logger()


async def wait_for_database(engine: AsyncEngine) -> None:
    """Return once the database answers; one log line for each try until then."""
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            async with transaction(engine) as connection:
                await connection.execute(text("SELECT 1"))
        except DatabaseAwayError:
            log.warning("database_away", address=f"{engine.url.host or 'socket'}", retry_in_seconds=wait)
        else:
            return
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
