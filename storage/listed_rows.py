"""A lead's places in bulk lists as rows of `list_leads`; a list is there with its first lead."""

from typing import Any
from uuid import UUID

from leads.state import Lead

KEEP_LISTED = """
WITH r AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(listed)s) AS r (
        list text, lead_id uuid, uploaded_at timestamptz, status text, since timestamptz, why text, hand_off text
    )
), kept AS (
    INSERT INTO list_leads (list, lead_id, uploaded_at, status, since, why, hand_off)
    SELECT list, lead_id, uploaded_at, status, since, why, hand_off FROM r ORDER BY list, lead_id
    ON CONFLICT (list, lead_id) DO UPDATE SET (uploaded_at, status, since, why, hand_off) =
        (excluded.uploaded_at, excluded.status, excluded.since, excluded.why, excluded.hand_off)
), newest AS (
    SELECT list, max(uploaded_at) AS at FROM r WHERE status = 'waiting' GROUP BY list
), known AS (
    INSERT INTO lists (name, created_at, look_at)
    SELECT list, min(uploaded_at), min(uploaded_at) FROM r
    WHERE NOT EXISTS (SELECT FROM lists l WHERE l.name = r.list)
    GROUP BY list ORDER BY list
    ON CONFLICT DO NOTHING
)
UPDATE lists l SET look_at = n.at FROM newest n WHERE l.name = n.list AND (l.look_at IS NULL OR l.look_at > n.at)
"""
"""Whoever looks after the list is to look as soon as leads wait in it. All leads of a list share its row: it is written
by the first of them only, since the others find a look that is due."""


def listed_rows(lead: Lead) -> dict[str, dict[str, Any]]:
    """By the list's name."""
    lead_id = UUID(lead.lead_id)
    return {
        name: {
            "list": name,
            "lead_id": lead_id,
            "uploaded_at": listing.uploaded_at,
            "status": listing.status,
            "since": listing.since,
            "why": listing.why,
            "hand_off": listing.hand_off,
        }
        for name, listing in lead.listings.items()
    }
