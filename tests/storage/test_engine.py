import asyncio
import time

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import DatabaseAwayError, Patience, create_engine, driver_connection, transaction


async def test_a_session_speaks_utc_and_has_its_time_limits(database_url: str) -> None:
    engine = create_engine(database_url, patience=Patience(lock_seconds=2, statement_seconds=7))
    async with engine.connect() as connection:
        settings = [
            await connection.scalar(text(f"SHOW {name}")) for name in ("timezone", "lock_timeout", "statement_timeout")
        ]
    await engine.dispose()

    assert settings == ["UTC", "2s", "7s"]


async def test_a_statement_that_takes_too_long_is_the_database_being_away(database_url: str) -> None:
    engine = create_engine(database_url, patience=Patience(statement_seconds=0.05))

    with pytest.raises(DatabaseAwayError):
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT pg_sleep(5)"))

    await engine.dispose()


async def test_a_pool_that_is_used_up_is_the_database_being_away(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, patience=Patience(pool_seconds=0.05))

    async with transaction(engine):
        with pytest.raises(DatabaseAwayError):
            async with transaction(engine):
                pytest.fail("there is but one connection")

    await engine.dispose()


async def test_behind_a_bouncer_nothing_is_prepared(database_url: str) -> None:
    engine = create_engine(database_url, behind_bouncer=True)
    async with driver_connection(engine) as connection:
        for _ in range(10):
            await connection.execute("SELECT %s::int", (1,))
        cursor = await connection.execute("SELECT count(*) FROM pg_prepared_statements")
        prepared = await cursor.fetchone()
    await engine.dispose()

    assert prepared == (0,)


async def test_a_connection_on_which_a_pipeline_failed_is_not_used_again(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)

    async def divide_and_ask(divisor: int) -> None:
        async with driver_connection(engine) as connection, connection.pipeline():
            await connection.execute("SELECT 1 / %s::int", (divisor,))
            await connection.execute("SELECT %s::int AS later", (1,))

    for _ in range(5):  # the sixth time the driver prepares a statement
        await divide_and_ask(1)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await divide_and_ask(0)
    async with driver_connection(engine) as connection:
        cursor = await connection.execute("SELECT %s::int AS later", (1,))
        row = await cursor.fetchone()
    await engine.dispose()

    assert row == (1,)


async def test_a_connection_lent_for_pipelines_comes_back_transactional(engine: AsyncEngine) -> None:
    async with driver_connection(engine) as connection:
        assert connection.autocommit

    async with engine.connect() as pooled:
        await pooled.execute(text("CREATE TABLE scratch (n int)"))
        await pooled.rollback()
        assert await pooled.scalar(text("SELECT to_regclass('scratch')")) is None


async def test_a_caller_that_gives_up_leaves_a_pool_that_works(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)

    async def ask_too_much() -> None:
        async with driver_connection(engine) as connection:
            await connection.execute("SELECT pg_sleep(10)")

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await ask_too_much()
    async with transaction(engine) as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()

    assert time.monotonic() - began < 5


async def test_connections_that_a_restart_of_the_database_has_ended_fail_nobody(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=3)

    async def hold(seconds: float) -> tuple[int, ...] | None:
        async with driver_connection(engine) as connection:
            cursor = await connection.execute("SELECT pg_backend_pid() FROM pg_sleep(%s)", (seconds,))
            return await cursor.fetchone()

    before = await asyncio.gather(*(hold(0.2) for _ in range(3)))
    with psycopg.connect(database_url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = ANY (%s)",
            ([row[0] for row in before if row],),
        )
    after = [await hold(0) for _ in range(6)]
    await engine.dispose()

    assert not set(after) & set(before)
