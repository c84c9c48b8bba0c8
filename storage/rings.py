"""Which leads are to be rung: those with unread mail, and those whose alarm or action should have come a while ago.

Two couriers share the work: a row being taken by one is passed over by the other. Unanswered rings repeat after 30 s,
doubling to 15 min; a step's answer starts the count anew.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.pipeline import pipelined

_REPEAT = "least(interval '30 seconds' * power(2, least(m.rings, 5)), interval '15 minutes')"

# Ordered by the partial index on ring_due_at; locks are taken one by one and rows others hold are skipped.
_TAKE_MAIL = f"""
WITH due AS (
    SELECT lead_id FROM mailboxes
    WHERE ring_due_at <= %(now)s
    ORDER BY ring_due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE mailboxes m SET rung_at = %(now)s, rings = m.rings + 1, ring_due_at = %(now)s::timestamptz + {_REPEAT}
FROM due WHERE m.lead_id = due.lead_id RETURNING m.lead_id
"""  # noqa: S608 - a constant of this module

# a lead in nurturing wakes up to five minutes late on purpose, so that an opening hour makes no herd
_TAKE_LATE = f"""
WITH late AS (
    SELECT m.lead_id FROM leads l JOIN mailboxes m USING (lead_id)
    WHERE l.wake_at <= %(now)s::timestamptz - interval '60 seconds'
      AND (l.stage <> 'nurturing' OR l.wake_at <= %(now)s::timestamptz - interval '6 minutes')
      AND (m.rung_at IS NULL OR m.rung_at <= %(now)s::timestamptz - {_REPEAT})
    ORDER BY l.wake_at LIMIT %(limit)s FOR NO KEY UPDATE OF m SKIP LOCKED
)
UPDATE mailboxes m SET rung_at = %(now)s, rings = m.rings + 1
FROM late WHERE m.lead_id = late.lead_id RETURNING m.lead_id
"""  # noqa: S608 - a constant of this module

# tries of an action last two minutes at most; setting its hour anew keeps the next sweep from ringing again
_TAKE_UNDONE = """
WITH overdue AS (
    SELECT action_id FROM actions
    WHERE state IN ('pending', 'claimed')
      AND coalesce(retry_at, issued_at) <= %(now)s::timestamptz - interval '3 minutes'
    ORDER BY coalesce(retry_at, issued_at) LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), put_off AS (
    UPDATE actions a SET retry_at = %(now)s FROM overdue WHERE a.action_id = overdue.action_id RETURNING a.lead_id
)
SELECT DISTINCT lead_id FROM put_off
"""

_TAKE_LISTS = f"""
WITH due AS (
    SELECT name FROM lists
    WHERE look_at <= %(now)s AND (rung_at IS NULL OR rung_at <= %(now)s::timestamptz - {_REPEAT.replace("m.", "")})
    ORDER BY look_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE lists l SET rung_at = %(now)s, rings = l.rings + 1 FROM due WHERE l.name = due.name RETURNING l.name
"""  # noqa: S608 - a constant of this module

_PUT_BACK = """
UPDATE mailboxes SET rings = greatest(rings - 1, 0), rung_at = NULL,
                     ring_due_at = CASE WHEN last_sequence > read_to THEN %(now)s::timestamptz END
WHERE lead_id IN (SELECT lead_id FROM mailboxes WHERE lead_id = ANY (%(leads)s) ORDER BY lead_id FOR NO KEY UPDATE)
"""

_BACKLOG = """
SELECT count(*) AS leads, min((
    SELECT j.recorded_at FROM journal j
    WHERE j.lead_id = unread.lead_id AND j.book = 'mail' AND j.number = unread.read_to + 1
)) AS oldest FROM (
    SELECT lead_id, read_to FROM mailboxes
    WHERE last_sequence > read_to AND ring_due_at IS NOT NULL
    ORDER BY ring_due_at LIMIT 10000
) AS unread
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Unread mail as the courier sees it; counted to ten thousand leads."""

    leads: int
    oldest_at: datetime | None
    """When the mail was recorded that has waited longest."""


class Rings:
    """The courier's side of the mailboxes. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def take_mail(self, now: datetime, limit: int) -> list[UUID]:
        """Leads with unread mail whose ring is due, oldest first; each counts as rung from now on."""
        return await self._take(_TAKE_MAIL, now, limit)

    async def take_late(self, now: datetime, limit: int) -> list[UUID]:
        """Leads that should have woken a minute ago: a timer, a run or all of Temporal was lost."""
        return await self._take(_TAKE_LATE, now, limit)

    async def take_undone(self, now: datetime, limit: int) -> list[UUID]:
        """Leads with actions nobody seems to be doing, ended ones too: their run was lost, or all of Temporal."""
        return await self._take(_TAKE_UNDONE, now, limit)

    async def take_lists(self, now: datetime, limit: int) -> list[str]:
        """Bulk lists that are to be looked after, by name; a look answers the ring."""
        async with pipelined(self._engine) as pipeline:
            taken = pipeline.send(_TAKE_LISTS, now=now, limit=limit)
        return [row.name for row in taken.rows]

    async def put_back(self, leads: list[UUID], now: datetime) -> None:
        """These could not be rung: they are due again at once."""
        async with pipelined(self._engine) as pipeline:
            pipeline.send(_PUT_BACK, leads=leads, now=now)

    async def backlog(self) -> Backlog:
        """How much mail waits."""
        async with pipelined(self._engine) as pipeline:
            found = pipeline.send(_BACKLOG)
        return Backlog(found.first.leads, found.first.oldest)

    async def _take(self, statement: str, now: datetime, limit: int) -> list[UUID]:
        async with pipelined(self._engine) as pipeline:
            taken = pipeline.send(statement, now=now, limit=limit)
        return [row.lead_id for row in taken.rows]
