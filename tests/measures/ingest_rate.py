"""How fast events come in over HTTP, as a ratio to a bare batched INSERT of the same rows on the same server.

Run it by itself on a quiet machine: `python -m tests.measures.ingest_rate [seconds]`. Each pair is measured in turns;
the ratio is the median of three.
"""

import asyncio
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from storage.engine import create_engine
from storage.keys import KeyStore, Scope
from storage.migrate import upgrade
from tests.api.builders import event
from tests.eventually import eventually_sync
from workers.http_server import listen
from workers.local_stack.binaries import find_postgres
from workers.local_stack.postgres import PostgresServer
from workers.local_stack.probe import answers_ok
from workers.local_stack.service import wait_ready

SHAPES = ((1, 1), (1, 16), (100, 1), (100, 8), (1000, 1), (1000, 4))
"""(events in a batch, clients at once)"""
TURNS = 3
_BARE = "INSERT INTO bare (source, id, type, subject, effective_at, data) VALUES (%s, %s, %s, %s, %s, %s)"
_numbers = itertools.count()


def new_batch(size: int) -> list[dict[str, Any]]:
    data = {"source": "website", "campaign": "autumn", "form": "demo", "phone": "+49 30 1234", "company": "Analytical"}
    numbers = itertools.islice(_numbers, size)
    return [event(id=f"form-{number}", subject=f"L-{number % 5000}", data=data) for number in numbers]


async def rate(clients: int, size: int, seconds: float, one: Callable[[list[Any]], Awaitable[None]]) -> float:
    """Events a second that `clients` loops of `one` get done."""
    done, stop = 0, time.perf_counter() + seconds

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < stop:
            await one(new_batch(size))
            done += size

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return done / (time.perf_counter() - started)


async def bare(url: str, size: int, clients: int, seconds: float) -> float:
    free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    connections = [await psycopg.AsyncConnection.connect(url) for _ in range(clients)]
    for connection in connections:
        free.put_nowait(connection)

    async def one(batch: list[Any]) -> None:
        names = ("source", "id", "type", "subject", "time")
        rows = [(*(made[name] for name in names), Jsonb(made["data"])) for made in batch]
        connection = await free.get()
        await connection.cursor().executemany(_BARE, rows)
        await connection.commit()
        free.put_nowait(connection)

    found = await rate(clients, size, seconds, one)
    for connection in connections:
        await connection.close()
    return found


async def over_http(port: int, secret: str, size: int, clients: int, seconds: float) -> float:
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(clients):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def one(batch: list[Any]) -> None:
        reader, writer = await free.get()
        body = json.dumps(batch).encode()
        head = (
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Type: application/cloudevents-batch+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert answer.startswith(b"http/1.1 202 "), answer
        await reader.readexactly(int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        free.put_nowait((reader, writer))

    found = await rate(clients, size, seconds, one)
    while not free.empty():
        free.get_nowait()[1].close()
    return found


async def measure(url: str, port: int, secret: str, seconds: float) -> None:
    for size, clients in SHAPES:
        ratios = []
        for _ in range(TURNS):
            plain = await bare(url, size, clients, seconds)
            served = await over_http(port, secret, size, clients, seconds)
            ratios.append(served / plain)
        print(  # noqa: T201  a report for the terminal
            f"batch {size:4}, clients {clients:2}: insert {plain:6.0f}/s, http {served:6.0f}/s, "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            flush=True,
        )


async def prepared(url: str) -> str:
    """Make the bare table and a key; returns its secret."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "CREATE TABLE bare (source text, id text, type text NOT NULL, subject text NOT NULL,"
            " effective_at timestamptz NOT NULL, data jsonb NOT NULL, PRIMARY KEY (source, id))"
        )
    engine = create_engine(url)
    _, secret = await KeyStore(engine).create("measure", [Scope.EVENTS_WRITE])
    await engine.dispose()
    return secret


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        home = Path(folder)
        server = PostgresServer(home / "pg", binaries=find_postgres(), log=home / "postgres.log", durable=True)
        server.start()
        try:
            wait_ready(server, within_seconds=60)
            server.create_database("measure")
            url = server.url("measure")
            await asyncio.to_thread(upgrade, url)
            secret = await prepared(url)
            with closing(listen("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            environment = os.environ | {"LEADLOOP_DATABASE_URL": url, "LEADLOOP_PORT": str(port)}
            api = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers.cli", "api", env=environment)
            try:
                ready = f"http://127.0.0.1:{port}/readyz"
                await asyncio.to_thread(eventually_sync, lambda: answers_ok(ready), 60)
                await measure(url, port, secret, seconds)
            finally:
                api.terminate()
                await api.wait()
        finally:
            server.stop()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0))
