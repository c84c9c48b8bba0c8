"""The API on a real PostgreSQL, and as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from storage.engine import create_engine
from storage.keys import KeyStore, Scope
from tests.api.builders import BATCH, batch, event, numbered
from tests.eventually import eventually_sync
from workers.api_process import api_app
from workers.http_server import listen
from workers.local_stack.probe import answers_ok
from workers.settings import Settings


async def new_key(database_url: str, *scopes: Scope) -> str:
    engine = create_engine(database_url)
    try:
        _, secret = await KeyStore(engine).create("web", scopes or [Scope.EVENTS_WRITE])
    finally:
        await engine.dispose()
    return secret


@asynccontextmanager
async def client_of(
    database_url: str, secret: str = "", temporal: str = "127.0.0.1:1", **more: Any
) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(temporal_address=temporal, **more)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    async with (
        api_app(settings, database_url, CollectorRegistry()) as app,
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://leadloop", headers=headers
        ) as client,
    ):
        yield client


async def test_events_are_stored_once_and_counted_per_lead(database_url: str) -> None:
    async with client_of(database_url, await new_key(database_url)) as client:
        first = await client.post("/v1/events", content=batch(*numbered(100)), headers=BATCH)
        again = await client.post("/v1/events", content=batch(*numbered(101)), headers=BATCH)
        checked = await client.post(
            "/v1/events/validate", content=batch(event(id="form-1", subject="L-1")), headers=BATCH
        )
        conflict = await client.post("/v1/events", content=batch(event(id="form-1", subject="L-2")), headers=BATCH)
    assert (first.status_code, first.json()["accepted"]) == (202, 100)
    assert (again.status_code, again.json()["accepted"], again.json()["duplicates"]) == (202, 1, 100)
    # 101 events about 10 leads: the last is the eleventh of lead 0
    assert (again.json()["events"][-1]["sequence"], again.json()["events"][-1]["duplicate"]) == (11, False)
    assert again.json()["events"][0]["lead_id"] == first.json()["events"][0]["lead_id"]
    assert (checked.json()["events"][0]["outcome"], conflict.status_code) == ("duplicate", 409)
    assert checked.json()["events"][0]["lead_id"] == first.json()["events"][1]["lead_id"]


@pytest.mark.parametrize(
    ("tolerance_seconds", "ahead_seconds", "status"),
    [(300, 280, 202), (300, 320, 400), (10, 30, 400), (3600, 3500, 202), (0, 20, 400)],
)
async def test_the_setting_says_how_far_ahead_an_events_time_may_lie(
    database_url: str, tolerance_seconds: int, ahead_seconds: int, status: int
) -> None:
    ahead = event(time=(datetime.now(UTC) + timedelta(seconds=ahead_seconds)).isoformat())
    secret = await new_key(database_url)
    async with client_of(database_url, secret, future_tolerance_seconds=tolerance_seconds) as client:
        answer = await client.post("/v1/events", content=batch(ahead), headers=BATCH)
    assert answer.status_code == status
    problems = answer.json().get("events", []) if status != 202 else []
    assert [problem["code"] for problem in problems] == ["time_in_future"] * (status == 400)


async def test_what_the_database_cannot_hold_never_reaches_it(database_url: str) -> None:
    odd = event(id="2", data={"source": "web", "name": "a\u0000b"})
    async with client_of(database_url, await new_key(database_url)) as client:
        answer = await client.post("/v1/events?partial=true", content=batch(event(id="1"), odd), headers=BATCH)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert [(problem["index"], problem["code"]) for problem in answer.json()["rejected"]] == [(1, "unfit_value")]


async def test_the_longest_attributes_fit_the_database(database_url: str) -> None:
    longest = event(id="🙂" * 300, source="/" + "s" * 299, subject="🙂" * 500, leadsystem="🙂" * 100)
    async with client_of(database_url, await new_key(database_url)) as client:
        answer = await client.post("/v1/events", content=batch(longest), headers=BATCH)
    assert answer.status_code == 202


async def test_ready_with_a_current_database_though_temporal_is_away(database_url: str) -> None:
    async with client_of(database_url) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": "ok", "temporal": "away"})


async def test_not_ready_before_migrations(empty_database_url: str) -> None:
    async with client_of(empty_database_url) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "migrations_behind")


async def test_not_ready_on_a_migration_of_another_version(database_url: str) -> None:
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    await engine.dispose()
    async with client_of(database_url) as client:
        assert (await client.get("/readyz")).json()["database"] == "migrations_behind"


async def test_without_a_database_events_are_503_and_the_process_lives() -> None:
    async with client_of("postgresql://nobody@127.0.0.1:1/none", "leadloop_0_unknown") as client:
        sent = await client.post("/v1/events", content=batch(event()), headers=BATCH)
        ready, alive = await client.get("/readyz"), await client.get("/healthz")
    assert (sent.status_code, sent.headers["retry-after"]) == (503, "5")
    assert (ready.status_code, ready.json()["database"], alive.status_code) == (503, "unreachable", 200)


async def started(port: int, database_url: str) -> asyncio.subprocess.Process:
    environment = os.environ | {"LEADLOOP_DATABASE_URL": database_url, "LEADLOOP_PORT": str(port)}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.cli", "api"), env=environment, stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_serves_and_stops_in_order(database_url: str, number: signal.Signals) -> None:
    with closing(listen("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await started(port, database_url)

    try:
        await asyncio.to_thread(eventually_sync, lambda: answers_ok(f"http://127.0.0.1:{port}/readyz"), 30)
        process.send_signal(number)
        _, log = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0
    assert b"api_stopped" in log
    assert b"Traceback" not in log


async def test_a_port_in_use_ends_the_process_with_one_line_and_code_2(database_url: str) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        process = await started(taken.getsockname()[1], database_url)
        _, log = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert log.count(b"\n") == 1
    assert b"set LEADLOOP_PORT" in log
