"""A world for one lead to live in: real PostgreSQL, real Temporal under skipped time, real mail on loopback.

Facts are sent with times of the lead's own clock; `after` lets time pass, firing what comes due on the way.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import yaml
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import RPCError, WorkflowExecutionStatus, WorkflowHandle

from activities.integrations.console import ConsoleChannel
from activities.integrations.smtp import MailServer, Security, SmtpChannel
from activities.letters import Letters
from activities.notify import Notify
from activities.step import Step, StepResult, StoreAway
from leads.events import EVENTS
from storage.actions import ActionStore
from storage.engine import create_engine
from storage.journal import Journal, NewEvent
from storage.playbooks import Shelves, default_text, publish
from storage.starter_roster import seed_starter
from storage.step_store import StepStore
from storage.tables import actions, clocks, commands, journal, leads, mailboxes, timeline
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import Delivery, SmtpSink
from workers.engine import Slots, action_worker, lead_worker
from workers.steps import StoredSteps
from workflows.converter import data_converter
from workflows.front_door import LEAD_LIFE, RING, TASK_QUEUE, lead_workflow_id
from workflows.lead_commands import LeadCommands

ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
WEEKDAYS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def house_rules(weekly: dict[str, Any] = ALWAYS, **changes: Any) -> str:
    """The default playbook without evidence lag; its doors never close, so that a journey may start at any hour."""
    document = yaml.safe_load(default_text())
    document["calendars"]["office"]["weekly"] = weekly
    document["evidence"]["lag"] = "PT0S"
    document["notices"]["quiet"] = None
    return yaml.safe_dump(document | changes, sort_keys=False)


class Doors:
    """The step store, which a test can shut: then the database is away."""

    def __init__(self, store: StoredSteps) -> None:
        self._store = store
        self.are_shut = False

    async def take_step(self, lead_id: str, now: datetime, command_id: str | None) -> StepResult:
        if self.are_shut:
            raise StoreAway("the test has shut the doors")
        return await self._store.take_step(lead_id, now, command_id)


class World:
    """One lead, known to its sender as `subject`."""

    def __init__(self, env: LeadTestEnv, engine: AsyncEngine, doors: Doors, sink: SmtpSink) -> None:
        self.env = env
        self.doors = doors
        self.engine = engine
        self.sink = sink
        self.subject = f"lead-{uuid4()}"
        self.lead_id: UUID | None = None
        self.client = env.client_with(data_converter)
        self.journal = Journal(engine)
        self.begun_at = datetime.now(UTC)

    async def now(self) -> datetime:
        """The lead's own present."""
        return await self.env.now(self.handle) if self.lead_id else datetime.now(UTC)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        assert self.lead_id is not None
        return self.client.get_workflow_handle(lead_workflow_id(str(self.lead_id)))

    async def hears(self, type_: str, *, ago: timedelta = timedelta(0), id_: str | None = None, **data: Any) -> None:
        """A fact comes in: it happened `ago` before now. Returns once it is part of the lead's state."""
        await self.gets(await self.event(type_, ago=ago, id_=id_, **data))

    async def event(
        self, type_: str, *, ago: timedelta = timedelta(0), id_: str | None = None, **data: Any
    ) -> NewEvent:
        """A fact, not sent yet."""
        EVENTS[type_].model_validate(data)
        content = json.dumps([type_, data], sort_keys=True, default=str)
        return NewEvent(
            source="test",
            id=id_ or str(uuid4()),
            type=type_,
            stream="lead",
            system="default",
            subject=self.subject,
            effective_at=await self.now() - ago,
            data=data,
            digest=sha256(content.encode()).digest(),
        )

    async def gets(self, *events: NewEvent) -> None:
        """These facts are accepted in one batch, the doorbell rings, and all is read."""
        await self.accepts(*events)
        await eventually(self.has_read_all, within_seconds=20)

    async def accepts(self, *events: NewEvent) -> None:
        """These facts are accepted in one batch, and the doorbell rings."""
        receipts = await self.journal.append(events, await self.now())
        self.lead_id = receipts[0].lead_id
        await self.ring()

    async def is_stuck(self) -> bool:
        return (await self.lead()).stuck_since is not None

    async def ring(self) -> None:
        await self.client.start_workflow(
            LEAD_LIFE,
            str(self.lead_id),
            id=lead_workflow_id(str(self.lead_id)),
            task_queue=TASK_QUEUE,
            start_signal=RING,
        )

    async def has_read_all(self) -> bool:
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(mailboxes).where(mailboxes.c.lead_id == self.lead_id))).one()
        return bool(row.read_to == row.last_sequence)

    async def after(self, **duration: float) -> None:
        """Time passes."""
        await self.env.advance(self.handle, timedelta(**duration))

    async def until(self, instant: datetime) -> None:
        """Time passes until the lead's clock shows `instant`."""
        await self.env.advance(self.handle, instant - await self.now())

    async def command(self, name: str, actor: str, **body: Any) -> str:
        """Someone gives a command; the answer, and in `self.refusal` the reason."""
        return await give(self, name, actor, body)

    async def lead(self) -> Any:
        return (await self._rows(leads))[0]

    async def clock(self, name: str, which: int = -1) -> Any:
        """A clock's row; the latest of its name unless said otherwise."""
        rows = [row for row in await self._rows(clocks) if row.clock == name]
        return sorted(rows, key=lambda row: row.started_at)[which]

    async def story(self) -> list[str]:
        """The kinds of the timeline's lines, in the order they were told."""
        return [row.kind for row in sorted(await self._rows(timeline), key=lambda row: row.number)]

    async def decisions(self) -> list[str]:
        rows = sorted(await self._rows(timeline), key=lambda row: row.number)
        return [row.data["type"] for row in rows if row.kind == "decision"]

    async def journal_rows(self) -> list[Any]:
        return await self._rows(journal)

    async def is_alive(self) -> bool:
        """Whether a run of its life is under way."""
        return (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def has_ended(self) -> bool:
        return (await self.handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    async def rungs(self) -> dict[str, str]:
        """Rung → fired, or why it was skipped."""
        own = [row for row in await self._rows(journal) if row.type in ("rung_fired", "rung_skipped")]
        return {row.data["rung"]: row.data.get("why", "fired") for row in own}

    async def letters(self, person: str, count: int) -> list[Delivery]:
        """What `person` has got by mail, once it is `count` letters."""
        address = f"{person}@example.com"
        await eventually(lambda: len(self.sink.to(address)) >= count, within_seconds=20)
        return self.sink.to(address)

    async def all_is_sent(self) -> None:
        """Waits until no notice is on its way."""
        await eventually(self._nothing_undone, within_seconds=20)

    async def _nothing_undone(self) -> bool:
        async with self.engine.connect() as connection:
            undone = select(func.count()).select_from(actions).where(actions.c.state.in_(["pending", "claimed"]))
            return await connection.scalar(undone) == 0

    async def _rows(self, table: Any) -> list[Any]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(select(table).where(table.c.lead_id == self.lead_id)))


async def give(world: World, name: str, actor: str, body: dict[str, Any]) -> str:
    """Store a command as the API does, and have it weighed."""
    now, command_id = await world.now(), uuid4()
    row: dict[str, Any] = {"command_id": command_id, "lead_id": world.lead_id, "name": name}
    row |= {"body": {"command": name} | body}
    row |= {"actor": actor, "created_at": now, "expires_at": now + timedelta(seconds=30)}
    async with world.engine.begin() as connection:
        await connection.execute(insert(commands).values(row))
    return await LeadCommands(world.client).give(str(world.lead_id), str(command_id))


async def captured_with_a_raised_hand(lead: World) -> None:
    """How most journeys begin: Ada asks for a demo."""
    await lead.gets(
        await lead.event("lead.captured", source="website", name="Ada Lovelace", company="Analytical Engines"),
        await lead.event("lead.hand_raised", kind="demo", words="How much for twenty seats?"),
    )


@asynccontextmanager
async def world(env: LeadTestEnv, database_url: str, sink: SmtpSink, rules: str | None = None) -> AsyncIterator[World]:
    """A world with its workers running, ended with everything in it."""
    engine = create_engine(database_url, pool_size=12)
    async with engine.begin() as connection:
        await publish(connection, rules or house_rules(), author="test", comment="rules", now=datetime.now(UTC))
        await seed_starter(connection)
    shelves = Shelves(engine)
    doors = Doors(StoredSteps(StepStore(engine, shelves)))
    made = World(env, engine, doors, sink)
    mail = SmtpChannel(
        MailServer(
            host=sink.host,
            port=sink.port,
            sender="leadloop@example.com",
            security=Security.NONE,
            connect_seconds=1,
            total_seconds=2,
        )
    )
    notify = Notify(
        ActionStore(engine, shelves),
        Letters("http://leadloop.test", "leadloop.test"),
        mail=mail,
        console=ConsoleChannel(),
    )
    slots = Slots(cached_workflows=50, graceful_stop=timedelta(seconds=1))
    build = f"journey-{uuid4()}"
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(lead_worker(made.client, Step(doors), slots, build=build))
        await stack.enter_async_context(action_worker(made.client, [notify.notify], slots, build=build))
        try:
            yield made
        finally:
            if made.lead_id is not None:
                # it may have ended by itself
                with suppress(RPCError):
                    await made.handle.terminate("the journey is over")
    await made.journal.close()
    await engine.dispose()
