"""Rollouts: how far a revision has reached the leads whose promises it moves, and what somebody says to that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from leads.posted import PLAYBOOK_SOURCE
from leads.running import Running
from storage import rollout_sql
from storage.pipeline import pipelined


class RolloutState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """A later revision's rollout reaches the leads that are left."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A rollout as it stands."""

    revision: int
    state: RolloutState
    running: Running
    in_force_from: datetime
    begun_at: datetime
    ended_at: datetime | None
    changed_by: str
    why: str | None
    total: int | None
    """Leads to be reached; None while they have not been counted."""
    reached: int
    adopted: int
    held_leads: int
    held_clocks: int


@dataclass(frozen=True, slots=True)
class HeldClock:
    """A promise that the revision would break the moment it is adopted."""

    lead_id: UUID
    key: str
    clock: str
    owner: str | None
    team: str | None
    due_at: datetime
    held_due_at: datetime


class NoSuchRolloutError(LookupError):
    """No revision of this number has been rolled out."""


class RolloutOverError(Exception):
    """It cannot do that any more: `state` says why."""

    def __init__(self, state: RolloutState) -> None:
        super().__init__(state)
        self.state = state


class RolloutStore:
    """The admin's side of rollouts. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self, *, before: int | None, limit: int, now: datetime) -> Sequence[Rollout]:
        """The newest first, numbered under `before`."""
        async with pipelined(self._engine) as pipeline:
            found = pipeline.send(rollout_sql.LIST, before=before or rollout_sql.NO_LIMIT, limit=limit, now=now)
        return [_rollout(row) for row in found.rows]

    async def get(self, revision: int, *, now: datetime) -> Rollout:
        """Raises `NoSuchRolloutError`."""
        found = await self.list(before=revision + 1, limit=1, now=now)
        if not found or found[0].revision != revision:
            raise NoSuchRolloutError
        return found[0]

    async def held(
        self, revision: int, *, after: tuple[UUID, str] | None, limit: int, now: datetime
    ) -> Sequence[HeldClock]:
        """What waits to be confirmed, by lead and clock."""
        lead, key = after or (UUID(int=0), "")
        async with pipelined(self._engine) as pipeline:
            found = pipeline.send(rollout_sql.HELD, revision=revision, lead=lead, key=key, limit=limit, now=now)
        return [HeldClock(*row) for row in found.rows]

    async def pause(self, revision: int, *, by: str, now: datetime) -> Rollout:
        """Leads not reached stay as they are until it goes on. Raises as `cancel`."""
        return await self._change(rollout_sql.PAUSE, revision, by, now, done=RolloutState.PAUSED)

    async def resume(self, revision: int, *, by: str, now: datetime) -> Rollout:
        """Raises as `cancel`."""
        return await self._change(rollout_sql.RESUME, revision, by, now, done=RolloutState.RUNNING)

    async def cancel(self, revision: int, *, by: str, now: datetime) -> Rollout:
        """What has been adopted stays; leads not reached finish what runs as it was.

        Raises `NoSuchRolloutError`, and `RolloutOverError` once it has ended otherwise.
        """
        return await self._change(rollout_sql.CANCEL, revision, by, now, done=RolloutState.CANCELLED)

    async def confirm(self, revision: int, *, by: str, now: datetime) -> int:
        """What the revision would have broken at once is due now. Returns how many leads are told. Raises as `get`."""
        return await self._settle("playbook.hold_released", revision, by, now)

    async def waive(self, revision: int, *, by: str, now: datetime) -> int:
        """What the revision would have broken at once finishes as it was. Returns how many leads. Raises as `get`."""
        return await self._settle("playbook.hold_waived", revision, by, now)

    async def _change(self, statement: str, revision: int, by: str, now: datetime, *, done: RolloutState) -> Rollout:
        async with pipelined(self._engine) as pipeline:
            pipeline.send(statement, revision=revision, by=by, now=now)
        stands = await self.get(revision, now=now)
        if stands.state is not done and not (done is RolloutState.RUNNING and stands.state is RolloutState.DONE):
            raise RolloutOverError(stands.state)
        return stands

    async def _settle(self, fact: str, revision: int, by: str, now: datetime) -> int:
        await self.get(revision, now=now)
        named = f"{fact}:{revision}:{now.isoformat()}:"
        async with pipelined(self._engine) as pipeline:
            pipeline.send(rollout_sql.LOCK, revision=revision)
            posted = pipeline.send(
                rollout_sql.SETTLE, type=fact, source=PLAYBOOK_SOURCE, named=named, revision=revision, by=by, now=now
            )
        return len(posted.rows)


def _rollout(row: Any) -> Rollout:
    return Rollout(
        revision=row.revision,
        state=RolloutState(row.state),
        running=Running.model_validate(row.running or {}),
        in_force_from=row.in_force_from,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        changed_by=row.changed_by,
        why=row.why,
        total=row.total,
        reached=row.reached,
        adopted=row.adopted,
        held_leads=row.held_leads,
        held_clocks=row.held_clocks,
    )
