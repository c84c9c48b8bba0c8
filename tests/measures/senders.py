"""Client processes that write events: over HTTP as a service would, and straight into a table, the bare thing."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.measures.stack import Api, Database

To = Literal["http", "bare"]
_HEAD_START_SECONDS = 0.02
"""For every process to hear of the start."""
_FIRST_GUESS = 2_000.0
"""Events a second, before anything was measured."""
_ANSWER_LIMIT = 2**24


@dataclass
class Senders:
    """Processes that each send batch after batch on one connection; what they send is made ready before."""

    processes: Sequence[Process]
    reached: dict[tuple[To, int, int], float] = field(default_factory=dict)
    """Events a second of the last run, which say how many the next will need."""
    _next: dict[To, int] = field(default_factory=lambda: {"http": 0, "bare": 0})

    async def prepare(self, to: To, size: int, clients: int, events: float) -> None:
        """Batches of events never sent before, dealt out in turn: clients that keep step write to different leads."""
        batches = max(3, -(-int(events) // (size * clients)))
        first, step = self._next[to], size * clients
        self._next[to] += step * batches
        order = {"do": "prepare", "to": to, "size": size, "step": step, "batches": batches}
        await self._all([order | {"first": first + size * number} for number in range(clients)])

    async def prepare_for(self, to: To, size: int, clients: int, seconds: float) -> None:
        """As many as will be needed, and some more."""
        guess = self.reached.get((to, size, clients), _FIRST_GUESS * size**0.4)
        await self.prepare(to, size, clients, 1.5 * guess * seconds)

    async def go(self, to: To, size: int, clients: int, seconds: float) -> tuple[float, int]:
        """(events a second, events) that `clients` processes get through of what is ready, for at most so long."""
        start = time.monotonic() + _HEAD_START_SECONDS
        told = await self._all([{"do": "run", "start": start, "seconds": seconds}] * clients)
        rate = size * sum(client["batches"] / client["seconds"] for client in told)
        self.reached[to, size, clients] = rate
        return rate, size * sum(client["batches"] for client in told)

    async def waits(self, to: To, clients: int, events_a_second: float, seconds: float) -> list[float]:
        """Milliseconds of single events sent at a steady rate, each from the instant it was due to its answer."""
        await self.prepare(to, 1, clients, events_a_second * seconds)
        start, every = time.monotonic() + _HEAD_START_SECONDS, clients / events_a_second
        orders = [
            {"do": "pace", "start": start + number / events_a_second, "every": every} for number in range(clients)
        ]
        return [took for client in await self._all(orders) for took in client["milliseconds"]]

    async def _all(self, orders: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """One order for each of the first processes; their answers."""
        chosen = self.processes[: len(orders)]
        for process, order in zip(chosen, orders, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(order).encode() + b"\n")
        return [await _answer(process) for process in chosen]


async def _answer(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a client process ended")
    answer: dict[str, Any] = json.loads(line)
    return answer


@asynccontextmanager
async def senders(clients: int, api: Api, database: Database) -> AsyncIterator[Senders]:
    """So many processes. Each ends when its standard input does."""
    program = ("-m", "tests.measures.client", str(api.port), api.secret, database.url)
    started = [
        await asyncio.create_subprocess_exec(sys.executable, *program, stdin=PIPE, stdout=PIPE, limit=_ANSWER_LIMIT)
        for _ in range(clients)
    ]
    try:
        yield Senders(started)
    finally:
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        for process in started:
            await process.wait()
