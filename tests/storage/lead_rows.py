"""Many leads as rows, for queries that must go by index."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_FILL = """
INSERT INTO leads (lead_id, created_at, stage, segment, team, owner, source, is_open, provisional, captured_at, due_at,
                   ignored_at, untouched, stuck_since, revision, updated_at, email_normalised)
SELECT ('01990000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, :now,
       (ARRAY['assigned', 'working', 'nurturing', 'won', 'lost'])[1 + i % 5], 'hot', 'team' || i % 20,
       'rep' || i % 200, 'source' || i % 10, i % 5 < 3, false, :now, :now,
       CASE WHEN i % 50 = 0 THEN CAST(:now AS timestamptz) END, i % 3 = 0,
       CASE WHEN i % 1000 = 0 THEN CAST(:now AS timestamptz) END, 1, :now, 'a' || i || '@example.com'
FROM generate_series(1, :count) AS i;
INSERT INTO mailboxes (lead_id, last_sequence, read_to)
SELECT lead_id, 3, 3 FROM leads;
INSERT INTO lead_states (lead_id, state, own_number) SELECT lead_id, '{}', 1 FROM leads;
INSERT INTO identities (stream, system, key, entity_id)
SELECT 'lead', 'default', 'L-' || row_number() OVER (ORDER BY lead_id), lead_id FROM leads;
INSERT INTO clocks (lead_id, key, clock, started_at, due_at, ended_at, outcome)
SELECT lead_id, c || chr(58) || 'crm/1', c, :now, CAST(:now AS timestamptz) + make_interval(mins => (n % 7 - 1)::int),
       CASE WHEN n % 6 > 0 THEN CAST(:now AS timestamptz) END,
       (ARRAY[NULL, 'met', 'met', 'met', 'breached', 'cancelled'])[1 + n % 6]
FROM (SELECT lead_id, row_number() OVER (ORDER BY lead_id) AS n FROM leads) l,
     unnest('{assign,first_touch}'::text[]) AS c;
INSERT INTO hand_offs (lead_id, id, number, kind, segment, team, owner, opened_at, horizon_at, is_ignored, touched_at)
SELECT lead_id, 'crm/' || n, n, 'marketing_to_rep', 'hot', team, owner, :now, :now, ignored_at IS NOT NULL,
       CASE WHEN NOT untouched THEN CAST(:now AS timestamptz) END
FROM leads, generate_series(1, 2) AS n;
INSERT INTO journal (lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at)
SELECT lead_id, 'mail', n, 0, 'lead.captured', :now, 'crm', lead_id || '-' || n, '{"source": "website"}', :now
FROM leads, generate_series(1, 3) AS n;
INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
SELECT lead_id, n, 'fact' || chr(58) || n, :now, :now, 'fact',
       jsonb_build_object('type', 'lead.captured', 'book', 'mail', 'number', n)
FROM leads, generate_series(1, 3) AS n;
ANALYZE leads, mailboxes, lead_states, identities, clocks, hand_offs, journal, timeline
"""


async def fill(engine: AsyncEngine, count: int, now: datetime) -> None:
    """`count` leads in every state, each with two hand-offs, two promises and three events; the planner knows them."""
    given = {"now": now, "count": count}
    async with engine.begin() as connection:
        for statement in _FILL.split(";"):
            await connection.execute(
                text(statement), {name: value for name, value in given.items() if f":{name}" in statement}
            )


async def plan(engine: AsyncEngine, query: Any) -> str:
    """The planner's way to answer a query."""
    async with engine.connect() as connection:
        compiled = query.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        return "\n".join((await connection.exec_driver_sql(f"EXPLAIN {compiled}")).scalars())
