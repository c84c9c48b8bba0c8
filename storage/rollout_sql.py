"""The statements of rollouts."""

NO_LIMIT = 2_147_483_647

LIST = """
SELECT o.*, r.in_force_from, r.running, h.held_leads, h.held_clocks
FROM playbook_rollouts o JOIN playbook_revisions r ON r.number = o.revision
CROSS JOIN LATERAL (
    SELECT count(DISTINCT c.lead_id) AS held_leads, count(*) AS held_clocks FROM clocks c
    WHERE c.held_revision = o.revision AND c.ended_at IS NULL AND c.due_at > %(now)s
) h
WHERE o.revision < %(before)s::integer ORDER BY o.revision DESC LIMIT %(limit)s
"""

HELD = """
SELECT lead_id, key, clock, owner, team, due_at, held_due_at FROM clocks
WHERE held_revision = %(revision)s AND ended_at IS NULL AND due_at > %(now)s
  AND (lead_id, key) > (%(lead)s::uuid, %(key)s::text)
ORDER BY lead_id, key LIMIT %(limit)s
"""

PAUSE = """
UPDATE playbook_rollouts SET state = 'paused', changed_by = %(by)s, ring_due_at = %(now)s
WHERE revision = %(revision)s AND state = 'running'
"""
"""Rung all the same, so that Temporal's page says that it is paused."""

RESUME = """
UPDATE playbook_rollouts SET state = 'running', changed_by = %(by)s, ring_due_at = %(now)s
WHERE revision = %(revision)s AND state = 'paused'
"""

CANCEL = """
UPDATE playbook_rollouts
SET state = 'cancelled', changed_by = %(by)s, ended_at = %(now)s, ring_due_at = %(now)s, why = 'cancelled'
WHERE revision = %(revision)s AND state IN ('running', 'paused')
"""

LOCK = "SELECT revision FROM playbook_rollouts WHERE revision = %(revision)s FOR UPDATE"
"""So that of two who confirm at once the second sees what the first has posted."""

SETTLE = """
WITH held AS (
    SELECT DISTINCT lead_id FROM clocks
    WHERE held_revision = %(revision)s AND ended_at IS NULL AND due_at > %(now)s
), boxes AS (
    UPDATE mailboxes m SET last_sequence = last_sequence + 1, ring_due_at = least(ring_due_at, %(now)s)
    FROM (SELECT lead_id FROM mailboxes JOIN held USING (lead_id) ORDER BY lead_id FOR NO KEY UPDATE OF mailboxes) AS h
    WHERE m.lead_id = h.lead_id
    RETURNING m.lead_id, m.last_sequence, %(named)s::text || m.lead_id AS event_id
), kept AS (
    INSERT INTO receipts (source, event_id, digest, lead_id, sequence, received_at)
    SELECT %(source)s, event_id, sha256(convert_to(event_id, 'UTF8')), lead_id, last_sequence, %(now)s FROM boxes
    ORDER BY event_id
)
INSERT INTO journal (
    lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
)
SELECT lead_id, 'mail', last_sequence, 0, %(type)s, %(now)s, %(source)s, event_id,
       jsonb_build_object('revision', %(revision)s::integer, 'by', %(by)s::text), %(now)s, %(by)s, false
FROM boxes
RETURNING lead_id
"""
"""One entry for each lead that holds something, posted as mail."""

_AFFECTED = """
l.created_at <= %(known_by)s
AND (l.stage = ANY (%(stages)s) OR EXISTS (SELECT FROM clocks c WHERE c.lead_id = l.lead_id AND c.ended_at IS NULL))
"""
"""Leads in a stage in which something may be promised, and those of which something is. Any that come later adopt the
revision at their first step."""

LOOK = "SELECT state, reached_to, total FROM playbook_rollouts WHERE revision = %(revision)s"

COUNT = f"""
UPDATE playbook_rollouts SET total = (SELECT count(*) FROM leads l WHERE {_AFFECTED})
WHERE revision = %(revision)s AND total IS NULL
"""  # noqa: S608 - a constant of this module

NEXT = f"""
SELECT lead_id FROM leads l WHERE lead_id > %(after)s AND {_AFFECTED} ORDER BY lead_id LIMIT %(limit)s
"""  # noqa: S608 - a constant of this module

REACHED = """
UPDATE playbook_rollouts
SET reached = reached + %(reached)s, adopted = adopted + %(adopted)s, reached_to = %(reached_to)s,
    total = greatest(total, reached + %(reached)s), ring_due_at = %(ring_at)s
WHERE revision = %(revision)s AND reached_to IS NOT DISTINCT FROM %(was)s
"""
"""Counted once: of two that reach the same leads, the second finds that somebody has been there."""

DONE = """
UPDATE playbook_rollouts SET state = 'done', ended_at = %(now)s, ring_due_at = NULL, total = reached
WHERE revision = %(revision)s AND state = 'running'
"""

STILL = """
UPDATE playbook_rollouts SET ring_due_at = NULL WHERE revision = %(revision)s AND state <> 'running'
"""
"""Heard: nothing is to be done."""

TAKE = """
UPDATE playbook_rollouts SET ring_due_at = %(again_at)s WHERE ring_due_at <= %(now)s RETURNING revision
"""
"""Rollouts to be rung, and rung again unless they get on."""

PUT_BACK = """
UPDATE playbook_rollouts SET ring_due_at = %(now)s WHERE revision = %(revision)s AND ring_due_at IS NOT NULL
"""
