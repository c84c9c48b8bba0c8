"""Events coming in over HTTP, as ratios to bare INSERTs of the same events on the same server."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

import psycopg

from tests.measures.figures import Figure, Pace, Row
from tests.measures.in_turns import in_turns
from tests.measures.senders import BARE_TABLE, LEADS, inserting, latencies, new_batch, posting, rate
from tests.measures.spent import spent
from tests.measures.stack import Api, Database, api, database

AT_LEAST = {1: 0.25, 100: 0.5, 1000: 0.5}
"""Events in a batch → the least ratio."""
SHAPES = ((1, 1), (1, 16), (100, 1), (100, 8), (1000, 1), (1000, 4))
"""(events in a batch, clients at once)"""
QUICK_SHAPES = ((1, 16), (1000, 1))
_SLICES = 3
"""A turn is cut in so many: the shorter the slices, the more alike is what else the machine does in both."""


@dataclass
class Bench:
    """A server with an API and a bare table, and what its processes have used for HTTP."""

    database: Database
    api: Api
    used: dict[str, float] = field(default_factory=dict)
    """CPU seconds by process."""
    events: float = 0

    async def http(self, size: int, clients: int, seconds: float) -> float:
        """Events a second over HTTP."""
        before, began = self._spent(), perf_counter()
        async with posting(self.api) as send:
            reached = await rate(send, size, clients, seconds)
        for name, used in self._spent().items():
            self.used[name] = self.used.get(name, 0) + used - before[name]
        self.events += reached * (perf_counter() - began)
        return reached

    async def bare(self, size: int, clients: int, seconds: float) -> float:
        async with inserting(self.database.url, clients) as send:
            return await rate(send, size, clients, seconds)

    def _spent(self) -> dict[str, float]:
        own = os.times()
        processes = spent({"api": self.api.process.pid, "postgres": self.database.server.pid or 0})
        return {"client": own.user + own.system} | processes

    def note(self) -> str:
        """CPU by process since the last note."""
        parts = [f"{name} {1e6 * used / self.events:,.0f}" for name, used in self.used.items()]
        self.used, self.events = {}, 0
        return f"µs CPU an event: {', '.join(parts)}"


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    async with database() as db, api(db) as served:
        async with await psycopg.AsyncConnection.connect(db.url) as connection:
            await connection.execute(BARE_TABLE)
        async with posting(served) as send:
            for _ in range(LEADS // 1000):
                await send(new_batch(1000))
        yield Bench(db, served)


async def throughput(on: Bench, size: int, clients: int, pace: Pace) -> Figure:
    seconds = pace.seconds / _SLICES
    found = await in_turns(
        pace.turns * _SLICES, lambda: on.http(size, clients, seconds), lambda: on.bare(size, clients, seconds)
    )
    return Figure(
        name=f"batch {size:,}, {clients} at once", value=found.value, unit="events/s", baseline=found.baseline,
        spread=found.spread, at_least=AT_LEAST[size], note=on.note(),
    )  # fmt: skip


async def waits(on: Bench, reached: float, pace: Pace) -> list[Figure]:
    """How long a single event waits for its answer at half the rate reached, beside a bare INSERT at the same rate."""
    steady, seconds = reached / 2, pace.seconds * pace.turns / 2
    async with inserting(on.database.url, 16) as send:
        bare = quantiles(await latencies(send, steady, seconds), n=100)
    async with posting(on.api) as send:
        served = quantiles(await latencies(send, steady, seconds), n=100)
    return [
        Figure(name=f"single, p{at} at {steady:,.0f}/s", value=served[at - 1], unit="ms", baseline=bare[at - 1])
        for at in (50, 99)
    ]


async def measure(pace: Pace) -> list[Figure]:
    async with bench() as on:
        shapes = QUICK_SHAPES if pace.is_quick else SHAPES
        found = {shape: await throughput(on, *shape, pace) for shape in shapes}
        return [*found.values(), *await waits(on, found[1, 16].value, pace)]


ROW = Row(name="ingest", about="POST /v1/events beside a bare INSERT of the same events", measure=measure)
