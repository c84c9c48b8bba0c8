"""Rollouts on a real Temporal, and what their activity answers: as many portions as a test says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from activities.rollout import ReachLeads, Standing
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from workers.engine import Slots, rollout_worker
from workers.rollouts import StoreAway
from workflows.converter import data_converter
from workflows.front_door import PLAYBOOK_ROLLOUT, RING, rollout_workflow_id


@dataclass
class Portions:
    """A store that gives these answers one after the other, the last again and again; errors are raised once."""

    answers: list[Standing | Exception]
    asked: list[int] = field(default_factory=list)

    async def go_on(self, revision: int, seconds: float, beat: Callable[[], None]) -> Standing:  # noqa: ARG002  as asked
        beat()
        self.asked.append(revision)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass(frozen=True)
class Rolling:
    """A rollout under way."""

    env: LeadTestEnv
    client: Client
    queue: str
    revision: int
    portions: Portions

    @property
    def workflow_id(self) -> str:
        return rollout_workflow_id(self.revision)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(self.workflow_id)

    async def ring(self) -> None:
        await self.client.start_workflow(
            PLAYBOOK_ROLLOUT, self.revision, id=self.workflow_id, task_queue=self.queue, start_signal=RING,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, execution_timeout=timedelta(hours=1),
        )  # fmt: skip

    async def events(self) -> list[int]:
        """The types of its history's events."""
        return [event.event_type async for event in self.handle.fetch_history_events()]

    async def details(self) -> str:
        """What Temporal's page says of it."""
        told: Any = await self.handle.query("__temporal_workflow_metadata")
        return str(told.current_details)


@asynccontextmanager
async def rolling(env: LeadTestEnv, *answers: Standing | Exception, revision: int = 0) -> AsyncIterator[Rolling]:
    """A worker for one rollout, which has not been rung yet."""
    queue, client, portions = f"rollouts-{uuid4()}", env.client_with(data_converter), Portions([*answers])
    slots = Slots(graceful_stop=timedelta(seconds=1))
    number = revision or uuid4().int % 1_000_000_000
    async with rollout_worker(client, ReachLeads(portions), slots, task_queue=queue, build=f"test-{uuid4()}"):
        yield Rolling(env, client, queue, number, portions)


async def a_rollout_is_paused_and_goes_on(env: LeadTestEnv) -> Rolling:
    """It is not in force yet, goes on, stands still, goes on again, and is done."""
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    answers = [
        Standing("running", soon),
        Standing("running"),
        Standing("paused"),
        Standing("running"),
        Standing("done"),
    ]
    async with rolling(env, *answers, revision=7) as rollout:
        await rollout.ring()
        await eventually(lambda: len(rollout.portions.asked) == 3)
        await rollout.ring()
        assert await rollout.handle.result() == "done"
    return rollout


async def a_rollout_is_superseded_while_the_store_is_away(env: LeadTestEnv) -> Rolling:
    """A portion fails and is tried again; then a later revision has taken over."""
    async with rolling(env, StoreAway("away"), Standing("superseded"), revision=8) as rollout:
        await rollout.ring()
        assert await rollout.handle.result() == "superseded"
    return rollout


ROLLOUT_SCENARIOS: dict[str, Callable[[LeadTestEnv], Awaitable[Rolling]]] = {
    scenario.__name__: scenario
    for scenario in (a_rollout_is_paused_and_goes_on, a_rollout_is_superseded_while_the_store_is_away)
}
