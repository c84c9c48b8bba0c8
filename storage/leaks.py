"""Leaks: leads that nothing would ever wake, or that belong to nobody. There must be none.

Each kind is a question answered from a partial index of just such leads, so that looking costs nothing where all is
well. Whether a lead's workflow runs only Temporal knows.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.engine import transaction
from storage.tables import leaks_left
from storage.tables.lives import OWNERLESS, UNWAKEABLE

AT_MOST = 10_000
"""Leads of one kind that one look finds."""
PAGE = 1_000
_YOUNG = "interval '2 minutes'"
"""So old is a lead before it is missed: its first step may still be under way."""


class Leak(StrEnum):
    NOBODYS = "nobodys"
    """With sales, and without owner or queue."""
    NO_NEXT_INSTANT = "no_next_instant"
    """Open, and nothing would wake it."""
    HAND_UNASSIGNED = "hand_unassigned"
    """A raised hand for over 15 minutes without an owner, while the machine could give it one: not in a queue."""
    NEVER_RUNG = "never_rung"
    """Unread mail of which the courier does not know."""
    STUCK = "stuck"
    """The core fails on a fact of it."""
    OWNER_LEFT = "owner_left"
    """Its owner has left for over an hour."""
    NO_WORKFLOW = "no_workflow"
    """Open, and no workflow runs for it."""


QUESTIONS: Mapping[Leak, str] = {
    Leak.NOBODYS: f"SELECT lead_id FROM leads WHERE {OWNERLESS}",  # noqa: S608  a constant of ours
    Leak.NO_NEXT_INSTANT: f"""
        SELECT lead_id FROM leads WHERE {UNWAKEABLE} AND created_at < now() - {_YOUNG}
    """,  # noqa: S608  same
    Leak.HAND_UNASSIGNED: """
        SELECT l.lead_id FROM leads l JOIN hand_offs h USING (lead_id)
        WHERE l.stage = 'qualified' AND l.is_counted AND h.ended_at IS NULL AND h.owner IS NULL AND h.queue IS NULL
          AND NOT h.quiet AND h.raised_at < now() - interval '15 minutes'
    """,
    Leak.NEVER_RUNG: """
        SELECT lead_id FROM mailboxes
        WHERE last_sequence > read_to AND ring_due_at IS NULL
    """,
    Leak.STUCK: "SELECT lead_id FROM leads WHERE stuck_since IS NOT NULL",
    Leak.OWNER_LEFT: """
        SELECT l.lead_id FROM people p JOIN leads l ON l.owner = p.person_id
        WHERE NOT p.is_active AND l.is_open AND l.updated_at < now() - interval '1 hour'
    """,
}
_OPEN = text(f"""
SELECT lead_id FROM leads
WHERE is_open AND lead_id > :after AND created_at < now() - {_YOUNG} ORDER BY lead_id LIMIT {PAGE}
""")  # noqa: S608  constants of this module
_ARM = text("""
UPDATE mailboxes SET ring_due_at = :now
WHERE lead_id IN (
    SELECT lead_id FROM mailboxes WHERE lead_id = ANY (:leads) ORDER BY lead_id FOR NO KEY UPDATE SKIP LOCKED
) AND last_sequence > read_to AND ring_due_at IS NULL
""")


class Leaks:
    """The database's side of the hunt. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def found(self) -> dict[str, list[str]]:
        """Leads by kind, of those kinds that the database knows of; at most ten thousand of each."""
        async with transaction(self._engine) as connection:
            return {kind.value: [str(lead) for lead in await _leads_of(connection, kind)] for kind in QUESTIONS}

    async def open_leads(self) -> AsyncIterator[list[str]]:
        """All that should have a workflow, page by page."""
        after = UUID(int=0)
        while True:
            async with transaction(self._engine) as connection:
                page = [*await connection.scalars(_OPEN, {"after": after})]
            if page:
                yield [str(lead_id) for lead_id in page]
                after = page[-1]
            if len(page) < PAGE:
                return

    async def arm(self, leads: list[str], now: datetime) -> None:
        """Have the courier ring these, whose mail it would never find."""
        async with transaction(self._engine) as connection:
            await connection.execute(_ARM, {"leads": [UUID(lead) for lead in leads], "now": now})

    async def note(self, left: Mapping[str, int], now: datetime) -> None:
        """What is left, for whoever serves numbers."""
        rows = [{"kind": kind, "leads": number, "looked_at": now} for kind, number in sorted(left.items())]
        async with transaction(self._engine) as connection:
            await connection.execute(delete(leaks_left))
            await connection.execute(insert(leaks_left), rows)


async def _leads_of(connection: AsyncConnection, kind: Leak) -> list[UUID]:
    return [*await connection.scalars(text(f"{QUESTIONS[kind]} LIMIT {AT_MOST}"))]


async def read_left(connection: AsyncConnection) -> dict[str, tuple[int, datetime]]:
    """By kind: how many leads the last hunt left, and when it looked."""
    return {row.kind: (row.leads, row.looked_at) for row in await connection.execute(select(leaks_left))}
