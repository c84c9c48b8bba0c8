"""The statements of a step: lock, look, read the mail; then write what came of it.

Lists travel as one JSON array each, so that a step has few statements whatever happened in it.
"""

LOCK = "SELECT lead_id FROM leads WHERE lead_id = %(lead_id)s FOR NO KEY UPDATE"
"""Not FOR UPDATE: accepting more mail for this lead must not wait for its step."""

LOOK = """
SELECT
    s.state::text AS state, s.tick, s.own_number, m.read_to, m.last_sequence,
    (SELECT max(number) FROM playbook_revisions) AS newest_revision,
    (SELECT array_agg(revision) FROM playbook_rollouts WHERE state IN ('paused', 'cancelled')) AS withheld,
    (SELECT wake_at FROM leads l WHERE l.lead_id = m.lead_id) AS wake_at,
    (SELECT stuck_since FROM leads l WHERE l.lead_id = m.lead_id) AS stuck_since
FROM mailboxes m LEFT JOIN lead_states s ON s.lead_id = m.lead_id
WHERE m.lead_id = %(lead_id)s
"""

UNDONE = """
SELECT action_id, key, kind, retry_at, state = 'pending' AND NOT payload ?| '{told,in_doubt}' AS may_withdraw
FROM actions WHERE lead_id = %(lead_id)s AND state IN ('pending', 'claimed')
ORDER BY issued_at, key LIMIT 100 FOR NO KEY UPDATE
"""
"""Locked until the step commits: a notice is either taken back, or sent and known to be sent, never both."""

READ_MAIL = """
SELECT book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
FROM journal
WHERE lead_id = %(lead_id)s AND book = 'mail'
  AND number > (SELECT read_to FROM mailboxes WHERE lead_id = %(lead_id)s)
ORDER BY number LIMIT %(limit)s
"""

READ_JOURNAL = """
SELECT book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
FROM journal
WHERE lead_id = %(lead_id)s AND (book = 'own' OR number <= %(read_to)s)
"""

READ_COMMAND = """
SELECT name, body, actor, state, answer,
    expires_at <= %(now)s OR stored_at + (expires_at - created_at) <= clock_timestamp() AS is_over, ARRAY (
    SELECT person_id FROM people WHERE manager = commands.actor AND is_active ORDER BY person_id LIMIT 500
) AS manages
FROM commands
WHERE command_id = %(command_id)s AND lead_id = %(lead_id)s FOR NO KEY UPDATE
"""

ANSWER_COMMAND = """
UPDATE commands SET state = %(state)s, answer = %(answer)s, answered_at = %(now)s WHERE command_id = %(command_id)s
"""

LOCK_TEAM = """
SELECT team_id FROM teams
WHERE team_id = %(team)s OR team_id IN (
    SELECT also.team_id
    FROM team_members m JOIN people p USING (person_id) JOIN team_members also USING (person_id)
    WHERE m.team_id = %(team)s AND also.team_id <> %(team)s
      AND (%(segment)s::text IS NOT NULL OR p.max_open_leads IS NOT NULL OR p.max_new_leads_per_day IS NOT NULL)
)
ORDER BY team_id FOR NO KEY UPDATE
"""
"""With every team that shares somebody who has limits, in one order: two teams must not fill up one person at once."""

READ_MEMBERS = """
SELECT m.person_id, m.position, m.weight, m.place, m.owed, m.assigned_count, m.last_assigned_at,
       p.is_active, p.max_open_leads, p.max_new_leads_per_day,
       CASE WHEN %(with_hours)s THEN p.open_hours::text END AS open_hours,
       ARRAY (SELECT k FROM unnest(%(skills)s::text[]) AS k
              WHERE lower(k) IN (SELECT lower(has) FROM unnest(p.skills) AS has)) AS skills,
       ARRAY (SELECT k FROM unnest(%(territories)s::text[]) AS k
              WHERE lower(k) IN (SELECT lower(has) FROM unnest(p.territories) AS has)) AS territories,
       EXISTS (
           SELECT FROM absences a
           WHERE a.person_id = m.person_id AND a.ends_at > m.last_assigned_at AND a.ends_at <= %(at)s
       ) AS was_away,
       ARRAY (
           SELECT ARRAY[a.starts_at, a.ends_at] FROM absences a
           WHERE a.person_id = m.person_id AND a.ends_at > %(at)s ORDER BY a.starts_at LIMIT 200
       ) AS away,
       CASE WHEN p.max_open_leads IS NULL THEN 0 ELSE (
           SELECT count(*) FROM hand_offs h
           WHERE h.owner = m.person_id AND h.ended_at IS NULL AND h.lead_id <> %(lead_id)s
       ) END AS open_leads,
       CASE WHEN p.max_new_leads_per_day IS NULL THEN 0 ELSE (
           SELECT count(*) FROM turns t
           WHERE t.person_id = m.person_id AND t.at >= %(day_from)s AND t.given_back_at IS NULL
       ) END AS new_today,
       CASE WHEN %(segment)s::text IS NULL THEN 0 ELSE (
           SELECT count(*) FROM hand_offs h
           WHERE h.owner = m.person_id AND h.ended_at IS NULL AND h.lead_id <> %(lead_id)s AND h.segment = %(segment)s
             AND h.touched_at IS NULL AND h.opportunity_at IS NULL AND NOT h.quiet
       ) END AS untouched
FROM team_members m JOIN people p USING (person_id)
WHERE m.team_id = %(team)s ORDER BY m.position, m.person_id
"""
"""What nobody asks about is not counted."""

READ_HOURS = """
WITH away AS (
    SELECT starts_at, ends_at FROM absences
    WHERE person_id = %(person)s AND ends_at > %(since)s ORDER BY starts_at, ends_at LIMIT %(most)s
)
SELECT (SELECT open_hours FROM people WHERE person_id = %(person)s) AS open_hours,
       ARRAY (SELECT starts_at FROM away ORDER BY starts_at, ends_at) AS begins,
       ARRAY (SELECT ends_at FROM away ORDER BY starts_at, ends_at) AS ends
"""
"""Whoever owns a lead need not be in the roster; an absence may be known of them all the same."""

LOCK_BURDEN = "SELECT pg_advisory_xact_lock(hashtext('leadloop burden'), hashtext(%(person)s))"
"""Two leads must not ask one person at once. Not by the person's row: an edit of the roster may lock people before
teams, while a step has locked a team by now; and an owner need not be in the roster."""

READ_BURDEN = """
SELECT count(*) AS asked FROM clocks
WHERE clock = 'feedback' AND owner = %(person)s AND started_at > %(now)s::timestamptz - interval '24 hours'
"""

COUNT_TURN = """
WITH turn AS (
    INSERT INTO turns (lead_id, cycle, team_id, person_id, at)
    VALUES (%(lead_id)s, %(cycle)s, %(team)s, %(person)s, %(now)s)
    ON CONFLICT (lead_id, cycle) DO NOTHING
)
UPDATE team_members SET
    assigned_count = assigned_count + 1, last_assigned_at = %(now)s,
    place = coalesce(%(place)s::bigint, coalesce(place, 0) + %(stride)s::bigint / weight),
    owed = coalesce(%(owed)s::integer, owed)
WHERE team_id = %(team)s AND person_id = %(person)s
"""
"""A decision says where the turn puts the owner; a claim takes one turn more."""

RETURN_TURN = """
WITH turn AS (
    UPDATE turns SET given_back_at = %(now)s
    WHERE lead_id = %(lead_id)s AND cycle = %(cycle)s AND given_back_at IS NULL
    RETURNING team_id, person_id
)
UPDATE team_members m SET
    owed = m.owed + (%(method)s::text = 'turn')::integer,
    place = CASE WHEN %(method)s::text = 'count'
        THEN greatest(m.place - %(stride)s::bigint / m.weight, 0) ELSE m.place END
FROM turn WHERE m.team_id = turn.team_id AND m.person_id = turn.person_id
"""

WAKE_WAITING = """
UPDATE leads SET wake_at = %(now)s::timestamptz - interval '60 seconds'
WHERE lead_id IN (
    SELECT l.lead_id FROM hand_offs h JOIN leads l USING (lead_id)
    WHERE h.team IN (SELECT team_id FROM team_members WHERE person_id = ANY (%(freed)s)) AND h.waits_since IS NOT NULL
      AND l.lead_id <> %(lead_id)s AND l.wake_at > %(now)s
    ORDER BY h.waits_since LIMIT 3 FOR NO KEY UPDATE OF l SKIP LOCKED
)
"""
"""Somebody has room again: those who have waited longest are rung by the courier's next sweep. A lead in a step of its
own is let be; it looks by itself."""

RECORD = """
WITH own AS (
    INSERT INTO journal (
        lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill
    )
    SELECT %(lead_id)s, 'own', r.* FROM jsonb_to_recordset(%(entries)s) AS r (
        number bigint, kind smallint, type text, effective_at timestamptz, source text, event_id text, data jsonb,
        recorded_at timestamptz, actor text, backfill boolean
    )
), to_count AS (
    INSERT INTO tally_queue (lead_id) VALUES (%(lead_id)s)
), told AS (
    SELECT r.* FROM jsonb_to_recordset(%(told)s) AS r (place integer, key text, at timestamptz, kind text, data jsonb)
), taken_back AS (
    SELECT data->>'corrects' AS key FROM timeline
    WHERE lead_id = %(lead_id)s AND kind = ANY ('{corrected,reinstated,amended}')
    GROUP BY 1 HAVING (array_agg(kind ORDER BY number DESC))[1] = 'corrected'
), back_again AS (
    SELECT told.*, was.at = told.at AND was.data = told.data AS is_as_before
    FROM told JOIN taken_back USING (key), LATERAL (
        SELECT at, coalesce(data->'data', data) AS data FROM timeline t
        WHERE t.lead_id = %(lead_id)s AND (t.key = told.key OR t.data->>'corrects' = told.key AND t.kind = 'amended')
        ORDER BY number DESC LIMIT 1
    ) AS was
), news AS (
    SELECT place, key, at, kind, data FROM told
    WHERE NOT EXISTS (SELECT FROM timeline t WHERE t.lead_id = %(lead_id)s AND t.key = told.key)
    UNION ALL
    SELECT place, 'reinstated:' || key || '@' || %(now)s::timestamptz, at, 'reinstated',
           jsonb_build_object('corrects', key, 'of', kind, 'cause', 'again')
    FROM back_again WHERE is_as_before
    UNION ALL
    SELECT place, 'amended:' || key || '@' || %(now)s::timestamptz, at, 'amended',
           jsonb_build_object('corrects', key, 'cause', 'again', 'of', kind, 'data', data)
    FROM back_again WHERE NOT is_as_before
)
INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
SELECT %(lead_id)s,
       (SELECT coalesce(max(number), 0) FROM timeline WHERE lead_id = %(lead_id)s)
           + row_number() OVER (ORDER BY place),
       key, at, %(now)s, kind, data
FROM news
"""
"""A line is told once, and its lead noted for whoever counts. A line that was taken back, and comes about after all,
holds again as it then comes about."""

CORRECT = """
WITH told AS (
    SELECT r.* FROM jsonb_to_recordset(%(told)s) AS r (key text, at timestamptz, kind text, data jsonb)
), standing AS (
    SELECT coalesce(data->>'corrects', key) AS key,
           (array_agg(kind ORDER BY number))[1] AS kind,
           (array_agg(kind ORDER BY number DESC))[1] = 'corrected' AS is_taken_back,
           (array_agg(at ORDER BY number DESC))[1] AS at,
           (array_agg(CASE kind WHEN 'amended' THEN data->'data' ELSE data END ORDER BY number DESC)
               FILTER (WHERE kind <> ALL ('{corrected,reinstated}')))[1] AS data
    FROM timeline
    WHERE lead_id = %(lead_id)s AND kind <> ALL ('{fact,command,decision}')
    GROUP BY 1
), compared AS (
    SELECT s.key, coalesce(t.at, s.at) AS at, s.kind AS of, t.data, CASE
        WHEN t.key IS NULL THEN CASE WHEN NOT s.is_taken_back THEN 'corrected' END
        WHEN s.at <> t.at OR (s.data || t.data) <> (t.data || s.data) THEN 'amended'
        WHEN s.is_taken_back THEN 'reinstated'
    END AS kind
    FROM standing s LEFT JOIN told t USING (key)
), changed AS (
    SELECT *, (SELECT max(number) FROM timeline WHERE lead_id = %(lead_id)s)
                  + row_number() OVER (ORDER BY at, key) AS number
    FROM compared WHERE kind IS NOT NULL
)
INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
SELECT %(lead_id)s, number, kind || ':' || key || '@' || number, at, %(now)s, kind,
       jsonb_build_object('corrects', key, 'of', of, 'cause', %(cause)s::text)
           || CASE kind WHEN 'amended' THEN jsonb_build_object('data', data) ELSE '{}' END
FROM changed
"""
"""A refold may find that a line told earlier does not hold, holds again, or holds from another instant or in other
words: that is told too; nothing is rewritten. A word that an older build did not know yet is no other word.

A line and what corrects it share one key: one pass over them, since a life can have thousands.
"""

ISSUE = """
INSERT INTO actions (action_id, lead_id, key, kind, template, payload, issued_at)
SELECT r.action_id, %(lead_id)s, r.key, 'notify', r.template, r.payload, r.issued_at
FROM jsonb_to_recordset(%(rows)s) AS r (
    action_id uuid, key text, template text, payload jsonb, issued_at timestamptz
)
ON CONFLICT (lead_id, key) DO NOTHING
"""

WITHDRAW = """
UPDATE actions SET state = 'withdrawn', retry_at = NULL
WHERE lead_id = %(lead_id)s AND key = ANY (%(keys)s) AND state = 'pending'
"""

STAND = """
WITH state AS (
    INSERT INTO lead_states (lead_id, state, rules_version, tick, own_number)
    VALUES (%(lead_id)s, %(state)s, %(rules_version)s, %(tick)s, %(own_number)s)
    ON CONFLICT (lead_id) DO UPDATE SET (state, rules_version, tick, own_number) =
        (excluded.state, excluded.rules_version, excluded.tick, excluded.own_number)
), lead AS (
    UPDATE leads SET
        stage = %(stage)s, stage_since = %(stage_since)s, segment = %(segment)s, team = %(team)s, owner = %(owner)s,
        queue = %(queue)s, source = %(source)s, is_open = %(is_open)s, is_counted = %(is_counted)s,
        provisional = %(provisional)s, captured_at = %(captured_at)s, due_at = %(due_at)s, due_clock = %(due_clock)s,
        ignored_at = %(ignored_at)s, untouched = %(untouched)s, waits_in = %(waits_in)s, wake_at = %(wake_at)s,
        stuck_since = NULL,
        stuck_code = NULL, score = %(score)s, revision = %(revision)s, rules_version = %(rules_version)s,
        updated_at = %(now)s, name = %(name)s, email = %(email)s, phone = %(phone)s, company = %(company)s,
        email_normalised = %(email_normalised)s, phone_normalised = %(phone_normalised)s,
        gone_told = CASE WHEN owner IS NOT DISTINCT FROM %(owner)s THEN gone_told END
    WHERE lead_id = %(lead_id)s
)
UPDATE mailboxes SET
    read_to = %(read_to)s, rings = 0, rung_at = NULL,
    ring_due_at = CASE WHEN last_sequence > %(read_to)s THEN ring_due_at END
WHERE lead_id = %(lead_id)s
"""

HEARD = """
UPDATE mailboxes SET rings = 0, rung_at = NULL, ring_due_at = CASE WHEN last_sequence > read_to THEN ring_due_at END
WHERE lead_id = %(lead_id)s AND rings > 0
"""

RING_ASIDE = """
UPDATE mailboxes SET ring_due_at = least(ring_due_at, %(ring_at)s::timestamptz) WHERE lead_id = %(lead_id)s
"""
"""For a step taken outside the lead's life, which then has to hear of it."""

SLEEP = "UPDATE leads SET wake_at = %(wake_at)s WHERE lead_id = %(lead_id)s AND wake_at IS DISTINCT FROM %(wake_at)s"

STUCK = """
UPDATE leads SET stuck_since = coalesce(stuck_since, %(now)s), stuck_code = %(code)s, wake_at = %(wake_at)s,
                 updated_at = %(now)s
WHERE lead_id = %(lead_id)s RETURNING stage
"""
