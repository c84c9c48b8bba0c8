"""The statements of letters: claimed and taken together, held back, sent, given up.

Always in this order: hearers, then actions by lead and age. A step locks its lead and then its actions, and no hearer.
"""

import json
from collections.abc import Sequence
from typing import Any

_IS_FREE = "(a.state = 'pending' OR a.state = 'claimed' AND a.retry_at <= %(now)s)"
"""Nobody has it in hand, or whoever had is given up for dead."""


def _may_be_out(letter: str) -> str:
    return f"({letter}.is_repeat OR {letter}.state = 'taken')"


_GO_TOGETHER = f"""
l.hearer = o.hearer AND o.action_id = %(action_id)s
AND o.state <> 'sent' AND o.release_at <= %(now)s AND l.state <> 'sent' AND l.release_at <= %(now)s
AND {_may_be_out("l")} = {_may_be_out("o")} AND (NOT {_may_be_out("o")} OR l.letter_id = o.letter_id)
"""
"""What is due to the same hearer: all that is new as one letter. A letter that may be out is repeated as it was, or its
reader would find a notice in two."""

STATE = "SELECT state FROM actions WHERE action_id = %(action_id)s"

CLAIM = f"""
UPDATE actions a SET state = 'claimed', claimed_at = %(now)s, retry_at = %(lease_ends)s, attempts = a.attempts + 1
WHERE a.action_id = %(action_id)s AND {_IS_FREE}
  AND NOT EXISTS (SELECT FROM letters l WHERE l.action_id = a.action_id AND l.state <> 'sent')
RETURNING a.attempts
"""  # noqa: S608  a condition of this module
"""What nothing is held of; the rest is claimed together with all it shall go out with."""

HELD_FOR = """
SELECT l.hearer, p.timezone, p.open_hours FROM letters l LEFT JOIN people p ON p.person_id = l.hearer
WHERE l.action_id = %(action_id)s AND l.state <> 'sent'
"""

LOCK_HEARERS = """
SELECT pg_advisory_xact_lock(hashtext('leadloop hearer'), number)
FROM (
    SELECT DISTINCT hashtext(hearer) AS number FROM unnest(CAST(%(hearers)s AS text[])) AS hearer ORDER BY number
) AS h
"""

HUSH = """
UPDATE letters l SET release_at = r.quiet_until, is_repeat = l.is_repeat OR l.state = 'taken', state = 'held'
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (hearer text, quiet_until timestamptz)
WHERE l.hearer = r.hearer AND l.role = ANY (CAST(%(quieted)s AS text[]))
  AND l.state <> 'sent' AND l.release_at <= %(now)s
"""

LOCK_DUE = f"""
SELECT a.action_id FROM actions a
WHERE {_IS_FREE} AND (a.action_id = %(action_id)s OR a.action_id IN (
    SELECT l.action_id FROM letters l JOIN letters o ON {_GO_TOGETHER}
    ORDER BY l.release_at, l.action_id LIMIT %(most)s
))
ORDER BY a.lead_id, a.issued_at, a.key FOR NO KEY UPDATE OF a
"""  # noqa: S608  conditions of this module

CLAIM_ALL = """
UPDATE actions SET
    state = 'claimed', claimed_at = %(now)s, retry_at = %(lease_ends)s, attempts = attempts + 1,
    payload = payload || CASE WHEN state = 'claimed' THEN '{"in_doubt": true}' ELSE '{}' END::jsonb
WHERE action_id = ANY (CAST(%(action_ids)s AS uuid[])) RETURNING action_id, attempts
"""
"""Where a worker died over it, the letter may be out."""

INHERIT = """
UPDATE letters SET state = 'held', is_repeat = true
WHERE action_id = ANY (CAST(%(action_ids)s AS uuid[])) AND state = 'taken'
"""
"""What whoever had these actions before has left unsettled may be out, and need not go out under this claim: from here
on only what this claim takes is taken."""

DUE = f"""
SELECT l.hearer, l.action_id, CASE WHEN {_may_be_out("l")} THEN l.letter_id END AS may_be_in
FROM letters l JOIN letters o ON {_GO_TOGETHER}
WHERE l.action_id = ANY (CAST(%(action_ids)s AS uuid[]))
"""  # noqa: S608  conditions of this module

TAKE = """
UPDATE letters l SET state = 'taken', at = %(now)s, release_at = %(lease_ends)s, letter_id = r.letter_id
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (action_id uuid, hearer text, letter_id uuid)
WHERE l.action_id = r.action_id AND l.hearer = r.hearer
"""

LOCK_OWN = """
SELECT action_id FROM actions WHERE action_id = %(action_id)s AND state = 'claimed' AND attempts = %(attempt)s
FOR NO KEY UPDATE
"""

STANDING = """
SELECT h.hearer, own.state, own.release_at, CASE WHEN own.is_repeat THEN own.letter_id END AS may_be_in,
    (SELECT s.xmin::text FROM lead_states s WHERE s.lead_id = %(lead_id)s) AS version,
    (SELECT count(DISTINCT l.letter_id) FROM letters l
     WHERE l.hearer = h.hearer AND (l.state <> 'held' OR l.is_repeat) AND l.at > %(since)s) AS lately,
    (SELECT min(l.release_at) FROM letters l JOIN actions a USING (action_id)
     WHERE l.hearer = h.hearer AND l.state = 'held' AND NOT l.is_repeat AND l.release_at <= %(soon)s
       AND a.state IN ('pending', 'claimed') AND (a.payload ? 'list') = %(is_of_list)s) AS gathering
FROM unnest(CAST(%(hearers)s AS text[])) AS h (hearer)
LEFT JOIN letters own ON own.hearer = h.hearer AND own.action_id = %(action_id)s AND own.state <> 'sent'
"""

ADMIT = """
WITH old AS (
    DELETE FROM letters
    WHERE hearer = ANY (CAST(%(hearers)s AS text[])) AND coalesce(release_at, at) < %(long_ago)s
      AND action_id <> %(action_id)s
)
INSERT INTO letters (action_id, hearer, lead_id, role, state, at, release_at, letter_id)
SELECT %(action_id)s, r.hearer, %(lead_id)s, r.role, r.state, %(now)s, r.release_at, %(action_id)s
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (hearer text, role text, state text, release_at timestamptz)
ON CONFLICT (action_id, hearer) DO UPDATE SET
    (role, state, at, release_at, letter_id) =
    (excluded.role, excluded.state, excluded.at, excluded.release_at, excluded.letter_id)
"""

IN_LETTERS = """
SELECT l.hearer, l.action_id, l.letter_id, l.is_repeat, a.attempts FROM letters l JOIN actions a USING (action_id)
WHERE l.state = 'taken' AND (l.hearer, l.letter_id) IN (
    SELECT o.hearer, o.letter_id FROM letters o
    WHERE o.action_id = %(action_id)s AND o.state = 'taken' AND o.hearer = ANY (CAST(%(hearers)s AS text[]))
)
ORDER BY array_position(CAST(%(urgency)s AS text[]), a.template), a.issued_at, a.action_id
"""

DROP = """
DELETE FROM letters l USING jsonb_to_recordset(CAST(%(rows)s AS jsonb))
    AS r (action_id uuid, attempt integer, hearer text)
JOIN actions a ON a.action_id = r.action_id AND a.state = 'claimed' AND a.attempts = r.attempt
WHERE l.action_id = r.action_id AND l.hearer = r.hearer AND NOT l.is_repeat
"""
"""What may be out is kept: whoever has it tried again repeats it."""

LOCK_ACTIONS = """
SELECT action_id FROM actions WHERE action_id = ANY (CAST(%(action_ids)s AS uuid[]))
ORDER BY lead_id, issued_at, key FOR NO KEY UPDATE
"""

SENT = """
WITH ours AS (
    SELECT r.* FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb))
        AS r (action_id uuid, attempt integer, hearer text, letter_id uuid, is_presumed boolean)
    JOIN actions a ON a.action_id = r.action_id AND a.state = 'claimed' AND a.attempts = r.attempt
), sent AS (
    UPDATE letters l SET state = 'sent', at = %(now)s, release_at = NULL, letter_id = o.letter_id
    FROM ours o WHERE l.action_id = o.action_id AND l.hearer = o.hearer
)
UPDATE actions a SET payload = a.payload
    || jsonb_build_object('told', coalesce(a.payload->'told', '[]') || o.hearers)
    || CASE WHEN o.digests IS NULL THEN '{}'
       ELSE jsonb_build_object('digests', coalesce(a.payload->'digests', '{}') || o.digests) END
    || CASE WHEN o.presumed IS NULL THEN '{}'
       ELSE jsonb_build_object('presumed', coalesce(a.payload->'presumed', '[]') || o.presumed) END
FROM (
    SELECT action_id, jsonb_agg(hearer) AS hearers, jsonb_agg(hearer) FILTER (WHERE is_presumed) AS presumed,
        jsonb_object_agg(hearer, letter_id) FILTER (WHERE letter_id <> action_id) AS digests
    FROM ours GROUP BY action_id
) AS o
WHERE a.action_id = o.action_id
"""
"""An action remembers for good who has heard it, and in which digest: a correction goes by that. `presumed` are those
of whom nobody knows whether the letter came through."""

DOUBT = """
WITH doubtful AS (
    SELECT r.* FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (action_id uuid, attempt integer, hearer text)
    JOIN actions a ON a.action_id = r.action_id AND a.state = 'claimed' AND a.attempts = r.attempt
), letter AS (
    UPDATE letters l SET is_repeat = true FROM doubtful d WHERE l.action_id = d.action_id AND l.hearer = d.hearer
)
UPDATE actions a SET payload = a.payload || '{"in_doubt": true}'
WHERE a.action_id IN (SELECT action_id FROM doubtful)
"""
"""The mail server had the letter and gave no answer: its next try repeats it, and no step may take it back."""

PUT_BACK = """
UPDATE letters l SET
    state = 'held', at = %(now)s, release_at = CASE WHEN role = ANY (CAST(%(quieted)s AS text[])) THEN r.after_quiet
                                            ELSE r.release_at END
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb))
    AS r (action_id uuid, attempt integer, hearer text, release_at timestamptz, after_quiet timestamptz)
JOIN actions a ON a.action_id = r.action_id AND a.state = 'claimed' AND a.attempts = r.attempt
WHERE l.action_id = r.action_id AND l.hearer = coalesce(r.hearer, l.hearer) AND l.state = 'taken'
"""
"""What did not go out is held until the next try: of one hearer, or without one of all that is left of an action."""

GIVE_UP = """
DELETE FROM letters l USING actions a
WHERE l.action_id = %(action_id)s AND l.state = 'taken' AND NOT l.is_repeat
  AND a.action_id = l.action_id AND a.state = 'claimed' AND a.attempts = %(attempt)s
"""

END = """
UPDATE actions a SET
    state = CASE WHEN rest.at IS NULL OR r.state = 'pending' THEN r.state ELSE 'pending' END,
    done_at = CASE WHEN rest.at IS NULL AND r.state = 'done' THEN CAST(%(now)s AS timestamptz) END,
    retry_at = coalesce(rest.at, CASE WHEN r.state = 'pending' THEN r.retry_at END),
    attempts = a.attempts - CASE WHEN r.is_no_try AND (rest.at IS NOT NULL OR r.state = 'pending') THEN 1 ELSE 0 END,
    error_code = r.code
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (
    action_id uuid, attempt integer, state text, retry_at timestamptz, code text, is_no_try boolean
)
LEFT JOIN LATERAL (
    SELECT min(l.release_at) AS at FROM letters l WHERE l.action_id = r.action_id AND l.state = 'held'
) AS rest ON true
WHERE a.action_id = r.action_id AND a.state = 'claimed' AND a.attempts = r.attempt
"""
"""Whatever became of an action now: while it is held for somebody, it is put off until that is to go out."""


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """Rows for a statement: many travel as one array."""
    return json.dumps(rows, default=str)
