"""Reaching the leads of a rollout: one after the other by their ids, so fast and no faster, from wherever it stood.

Each lead takes an ordinary step, in which it adopts what it has not adopted yet. How far it has come stands in the
database after every batch: whoever goes on, goes on from there, and a lead reached twice changes nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.stages import OPEN_STAGES, SALES_STAGES
from storage import rollout_sql
from storage.adopting_many import adopt_many
from storage.pipeline import pipelined
from storage.playbooks import Shelves
from storage.rollouts import NoSuchRolloutError, RolloutState
from storage.step_store import StepStore, Taken, UnknownLeadError

BATCH = 50
AT_ONCE = 4
"""Steps under way: live leads have the rest of the database's attention."""
SILENCE = timedelta(seconds=60)
"""A rollout that has not got on for so long is rung again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reached:
    """How a rollout stands after a while."""

    state: RolloutState
    starts_at: datetime | None = None
    """It is not in force yet: come back then."""


class RolloutReach:
    """Goes through the leads of rollouts. `pace` waits so many seconds."""

    def __init__(
        self,
        engine: AsyncEngine,
        steps: StepStore,
        shelves: Shelves,
        *,
        leads_a_second: float,
        pace: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._steps = steps
        self._shelves = shelves
        self._rate = leads_a_second
        self._pace = pace

    async def go_on(
        self, revision: int, now: Callable[[], datetime], seconds: float, beat: Callable[[], None] = lambda: None
    ) -> Reached:
        """Reach leads for so many seconds, or until none is left or somebody stops it. `beat` is called in between.

        Raises `DatabaseAwayError` and `NoSuchRolloutError`.
        """
        shelf = await self._shelves.at_least(revision)
        if revision > shelf.latest:
            raise NoSuchRolloutError
        book = shelf.number(revision)
        if book.in_force_from > now():
            return Reached(RolloutState.RUNNING, starts_at=book.in_force_from)
        stages = [stage.value for stage in SALES_STAGES | (OPEN_STAGES & book.playbook.stages.keys())]
        began, ends_at = time.monotonic(), time.monotonic() + seconds
        reached = 0
        while True:
            state, count = await self._batch(revision, stages, book.in_force_from, now)
            reached += count
            beat()
            if state is not RolloutState.RUNNING or time.monotonic() >= ends_at:
                return Reached(state)
            await self._pace(max(began + reached / self._rate - time.monotonic(), 0))

    async def _batch(
        self, revision: int, stages: list[str], in_force_from: datetime, now: Callable[[], datetime]
    ) -> tuple[RolloutState, int]:
        wanted = {"stages": stages, "known_by": in_force_from}
        async with pipelined(self._engine) as pipeline:
            pipeline.send(rollout_sql.STILL, revision=revision)
            look = pipeline.send(rollout_sql.LOOK, revision=revision)
        if look.first is None:
            raise NoSuchRolloutError
        state = RolloutState(look.first.state)
        if state is not RolloutState.RUNNING:
            return state, 0
        before = look.first.reached_to
        async with pipelined(self._engine) as pipeline:
            if look.first.total is None:
                pipeline.send(rollout_sql.COUNT, revision=revision, **wanted)
            found = pipeline.send(rollout_sql.NEXT, after=before or UUID(int=0), limit=self._batch_size, **wanted)
        leads = [row.lead_id for row in found.rows]
        if not leads:
            async with pipelined(self._engine) as pipeline:
                pipeline.send(rollout_sql.DONE, revision=revision, now=now())
            return RolloutState.DONE, 0
        adopted = await self._step(leads, now)
        async with pipelined(self._engine) as pipeline:
            pipeline.send(
                rollout_sql.REACHED, revision=revision, reached=len(leads), adopted=adopted, reached_to=leads[-1],
                was=before, ring_at=now() + SILENCE,
            )  # fmt: skip
        return state, len(leads)

    @property
    def _batch_size(self) -> int:
        """Half a second's worth, so that a slow rollout is as even as a fast one."""
        return max(1, min(BATCH, int(self._rate / 2)))

    async def _step(self, leads: Sequence[UUID], now: Callable[[], datetime]) -> int:
        """A step of each, the plain ones together. Returns how many had something to adopt."""
        plain = await adopt_many(self._engine, self._shelves, leads, now())
        waiting, adopted = iter(plain.left), plain.adopted

        async def work() -> None:
            nonlocal adopted
            for lead_id in waiting:
                has_adopted = await self._step_one(lead_id, now())
                adopted += has_adopted

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(work())
        return adopted

    async def _step_one(self, lead_id: UUID, now: datetime) -> bool:
        try:
            taken: Taken = await self._steps.take_step(lead_id, now, aside=True)
        except UnknownLeadError:
            return False
        return taken.has_adopted


class RolloutBook:
    """The courier's side of rollouts. Raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def take(self, now: datetime) -> list[int]:
        """Revisions whose rollout is to be rung now; rung again unless it gets on."""
        async with pipelined(self._engine) as pipeline:
            taken = pipeline.send(rollout_sql.TAKE, now=now, again_at=now + SILENCE)
        return [row.revision for row in taken.rows]

    async def put_back(self, revision: int, now: datetime) -> None:
        """It could not be rung: it is due again at once."""
        async with pipelined(self._engine) as pipeline:
            pipeline.send(rollout_sql.PUT_BACK, revision=revision, now=now)
