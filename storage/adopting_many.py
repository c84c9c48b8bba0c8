"""Adopting a revision in bulk: the steps of some leads in one transaction, for a rollout.

Only plain cases are taken: leads without unread mail whose turn asks nothing, tells nobody and folds nothing again. The
others are left to ordinary steps, one by one. What is written is what those steps would have written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.lifecycle import Turn, advance
from leads.revisions import Shelf
from leads.state import load_state
from storage import history_sql, kept_rows, turn_rows
from storage.codec import to_row
from storage.engine import driver_connection
from storage.kept_rows import Kept, changed
from storage.playbooks import Shelves
from storage.step_store import ADOPTED, adoptable, ring_at
from storage.turn_rows import as_json

_LOOK = """
SELECT m.lead_id, s.state, l.wake_at, (SELECT max(number) FROM playbook_revisions) AS newest_revision,
    (SELECT array_agg(revision) FROM playbook_rollouts WHERE state IN ('paused', 'cancelled')) AS withheld,
    (SELECT min(retry_at) FROM actions a
     WHERE a.lead_id = m.lead_id AND a.state IN ('pending', 'claimed') AND a.retry_at > %(now)s) AS retry_at
FROM mailboxes m JOIN lead_states s USING (lead_id) JOIN leads l USING (lead_id)
WHERE m.lead_id = ANY (%(leads)s) AND m.last_sequence = m.read_to AND l.stuck_since IS NULL
"""

_RING = """
UPDATE mailboxes m SET ring_due_at = least(m.ring_due_at, r.ring_at)
FROM jsonb_to_recordset(%(rows)s) AS r (lead_id uuid, ring_at timestamptz) WHERE m.lead_id = r.lead_id
"""

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class AdoptedMany:
    """What became of the leads asked for."""

    adopted: int = 0
    left: list[UUID] = field(default_factory=list)
    """To be stepped one by one."""


@dataclass(slots=True)
class _Written:
    """The rows of one transaction."""

    entries: Rows = field(default_factory=list)
    told: Rows = field(default_factory=list)
    clocks: Rows = field(default_factory=list)
    hand_offs: Rows = field(default_factory=list)
    standings: Rows = field(default_factory=list)
    rings: Rows = field(default_factory=list)


async def adopt_many(engine: AsyncEngine, shelves: Shelves, leads: Sequence[UUID], now: datetime) -> AdoptedMany:
    """Let these leads (some dozen at most: they are locked meanwhile) adopt what they have not.

    Raises `DatabaseAwayError`; nothing is then known to be written.
    """
    done, written = AdoptedMany(), _Written()
    async with driver_connection(engine) as connection, connection.pipeline(), connection.transaction():
        params = {"leads": list(leads), "now": now}
        await connection.execute(history_sql.BY_INDEX)
        await connection.execute(history_sql.LOCK, params)
        cursor = connection.cursor(row_factory=namedtuple_row)
        await cursor.execute(_LOOK, params)
        looks: list[Any] = await cursor.fetchall()
        shelf = await shelves.at_least(looks[0].newest_revision or 0) if looks else None
        for look in looks:
            taken = _turn(look, now, shelf) if shelf else None
            if taken is None:
                done.left.append(look.lead_id)
            elif taken[0].entries:
                done.adopted += any(entry.type == ADOPTED for entry in taken[0].entries)
                _note(written, look, *taken, now=now)
        seen = {look.lead_id for look in looks}
        done.left += [lead_id for lead_id in leads if lead_id not in seen]
        if written.standings:
            await _write(connection, written, now)
    return done


def _turn(look: Any, now: datetime, shelf: Shelf) -> tuple[Turn, Kept] | None:
    """The turn with the rows as they were before it; None for a lead that an ordinary step must take."""
    try:
        lead = load_state(look.state)
        before = Kept.of(lead, now)
        next(advance(lead, [], now, shelf, adopts=adoptable(shelf, look.withheld)))
    except StopIteration as done:
        turn: Turn = done.value
        tells = turn_rows.action_rows(look.lead_id, turn) or turn_rows.withdrawn_keys(turn)
        return None if tells or turn.refolded else (turn, before)
    except Exception:  # noqa: BLE001  an ordinary step meets the same, and marks the lead stuck
        return None
    return None  # it asks: who is in a team, for all that is stored


def _note(written: _Written, look: Any, turn: Turn, before: Kept, *, now: datetime) -> None:
    """Note the rows of a turn."""
    lead_id, name = look.lead_id, {"lead_id": look.lead_id}
    wakes = [instant for instant in (turn.wake_at, look.retry_at) if instant is not None]
    wake_at, after = min(wakes, default=None), Kept.of(turn.lead, now)
    written.entries += [to_row(lead_id, entry) for entry in turn.entries]
    written.told += [name | row for row in turn_rows.timeline_rows(turn.happenings)]
    written.clocks += changed(before.clocks, after.clocks)
    written.hand_offs += changed(before.hand_offs, after.hand_offs)
    written.standings.append(turn_rows.standing(lead_id, turn, now=now, wake_at=wake_at))
    rings_at = ring_at(wake_at, look.wake_at, now)
    written.rings += [name | {"ring_at": rings_at}] if rings_at is not None else []


async def _write(connection: psycopg.AsyncConnection[Any], written: _Written, now: datetime) -> None:
    told = {"entries": as_json(written.entries), "told": as_json(written.told), "now": now}
    await connection.execute(history_sql.RECORD, told)
    kept = {"clocks": as_json(written.clocks), "hand_offs": as_json(written.hand_offs)}
    await connection.execute(kept_rows.KEEP, kept)
    await connection.execute(history_sql.STAND, {"rows": as_json(written.standings)})
    await connection.execute(_RING, {"rows": as_json(written.rings)})
