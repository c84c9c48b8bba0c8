"""A world for a lead to live in; what is told and asked goes over HTTP, as senders and people do it.

Facts are sent with times of the lead's own clock; `after` lets time pass, firing what comes due on the way.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from temporalio.client import RPCError, WorkflowExecutionStatus, WorkflowHandle

from leads.events import EVENTS
from storage.figures import read_figures
from storage.tables import actions, clocks, journal, leads, mailboxes, timeline
from storage.tallies import count_some
from tests.eventually import eventually
from tests.journeys.front import Refused
from tests.journeys.house import House, open_house
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import Delivery, SmtpSink
from workflows.front_door import LEAD_LIFE, RING, TASK_QUEUE, lead_workflow_id


class World:
    """One lead, known to its sender as `subject`."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.env = house.env
        self.doors = house.doors
        self.engine = house.engine
        self.sink = house.sink
        self.subject = f"lead-{uuid4()}"
        self.lead_id: UUID | None = None
        self.refusal = ""
        self._others: list[World] = []

    def another(self) -> "World":
        """A lead more in the same house; it has a clock of its own, which starts with the wall's."""
        self._others.append(World(self.house))
        return self._others[-1]

    async def now(self) -> datetime:
        """The lead's own present."""
        return await self.env.now(self.handle) if self.lead_id else datetime.now(UTC)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        assert self.lead_id is not None
        return self.house.client.get_workflow_handle(lead_workflow_id(str(self.lead_id)))

    async def hears(
        self, type_: str, *, ago: timedelta = timedelta(0), id_: str | None = None, backfill: bool = False, **data: Any
    ) -> None:
        """A fact comes in: it happened `ago` before now. Returns once it is part of the lead's state."""
        await self.gets(await self.event(type_, ago=ago, id_=id_, backfill=backfill, **data))

    async def event(
        self, type_: str, *, ago: timedelta = timedelta(0), id_: str | None = None, backfill: bool = False, **data: Any
    ) -> dict[str, Any]:
        """A fact, not sent yet."""
        EVENTS[type_].model_validate(data)
        happened_at = await self.now() - ago
        return {
            "specversion": "1.0",
            "source": "test",
            "id": id_ or str(uuid4()),
            "type": type_,
            "subject": self.subject,
            "time": happened_at.isoformat(),
            "data": data,
        } | ({"leadbackfill": True} if backfill else {})

    async def gets(self, *events: dict[str, Any]) -> None:
        """These facts are accepted in one batch, the doorbell rings, and all is read. Raises `Refused`."""
        await self.accepts(*events)
        await eventually(self.has_read_all, within_seconds=20)

    async def accepts(self, *events: dict[str, Any]) -> None:
        """These facts are accepted in one batch, and the doorbell rings."""
        receipts = await self.house.front.sends(events, await self.now())
        self.lead_id = UUID(receipts[0]["lead_id"])
        await self.ring()

    async def is_away(self, person: str, **duration: float) -> None:
        """Someone is absent from now on."""
        now = await self.now()
        data: dict[str, Any] = {"from": now.isoformat(), "until": (now + timedelta(**duration)).isoformat()}
        absence = await self.event("person.absent", **data)
        await self.house.front.sends([absence | {"subject": person}], now)

    async def is_stuck(self) -> bool:
        return (await self.lead()).stuck_since is not None

    async def ring(self) -> None:
        await self.house.client.start_workflow(
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
        """Someone gives a command: granted, or refused, and then `self.refusal` has the reason."""
        try:
            answer = await self.house.front.gives(self.lead_id, {"command": name} | body, actor, await self.now())
        except Refused as refused:
            if not refused.is_of("command-refused"):
                raise
            self.refusal = refused.problem["detail"]
            return "refused"
        return str(answer["answer"])

    async def shown(self) -> dict[str, Any]:
        """The lead's page."""
        return await self.house.front.shows(f"/v1/leads/{self.lead_id}", await self.now())

    async def hand_offs(self) -> list[dict[str, Any]]:
        """As the lead's page has them, the oldest first."""
        hand_offs: list[dict[str, Any]] = (await self.shown())["hand_offs"]
        return hand_offs

    async def stands(self) -> tuple[str, str | None, int]:
        """Its stage, its owner, and how many hand-offs it has had."""
        page = await self.shown()
        return page["stage"], page["owner"], len(page["hand_offs"])

    async def ignored_now(self) -> dict[tuple[str, str], int]:
        """Of all leads of the house, by team and segment, as operators are told once all is counted."""
        while (await count_some(self.engine)).leads:
            pass
        return dict((await read_figures(self.engine)).ignored_now)

    async def outcomes(self, name: str) -> list[str | None]:
        """How the clocks of a name ended, the oldest first; None while one runs."""
        return [clock.outcome for clock in await self.clocks(name)]

    async def clocks(self, name: str) -> list[Any]:
        """The rows of a clock's name, the oldest first."""
        return sorted((row for row in await self._rows(clocks) if row.clock == name), key=lambda row: row.started_at)

    async def clock(self, name: str, which: int = -1) -> Any:
        """A clock's row; the latest of its name unless said otherwise."""
        return (await self.clocks(name))[which]

    async def running(self) -> dict[str, datetime]:
        """Running clock → due."""
        return {row.clock: row.due_at for row in await self._rows(clocks) if row.ended_at is None}

    async def lead(self) -> Any:
        return (await self._rows(leads))[0]

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

    async def told(self, person: str) -> list[str]:
        """What `person` has been told by mail, by kind, once nothing is on its way."""
        await self.all_is_sent()
        return [str(letter.message["X-Leadloop-Notice"]) for letter in self.sink.to(f"{person}@example.com")]

    async def all_is_sent(self, within_seconds: float = 20) -> None:
        """Waits until no notice is on its way."""
        await eventually(self._nothing_undone, within_seconds)

    async def _nothing_undone(self) -> bool:
        async with self.engine.connect() as connection:
            undone = select(func.count()).select_from(actions).where(actions.c.state.in_(["pending", "claimed"]))
            return await connection.scalar(undone) == 0

    async def _rows(self, table: Any) -> list[Any]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(select(table).where(table.c.lead_id == self.lead_id)))

    async def is_over(self) -> None:
        """End the lives begun here."""
        for world_ in (self, *self._others):
            if world_.lead_id is not None:
                # it may have ended by itself
                with suppress(RPCError):
                    await world_.handle.terminate("the journey is over")


async def captured_with_a_raised_hand(lead: World) -> None:
    """How most journeys begin: Ada asks for a demo."""
    await lead.gets(
        await lead.event("lead.captured", source="website", name="Ada Lovelace", company="Analytical Engines"),
        await lead.event("lead.hand_raised", kind="demo", words="How much for twenty seats?"),
    )


async def qualified_without_a_raised_hand(lead: World) -> None:
    """The slower way to sales: marketing says that Ada is ready; a first touch is promised in eight hours."""
    await lead.gets(
        await lead.event("lead.captured", source="website", name="Ada Lovelace", company="Analytical Engines"),
        await lead.event("lead.qualified", reason="fits"),
    )


@asynccontextmanager
async def world(env: LeadTestEnv, database_url: str, sink: SmtpSink, rules: str | None = None) -> AsyncIterator[World]:
    """A world with its workers running, ended with everything in it."""
    async with open_house(env, database_url, sink, rules) as house:
        made = World(house)
        try:
            yield made
        finally:
            await made.is_over()
