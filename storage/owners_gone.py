"""Telling leads that their owner is away or has left: found by index, posted in batches, each lead told once.

What is looked for is how things are, not what has changed: an absence that begins when nobody looks, a lead that is
given to somebody who is away by now, a courier that died half way, all are found by the next look; an absence that was
taken back is not found at all.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.posted import ROSTER_SOURCE
from storage.pipeline import pipelined
from storage.playbooks import Shelves
from storage.post_facts import LeadFact, post_facts
from storage.tables import leads, people

BATCH = 500
"""Leads told in one transaction."""
OWNED = ("qualified", "assigned", "accepted", "working", "opportunity")
"""Stages in which a lead may be in somebody's hands."""

# Who left counts as gone whatever absences say. The word names the absence as it stands: one that is made longer is
# told anew. First those whose promises are due first; what a step has in hand now is told at the next look.
_TAKE = """
WITH gone AS (
    SELECT person_id, 'left:' || coalesce(extract(epoch FROM left_at), 0) AS word, NULL::uuid AS absence,
           NULL::timestamptz AS until
    FROM people WHERE NOT is_active
    UNION ALL
    SELECT DISTINCT ON (a.person_id)
        a.person_id, 'away:' || a.absence_id || ':' || extract(epoch FROM a.ends_at), a.absence_id, a.ends_at
    FROM absences a JOIN people p ON p.person_id = a.person_id AND p.is_active
    WHERE %(tells_away)s AND a.ends_at > %(now)s AND a.starts_at <= %(now)s
    ORDER BY 1, 4 DESC
), concerned AS (
    SELECT l.lead_id, gone.* FROM gone CROSS JOIN LATERAL (
        SELECT l.lead_id, l.due_at FROM leads l
        WHERE l.owner = gone.person_id AND l.stage = ANY (CAST(%(stages)s AS text[]))
          AND l.gone_told IS DISTINCT FROM gone.word
          AND (l.untouched OR gone.absence IS NULL OR %(tells_touched)s)
        ORDER BY l.due_at, l.lead_id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
    ) AS l
    ORDER BY l.due_at, l.lead_id LIMIT %(limit)s
), marked AS (
    UPDATE leads l SET gone_told = concerned.word FROM concerned WHERE l.lead_id = concerned.lead_id
)
SELECT concerned.*, (
    SELECT max(h.owner_since) FROM hand_offs h WHERE h.lead_id = concerned.lead_id AND h.ended_at IS NULL
) AS owner_since
FROM concerned
"""


def owned_by_leavers_query() -> Select[int]:
    """How many open leads are owned by somebody who has left."""
    return (
        select(func.count())
        .select_from(people.join(leads, leads.c.owner == people.c.person_id))
        .where(~people.c.is_active, leads.c.stage.in_(OWNED))
    )


class OwnersGone:
    """Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def tell(self, now: datetime, limit: int = BATCH) -> int:
        """Tell the next leads of owners who are away or have left; returns how many were found.

        Leads that the playbook lets wait for anybody who is away are not told of it. Two couriers may do so at once.
        """
        async with pipelined(self._engine) as pipeline:
            newest = pipeline.send("SELECT max(number) AS number FROM playbook_revisions")
            await pipeline.flush()
            if newest.first.number is None:
                return 0
            policy = (await self._shelves.at_least(newest.first.number)).in_force(now).playbook.absences
            wants = {
                "tells_away": policy.untouched != "keep" or policy.touched != "keep",
                "tells_touched": policy.touched != "keep",
            }
            found = pipeline.send(_TAKE, now=now, stages=list(OWNED), limit=limit, **wants)
            await pipeline.flush()
            post_facts(pipeline, [_fact(row) for row in found.rows], source=ROSTER_SOURCE, now=now)
        return len(found.rows)


def _fact(row: Any) -> LeadFact:
    since = int(row.owner_since.timestamp() * 1_000_000) if row.owner_since else 0
    event_id = f"{row.word}/{row.lead_id}/{since}"
    if row.absence is None:
        return LeadFact(row.lead_id, "owner.left", event_id, {"person": row.person_id})
    data = {"person": row.person_id, "absence": str(row.absence), "until": row.until.isoformat()}
    return LeadFact(row.lead_id, "owner.away", event_id, data)
