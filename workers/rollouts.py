"""Rollouts between the rooms: the activity's store on the real one, and the bell that the courier rings."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from temporalio.client import Client, RPCError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.rollout import Standing
from storage.engine import DatabaseAwayError
from storage.rollout_reach import Reached
from storage.rollouts import NoSuchRolloutError, Rollout, RolloutState
from workflows.front_door import PLAYBOOK_ROLLOUT, RING, ROLLOUTS_QUEUE, rollout_workflow_id

LOOK_SECONDS = 1.0
RING_PATIENCE = timedelta(seconds=5)
LONGEST_WAIT_SECONDS = 15.0

log = structlog.get_logger()


class StoreAway(Exception):  # noqa: N818  the field says a store is away, not an away error
    """The database does not answer: go on later."""

    code = "store_away"


class Reach(Protocol):
    """`storage.rollout_reach.RolloutReach`, as far as it is used here."""

    async def go_on(
        self, revision: int, now: Callable[[], datetime], seconds: float, beat: Callable[[], None]
    ) -> Reached: ...


class Rollouts(Protocol):
    """`storage.rollouts.RolloutStore`, as far as it is used here."""

    async def get(self, revision: int, *, now: datetime) -> Rollout: ...


class StoredRollouts:
    """A `RolloutStore` for the activity."""

    def __init__(self, reach: Reach, rollouts: Rollouts, now: Callable[[], datetime]) -> None:
        self._reach = reach
        self._rollouts = rollouts
        self._now = now

    async def go_on(self, revision: int, seconds: float, beat: Callable[[], None]) -> Standing:
        """Raises `StoreAway`. A rollout that there is none of counts as over."""
        try:
            reached = await self._reach.go_on(revision, self._now, seconds, beat)
            stands = await self._rollouts.get(revision, now=self._now())
        except DatabaseAwayError as away:
            raise StoreAway("the database is away: go on later") from away
        except NoSuchRolloutError:
            return Standing(RolloutState.CANCELLED.value)
        starts_at = reached.starts_at.isoformat() if reached.starts_at else None
        return Standing(reached.state.value, starts_at, progress_of(stands))


def progress_of(rollout: Rollout) -> str:
    """In numbers, for Temporal's page."""
    total = "?" if rollout.total is None else rollout.total
    return f"{rollout.reached} of {total} leads reached, {rollout.adopted} adopted, {rollout.held_clocks} promises held"


class RolloutBells:
    """Rings rollouts through Temporal."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ring(self, revision: int) -> None:
        """Ring one rollout, started where none runs. Raises `RPCError` where Temporal does not take it."""
        await self._client.start_workflow(
            PLAYBOOK_ROLLOUT,
            revision,
            id=rollout_workflow_id(revision),
            task_queue=ROLLOUTS_QUEUE,
            start_signal=RING,
            static_summary=f"revision {revision}",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            rpc_timeout=RING_PATIENCE,
        )


class Book(Protocol):
    """`storage.rollout_reach.RolloutBook`, as far as it is used here."""

    async def take(self, now: datetime) -> list[int]: ...

    async def put_back(self, revision: int, now: datetime) -> None: ...


async def ring_rollouts(book: Book, ring: Callable[[int], Awaitable[None]], now: Callable[[], datetime]) -> None:
    """Ring whichever rollout is due, until cancelled. Database or Temporal away: wait, and lose nothing."""
    wait = LOOK_SECONDS
    while True:
        is_away = await _ring_due(book, ring, now)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS) if is_away else LOOK_SECONDS
        await asyncio.sleep(wait)


async def _ring_due(book: Book, ring: Callable[[int], Awaitable[None]], now: Callable[[], datetime]) -> bool:
    try:
        for revision in await book.take(now()):
            try:
                await ring(revision)
            except RPCError as error:
                log.warning("rollout_not_rung", revision=revision, code=error.status.name)
                await book.put_back(revision, now())
                return True
            log.info("rollout_rung", revision=revision)
    except DatabaseAwayError:
        return True
    return False
