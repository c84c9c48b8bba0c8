"""What `/readyz` asks: the database and its migrations, and whether Temporal answers."""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import migrate

_SECONDS = 2.0
_VERSION = text("SELECT version_num FROM alembic_version")


class ApiHealth:
    """`temporal_address` is host:port. Needs no more of Temporal than an open port: events are taken without it."""

    def __init__(self, engine: AsyncEngine, temporal_address: str) -> None:
        self._engine = engine
        self._host, _, self._port = temporal_address.rpartition(":")
        self._head = migrate.head()

    async def database(self) -> str:
        """`ok`, `unreachable` or `migrations_behind`."""
        try:
            async with asyncio.timeout(_SECONDS), self._engine.connect() as connection:
                found = (await connection.execute(_VERSION)).scalars().all()
        except ProgrammingError:
            # no such table: nothing was ever migrated here
            return "migrations_behind"
        except (SQLAlchemyError, OSError):
            return "unreachable"
        return "ok" if found == [self._head] else "migrations_behind"

    async def temporal(self) -> str:
        """`ok` or `away`."""
        try:
            async with asyncio.timeout(_SECONDS):
                _, writer = await asyncio.open_connection(self._host.strip("[]"), int(self._port))
        except OSError:
            return "away"
        writer.close()
        return "ok"
