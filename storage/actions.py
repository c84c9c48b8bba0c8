"""Actions on their way: claimed, finished, put off, parked.

A step locks the actions it may withdraw until it commits. So either a step has withdrawn the action and nothing is
sent, or the step finds it claimed and knows that it may have been. A claim is a lease: `retry_at` of a claimed row is
when its worker is given up for dead. Every later write names the attempt, so that a worker thought dead undoes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.brief import Brief, Claim, Standing
from storage.briefs import read_brief
from storage.engine import transaction
from storage.playbooks import Shelves
from storage.tables import actions, leads, playbook_revisions

LEASE = timedelta(seconds=36)
"""Longer than a single try may take, shorter than that and the pause before the next."""
_STANDINGS = {"withdrawn": Standing.WITHDRAWN, "done": Standing.DONE, "parked": Standing.PARKED}


@dataclass(frozen=True, slots=True)
class ParkedAction:
    """An action given up for now. No personal data."""

    action_id: UUID
    lead_id: UUID
    template: str | None
    error_code: str | None
    attempts: int
    issued_at: datetime


class ActionStore:
    """The `actions` table as those see it who do what it says. One per process; raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves, *, lease: timedelta = LEASE) -> None:
        self._engine = engine
        self._shelves = shelves
        self._lease = lease

    async def claim(self, action_id: UUID, now: datetime) -> Claim:
        """Take an action that is pending, or whose last claim has run out; else say how it stands."""
        is_free = or_(actions.c.state == "pending", (actions.c.state == "claimed") & (actions.c.retry_at <= now))
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                update(actions)
                .where(actions.c.action_id == action_id, is_free)
                .values(state="claimed", claimed_at=now, retry_at=now + self._lease, attempts=actions.c.attempts + 1)
                .returning(actions.c.attempts)
            )
            if (row := rows.first()) is not None:
                return Claim(Standing.GRANTED, action_id, row.attempts)
            state = await connection.scalar(select(actions.c.state).where(actions.c.action_id == action_id))
        if state is None:
            return Claim(Standing.WITHDRAWN, action_id)
        return Claim(_STANDINGS.get(state, Standing.HELD), action_id)

    async def brief(self, claim: Claim, now: datetime) -> Brief:
        """What the notice can say now. Raises what `read_brief` raises."""
        async with transaction(self._engine) as connection:
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        shelf = await self._shelves.at_least(newest or 0)  # on a connection of its own, so never while holding one
        async with transaction(self._engine) as connection:
            return await read_brief(connection, shelf, claim.action_id, now)

    async def finish(self, claim: Claim, now: datetime, told: Sequence[str]) -> None:
        """Everyone has been told."""
        await self._write(claim, told, state="done", done_at=now, retry_at=None, error_code=None)

    async def put_off(self, claim: Claim, retry_at: datetime, code: str, told: Sequence[str]) -> None:
        """Try again at `retry_at`; `told` have heard already."""
        await self._write(claim, told, state="pending", retry_at=retry_at, error_code=code)

    async def park(self, claim: Claim, code: str, told: Sequence[str]) -> None:
        """Give it up until someone asks for another try."""
        await self._write(claim, told, state="parked", retry_at=None, error_code=code)

    async def retry_parked(self, action_id: UUID, now: datetime) -> bool:
        """Make a parked action pending again, with all its tries, and its lead wake. False when it is not parked."""
        async with transaction(self._engine) as connection:
            await _lock_lead(connection, action_id)
            rows = await connection.execute(
                update(actions)
                .where(actions.c.action_id == action_id, actions.c.state == "parked")
                .values(state="pending", attempts=0, retry_at=None)
                .returning(actions.c.lead_id)
            )
            row = rows.first()
            if row is not None:
                # the sweep rings leads whose hour has passed, ended ones too
                wake_at = func.least(func.coalesce(leads.c.wake_at, now), now)
                await connection.execute(update(leads).where(leads.c.lead_id == row.lead_id).values(wake_at=wake_at))
        return row is not None

    async def list_parked(self, limit: int = 100) -> list[ParkedAction]:
        """Parked actions, the newest leads' first."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                select(
                    actions.c.action_id,
                    actions.c.lead_id,
                    actions.c.template,
                    actions.c.error_code,
                    actions.c.attempts,
                    actions.c.issued_at,
                )
                .where(actions.c.state == "parked")
                .order_by(actions.c.lead_id.desc(), actions.c.key)
                .limit(limit)
            )
            return [ParkedAction(*row) for row in rows]

    async def count_parked(self) -> dict[str, int]:
        """How many are parked, by code."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                select(actions.c.error_code, func.count().label("parked"))
                .where(actions.c.state == "parked")
                .group_by(actions.c.error_code)
            )
            return {row.error_code or "unknown": row.parked for row in rows}

    async def _write(self, claim: Claim, told: Sequence[str], **values: Any) -> None:
        """Write under this claim, or nothing if another attempt has taken over."""
        if told:
            values["payload"] = actions.c.payload.concat(literal({"told": list(told)}, JSONB))
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(actions)
                .where(
                    actions.c.action_id == claim.action_id,
                    actions.c.state == "claimed",
                    actions.c.attempts == claim.attempt,
                )
                .values(**values)
            )


async def _lock_lead(connection: AsyncConnection, action_id: UUID) -> None:
    """Lock the action's lead before the action, in the order of a step."""
    lead_id = select(actions.c.lead_id).where(actions.c.action_id == action_id).scalar_subquery()
    await connection.execute(select(leads.c.lead_id).where(leads.c.lead_id == lead_id).with_for_update(key_share=True))
