"""The statements of a preview. All of them read, in one snapshot; none takes a lock on a row."""

from leads.stages import OPEN_STAGES
from leads.what_if.past import TAKEN_ANEW

LEADS_AT_ONCE = 250
"""In one page."""

SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

TAKE_SLOT = "SELECT pg_try_advisory_xact_lock(%(lock)s, %(slot)s) AS taken"
"""Held until the transaction ends, whichever process it is of."""

_OPEN = "stage IN (" + ", ".join(f"'{stage}'" for stage in sorted(OPEN_STAGES)) + ")"
"""By stage, which has an index."""
_SAMPLED = "abs(hashtext(lead_id::text)::bigint) %% 1000000 < %(share)s"
"""An even sample, and the same one each time: a million shares are all leads."""

COUNT_OPEN = f"SELECT count(*) AS leads FROM leads WHERE {_OPEN}"  # noqa: S608  put together from constants
OPEN = f"""
DECLARE open_leads NO SCROLL CURSOR FOR SELECT lead_id FROM leads WHERE {_OPEN} AND {_SAMPLED}
"""  # noqa: S608  put together from constants
NEXT_OPEN = f"FETCH {LEADS_AT_ONCE} FROM open_leads"

COUNT_PAST = "SELECT count(DISTINCT lead_id) AS leads FROM hand_offs WHERE opened_at >= %(since)s"
PAST = f"""
DECLARE past_leads NO SCROLL CURSOR FOR
SELECT DISTINCT lead_id FROM hand_offs WHERE opened_at >= %(since)s AND {_SAMPLED}
"""  # noqa: S608  put together from constants
NEXT_PAST = f"FETCH {LEADS_AT_ONCE} FROM past_leads"

REVISIONS = """
SELECT number, in_force_from, document, running, coalesce(state IN ('paused', 'cancelled'), false) AS is_withheld
FROM playbook_revisions LEFT JOIN playbook_rollouts ON revision = number ORDER BY number
"""

_ENTRY = "book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill"

STATES = f"""
SELECT m.lead_id, s.state::text AS state, m.last_sequence - m.read_to AS unread,
    CASE WHEN m.last_sequence > m.read_to AND m.last_sequence - m.read_to <= %(most)s THEN (
        SELECT json_agg(row_to_json(j) ORDER BY j.number)::text FROM (
            SELECT {_ENTRY} FROM journal
            WHERE lead_id = m.lead_id AND book = 'mail' AND number > m.read_to
        ) AS j
    ) END AS mail
FROM mailboxes m LEFT JOIN lead_states s USING (lead_id)
WHERE m.lead_id = ANY (%(leads)s)
"""  # noqa: S608  put together from constants
"""How leads stand, and their mail that no step has read yet."""

SIZES = """
SELECT m.lead_id, m.last_sequence + coalesce(s.own_number, 0) AS entries
FROM mailboxes m LEFT JOIN lead_states s USING (lead_id)
WHERE m.lead_id = ANY (%(leads)s)
"""

READ = f"""
SELECT j.lead_id, json_agg(row_to_json(j))::text AS journal
FROM mailboxes m JOIN LATERAL (
    SELECT lead_id, {_ENTRY} FROM journal
    WHERE journal.lead_id = m.lead_id AND (book = 'own' OR number <= m.read_to)
) AS j ON true
WHERE m.lead_id = ANY (%(leads)s)
GROUP BY j.lead_id
"""  # noqa: S608  put together from constants
"""The journals of leads as far as steps have read them."""

LIVES = f"""
SELECT lead_id, json_agg(row_to_json(j))::text AS journal
FROM (
    SELECT lead_id, {_ENTRY} FROM journal
    WHERE lead_id = ANY (%(leads)s) AND NOT (kind = 2 AND type = ANY (%(left_out)s))
) AS j
GROUP BY lead_id
"""  # noqa: S608  put together from constants
"""The journals of leads, without the decisions that a what-if takes anew."""
LEFT_OUT = sorted(TAKEN_ANEW)
