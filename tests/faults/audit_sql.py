"""What must never be found in a database, as queries that find it. Each row is one difference, told in one word."""

# An alarm this late was lost, or nobody has healed it; a lead in nurturing may sleep in.
LATE_SECONDS = 120

DIFFERENCES = {
    "an event is in the journal more than once": """
        SELECT source || ' ' || event_id FROM journal WHERE kind = 0 GROUP BY source, event_id HAVING count(*) > 1
    """,
    "a receipt has no journal entry": """
        SELECT r.source || ' ' || r.event_id FROM receipts r WHERE NOT EXISTS (
            SELECT FROM journal j WHERE j.lead_id = r.lead_id AND j.book = 'mail' AND j.number = r.sequence
                AND j.source = r.source AND j.event_id = r.event_id
        )
    """,
    "a journal entry has no receipt": """
        SELECT j.source || ' ' || j.event_id FROM journal j WHERE j.book = 'mail' AND NOT EXISTS (
            SELECT FROM receipts r
            WHERE r.source = j.source AND r.event_id = j.event_id AND r.lead_id = j.lead_id AND r.sequence = j.number
        )
    """,
    "an entry is not in the timeline exactly once": """
        SELECT j.lead_id || ' ' || j.book || ' ' || j.number || ': ' || count(t.key)
        FROM journal j JOIN leads USING (lead_id) LEFT JOIN timeline t
            ON t.lead_id = j.lead_id AND t.kind = (ARRAY['fact', 'command', 'decision'])[j.kind + 1]
            AND t.data->>'book' = j.book AND t.data->>'number' = j.number::text
        GROUP BY j.lead_id, j.book, j.number HAVING count(t.key) <> 1
    """,
    "the timeline tells of an entry that does not exist": """
        SELECT t.lead_id || ' ' || t.key FROM timeline t
        WHERE t.kind IN ('fact', 'command', 'decision') AND NOT EXISTS (
            SELECT FROM journal j WHERE j.lead_id = t.lead_id AND j.book = t.data->>'book'
                AND j.number::text = t.data->>'number'
                AND t.key = t.kind || ':' || CASE WHEN j.kind = 0 THEN j.source || '/' ELSE '' END || j.event_id
        )
    """,
    "a lead's timeline has a gap": """
        SELECT lead_id || ' ' || count(*) || ' of ' || max(number)
        FROM timeline GROUP BY lead_id HAVING min(number) <> 1 OR max(number) <> count(*)
    """,
    "a lead's mail has a gap": """
        SELECT m.lead_id || ' ' || count(j.number) || ' of ' || m.last_sequence
        FROM mailboxes m LEFT JOIN journal j ON j.lead_id = m.lead_id AND j.book = 'mail'
        GROUP BY m.lead_id, m.last_sequence
        HAVING count(j.number) <> m.last_sequence OR min(j.number) <> 1 OR max(j.number) <> m.last_sequence
    """,
    "a lead's own book has a gap": """
        SELECT s.lead_id || ' ' || count(j.number) || ' of ' || s.own_number
        FROM lead_states s LEFT JOIN journal j ON j.lead_id = s.lead_id AND j.book = 'own'
        GROUP BY s.lead_id, s.own_number
        HAVING count(j.number) <> s.own_number OR coalesce(max(j.number), 0) <> s.own_number
    """,
    "mail is unread": """
        SELECT lead_id || ' ' || read_to || ' of ' || last_sequence FROM mailboxes WHERE read_to <> last_sequence
    """,
    "a lead has no mailbox or no state": """
        SELECT lead_id::text FROM leads l LEFT JOIN mailboxes m USING (lead_id) LEFT JOIN lead_states s USING (lead_id)
        WHERE m.lead_id IS NULL OR s.lead_id IS NULL
    """,
    "a lead has no identity": """
        SELECT lead_id::text FROM leads l
        WHERE NOT EXISTS (SELECT FROM identities i WHERE i.stream = 'lead' AND i.entity_id = l.lead_id)
    """,
    "an identity leads to no lead": """
        SELECT entity_id::text FROM identities
        WHERE stream = 'lead' AND NOT EXISTS (SELECT FROM leads WHERE lead_id = entity_id)
    """,
    "a lead's row and its state are of different rules": """
        SELECT lead_id::text FROM leads l JOIN lead_states s USING (lead_id) WHERE l.rules_version <> s.rules_version
    """,
    "a correction is of no line of its instant": """
        SELECT c.lead_id || ' ' || c.key FROM timeline c
        WHERE c.kind IN ('corrected', 'reinstated', 'amended') AND NOT EXISTS (
            SELECT FROM timeline t
            WHERE t.lead_id = c.lead_id AND starts_with(c.key, c.kind || ':' || t.key || '@')
                AND t.key = c.data->>'corrects'
                AND (c.kind = 'amended' OR c.at = coalesce((
                    SELECT a.at FROM timeline a
                    WHERE a.lead_id = c.lead_id AND a.data->>'corrects' = t.key AND a.kind = 'amended'
                        AND a.number < c.number
                    ORDER BY a.number DESC LIMIT 1
                ), t.at))
        )
    """,
    "a lead has not woken": f"""
        SELECT lead_id || ' ' || wake_at FROM leads
        WHERE wake_at < now() - interval '{LATE_SECONDS} seconds'
            - CASE WHEN stage = 'nurturing' THEN interval '6 minutes' ELSE interval '0' END
    """,  # noqa: S608  a number of this module
    "a lead is stuck": "SELECT lead_id || ' ' || stuck_code FROM leads WHERE stuck_since IS NOT NULL",
    "a rung is settled more than once": """
        SELECT lead_id || ' ' || (data->>'clock') || '/' || (data->>'rung') FROM journal
        WHERE kind = 2 AND type IN ('rung_fired', 'rung_skipped')
        GROUP BY lead_id, data->>'clock', data->>'rung' HAVING count(*) > 1
    """,
    "a choice is journalled more than once": """
        SELECT lead_id || ' ' || event_id FROM journal WHERE book = 'own' GROUP BY lead_id, event_id HAVING count(*) > 1
    """,
    "a notice issued is no action, or a doubled one": """
        SELECT j.lead_id || ' ' || j.event_id || ': ' || count(a.key)
        FROM journal j LEFT JOIN actions a ON a.lead_id = j.lead_id AND a.key = j.event_id
        WHERE j.kind = 2 AND j.type = 'notice_issued'
        GROUP BY j.lead_id, j.event_id HAVING count(a.key) <> 1
    """,
    "an action was never decided": """
        SELECT a.lead_id || ' ' || a.key FROM actions a WHERE NOT EXISTS (
            SELECT FROM journal j WHERE j.lead_id = a.lead_id AND j.event_id = a.key AND j.type = 'notice_issued'
        )
    """,
    "an action is withdrawn without a decision, or goes on in spite of one": """
        SELECT a.lead_id || ' ' || a.key || ' ' || a.state FROM actions a
        WHERE (a.state = 'withdrawn' AND a.error_code IS DISTINCT FROM 'not_needed') <> EXISTS (
            SELECT FROM journal j
            WHERE j.lead_id = a.lead_id AND j.type = 'notice_withdrawn' AND j.data->>'notice' = a.key
        )
    """,
    "a granted command is not in the journal exactly once": """
        SELECT c.lead_id || ' ' || c.command_id || ' ' || c.name || ': ' || count(j.event_id)
        FROM commands c LEFT JOIN journal j
            ON j.lead_id = c.lead_id AND j.kind = 1 AND j.event_id = c.command_id::text AND j.type = c.name
        WHERE c.state = 'granted' GROUP BY c.command_id HAVING count(j.event_id) <> 1
    """,
    "a command stands in the journal that was never granted": """
        SELECT j.lead_id || ' ' || j.event_id || ' ' || j.type FROM journal j WHERE j.kind = 1 AND NOT EXISTS (
            SELECT FROM commands c
            WHERE c.lead_id = j.lead_id AND c.command_id::text = j.event_id AND c.state = 'granted'
        )
    """,
    "a notice is done, and nobody was told": """
        SELECT lead_id || ' ' || key FROM actions
        WHERE state = 'done' AND jsonb_array_length(coalesce(payload->'told', '[]')) = 0
    """,
    "a notice was told to somebody twice": """
        SELECT a.lead_id || ' ' || a.key || ' to ' || h.hearer
        FROM actions a, jsonb_array_elements_text(a.payload->'told') AS h (hearer)
        GROUP BY a.lead_id, a.key, h.hearer HAVING count(*) > 1
    """,
    "an action is parked": "SELECT lead_id || ' ' || key || ' ' || error_code FROM actions WHERE state = 'parked'",
    "an action is lost": f"""
        SELECT lead_id || ' ' || key || ' ' || state FROM actions
        WHERE state IN ('pending', 'claimed')
          AND coalesce(retry_at, issued_at) < now() - interval '{LATE_SECONDS} seconds'
    """,  # noqa: S608  a number of this module
}

COUNTS = """
SELECT
    (SELECT count(*) FROM leads) AS leads,
    (SELECT count(*) FROM journal WHERE kind = 0) AS events,
    (SELECT count(*) FROM journal WHERE kind = 1) AS commands,
    (SELECT count(*) FROM journal WHERE kind = 2) AS decisions,
    (SELECT count(*) FROM journal WHERE type = 'rung_fired') AS rungs_fired,
    (SELECT count(*) FROM journal WHERE type = 'rung_skipped') AS rungs_skipped,
    (SELECT count(*) FROM timeline WHERE kind IN ('corrected', 'reinstated', 'amended')) AS corrections,
    (SELECT count(*) FROM actions WHERE state = 'done') AS notices_sent,
    (SELECT count(*) FROM actions WHERE state = 'withdrawn') AS notices_withdrawn,
    (SELECT count(*) FROM actions WHERE state IN ('pending', 'claimed')) AS notices_under_way,
    (SELECT coalesce(sum(attempts - 1), 0) FROM actions WHERE attempts > 1) AS notices_tried_again
"""

STANDINGS = """
SELECT l.*, s.state, s.tick, s.own_number FROM leads l JOIN lead_states s USING (lead_id) ORDER BY l.lead_id
"""

CLOCKS = "SELECT * FROM clocks WHERE lead_id = :lead_id"

HAND_OFFS = "SELECT * FROM hand_offs WHERE lead_id = :lead_id"

STANDING_LINES = """
SELECT t.lead_id, t.key, coalesce(a.number, t.number) AS number, coalesce(a.at, t.at) AS at,
       coalesce(a.recorded_at, t.recorded_at) AS recorded_at, coalesce(a.data->>'of', t.kind) AS kind,
       coalesce(a.data->'data', t.data) AS data
FROM timeline t
LEFT JOIN LATERAL (
    SELECT * FROM timeline a
    WHERE a.lead_id = t.lead_id AND a.data->>'corrects' = t.key AND a.kind = 'amended' ORDER BY a.number DESC LIMIT 1
) AS a ON true
WHERE t.lead_id = :lead_id AND t.kind NOT IN ('corrected', 'reinstated', 'amended')
  AND (
      SELECT c.kind FROM timeline c
      WHERE c.lead_id = t.lead_id AND c.data->>'corrects' = t.key ORDER BY c.number DESC LIMIT 1
  ) IS DISTINCT FROM 'corrected'
"""
"""The timeline's lines that hold, each as it was put last."""
