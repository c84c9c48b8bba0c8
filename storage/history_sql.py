"""The statements that fold many leads at once: those of a step, with the lead's id in every row."""

BY_INDEX = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
"""
"""Everything here is found by its key; a planner without fresh statistics would rather read whole tables."""

LOCK = "SELECT lead_id FROM leads WHERE lead_id = ANY (%(leads)s) ORDER BY lead_id FOR NO KEY UPDATE"
"""In the order of their ids, so that two imports cannot deadlock."""

_HAS_PLAIN_MAIL = """
m.lead_id = ANY (%(leads)s) AND m.last_sequence > m.read_to AND m.last_sequence - m.read_to <= %(limit)s
"""

LOOK = f"""
SELECT m.lead_id, s.state, (SELECT max(number) FROM playbook_revisions) AS newest_revision
FROM mailboxes m LEFT JOIN lead_states s USING (lead_id)
WHERE {_HAS_PLAIN_MAIL}
  AND NOT EXISTS (SELECT FROM actions a WHERE a.lead_id = m.lead_id AND a.state IN ('pending', 'claimed'))
"""  # noqa: S608  put together from constants

READ_MAIL = f"""
SELECT j.lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
FROM mailboxes m JOIN journal j ON j.lead_id = m.lead_id AND j.book = 'mail' AND j.number > m.read_to
WHERE {_HAS_PLAIN_MAIL}
ORDER BY j.lead_id, j.number
"""  # noqa: S608  put together from constants

RECORD = """
WITH own AS (
    INSERT INTO journal (
        lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
    )
    SELECT lead_id, 'own', number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
    FROM jsonb_to_recordset(%(entries)s) AS r (
        lead_id uuid, number bigint, kind smallint, type text, effective_at timestamptz, source text, event_id text,
        data jsonb, recorded_at timestamptz, actor text, backfill boolean
    )
), to_count AS (
    INSERT INTO tally_queue (lead_id)
    SELECT DISTINCT lead_id FROM jsonb_to_recordset(%(told)s) AS r (lead_id uuid)
)
INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
SELECT r.lead_id,
       (SELECT coalesce(max(number), 0) FROM timeline t WHERE t.lead_id = r.lead_id)
           + row_number() OVER (PARTITION BY r.lead_id ORDER BY r.place),
       r.key, r.at, %(now)s, r.kind, r.data
FROM jsonb_to_recordset(%(told)s) AS r (
    lead_id uuid, place integer, key text, at timestamptz, kind text, data jsonb
)
WHERE NOT EXISTS (SELECT FROM timeline t WHERE t.lead_id = r.lead_id AND t.key = r.key)
"""

KEEP_COMPANIES = """
INSERT INTO company_leads (key, lead_id)
SELECT key, lead_id FROM jsonb_to_recordset(%(rows)s) AS r (key text, lead_id uuid) ON CONFLICT DO NOTHING
"""

STAND = """
WITH r AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s) AS r (
        lead_id uuid, state text, rules_version integer, tick timestamptz, own_number bigint, stage text,
        stage_since timestamptz, segment text, team text, owner text, queue text, source text, is_open boolean,
        is_counted boolean, provisional boolean, captured_at timestamptz, due_at timestamptz, due_clock text,
        ignored_at timestamptz, untouched boolean, waits_in text, wake_at timestamptz, score integer, revision integer,
        now timestamptz, name text, email text, phone text, company text, email_normalised text, phone_normalised text,
        read_to bigint
    )
), state AS (
    INSERT INTO lead_states (lead_id, state, rules_version, tick, own_number)
    SELECT lead_id, state::json, rules_version, tick, own_number FROM r
    ON CONFLICT (lead_id) DO UPDATE SET (state, rules_version, tick, own_number) =
        (excluded.state, excluded.rules_version, excluded.tick, excluded.own_number)
), lead AS (
    UPDATE leads l SET
        stage = r.stage, stage_since = r.stage_since, segment = r.segment, team = r.team, owner = r.owner,
        queue = r.queue, source = r.source, is_open = r.is_open, is_counted = r.is_counted,
        provisional = r.provisional, captured_at = r.captured_at, due_at = r.due_at, due_clock = r.due_clock,
        ignored_at = r.ignored_at, untouched = r.untouched, waits_in = r.waits_in,
        wake_at = r.wake_at, stuck_since = NULL, stuck_code = NULL,
        score = r.score, revision = r.revision, rules_version = r.rules_version, updated_at = r.now, name = r.name,
        email = r.email, phone = r.phone, company = r.company, email_normalised = r.email_normalised,
        phone_normalised = r.phone_normalised,
        gone_told = CASE WHEN l.owner IS NOT DISTINCT FROM r.owner THEN l.gone_told END
    FROM r WHERE l.lead_id = r.lead_id
)
UPDATE mailboxes m SET
    read_to = r.read_to, rings = 0, rung_at = NULL,
    ring_due_at = CASE WHEN m.last_sequence > r.read_to THEN m.ring_due_at END
FROM r WHERE m.lead_id = r.lead_id
"""

BRING_FORWARD = """
UPDATE leads l SET wake_at = %(first)s::timestamptz + %(gap)s::interval * (asked.place - 1)
FROM (
    SELECT lead_id, min(place) AS place
    FROM unnest(%(leads)s::uuid[]) WITH ORDINALITY AS asked (lead_id, place) GROUP BY lead_id
) AS asked
WHERE l.lead_id = asked.lead_id AND l.stuck_since IS NULL
  AND l.wake_at > %(first)s::timestamptz + %(gap)s::interval * (asked.place - 1)
"""
