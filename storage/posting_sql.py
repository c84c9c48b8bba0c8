"""The statements of a batch: two reads, then a handful of writes whatever its size.

Columns travel as array literals, the events' data as one JSON array: as fast as COPY, which knows no ON CONFLICT.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from operator import attrgetter
from typing import Any

import psycopg
from pydantic_core import to_json

from leads.events import PersonAbsent
from storage import accounts_sql
from storage.array_text import array, plain_array, sparse_array
from storage.new_event import EntityKey, NewEvent
from storage.posting import Box, Known, Plan, Post, linked_keys

Connection = psycopg.AsyncConnection[Any]
_AS_NUMBER = attrgetter("entity_id.int")
"""Sorts boxes by UUID as PostgreSQL does, and faster than by themselves."""
_NO_SUBJECTS = dict.fromkeys(("streams", "systems", "keys", "key_ids", "new_leads"), "{}") | {"new_keys": 0}

# looked up one by one through the primary key: a planner without fresh statistics would rather read the whole table
_READ = """
SELECT 'entity', place, entity_id, NULL::bytea, NULL::bigint
FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS asked (stream, system, key, place)
CROSS JOIN LATERAL (
    SELECT entity_id FROM identities i
    WHERE i.stream = asked.stream AND i.system = asked.system AND i.key = asked.key LIMIT 1
) AS entities
UNION ALL
SELECT 'receipt', place, lead_id, digest, sequence
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked (source, event_id, place)
CROSS JOIN LATERAL (
    SELECT * FROM receipts WHERE receipts.source = asked.source AND receipts.event_id = asked.event_id LIMIT 1
) AS r
"""
# one statement, so that it is prepared once and carried out in one go with its commit;
# a key taken meanwhile fails as a division by zero: a unique violation would quote it, perhaps an e-mail, in a log
_POST = """
WITH added AS (
    INSERT INTO identities (stream, system, key, entity_id)
    SELECT * FROM unnest(%(streams)s::text[], %(systems)s::text[], %(keys)s::text[], %(key_ids)s::uuid[])
        AS new (stream, system, key, entity_id)
    ORDER BY stream, system, key
    ON CONFLICT DO NOTHING
    RETURNING 1
), is_first AS (
    SELECT 1 / (count(*) = %(new_keys)s)::integer AS in_time FROM added
), born AS (
    INSERT INTO leads (lead_id, created_at, updated_at)
    SELECT new.lead_id, %(recorded_at)s, %(recorded_at)s
    FROM is_first JOIN unnest(%(new_leads)s::uuid[]) AS new (lead_id) ON in_time = 1
), {box}, numbers AS (
    SELECT array_agg(last_sequence ORDER BY lead_id) AS last FROM box
), mail AS (
    -- looked up by place: whatever plan is kept for batches of all sizes, this stays cheap
    SELECT (%(entity_ids)s::uuid[])[post.box] AS lead_id, numbers.last[post.box] - post.behind AS number, post.*
    FROM numbers, ROWS FROM (
        unnest(%(boxes)s::integer[]), unnest(%(behind)s::bigint[]), unnest(%(types)s::text[]),
        unnest(%(effective)s::timestamptz[]), unnest(%(sources)s::text[]), unnest(%(ids)s::text[]),
        unnest(%(digests)s::text[]), jsonb_array_elements(%(data)s::jsonb), unnest(%(actors)s::text[]),
        unnest(%(backfill)s::boolean[])
    ) AS post (box, behind, type, effective_at, source, event_id, digest, data, actor, backfill)
), written AS (
    INSERT INTO journal
        (lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at, actor, backfill)
    SELECT lead_id, 'mail', number, 0, type, effective_at, source, event_id, data, %(recorded_at)s, actor, backfill
    FROM mail
), received AS (
    INSERT INTO receipts (source, event_id, digest, lead_id, sequence, received_at)
    SELECT source, event_id, decode(digest, 'hex'), {lead_id}, number, %(recorded_at)s
    FROM mail
)
SELECT last FROM numbers
"""
# a new batch starts the rings over for a lead that had answered; unanswered rings keep their count.
# A ring already due stays as it is: then no index of the mailbox changes, which halves what the update costs
_COUNT_MAIL = """
box AS (
    INSERT INTO mailboxes AS m (lead_id, last_sequence, ring_due_at)
    SELECT counted.lead_id, counted.mail, %(ring_at)s
    FROM is_first JOIN unnest(%(entity_ids)s::uuid[], %(counts)s::bigint[]) AS counted (lead_id, mail) ON in_time = 1
    ORDER BY counted.lead_id
    ON CONFLICT (lead_id) DO UPDATE SET
        last_sequence = m.last_sequence + excluded.last_sequence,
        ring_due_at = least(m.ring_due_at, excluded.ring_due_at),
        rings = CASE WHEN m.read_to = m.last_sequence THEN 0 ELSE m.rings END
    RETURNING m.lead_id, m.last_sequence
)"""
_COUNT_ASIDES = """
box AS (
    SELECT counted.lead_id, counted.mail + coalesce((
        SELECT max(number) FROM journal j WHERE j.lead_id = counted.lead_id AND j.book = 'mail'
    ), 0) AS last_sequence
    FROM is_first JOIN unnest(%(entity_ids)s::uuid[], %(counts)s::bigint[]) AS counted (lead_id, mail) ON in_time = 1
)"""
_POST_MAIL = _POST.format(box=_COUNT_MAIL, lead_id="lead_id")
_POST_ASIDES = _POST.format(box=_COUNT_ASIDES, lead_id="NULL::uuid")

_ADD_ABSENCES = """
INSERT INTO absences (source, event_id, person_id, starts_at, ends_at, deputy)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[])
ON CONFLICT DO NOTHING
"""


class RacedError(Exception):
    """Another batch wrote a subject or an event of this one meanwhile: roll back and look again."""


async def read_known(connection: Connection, events: Sequence[NewEvent]) -> Known:
    """Which subjects, linked keys and events of the batch the database has already."""
    keys = dict.fromkeys(event.entity_key for event in events)
    keys.update(dict.fromkeys(linked for event in events for linked in linked_keys(event)))
    names = list(keys)
    ids = (array([event.source for event in events]), array([event.id for event in events]))
    cursor = await connection.execute(_READ, (*_transposed(names), *ids))
    known = Known({}, {})
    for what, place, entity_id, digest, sequence in await cursor.fetchall():
        if what == "entity":
            known.entities[names[place - 1]] = entity_id
        else:
            known.receipts[events[place - 1].key] = (digest, entity_id, sequence)
    return known


async def write(connection: Connection, made: Plan, recorded_at: datetime, ring_at: datetime | None = None) -> None:
    """Write the plan, commit it, and note each box's last number. Raises `RacedError`, then nothing is written.

    The leads are to be rung at `ring_at`, at once unless said otherwise.

    The connection must be in autocommit: what goes down one pipeline is one transaction of the server, so that the
    commit costs no round trip of its own.
    """
    fresh = [made.fresh[key] for key in sorted(made.fresh)]
    mail = [post for post in fresh if post.box.is_lead]
    asides = [post for post in fresh if not post.box.is_lead]
    # a failure makes the server skip what follows it in a pipeline, while the driver would take it for prepared
    prepare = False if asides else None
    subjects = _subjects(made)
    try:
        async with connection.pipeline() if asides else nullcontext():
            await _add_absences(connection, asides)
            await _fold_accounts(connection, asides, recorded_at)
            for statement, posts in ((_POST_MAIL, mail), (_POST_ASIDES, asides)):
                if posts:
                    boxes = _in_order(made, is_lead=statement is _POST_MAIL)
                    columns = _columns(posts, boxes)
                    columns |= subjects | {"recorded_at": recorded_at, "ring_at": ring_at or recorded_at}
                    cursor = await connection.execute(statement, columns, prepare=prepare)
                    subjects = _NO_SUBJECTS
                    ((last,),) = await cursor.fetchall()
                    for box, number in zip(boxes, last, strict=True):
                        box.last = number
    except (psycopg.errors.UniqueViolation, psycopg.errors.DivisionByZero):
        raise RacedError from None


def _in_order(made: Plan, *, is_lead: bool) -> list[Box]:
    """The boxes of leads, or of all others, in the order in which they are locked; each is told its place."""
    boxes = sorted([box for box in made.boxes.values() if box.is_lead is is_lead], key=_AS_NUMBER)
    for place, box in enumerate(boxes, 1):
        box.place = place
    return boxes


def _transposed(keys: Iterable[EntityKey]) -> tuple[str, str, str]:
    streams, systems, names = zip(*keys, strict=True)
    return array(streams), array(systems), array(names)


def _subjects(made: Plan) -> dict[str, Any]:
    """The columns of what the batch is the first to speak of."""
    if not made.new_identities:
        return _NO_SUBJECTS
    streams, systems, keys = _transposed(made.new_identities)
    return {
        "streams": streams,
        "systems": systems,
        "keys": keys,
        "key_ids": plain_array(list(made.new_identities.values())),
        "new_keys": len(made.new_identities),
        "new_leads": plain_array(made.new_leads),
    }


async def _add_absences(connection: Connection, posts: Sequence[Post]) -> None:
    told = [
        (post.event, PersonAbsent.model_validate(post.event.data))
        for post in posts
        if post.event.type == "person.absent"
    ]
    if told:
        columns = (
            array([event.source for event, _ in told]),
            array([event.id for event, _ in told]),
            array([event.subject for event, _ in told]),
            array([absence.starts_at.isoformat() for _, absence in told]),
            array([absence.ends_at.isoformat() for _, absence in told]),
            sparse_array([absence.deputy for _, absence in told]),
        )
        await connection.execute(_ADD_ABSENCES, columns, prepare=False)


async def _fold_accounts(connection: Connection, posts: Sequence[Post], recorded_at: datetime) -> None:
    told = [(post.event, post.box.entity_id) for post in posts if post.event.type == "account.updated"]
    if told:
        rows = accounts_sql.as_json(accounts_sql.folded(told))
        await connection.execute(accounts_sql.FOLD, {"rows": rows, "now": recorded_at}, prepare=False)


def _columns(posts: Sequence[Post], boxes: Sequence[Box]) -> dict[str, Any]:
    events = [post.event for post in posts]
    return {
        "entity_ids": plain_array([box.entity_id for box in boxes]),
        "counts": plain_array([box.mail for box in boxes]),
        "boxes": plain_array([post.box.place for post in posts]),
        "behind": plain_array([post.box.mail - post.place for post in posts]),
        "types": array([event.type for event in events]),
        "effective": plain_array([event.effective_at for event in events]),
        "sources": array([event.source for event in events]),
        "ids": array([event.id for event in events]),
        "digests": array([event.digest.hex() for event in events]),
        "data": _data(events),
        "actors": sparse_array([event.actor for event in events]),
        "backfill": array(["t" if event.backfill else "f" for event in events]),
    }


def _data(events: Sequence[NewEvent]) -> str:
    texts = [to_json(event.data) if event.text is None else event.text for event in events]
    return (b"[" + b",".join(texts) + b"]").decode()
