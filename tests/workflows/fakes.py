"""A store and a messenger made by hand, and a worker of leads that runs on them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from activities.step import ActionRef, Step, StepResult
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from workers.engine import Slots, action_worker, lead_worker
from workflows.converter import data_converter
from workflows.front_door import LEAD_LIFE, RING, actions_queue, lead_workflow_id

FAR = "2040-01-01T00:00:00+00:00"
LONG_AGO = "2020-01-01T00:00:00+00:00"
ENDED = StepResult("ended", "lost", None)
NOTICE = ActionRef("0199aaaa-0000-7000-8000-000000000001", "notify")


def open_turn(phase: str = "follow_up", stage: str = "assigned", wake_at: str | None = FAR, **more: Any) -> StepResult:
    return StepResult(phase, stage, wake_at, **more)


def kinds(events: list[Any]) -> list[str]:
    """The events' kinds, without those by which the test moved the clock."""
    names = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events]
    return [name for name in names if name != "WORKFLOW_EXECUTION_OPTIONS_UPDATED" and "TIME_SKIP" not in name]


@dataclass
class Seen:
    """A step that was asked for."""

    lead_id: str
    now: datetime
    command_id: str | None

    def turn_in(self, wait: timedelta, **more: Any) -> StepResult:
        """An open turn that wakes `wait` after this step."""
        return open_turn(wake_at=(self.now + wait).isoformat(), **more)


Answer = StepResult | Exception | Callable[[Seen], Any]


class FakeStore:
    """Answers each step with the next of `says`, the last of them for ever; a callable decides anew, and may wait."""

    def __init__(self, *says: Answer) -> None:
        self.says: list[Answer] = list(says) or [open_turn()]
        self.seen: list[Seen] = []

    async def take_step(self, lead_id: str, now: datetime, command_id: str | None) -> StepResult:
        seen = Seen(lead_id, now, command_id)
        self.seen.append(seen)
        answer = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if callable(answer):
            answer = answer(seen)
            if asyncio.iscoroutine(answer):
                answer = await answer
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, StepResult)
        return answer


@dataclass
class FakeMessenger:
    """Does actions and notes their ids: answers `says`, or raises it; waits while `may_end` is not set.

    Of the actions in `says_of` it says something else.
    """

    says: str | Exception = "sent"
    says_of: dict[str, str | Exception] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    hangs: bool = False

    def __post_init__(self) -> None:
        if not self.hangs:
            self.may_end.set()

    @activity.defn(name="notify")
    async def notify(self, request: dict[str, str]) -> str:
        self.begun.append(request["action_id"])
        await self.may_end.wait()
        says = self.says_of.get(request["action_id"], self.says)
        if isinstance(says, Exception):
            raise says
        self.ended.append(request["action_id"])
        return says


@dataclass
class House:
    """A worker of leads with its fakes, and one lead to live there."""

    env: LeadTestEnv
    client: Client
    store: FakeStore
    messenger: FakeMessenger
    queue: str
    lead_id: str
    cached: int = 100
    """Lives kept in memory; with 0 each task replays the whole life."""

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Workers for the lead and its actions."""
        slots = Slots(cached_workflows=self.cached, graceful_stop=timedelta(0))
        build, actions = f"test-{self.lead_id}", actions_queue(self.queue)
        async with AsyncExitStack() as stack:
            for worker in (
                lead_worker(self.client, Step(self.store), slots, task_queue=self.queue, build=build),
                action_worker(self.client, [self.messenger.notify], slots, task_queue=actions, build=build),
            ):
                await stack.enter_async_context(worker)
            yield

    @property
    def steps(self) -> int:
        return len(self.store.seen)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The lead's present run."""
        return self.client.get_workflow_handle(lead_workflow_id(self.lead_id))

    async def start(self, **more: Any) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(
            LEAD_LIFE, self.lead_id, id=lead_workflow_id(self.lead_id), task_queue=self.queue, **more
        )

    async def ring(self) -> WorkflowHandle[Any, Any]:
        return await self.start(start_signal=RING)

    async def advance(self, duration: timedelta) -> None:
        await self.env.advance(self.handle, duration)

    async def reach(self, steps: int) -> None:
        """Wait until so many steps were taken, and not one more."""
        await eventually(lambda: self.steps >= steps)
        assert self.steps == steps

    async def until(self, kind: str, at_least: int = 1) -> int:
        """Wait for so many events of a kind in the present run's history; returns how many there are."""

        async def happened() -> int:
            number = await self.count(kind)
            return number if number >= at_least else 0

        ask: Callable[[], Awaitable[int]] = happened
        return await eventually(ask)

    async def events(self) -> list[Any]:
        return list((await self.handle.fetch_history()).events)

    async def count(self, kind: str) -> int:
        """How many events of a kind, such as TIMER_STARTED, the present run's history has."""
        wanted = EventType.Value(f"EVENT_TYPE_{kind}")
        return sum(event.event_type == wanted for event in await self.events())


@asynccontextmanager
async def house(env: LeadTestEnv, *says: Answer, works: bool = True, **more: Any) -> AsyncIterator[House]:
    """A house and its lead, whose life is ended at the end; `works=False` leaves it to the test to let workers in."""
    lead_id = more.pop("lead_id", "") or str(uuid4())
    messenger = more.pop("messenger", None) or FakeMessenger()
    home = House(env, env.client_with(data_converter), FakeStore(*says), messenger, f"leads-{lead_id}", lead_id, **more)
    async with AsyncExitStack() as stack:
        if works:
            await stack.enter_async_context(home.at_work())
        try:
            yield home
        finally:
            messenger.may_end.set()
            with suppress(RPCError):
                await home.handle.terminate()
