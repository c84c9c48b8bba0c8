"""Events coming in over HTTP, as ratios to bare INSERTs of the same events by the same processes on the same server."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles

import psycopg

from tests.measures.events import BARE_TABLE, LEADS
from tests.measures.figures import Figure, Pace, Row
from tests.measures.in_turns import in_turns
from tests.measures.senders import Senders, To, senders
from tests.measures.spent import spent
from tests.measures.stack import Api, Database, api, database

AT_LEAST = {1: 0.25, 100: 0.5, 1000: 0.5}
"""Events in a batch → the least ratio."""
SHAPES = ((1, 1), (1, 16), (100, 1), (100, 8), (1000, 1), (1000, 4))
"""(events in a batch, client processes)"""
QUICK_SHAPES = ((1, 16), (1000, 1))
STEADY = 200.0
"""Single events a second at which waits are measured: the same in every run, so that runs can be compared."""
_SLICES = 3
"""A turn is cut in so many: the shorter the slices, the more alike is what else the machine does in both."""


@dataclass
class Bench:
    """A server with an API and a bare table, the clients of both, and what all processes have used."""

    database: Database
    api: Api
    senders: Senders
    used: dict[To, defaultdict[str, float]] = field(default_factory=dict)
    """CPU seconds by process; `events` by how many."""

    async def rate(self, to: To, size: int, clients: int, seconds: float) -> float:
        """Events a second."""
        await self.senders.prepare_for(to, size, clients, seconds)
        before = self._spent()
        reached, events = await self.senders.go(to, size, clients, seconds)
        used = self.used.setdefault(to, defaultdict(float))
        used["events"] += events
        for name, seconds_used in self._spent().items():
            used[name] += seconds_used - before[name]
        return reached

    def _spent(self) -> dict[str, float]:
        clients = {f"client {number}": process.pid for number, process in enumerate(self.senders.processes)}
        of = spent(clients | {"api": self.api.process.pid, "postgres": self.database.server.pid or 0})
        return {"client": sum(of[name] for name in clients), "api": of["api"], "postgres": of["postgres"]}

    def note(self) -> str:
        """CPU by process since the last note."""
        said = []
        for to, used in self.used.items():
            events = used.pop("events")
            parts = [f"{name} {1e6 * seconds / events:,.0f}" for name, seconds in used.items() if seconds]
            said.append(f"{to}: {', '.join(parts)}")
        self.used.clear()
        return f"µs CPU an event over {'; '.join(sorted(said, reverse=True))}"


@asynccontextmanager
async def bench(clients: int) -> AsyncIterator[Bench]:
    async with database() as db, api(db) as served, senders(clients, served, db) as writing:
        async with await psycopg.AsyncConnection.connect(db.url) as connection:
            await connection.execute(BARE_TABLE)
        for to in ("http", "bare"):
            await writing.prepare(to, 1000, 1, LEADS)
            await writing.go(to, 1000, 1, seconds=60)
        yield Bench(db, served, writing)


async def throughput(on: Bench, size: int, clients: int, pace: Pace) -> Figure:
    seconds = pace.seconds / _SLICES
    found = await in_turns(
        pace.turns * _SLICES,
        lambda: on.rate("http", size, clients, seconds),
        lambda: on.rate("bare", size, clients, seconds),
    )
    return Figure(
        name=f"batch {size:,}, {clients} at once", value=found.value, unit="events/s", baseline=found.baseline,
        spread=found.spread, at_least=AT_LEAST[size], note=on.note(),
    )  # fmt: skip


async def waits(on: Bench, clients: int, pace: Pace) -> list[Figure]:
    """How long a single event waits for its answer at a steady rate, beside a bare INSERT at the same rate."""
    took: dict[To, list[float]] = {"bare": [], "http": []}
    for _ in range(pace.turns):
        for to in took:
            took[to] += await on.senders.waits(to, clients, STEADY, pace.seconds)
    bare, served = (quantiles(sorted(found), n=100) for found in took.values())
    return [
        Figure(name=f"single, p{at} at {STEADY:,.0f}/s", value=served[at - 1], unit="ms", baseline=bare[at - 1])
        for at in (50, 99)
    ]


async def measure(pace: Pace) -> list[Figure]:
    shapes = QUICK_SHAPES if pace.is_quick else SHAPES
    most = max(clients for _, clients in shapes)
    async with bench(most) as on:
        return [*[await throughput(on, *shape, pace) for shape in shapes], *await waits(on, most, pace)]


ROW = Row(name="ingest", about="POST /v1/events beside a bare INSERT of the same events", measure=measure)
"""Clients that write events: over HTTP as a service would, and straight into a table, which is the bare thing."""
