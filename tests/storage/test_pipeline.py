"""Statements that travel together are one transaction, whatever happens on the way."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import DatabaseAwayError, Patience, create_engine, transaction
from storage.pipeline import pipelined

LEAD = UUID(int=7)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def backend_of(engine: AsyncEngine) -> Any:
    async with pipelined(engine) as pipeline:
        asked = pipeline.send("SELECT pg_backend_pid() AS pid")
    return asked.first.pid


@pytest.mark.parametrize(
    ("cast", "value"),
    [
        ("uuid", LEAD),
        ("timestamptz", NOON),
        ("text", "it's 100 %, \\ and “ö”"),
        ("bigint", 2**40),
        ("integer", None),
        ("boolean", True),
        ("double precision", 0.1),
        ("text[]", ["a", 'b"c', "d,e"]),
        ("bytea", b"\x00\xff"),
    ],
)
async def test_values_come_back_as_they_went(database_url: str, cast: str, value: Any) -> None:
    engine = create_engine(database_url, for_pipelines=True)
    for _ in range(2):  # the second time it is prepared
        async with pipelined(engine) as pipeline:
            answer = pipeline.send(f"SELECT %(value)s::{cast} AS value, 7 %% 4 AS rest", value=value)
        assert (answer.first.value, answer.first.rest) == (value, 3)
    await engine.dispose()


async def test_statements_are_prepared_once_and_stay_whatever_else_uses_the_connection(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, for_pipelines=True)
    for number in range(3):
        async with pipelined(engine) as pipeline:
            asked = pipeline.send("SELECT %(n)s::int AS n", n=number)
            prepared = pipeline.send(
                "SELECT count(*) FILTER (WHERE statement ~ 'AS n$') AS n FROM pg_prepared_statements"
            )
        assert (asked.first.n, prepared.first.n) == (number, 1)
        async with engine.connect() as other:  # rolled back as it is given back
            for _ in range(10):
                await other.execute(text("SELECT 1"))
    await engine.dispose()


async def test_json_comes_back_as_values(engine: AsyncEngine) -> None:
    async with pipelined(engine) as pipeline:
        answer = pipeline.send("SELECT %(value)s::jsonb AS value", value=Jsonb({"a": [1, None]}))
    assert answer.first.value == {"a": [1, None]}


async def test_answers_are_known_after_a_flush_each_with_its_own_rows(engine: AsyncEngine) -> None:
    async with pipelined(engine) as pipeline:
        many = pipeline.send("SELECT n FROM generate_series(1, 3) AS n")
        none = pipeline.send("SELECT 1 AS n WHERE false")
        await pipeline.flush()
        later = pipeline.send("SELECT %(n)s::int AS n", n=9)
    assert [row.n for row in many.rows] == [1, 2, 3]
    assert none.first is None
    assert later.first.n == 9


async def test_what_was_sent_is_committed_together(engine: AsyncEngine) -> None:
    async with pipelined(engine) as pipeline:
        pipeline.send("CREATE TABLE scratch (n int)")
        pipeline.send("INSERT INTO scratch VALUES (1)")
        await pipeline.flush()
        async with transaction(engine) as other:
            assert await other.scalar(text("SELECT to_regclass('scratch')")) is None
    async with transaction(engine) as other:
        assert await other.scalar(text("SELECT n FROM scratch")) == 1


async def test_an_error_of_the_caller_undoes_all_and_keeps_the_connection(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, for_pipelines=True)
    before = await backend_of(engine)

    async def change_ones_mind() -> None:
        async with pipelined(engine) as pipeline:
            pipeline.send("CREATE TABLE scratch (n int)")
            await pipeline.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await change_ones_mind()
    async with transaction(engine) as other:
        assert await other.scalar(text("SELECT to_regclass('scratch')")) is None
    assert await backend_of(engine) == before
    await engine.dispose()


async def test_after_an_error_of_a_statement_nothing_is_carried_out_and_the_connection_is_closed(
    database_url: str,
) -> None:
    engine = create_engine(database_url, pool_size=1, for_pipelines=True)
    before = await backend_of(engine)

    async def divide() -> None:
        async with pipelined(engine) as pipeline:
            pipeline.send("CREATE TABLE scratch (n int)")
            pipeline.send("SELECT 1 / %(zero)s::int", zero=0)
            pipeline.send("SELECT 1 AS n")

    with pytest.raises(psycopg.errors.DivisionByZero):
        await divide()
    async with transaction(engine) as other:
        assert await other.scalar(text("SELECT to_regclass('scratch')")) is None
    assert await backend_of(engine) != before
    await engine.dispose()


async def test_more_than_the_socket_holds_goes_both_ways(engine: AsyncEngine) -> None:
    long = "x" * 4_000_000
    async with pipelined(engine) as pipeline:
        answers = [pipeline.send("SELECT %(long)s::text AS long", long=long) for _ in range(5)]
    assert all(answer.first.long == long for answer in answers)


async def test_behind_a_bouncer_nothing_is_prepared(database_url: str) -> None:
    engine = create_engine(database_url, behind_bouncer=True, for_pipelines=True)
    for number in range(3):
        async with pipelined(engine) as pipeline:
            asked = pipeline.send("SELECT %(n)s::int AS n", n=number)
            prepared = pipeline.send("SELECT count(*) AS n FROM pg_prepared_statements")
        assert (asked.first.n, prepared.first.n) == (number, 0)
    await engine.dispose()


async def test_a_server_that_goes_away_meanwhile_is_away(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, for_pipelines=True)

    async def be_ended() -> None:
        async with pipelined(engine) as pipeline:
            asked = pipeline.send("SELECT pg_backend_pid() AS pid")
            await pipeline.flush()
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (asked.first.pid,))

    before = await backend_of(engine)
    with pytest.raises(DatabaseAwayError):
        await be_ended()
    assert await backend_of(engine) != before
    await engine.dispose()


async def test_a_lock_that_does_not_come_free_is_an_outage(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=2, for_pipelines=True, patience=Patience(lock_seconds=0.1))
    async with pipelined(engine) as holder:
        holder.send("SELECT pg_advisory_xact_lock(7)")
        await holder.flush()
        with pytest.raises(DatabaseAwayError):
            async with pipelined(engine) as waiter:
                waiter.send("SELECT pg_advisory_xact_lock(7)")
    await engine.dispose()


async def test_a_caller_that_gives_up_leaves_a_pool_that_works(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, for_pipelines=True)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), pipelined(engine) as pipeline:
            pipeline.send("SELECT pg_sleep(10)")
    await backend_of(engine)
    await engine.dispose()
    assert time.monotonic() - began < 5
