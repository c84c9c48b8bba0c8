"""The courier: rings everybody who has mail, whatever is away meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from temporalio.client import RPCError
from temporalio.service import RPCStatusCode

from storage.bell import CHANNEL
from storage.engine import DatabaseAwayError
from storage.rings import Backlog
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import kinds
from workers.courier import RINGS_AT_ONCE, Courier, CourierMetrics, Doorbells, listen
from workflows.converter import data_converter
from workflows.front_door import lead_workflow_id

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.timeout(60)


@dataclass
class FakeBook:
    """Mailboxes made by hand: a lead stands in `mail`, `late` or `undone` until it is taken."""

    mail: list[UUID] = field(default_factory=list)
    late: list[UUID] = field(default_factory=list)
    undone: list[UUID] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    asked_for: list[int] = field(default_factory=list)
    is_away: bool = False

    async def take_mail(self, _now: datetime, limit: int) -> list[UUID]:
        if self.is_away:
            raise DatabaseAwayError("away")
        self.asked_for.append(limit)
        taken, self.mail = self.mail[:limit], self.mail[limit:]
        return taken

    async def take_late(self, _now: datetime, limit: int) -> list[UUID]:
        taken, self.late = self.late[:limit], self.late[limit:]
        return taken

    async def take_undone(self, _now: datetime, limit: int) -> list[UUID]:
        taken, self.undone = self.undone[:limit], self.undone[limit:]
        return taken

    async def take_lists(self, _now: datetime, limit: int) -> list[str]:
        taken, self.lists = self.lists[:limit], self.lists[limit:]
        return taken

    async def put_back(self, leads: list[UUID], _now: datetime) -> None:
        self.mail = [*leads, *self.mail]

    async def backlog(self) -> Backlog:
        return Backlog(len(self.mail), NOW if self.mail else None)


@dataclass
class FakeTemporal:
    """Notes who was rung; fails with `status`, or for the leads in `refuses`."""

    rung: list[UUID] = field(default_factory=list)
    status: RPCStatusCode | None = None
    refuses: set[UUID] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    tries: int = 0

    async def ring(self, lead_id: UUID) -> None:
        self.tries += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.001)
        self.at_once -= 1
        if self.status is not None:
            raise RPCError("away", self.status, b"")
        if lead_id in self.refuses:
            raise RPCError("no such input", RPCStatusCode.INVALID_ARGUMENT, b"")
        self.rung.append(lead_id)


@dataclass
class Round:
    book: FakeBook = field(default_factory=FakeBook)
    temporal: FakeTemporal = field(default_factory=FakeTemporal)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        metrics = CourierMetrics(self.registry)
        self.courier = Courier(self.book, self.temporal.ring, metrics, lambda: NOW, first_wait_seconds=0.02)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.courier.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0


def some_leads(number: int) -> list[UUID]:
    return [uuid4() for _ in range(number)]


async def test_everybody_with_mail_is_rung_once_and_never_too_many_at_once() -> None:
    here, waiting = Round(), some_leads(450)
    here.book.mail = list(waiting)
    await here.courier.deliver(heal=False)
    assert sorted(here.temporal.rung) == sorted(waiting)
    assert here.temporal.most_at_once == RINGS_AT_ONCE
    assert here.count("leadloop_courier_rings_total", reason="mail") == len(waiting)


async def test_news_is_delivered_at_once() -> None:
    here = Round()
    async with here.running():
        await eventually(lambda: here.book.asked_for)
        [lead_id] = here.book.mail = some_leads(1)
        begun = time.monotonic()
        here.courier.news.set()
        await eventually(lambda: here.temporal.rung == [lead_id])
        assert time.monotonic() - begun < 0.5  # a sweep would take up to a second


async def test_without_news_the_sweep_finds_mail_sleepers_and_actions_nobody_does() -> None:
    here = Round()
    here.book.late, here.book.undone = some_leads(2), some_leads(1)
    async with here.running():
        await eventually(lambda: len(here.temporal.rung) == 3)
        here.book.mail = some_leads(1)
        await eventually(lambda: len(here.temporal.rung) == 4)
    assert here.count("leadloop_courier_rings_total", reason="late") == 2
    assert here.count("leadloop_courier_rings_total", reason="undone") == 1


async def test_with_temporal_away_nothing_is_lost_and_one_lead_is_tried_before_all() -> None:
    here, waiting = Round(), some_leads(20)
    here.book.mail = list(waiting)
    here.temporal.status = RPCStatusCode.UNAVAILABLE
    async with here.running():
        await eventually(lambda: len(here.book.asked_for) >= 3)
        assert here.temporal.tries < 20 + 5  # all once, then one at a time
        assert here.book.asked_for[1] == 1
        here.temporal.status = None
        await eventually(lambda: len(here.temporal.rung) == len(waiting))
    assert sorted(here.temporal.rung) == sorted(waiting)
    assert here.count("leadloop_courier_failed_rings_total") >= 20


async def test_a_lead_that_alone_cannot_be_rung_holds_up_nobody() -> None:
    here, waiting = Round(), some_leads(5)
    here.book.mail = list(waiting)
    here.temporal.refuses = {waiting[2]}
    await here.courier.deliver(heal=False)
    assert sorted(here.temporal.rung) == sorted({*waiting} - {waiting[2]})
    assert here.book.mail == []


async def test_with_the_database_away_the_courier_tries_again() -> None:
    here = Round()
    here.book.is_away = True
    here.book.mail = some_leads(1)
    async with here.running():
        await eventually(lambda: here.courier._wait > 0.02)
        here.book.is_away = False
        await eventually(lambda: here.temporal.rung)


async def test_the_backlog_is_counted() -> None:
    here = Round()
    here.book.mail = some_leads(3)
    here.temporal.status = RPCStatusCode.UNAVAILABLE
    await here.courier.deliver(heal=True)
    assert here.count("leadloop_courier_backlog_leads") == 3


async def test_a_notify_is_heard_also_after_the_connection_was_lost(database_url: str) -> None:
    news = asyncio.Event()
    listening = asyncio.create_task(listen(database_url, news))
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await eventually(news.is_set)  # it says so itself when it begins to listen
        for _ in range(2):
            news.clear()
            await other.execute(f"NOTIFY {CHANNEL}")
            await eventually(news.is_set, within_seconds=1)
            news.clear()
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            await eventually(news.is_set)  # connected again
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def test_a_ring_starts_a_life_and_the_next_only_rings(temporal_env: LeadTestEnv) -> None:
    client, lead_id = temporal_env.client_with(data_converter), uuid4()
    handle = client.get_workflow_handle(lead_workflow_id(str(lead_id)))
    bells = Doorbells(client)
    await bells.ring(lead_id)
    await bells.ring(lead_id)
    events = list((await handle.fetch_history()).events)
    await handle.terminate()
    names = kinds(events)
    assert names.count("WORKFLOW_EXECUTION_STARTED") == 1
    assert names.count("WORKFLOW_EXECUTION_SIGNALED") == 2
    given = events[0].workflow_execution_started_event_attributes.input.payloads
    assert [payload.data for payload in given] == [f'"{lead_id}"'.encode()]
    signals = [event.workflow_execution_signaled_event_attributes for event in events]
    assert not any(signal.input.payloads for signal in signals)
