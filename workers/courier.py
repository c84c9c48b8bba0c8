"""The courier: hears of new mail and rings the doorbells of the leads it is for; a sweep heals what was lost.

A ring is a signal without payload that starts the lead's life where it has none. It may be lost, doubled or merged with
others: what counts stands in the journal.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import psycopg
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from temporalio.client import Client, RPCError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCStatusCode

from storage.bell import CHANNEL
from storage.engine import DatabaseAwayError
from storage.rings import Backlog
from workflows.front_door import (
    LEAD_LIFE,
    LIST_LOOK,
    NEWCOMER,
    RING,
    TASK_QUEUE,
    lead_workflow_id,
    list_workflow_id,
)

BATCH = 200
RINGS_AT_ONCE = 50
RING_PATIENCE = timedelta(seconds=5)
SWEEP_SECONDS = 1.0
HEAL_SECONDS = 5.0
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
_AWAY = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.NOT_FOUND,
    }
)
"""Nobody can be rung now: Temporal is away, full, or does not know us or our namespace."""

log = structlog.get_logger()


class RingBook(Protocol):
    """`storage.rings.Rings`, as far as it is used here."""

    async def take_mail(self, now: datetime, limit: int) -> list[UUID]: ...

    async def take_late(self, now: datetime, limit: int) -> list[UUID]: ...

    async def take_undone(self, now: datetime, limit: int) -> list[UUID]: ...

    async def take_lists(self, now: datetime, limit: int) -> list[str]: ...

    async def put_back(self, leads: list[UUID], now: datetime) -> None: ...

    async def backlog(self) -> Backlog: ...


class Doorbells:
    """Rings leads through Temporal."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ring(self, lead_id: UUID) -> None:
        """Ring one lead. Raises `RPCError` where Temporal does not take it."""
        await self._client.start_workflow(
            LEAD_LIFE,
            str(lead_id),
            id=lead_workflow_id(str(lead_id)),
            task_queue=TASK_QUEUE,
            start_signal=RING,
            search_attributes=NEWCOMER,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            rpc_timeout=RING_PATIENCE,
        )


class ListBells:
    """Begins looks at bulk lists through Temporal."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ring(self, name: str) -> None:
        """Have one list looked after, unless that is under way. Raises `RPCError` where Temporal does not take it."""
        await self._client.start_workflow(
            LIST_LOOK,
            name,
            id=list_workflow_id(name),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            rpc_timeout=RING_PATIENCE,
        )


class CourierMetrics:
    """What the courier counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.rings = Counter("leadloop_courier_rings", "Doorbells rung.", ["reason"], registry=registry)
        self.failed = Counter("leadloop_courier_failed_rings", "Rings Temporal did not take.", registry=registry)
        self.backlog = Gauge("leadloop_courier_backlog_leads", "Leads with unread mail.", registry=registry)
        self.oldest = Gauge(
            "leadloop_courier_oldest_unread_seconds", "How long the oldest unread mail has waited.", registry=registry
        )


class Courier:
    """Delivers until cancelled. `now` is the clock, `news` is set when mail has come in."""

    def __init__(
        self,
        book: RingBook,
        ring: Callable[[UUID], Awaitable[None]],
        metrics: CourierMetrics,
        now: Callable[[], datetime],
        *,
        ring_list: Callable[[str], Awaitable[None]] | None = None,
        first_wait_seconds: float = _FIRST_WAIT_SECONDS,
    ) -> None:
        self._ring_list = ring_list
        self.news = asyncio.Event()
        self._book = book
        self._ring = ring
        self._metrics = metrics
        self._now = now
        self._slots = asyncio.Semaphore(RINGS_AT_ONCE)
        self._first_wait = self._wait = first_wait_seconds
        self._is_away = False
        """Temporal did not answer lately: one lead is tried before all others."""

    async def run(self) -> None:
        """Deliver at every word of new mail and at every sweep; database or Temporal away: wait, and lose nothing."""
        loop = asyncio.get_running_loop()
        next_heal = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self.news.wait()
            self.news.clear()
            heal = loop.time() >= next_heal
            try:
                await self.deliver(heal=heal)
            except DatabaseAwayError:
                await self._rest("database_away")
            if heal:
                next_heal = loop.time() + HEAL_SECONDS

    async def deliver(self, *, heal: bool) -> None:
        """Ring everyone whose ring is due; when healing, also those who should have woken or acted by themselves."""
        await self._drain(self._book.take_mail, "mail")
        if heal:
            await self._drain(self._book.take_late, "late")
            await self._drain(self._book.take_undone, "undone")
            await self._look_after_lists()
            backlog = await self._book.backlog()
            self._metrics.backlog.set(backlog.leads)
            oldest = backlog.oldest_at
            self._metrics.oldest.set(max((self._now() - oldest).total_seconds(), 0) if oldest else 0)

    async def _drain(self, take: Callable[[datetime, int], Awaitable[list[UUID]]], reason: str) -> None:
        while True:
            limit = 1 if self._is_away else BATCH
            leads = await take(self._now(), limit)
            away = await self._ring_all(leads, reason)
            if away:
                self._is_away = True
                await self._book.put_back(away, self._now())
                await self._rest("temporal_away", leads=len(away))
                return
            if leads:
                self._is_away = False
            self._wait = self._first_wait
            if len(leads) < limit:
                return

    async def _ring_all(self, leads: list[UUID], reason: str) -> list[UUID]:
        """Ring these; returns those for whom Temporal was away."""
        statuses = await asyncio.gather(*(self._ring_one(lead_id) for lead_id in leads))
        rung = statuses.count(None)
        self._metrics.rings.labels(reason).inc(rung)
        self._metrics.failed.inc(len(leads) - rung)
        if reason != "mail" and rung:
            log.warning("leads_rung_late", reason=reason, leads=rung)
        return [lead_id for lead_id, status in zip(leads, statuses, strict=True) if status in _AWAY]

    async def _look_after_lists(self) -> None:
        """A ring that fails is repeated after its time, as those of leads are."""
        if self._ring_list is None:
            return
        for name in await self._book.take_lists(self._now(), BATCH):
            try:
                await self._ring_list(name)
            except RPCError as error:
                log.warning("list_ring_failed", list=name, code=error.status.name)

    async def _ring_one(self, lead_id: UUID) -> RPCStatusCode | None:
        """Ring one; returns why it failed. A lead that alone fails counts as rung, so that it is tried again later."""
        async with self._slots:
            try:
                await self._ring(lead_id)
            except RPCError as error:
                if error.status not in _AWAY:
                    log.warning("ring_failed", lead_id=str(lead_id), code=error.status.name)
                return error.status
            return None

    async def _rest(self, why: str, **more: int) -> None:
        log.warning("courier_waits", why=why, retry_in_seconds=self._wait, **more)
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, _LONGEST_WAIT_SECONDS)


async def listen(conninfo: str, news: asyncio.Event) -> None:
    """Set `news` at every NOTIFY, until cancelled; a lost connection is made again, and the sweep bridges the gap."""
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                conninfo, autocommit=True, connect_timeout=5
            ) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                wait = _FIRST_WAIT_SECONDS
                news.set()  # mail may have come while nobody listened
                async for _ in connection.notifies():
                    news.set()
        except psycopg.Error as error:
            log.warning("courier_deaf", code=type(error).__name__, retry_in_seconds=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
