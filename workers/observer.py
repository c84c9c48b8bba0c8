"""The observer: counts what timelines have told, and reads the figures that operators watch.

The numbers are the database's. Several observers may run: one counts at a time, and each serves the same.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter

from storage.engine import DatabaseAwayError
from storage.figures import Figures
from storage.tallies import Counted

READ_EVERY_SECONDS = 5.0
COUNT_EVERY_SECONDS = 1.0
"""While the queue is empty."""
REST_SECONDS = 5.0
"""After the database was away."""

log = structlog.get_logger(__name__)


class Board(Protocol):
    """Where figures are shown."""

    def show(self, figures: Figures) -> None: ...


class ObserverMetrics:
    """What this process itself has done."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.lines = Counter(
            "leadloop_observer_lines", "Lines of timelines counted by this process.", registry=registry
        )
        self.failures = Counter(
            "leadloop_observer_failures", "Times counting or reading failed.", ["what"], registry=registry
        )


class Observer:
    """Counts and reads until cancelled."""

    def __init__(
        self,
        count: Callable[[], Awaitable[Counted]],
        read: Callable[[], Awaitable[Figures]],
        board: Board,
        metrics: ObserverMetrics,
    ) -> None:
        self._count = count
        self._read = read
        self._board = board
        self._metrics = metrics

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._go_on("count", self.count_on))
            tasks.create_task(self._go_on("read", self.read_on))

    async def count_on(self) -> float:
        """Count what waits. Returns how long to rest."""
        counted = await self._count()
        self._metrics.lines.inc(counted.lines)
        return 0.0 if counted.is_behind else COUNT_EVERY_SECONDS

    async def read_on(self) -> float:
        """Read the figures and show them. Returns how long to rest."""
        self._board.show(await self._read())
        return READ_EVERY_SECONDS

    async def _go_on(self, what: str, turn: Callable[[], Awaitable[float]]) -> None:
        while True:
            try:
                rest = await turn()
            except DatabaseAwayError:
                self._metrics.failures.labels(what).inc()
                log.warning("observer_waits", what=what)
                rest = REST_SECONDS
            await asyncio.sleep(rest)
