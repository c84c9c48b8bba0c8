"""One event of a lead that is known, alone: looked up, numbered and stored in one statement.

Half the time such an event takes goes into waking the server and being woken by it. Whatever is not so simple is not
written, and what was seen of it serves the ordinary way, which then need not look again.
"""

from datetime import datetime
from typing import Any

import psycopg
from pydantic_core import to_json

from storage.new_event import NewEvent
from storage.posting import Known
from storage.posting_sql import Connection, RacedError

# the mailbox changes as in a batch; once it is locked, nobody else numbers this lead's mail
_POST = """
WITH known AS (
    SELECT entity_id FROM identities WHERE stream = 'lead' AND system = %(system)s AND key = %(subject)s
), old AS (
    SELECT digest, lead_id, sequence FROM receipts WHERE source = %(source)s AND event_id = %(id)s
), box AS (
    UPDATE mailboxes m SET
        last_sequence = m.last_sequence + 1,
        ring_due_at = least(m.ring_due_at, %(ring_at)s),
        rings = CASE WHEN m.read_to = m.last_sequence THEN 0 ELSE m.rings END
    FROM known WHERE m.lead_id = known.entity_id AND NOT EXISTS (SELECT FROM old)
    RETURNING m.lead_id, m.last_sequence AS number
), written AS (
    INSERT INTO journal
        (lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill)
    SELECT lead_id, 'mail', number, 0, %(type)s, %(effective_at)s, %(source)s, %(id)s, %(data)s::jsonb, %(recorded_at)s,
           %(actor)s, %(backfill)s
    FROM box
), received AS (
    INSERT INTO receipts (source, event_id, digest, lead_id, sequence, received_at)
    SELECT %(source)s, %(id)s, %(digest)s, lead_id, number, %(recorded_at)s FROM box
)
SELECT (SELECT number FROM box), (SELECT entity_id FROM known), old.digest, old.lead_id, old.sequence
FROM (SELECT) AS always LEFT JOIN old ON true
"""


def may_be_simple(event: NewEvent) -> bool:
    """Whether it brings no keys of its own, and is about a lead."""
    return event.stream == "lead" and event.type != "lead.linked"


async def post_at_sight(
    connection: Connection, event: NewEvent, recorded_at: datetime, ring_at: datetime
) -> tuple[int | None, Known]:
    """Its number in the lead's mail, or None where nothing was written; and what was found of it before.

    Raises `RacedError`, then nothing is written. The connection must be in autocommit.
    """
    try:
        cursor = await connection.execute(_POST, _parameters(event, recorded_at, ring_at))
    except psycopg.errors.UniqueViolation:
        raise RacedError from None
    ((number, entity_id, *receipt),) = await cursor.fetchall()
    known = Known({}, {})
    if entity_id is not None:
        known.entities[event.entity_key] = entity_id
    digest, lead_id, sequence = receipt
    if digest is not None:
        known.receipts[event.key] = (digest, lead_id, sequence)
    return number, known


def _parameters(event: NewEvent, recorded_at: datetime, ring_at: datetime) -> dict[str, Any]:
    text = to_json(event.data) if event.text is None else event.text
    return {
        "system": event.system,
        "subject": event.subject,
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "effective_at": event.effective_at,
        "data": text.decode(),
        "digest": event.digest,
        "actor": event.actor,
        "backfill": event.backfill,
        "recorded_at": recorded_at,
        "ring_at": ring_at,
    }
