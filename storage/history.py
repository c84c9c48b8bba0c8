"""Folding history in bulk: the steps of many leads in one transaction, for an import.

Only plain cases are taken: leads none of whose actions is under way and whose turn asks nothing and tells nobody. The
others are left to ordinary steps, one by one. What is written is what those steps would have written, except the wake.

How imported leads come to life: a step leaves an open lead the instant of its next wake, and the courier's sweep rings
leads whose wake has passed. So an open lead is left a wake of its own, a slot in an even sequence, and thousands of
leads get their workflows at that pace instead of all at once. Ended leads have no wake and get none.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.accounts import AskAccount
from leads.entries import Entry
from leads.lifecycle import Question, Turn, advance
from leads.revisions import Shelf
from leads.stages import Stage
from leads.state import Lead, load_state
from storage import accounts_sql, history_sql, kept_rows, turn_rows
from storage.accounts_sql import facts_among
from storage.codec import to_entry, to_row
from storage.engine import driver_connection
from storage.kept_rows import Kept, changed
from storage.listed_rows import KEEP_LISTED
from storage.playbooks import Shelves
from storage.turn_rows import as_json

MAIL_LIMIT = 500
"""Leads with more unread mail are left to ordinary steps, which read it in portions."""

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class FoldedHistory:
    """What became of the leads asked for; those that had no unread mail are in neither."""

    stages: dict[UUID, Stage] = field(default_factory=dict)
    left: list[UUID] = field(default_factory=list)
    """To be stepped one by one."""
    asleep: list[UUID] = field(default_factory=list)
    """Folded, open, and given a slot to wake in."""


@dataclass(slots=True)
class _Written:
    """The rows of one transaction."""

    entries: Rows = field(default_factory=list)
    told: Rows = field(default_factory=list)
    clocks: Rows = field(default_factory=list)
    hand_offs: Rows = field(default_factory=list)
    listed: Rows = field(default_factory=list)
    companies: Rows = field(default_factory=list)
    standings: Rows = field(default_factory=list)


class HistoryStore:
    """Folds unread history. Raises `DatabaseAwayError`; nothing of that call is then known to be folded."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def fold(self, lead_ids: Sequence[UUID], now: datetime, next_slot: Callable[[], datetime]) -> FoldedHistory:
        """Fold the unread mail of these leads (some hundred at most); an open one wakes in the next slot."""
        async with driver_connection(self._engine) as connection, connection.pipeline(), connection.transaction():
            params = {"leads": list(lead_ids), "limit": MAIL_LIMIT}
            await connection.execute(history_sql.BY_INDEX)
            await connection.execute(history_sql.LOCK, params)
            looks = await _fetch(connection, history_sql.LOOK, params)
            mail: dict[UUID, list[Any]] = {}
            for row in await _fetch(connection, history_sql.READ_MAIL, params):
                mail.setdefault(row.lead_id, []).append(row)
            shelf = await self._shelves.at_least(looks[0].newest_revision or 0) if looks else None
            folded, written = FoldedHistory(), _Written()
            begun = [_Begun.at(look, mail.get(look.lead_id, []), now, shelf) for look in looks] if shelf else []
            keys = sorted({key for one in begun if one is not None for key in one.keys})
            accounts = await _fetch(connection, accounts_sql.FIND, {"keys": keys}) if keys else []
            for look, one in zip(looks, begun, strict=True):
                turn_before = one.turn(accounts) if one is not None else None
                if turn_before is None:
                    folded.left.append(look.lead_id)
                else:
                    _take(folded, written, look.lead_id, *turn_before, now=now, next_slot=next_slot)
            taken = folded.stages.keys() | set(folded.left)
            folded.left += [lead_id for lead_id in lead_ids if lead_id not in taken]
            if folded.stages:
                await _write(connection, written, now)
        return folded

    async def bring_forward(self, lead_ids: Sequence[UUID], first: datetime, gap: timedelta) -> None:
        """Let these leads, where they sleep longer than that, wake one after the other from `first` on."""
        async with driver_connection(self._engine) as connection, connection.transaction():
            params = {"leads": list(lead_ids), "first": first, "gap": gap}
            await connection.execute(history_sql.BY_INDEX)
            await connection.execute(history_sql.BRING_FORWARD, params)


@dataclass(slots=True)
class _Begun:
    """A turn under way: over already, or at its question for the lead's account, which is answered for all at once."""

    lead_id: UUID
    before: Kept
    life: Generator[Question, Any, Turn]
    done: Turn | None = None
    keys: tuple[str, ...] = ()

    @classmethod
    def at(cls, look: Any, rows: list[Any], now: datetime, shelf: Shelf) -> "_Begun | None":
        """None for a lead that an ordinary step must take."""
        try:
            mail: list[Entry] = [to_entry(row) for row in rows]
            lead = load_state(look.state) if look.state else Lead(str(look.lead_id))
            begun = cls(look.lead_id, Kept.of(lead, now), advance(lead, mail, now, shelf))
            return begun if begun._goes_on(None) else None
        except Exception:  # noqa: BLE001  an ordinary step meets the same, and marks the lead stuck
            return None

    def _goes_on(self, answer: Any) -> bool:
        """False: it asks who is in a team, how burdened somebody is, for all that is stored."""
        try:
            question = self.life.send(answer)
        except StopIteration as done:
            self.done = done.value
            return True
        if self.keys or not isinstance(question, AskAccount):
            return False
        self.keys = question.keys
        return True

    def turn(self, accounts: Sequence[Any]) -> tuple[Turn, Kept] | None:
        """The turn with the rows as they were before it; None for a lead that an ordinary step must take."""
        try:
            if self.keys and not self._goes_on(facts_among(accounts, self.keys)):
                return None
        except Exception:  # noqa: BLE001  an ordinary step meets the same, and marks the lead stuck
            return None
        turn = self.done
        if turn is None or turn.refolded:
            return None
        tells = turn_rows.action_rows(self.lead_id, turn) or turn_rows.withdrawn_keys(turn)
        return None if tells else (turn, self.before)


def _take(
    folded: FoldedHistory,
    written: _Written,
    lead_id: UUID,
    turn: Turn,
    before: Kept,
    *,
    now: datetime,
    next_slot: Callable[[], datetime],
) -> None:
    """Note the rows of a turn."""
    lead = turn.lead
    wake_at = turn.wake_at
    if wake_at is not None:
        wake_at = min(wake_at, next_slot())
        folded.asleep.append(lead_id)
    folded.stages[lead_id] = lead.stage
    name = {"lead_id": lead_id}
    written.entries += [to_row(lead_id, entry) for entry in turn.entries]
    written.told += [name | row for row in turn_rows.timeline_rows(turn.happenings)]
    after = Kept.of(lead, now)
    written.clocks += changed(before.clocks, after.clocks)
    written.hand_offs += changed(before.hand_offs, after.hand_offs)
    written.listed += changed(before.listed, after.listed)
    written.companies += [{"key": key, "lead_id": lead_id} for key in sorted(after.companies - before.companies)]
    written.standings.append(turn_rows.standing(lead_id, turn, now=now, wake_at=wake_at))


async def _write(connection: psycopg.AsyncConnection[Any], written: _Written, now: datetime) -> None:
    told = {"entries": as_json(written.entries), "told": as_json(written.told), "now": now}
    await connection.execute(history_sql.RECORD, told)
    kept = {"clocks": as_json(written.clocks), "hand_offs": as_json(written.hand_offs)}
    await connection.execute(kept_rows.KEEP, kept)
    if written.listed:
        await connection.execute(KEEP_LISTED, {"listed": as_json(written.listed)})
    if written.companies:
        await connection.execute(history_sql.KEEP_COMPANIES, {"rows": as_json(written.companies)})
    await connection.execute(history_sql.STAND, {"rows": as_json(written.standings)})


async def _fetch(connection: psycopg.AsyncConnection[Any], statement: str, params: dict[str, Any]) -> list[Any]:
    cursor = connection.cursor(row_factory=namedtuple_row)
    await cursor.execute(statement, params)
    return await cursor.fetchall()
