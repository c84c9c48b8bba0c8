"""Clients that write events: over HTTP as a service would, and straight into a table, which is the bare thing."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.api.builders import event
from tests.measures.posting import Posting
from tests.measures.stack import Api

Batch = list[dict[str, Any]]
Send = Callable[[Batch], Awaitable[object]]
LEADS = 5000
"""Alive at once; each has ten events, then another takes its place."""
BARE_TABLE = """
CREATE TABLE bare (
    source text, id text, type text NOT NULL, subject text NOT NULL, effective_at timestamptz NOT NULL,
    data jsonb NOT NULL, PRIMARY KEY (source, id)
)
"""
_INSERT = "INSERT INTO bare (source, id, type, subject, effective_at, data) VALUES (%s, %s, %s, %s, %s, %s)"
_numbers = itertools.count()


def new_batch(size: int) -> Batch:
    """Events never sent before. After the first `LEADS`, one in ten is of a new lead."""
    return [_event(number) for number in itertools.islice(_numbers, size)]


def _event(number: int) -> dict[str, Any]:
    data = {"source": "website", "campaign": "autumn", "form": "demo", "phone": "+49 30 1234", "company": "Analytical"}
    round_, place = divmod(number, LEADS)
    return event(id=f"form-{number}", subject=f"L-{place}-{(round_ + place) // 10}", data=data)


@asynccontextmanager
async def inserting(url: str, clients: int) -> AsyncIterator[Send]:
    """Each batch is one `executemany` and one commit on one of `clients` connections, as a service would write it."""
    free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        for _ in range(clients):
            free.put_nowait(await stack.enter_async_context(await psycopg.AsyncConnection.connect(url)))

        async def send(batch: Batch) -> None:
            names = ("source", "id", "type", "subject", "time")
            rows = [(*(made[name] for name in names), Jsonb(made["data"])) for made in batch]
            connection = await free.get()
            await connection.cursor().executemany(_INSERT, rows)
            await connection.commit()
            free.put_nowait(connection)

        yield send


@asynccontextmanager
async def posting(api: Api) -> AsyncIterator[Send]:
    """Each batch is one request whose answer is read; one connection for as many as are under way at once."""
    sender = Posting(api)
    try:
        yield sender.post
    finally:
        sender.close()


async def rate(send: Send, size: int, clients: int, seconds: float) -> float:
    """Events a second that `clients` loops get through in batches of `size`."""
    began, done = perf_counter(), 0

    async def loop() -> None:
        nonlocal done
        while perf_counter() < began + seconds:
            await send(new_batch(size))
            done += size

    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(loop())
    return done / (perf_counter() - began)


async def latencies(send: Send, events_a_second: float, seconds: float) -> list[float]:
    """Milliseconds from the instant each single event was due to be sent until its answer, the shortest first.

    From when it was due: one that waits because those before it are slow has waited.
    """
    began = perf_counter()
    took: list[float] = []

    async def one(due: float) -> None:
        await send(new_batch(1))
        took.append((perf_counter() - due) * 1000)

    async with asyncio.TaskGroup() as tasks:
        for number in range(max(20, int(events_a_second * seconds))):
            due = began + number / events_a_second
            await asyncio.sleep(due - perf_counter())
            tasks.create_task(one(due))
    return sorted(took)
