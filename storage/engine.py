"""The way to the database: one async engine per process, bounded in size and in patience."""

import asyncio
import select
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_DIALECT = "postgresql+psycopg"


class DatabaseAwayError(ConnectionError):
    """The database does not answer, or not in time. Nothing is known of a commit under way: try again."""


class DatabaseUrlError(ValueError):
    """The database URL is none of PostgreSQL. The message never quotes it, since it may hold a password."""


def dialect_url(database_url: str) -> URL:
    """`postgresql://…` (or `postgres://…`) as a URL for psycopg; `?host=/folder` names a unix socket."""
    try:
        url = make_url(database_url)
    except Exception:  # noqa: BLE001 the parser's own message quotes the URL, password and all
        raise DatabaseUrlError("the database URL cannot be read: write postgresql://user@host:port/name") from None
    if url.drivername not in {"postgresql", "postgres", _DIALECT}:
        raise DatabaseUrlError("the database must be PostgreSQL: write postgresql://user@host:port/name")
    return url.set(drivername=_DIALECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the database may take, from the shortest wait to the longest."""

    connect_seconds: int = 5
    lock_seconds: float = 5.0
    statement_seconds: float = 15.0
    pool_seconds: float = 5.0
    """For a free connection of the pool."""


PREPARED = "leadloop_prepared"
"""In a connection's `info`: the names of statements that a pipeline has prepared on it."""


def connect_arguments(*, patience: Patience, behind_bouncer: bool) -> dict[str, Any]:
    """Arguments of every psycopg connection: time-outs, keepalives and a session in UTC.

    A bouncer in transaction mode refuses or forgets session settings: behind one, set the last four on the role.
    """
    arguments: dict[str, Any] = {
        "connect_timeout": patience.connect_seconds,
        "application_name": "leadloop",
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        # a host that went away without a word: unacknowledged data is given up after this
        "tcp_user_timeout": 30_000,
    }
    if behind_bouncer:
        # prepared statements belong to a server session, which a bouncer changes under us
        arguments["prepare_threshold"] = None
    else:
        settings = {
            "timezone": "UTC",
            "statement_timeout": round(patience.statement_seconds * 1000),
            "lock_timeout": round(patience.lock_seconds * 1000),
            "idle_in_transaction_session_timeout": 60_000,
        }
        arguments["options"] = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return arguments


def create_engine(
    database_url: str,
    *,
    pool_size: int = 10,
    patience: Patience | None = None,
    behind_bouncer: bool = False,
    for_pipelines: bool = False,
) -> AsyncEngine:
    """An engine with at most `pool_size` connections; opens none until it is used. Raises `DatabaseUrlError`.

    `for_pipelines`: `storage.pipeline` prepares its statements, and the driver none: with each rollback it would forget
    its own, and have the server forget all.
    """
    patience = patience or Patience()
    arguments = connect_arguments(patience=patience, behind_bouncer=behind_bouncer)
    if for_pipelines:
        arguments["prepare_threshold"] = None
    engine = create_async_engine(
        dialect_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=patience.pool_seconds,
        pool_recycle=1800,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args=arguments,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_dead)
    if for_pipelines and not behind_bouncer:
        event.listen(engine.sync_engine, "connect", _remember_prepared)
    return engine


def _refuse_dead(pooled: Any, _record: object, _proxy: object) -> None:
    """After a restart of the database make new connections, instead of failing once for each that is left of the old.

    Costs no round trip: a server says nothing on an idle connection but that it ends.
    """
    pgconn = pooled.driver_connection.pgconn
    if pgconn.status != psycopg.pq.ConnStatus.OK or _has_word(pgconn.socket):
        raise InvalidatePoolError


def _remember_prepared(_connection: object, record: Any) -> None:
    record.info[PREPARED] = {}


def _has_word(socket: int) -> bool:
    look = select.poll()
    look.register(socket, select.POLLIN)
    return bool(look.poll(0))


_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError, PoolTimeoutError)
"""What the driver calls operational: no server, no free connection, a time-out."""


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction, committed at the end. Raises `DatabaseAwayError`."""
    with away_said():
        async with engine.begin() as connection:
            yield connection


@asynccontextmanager
async def driver_connection(engine: AsyncEngine) -> AsyncIterator[psycopg.AsyncConnection]:
    """A pooled psycopg connection in autocommit, for the few places where speed asks for pipelines.

    After an error of the driver it is closed rather than reused. Raises `DatabaseAwayError`.
    """
    with away_said():
        async with engine.connect() as pooled:
            await pooled.execution_options(isolation_level="AUTOCOMMIT")
            raw = await psycopg_of(pooled)
            try:
                yield raw
            except (psycopg.Error, asyncio.CancelledError):
                # what failed in a pipeline leaves the driver believing in statements the server never prepared
                await pooled.invalidate()
                raise


async def psycopg_of(pooled: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The driver's connection beneath one of the pool. Raises `TypeError` where the driver is another."""
    raw = (await pooled.get_raw_connection()).driver_connection
    if not isinstance(raw, psycopg.AsyncConnection):
        raise TypeError("the engine must run on psycopg")
    return raw


@contextmanager
def away_said() -> Iterator[None]:
    """Turns what the driver says of an outage into `DatabaseAwayError`."""
    try:
        yield
    except _AWAY as error:
        raise DatabaseAwayError(f"the database is away or busy ({type(error).__name__}): try again") from None
