"""The statements that look after one bulk list: what waits, who is at work, who goes next."""

LOCK = "SELECT * FROM lists WHERE name = %(name)s FOR NO KEY UPDATE"

NEWEST_REVISION = "SELECT max(number) AS number FROM playbook_revisions"

FOUND = """
SELECT count(*) FILTER (WHERE status = 'waiting') AS waiting,
    min(uploaded_at) FILTER (WHERE status = 'waiting') AS first_in_at,
    max(uploaded_at) FILTER (WHERE status = 'waiting') AS last_in_at,
    min(uploaded_at) AS uploaded_at
FROM list_leads WHERE list = %(name)s
"""

SHARES = """
SELECT least(coalesce(p.max_new_leads_per_day, %(per_rep)s::integer), %(per_rep)s::integer) AS share
FROM team_members m JOIN people p USING (person_id)
WHERE m.team_id = %(team)s AND p.is_active AND NOT EXISTS (
    SELECT FROM absences a WHERE a.person_id = m.person_id AND a.starts_at <= %(now)s AND a.ends_at > %(now)s
)
"""
"""Of each who is not away."""

GONE_TODAY = """
SELECT count(*) AS leads FROM lists l JOIN list_leads ll ON ll.list = l.name
WHERE coalesce(l.team, %(team)s) = %(team)s AND ll.why = 'lead.released' AND ll.since >= %(day)s
"""
"""Of all lists of a team: what its people get in a day is one number."""

# rows that a step is writing are passed over: whoever waited for them here, a step waiting for the list, would be stuck
CHOOSE = """
SELECT ll.lead_id, l.email_normalised AS email, (
    SELECT o.lead_id FROM leads o
    WHERE o.email_normalised = l.email_normalised AND o.lead_id <> ll.lead_id AND (
        o.stage IN ('qualified', 'assigned', 'accepted', 'working', 'opportunity')
        OR EXISTS (SELECT FROM list_leads x WHERE x.lead_id = o.lead_id AND x.status = 'leaving')
    )
    ORDER BY o.lead_id LIMIT 1
) AS twin
FROM list_leads ll JOIN leads l USING (lead_id)
WHERE ll.list = %(name)s AND ll.status = 'waiting'
ORDER BY CASE WHEN %(by_score)s::boolean THEN -l.score ELSE 0 END, ll.uploaded_at, ll.lead_id
LIMIT %(most)s FOR NO KEY UPDATE OF ll SKIP LOCKED
"""
"""With a lead of the same e-mail address that sales has already, if there is one."""

LEAVING = """
UPDATE list_leads SET status = 'leaving', since = %(now)s, why = r.why
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (lead_id uuid, why text)
WHERE list = %(name)s AND list_leads.lead_id = r.lead_id
"""

LOOKED = """
UPDATE lists SET look_at = %(look_at)s, late_due_at = %(late_due_at)s,
    late_told_at = CASE WHEN late_due_at IS DISTINCT FROM %(late_due_at)s THEN NULL ELSE late_told_at END,
    rung_at = NULL, rings = 0
WHERE name = %(name)s
"""
