"""Posting facts that Leadloop knows from elsewhere into the journals of the leads they concern: as mail, each once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from storage.pipeline import Answer, Pipeline

# mailboxes are locked in the order of their leads, as by everyone who numbers mail
_POST = """
WITH fact AS (
    SELECT f.* FROM jsonb_to_recordset(CAST(%(facts)s AS jsonb)) AS f (
        lead_id uuid, type text, event_id text, digest text, data jsonb
    )
    WHERE NOT EXISTS (SELECT FROM receipts r WHERE r.source = %(source)s AND r.event_id = f.event_id)
), locked AS (
    SELECT m.lead_id FROM mailboxes m WHERE m.lead_id IN (SELECT lead_id FROM fact)
    ORDER BY m.lead_id FOR NO KEY UPDATE
), numbered AS (
    UPDATE mailboxes m SET
        last_sequence = m.last_sequence + 1,
        ring_due_at = least(m.ring_due_at, %(now)s),
        rings = CASE WHEN m.read_to = m.last_sequence THEN 0 ELSE m.rings END
    FROM locked WHERE m.lead_id = locked.lead_id
    RETURNING m.lead_id, m.last_sequence AS number
), written AS (
    INSERT INTO journal
        (lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill)
    SELECT lead_id, 'mail', number, 0, type, %(now)s, %(source)s, event_id, data, %(now)s, NULL, false
    FROM fact JOIN numbered USING (lead_id)
)
INSERT INTO receipts (source, event_id, digest, lead_id, sequence, received_at)
SELECT %(source)s, event_id, decode(digest, 'hex'), lead_id, number, %(now)s FROM fact JOIN numbered USING (lead_id)
RETURNING lead_id
"""


@dataclass(frozen=True, slots=True)
class LeadFact:
    """One fact for one lead. Its id names its cause: the same id is never posted twice."""

    lead_id: UUID
    type: str
    event_id: str
    data: dict[str, Any]


def post_facts(pipeline: Pipeline, facts: Sequence[LeadFact], *, source: str, now: datetime) -> Answer:
    """Have these posted as of `now`, one for a lead at most; the answer has the leads that had not heard it yet."""
    rows = [
        {
            "lead_id": str(fact.lead_id),
            "type": fact.type,
            "event_id": fact.event_id,
            "digest": sha256(json.dumps([fact.type, fact.data], sort_keys=True).encode()).hexdigest(),
            "data": fact.data,
        }
        for fact in facts
    ]
    return pipeline.send(_POST, facts=json.dumps(rows), source=source, now=now)
