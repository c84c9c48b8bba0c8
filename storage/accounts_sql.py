"""The statements of accounts: folded as events come in, found by the keys of a lead."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from leads.accounts import AccountFacts, Told, latest, told_by
from leads.companies import domain_of
from storage.new_event import NewEvent

# the latest word on each field stands, whatever the order of arrival; what says nothing new is no change
FOLD = """
INSERT INTO accounts AS a (account_id, system, key, told, changed_at, changes)
SELECT account_id, system, key, told, %(now)s, 1
FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (account_id uuid, system text, key text, told jsonb)
ORDER BY account_id
ON CONFLICT (account_id) DO UPDATE SET (told, changed_at, changes, fanned_to) = (
    SELECT new.told,
           CASE WHEN new.is_other THEN excluded.changed_at ELSE a.changed_at END,
           a.changes + new.is_other::integer,
           CASE WHEN new.is_other THEN NULL ELSE a.fanned_to END
    FROM (
        SELECT coalesce(jsonb_object_agg(name, word), '{}') AS told,
               coalesce(bool_or(a.told->name->'v' IS DISTINCT FROM word->'v'), false) AS is_other
        FROM (
            SELECT DISTINCT ON (name) name, word
            FROM (
                SELECT * FROM jsonb_each(a.told) UNION ALL SELECT * FROM jsonb_each(excluded.told)
            ) AS both_told (name, word)
            ORDER BY name, (word->>'at') COLLATE "C" DESC, (word->>'by') COLLATE "C" DESC
        ) AS standing
    ) AS new
)
"""

FIND = """
SELECT DISTINCT ON (asked.key) asked.key AS found_by, found.*
FROM unnest(CAST(%(keys)s AS text[])) AS asked (key)
CROSS JOIN LATERAL (
    SELECT a.account_id, a.told FROM accounts a
    WHERE starts_with(asked.key, 'account:') AND a.key = substr(asked.key, length('account:') + 1)
    UNION ALL
    SELECT a.account_id, a.told FROM accounts a
    WHERE starts_with(asked.key, 'domain:') AND a.told->'domains'->'v' ? substr(asked.key, length('domain:') + 1)
) AS found
ORDER BY asked.key, found.told->'open_opportunity_owner'->>'v' IS NULL, found.told->'owner'->>'v' IS NULL,
         NOT coalesce((found.told->'named'->>'v')::boolean, false), found.account_id
"""
"""For each key its account: of several that share a domain the one with a deal, with an owner, on somebody's list."""

LOCK_COMPANY = """
SELECT pg_advisory_xact_lock(hashtext('leadloop company'), number) FROM (
    SELECT DISTINCT hashtext(key) AS number FROM unnest(CAST(%(keys)s AS text[])) AS key ORDER BY number
) AS keys
"""
"""Two leads of one company at once: the second sees whom the first was given to. Before any team is locked."""

READ_RECENT = """
SELECT h.owner, h.team FROM (
    SELECT DISTINCT near.lead_id FROM unnest(CAST(%(keys)s AS text[])) AS asked (key) CROSS JOIN LATERAL (
        SELECT c.lead_id FROM company_leads c WHERE c.key = asked.key AND c.lead_id <> %(lead_id)s
        ORDER BY c.lead_id DESC LIMIT 200
    ) AS near
) AS near
JOIN hand_offs h USING (lead_id) JOIN leads l USING (lead_id) JOIN people p ON p.person_id = h.owner AND p.is_active
WHERE h.owner_since >= %(since)s AND NOT h.quiet AND l.is_counted
ORDER BY h.owner_since, h.lead_id LIMIT 1
"""

KEEP_COMPANIES = """
WITH gone AS (DELETE FROM company_leads WHERE lead_id = %(lead_id)s AND key <> ALL (CAST(%(keys)s AS text[])))
INSERT INTO company_leads (key, lead_id) SELECT key, %(lead_id)s FROM unnest(CAST(%(keys)s AS text[])) AS key
ON CONFLICT DO NOTHING
"""


def folded(events: Iterable[tuple[NewEvent, UUID]]) -> list[dict[str, Any]]:
    """One row for each account of a batch."""
    told: dict[UUID, list[Told]] = {}
    named: dict[UUID, NewEvent] = {}
    for event, account_id in events:
        data = dict(event.data)
        if data.get("domains"):
            data["domains"] = sorted({domain for text in data["domains"] if (domain := domain_of(text))})
        told.setdefault(account_id, []).append(told_by(data, event.effective_at, f"{event.source}/{event.id}"))
        named.setdefault(account_id, event)
    return [
        {"account_id": str(account_id), "system": event.system, "key": event.subject, "told": latest(told[account_id])}
        for account_id, event in named.items()
    ]


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps(rows)


def facts_among(rows: Iterable[Any], keys: Sequence[str]) -> AccountFacts | None:
    """What a lead is told that goes by these keys, the surest first; from rows of `FIND`."""
    by_key = {row.found_by: row for row in rows}
    return next((_facts(by_key[key]) for key in keys if key in by_key), None)


def _facts(row: Any) -> AccountFacts:
    said = {name: word["v"] for name, word in row.told.items()}
    return AccountFacts(
        account=str(row.account_id),
        key=row.found_by,
        owner=said.get("owner"),
        type=said.get("type"),
        named=bool(said.get("named")),
        open_opportunity_owner=said.get("open_opportunity_owner"),
    )
