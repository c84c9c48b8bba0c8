"""Actions on their way: claimed, finished, put off, parked.

A step locks the actions it may withdraw until it commits. So either a step has withdrawn the action and nothing is
sent, or the step finds it claimed and knows that it may have been. A claim is a lease: `retry_at` of a claimed row is
when its worker is given up for dead. Every later write names the attempt, so that a worker thought dead undoes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.brief import Claim, Standing
from leads.post import Dropped, Ending, Fate, Manners, Post
from storage import outbox_sql
from storage.briefs import ACTION
from storage.engine import transaction
from storage.outbox import sort_out, take
from storage.pipeline import pipelined
from storage.playbooks import Shelves
from storage.settling import Settling
from storage.tables import actions, leads

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
        """Take an action that is pending, or whose last claim has run out; else say how it stands.

        One that was held for somebody is taken together with everything that is due for the same people.
        """
        async with pipelined(self._engine) as pipeline:
            lease_ends = now + self._lease
            claimed = pipeline.send(outbox_sql.CLAIM, action_id=action_id, now=now, lease_ends=lease_ends)
        if claimed.first is not None:
            return Claim(Standing.GRANTED, action_id, claimed.first.attempts)
        manners = await self._manners(now)
        async with pipelined(self._engine) as pipeline:
            claim = await take(pipeline, manners, action_id, now, now + self._lease)
            if claim is not None:
                return claim
            found = pipeline.send(outbox_sql.STATE, action_id=action_id)
        if found.first is None:
            return Claim(Standing.WITHDRAWN, action_id)
        return Claim(_STANDINGS.get(found.first.state, Standing.HELD), action_id)

    async def post(self, claim: Claim, now: datetime) -> Post | None:
        """What is to go out now, and to whom; None: another worker has taken over. Raises what `read_brief` raises."""
        async with pipelined(self._engine) as pipeline:
            found = pipeline.send(ACTION, action_id=claim.action_id)
        # on a connection of its own, so never while holding one
        shelf = await self._shelves.at_least(found.first.newest_revision or 0 if found.first else 0)
        async with pipelined(self._engine) as pipeline:
            return await sort_out(pipeline, shelf, claim, found, now, ends=now + self._lease)

    async def settle(
        self, claim: Claim, now: datetime, ending: Ending, fates: Sequence[Fate] = (), dropped: Sequence[Dropped] = (),
        *, last_attempt: int,
    ) -> None:  # fmt: skip
        """Write what became of a post. Of what went with it, what has failed `last_attempt` times is parked."""
        manners = await self._manners(now)
        async with pipelined(self._engine) as pipeline:
            Settling(pipeline, manners, now, last_attempt).settle(claim, ending, fates, dropped)

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

    async def _manners(self, now: datetime) -> Manners:
        """As this process last read them: a revision too old holds a letter a little longer or shorter, no more."""
        return Manners.of((await self._shelves.at_least(0)).in_force(now).playbook)


async def _lock_lead(connection: AsyncConnection, action_id: UUID) -> None:
    """Lock the action's lead before the action, in the order of a step."""
    lead_id = select(actions.c.lead_id).where(actions.c.action_id == action_id).scalar_subquery()
    await connection.execute(select(leads.c.lead_id).where(leads.c.lead_id == lead_id).with_for_update(key_share=True))
