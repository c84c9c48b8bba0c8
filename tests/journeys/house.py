"""The house that leads live in: real PostgreSQL, real Temporal under skipped time, real mail on loopback, HTTP."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import yaml
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.integrations.console import ConsoleChannel
from activities.integrations.smtp import MailServer, Security, SmtpChannel
from activities.letters import Letters
from activities.notify import Notify
from activities.step import Step, StepResult, StoreAway
from storage.actions import ActionStore
from storage.engine import create_engine
from storage.playbooks import Shelves, default_text, publish
from storage.starter_roster import seed_starter
from storage.step_store import StepStore
from tests.journeys.front import Front, open_front
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink
from workers.engine import Slots, action_worker, lead_worker
from workers.steps import StoredSteps
from workers.worker_process import STEP_PATIENCE
from workflows.converter import data_converter

ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
WEEKDAYS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def house_rules(weekly: dict[str, Any] = ALWAYS, **changes: Any) -> str:
    """The default playbook without evidence lag; its doors never close, so that a journey may start at any hour.

    Of wins nobody is asked, since the sample would pick one journey in four.
    """
    document = yaml.safe_load(default_text())
    document["calendars"]["office"]["weekly"] = weekly
    document["evidence"]["lag"] = "PT0S"
    document["notices"]["quiet"] = None
    document["feedback"]["share_of_wins"] = 0
    return yaml.safe_dump(document | changes, sort_keys=False)


class Doors:
    """The step store, which a test can shut: then the database is away. Notes how long each step took."""

    def __init__(self, store: StoredSteps) -> None:
        self._store = store
        self.are_shut = False
        self.seconds: list[float] = []

    async def take_step(self, lead_id: str, now: datetime, command_id: str | None) -> StepResult:
        if self.are_shut:
            raise StoreAway("the test has shut the doors")
        began = time.perf_counter()
        result = await self._store.take_step(lead_id, now, command_id)
        self.seconds.append(time.perf_counter() - began)
        return result


@dataclass(frozen=True)
class House:
    """What all leads of a journey share."""

    env: LeadTestEnv
    engine: AsyncEngine
    doors: Doors
    sink: SmtpSink
    client: Client
    front: Front


@asynccontextmanager
async def open_house(
    env: LeadTestEnv, database_url: str, sink: SmtpSink, rules: str | None, *, cached: int = 50
) -> AsyncIterator[House]:
    """A house with its workers running, which keep so many lives in memory."""
    engine = create_engine(database_url, pool_size=12)
    async with engine.begin() as connection:
        await publish(connection, rules or house_rules(), author="test", comment="rules", now=datetime.now(UTC))
        await seed_starter(connection)
    shelves, client = Shelves(engine), env.client_with(data_converter)
    slots, build = Slots(cached_workflows=cached, graceful_stop=timedelta(seconds=1)), f"journey-{uuid4()}"
    steps = create_engine(database_url, pool_size=slots.steps + 1, patience=STEP_PATIENCE)
    doors = Doors(StoredSteps(StepStore(steps, Shelves(steps))))
    notify = _notify(engine, shelves, sink)
    async with AsyncExitStack() as stack:
        front = await stack.enter_async_context(open_front(engine, shelves, client))
        await stack.enter_async_context(lead_worker(client, Step(doors), slots, build=build))
        await stack.enter_async_context(action_worker(client, [notify.notify], slots, build=build))
        yield House(env, engine, doors, sink, client, front)
    await steps.dispose()
    await engine.dispose()


def _notify(engine: AsyncEngine, shelves: Shelves, sink: SmtpSink) -> Notify:
    server = MailServer(
        host=sink.host,
        port=sink.port,
        sender="leadloop@example.com",
        security=Security.NONE,
        connect_seconds=1,
        total_seconds=2,
    )
    return Notify(
        ActionStore(engine, shelves),
        Letters("http://leadloop.test", "leadloop.test"),
        mail=SmtpChannel(server),
        console=ConsoleChannel(),
    )
