"""The journal's facts, held against what senders have posted and what they were answered."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.faults.sent import EventId, Said, Sent

AT_MOST_AHEAD = timedelta(seconds=5)
"""From the look at a request until it is recorded. What a sender says is later than that look counts as of then."""

_FACTS = """
SELECT source, event_id, lead_id::text, number, type, effective_at, recorded_at, data, backfill
FROM journal WHERE kind = 0 AND NOT starts_with(source, 'urn:leadloop:')
"""
"""Without what Leadloop posts by itself."""
_SUBJECTS = "SELECT key, entity_id::text FROM identities WHERE stream = 'lead' AND system = 'default'"


async def event_differences(connection: AsyncConnection, sent: Sent) -> list[str]:
    """What was answered 202 is there once, where and as it should be; all else whole, or not at all."""
    rows = (await connection.execute(text(_FACTS))).all()
    subjects: dict[str, str] = {row.key: row.entity_id for row in await connection.execute(text(_SUBJECTS))}
    return [*_kept(rows, sent), *_unlike(rows, sent, subjects), *_unaccounted(sent), *_mixed(sent)]


def _kept(rows: Sequence[Any], sent: Sent) -> Iterator[str]:
    found = {(row.source, row.event_id): (row.lead_id, row.number) for row in rows}
    times = Counter((row.source, row.event_id) for row in rows)
    for key, place in sent.accepted.items():
        if times[key] != 1:
            yield f"accepted event {key} is in the journal {times[key]} times"
        elif found[key] != place:
            yield f"accepted event {key} was to be {place}, but is {found[key]}"
    yield from (f"refused event {key} is in the journal" for key in sent.refused if key in found)
    for keys in sent.unanswered:
        there = [key for key in keys if key in found]
        if there and len(there) < len(keys):
            yield f"of a request without an answer only {len(there)} of {len(keys)} are there: {there}"
    known = {*sent.accepted, *sent.refused, *(key for keys in sent.unanswered for key in keys)}
    yield from (f"event {key} was never sent so" for key in found.keys() - known)


def _unlike(rows: Sequence[Any], sent: Sent, subjects: dict[str, str]) -> Iterator[str]:
    """What an entry says otherwise than its event, answered or not."""
    for row in rows:
        key = (row.source, row.event_id)
        said = sent.posted.get(key)
        if said is None:
            continue
        yield from (f"event {key} has another {name} in the journal" for name in _otherwise(row, said))
        if subjects.get(said.subject) != row.lead_id:
            yield f"the subject of event {key} is not known as that of lead {row.lead_id}"


def _otherwise(row: Any, said: Said) -> Iterator[str]:
    if row.type != said.type:
        yield "type"
    if row.data != said.data:
        yield "data"
    if row.effective_at != said.at and not row.recorded_at - AT_MOST_AHEAD < row.effective_at < said.at:
        yield "effective_at"
    if row.backfill:
        yield "backfill"


def _unaccounted(sent: Sent) -> Iterator[str]:
    """What was posted until its 202, and what was accepted, is the same."""
    unanswered = {key for keys in sent.unanswered for key in keys}
    yield from (f"event {key} was posted, and no answer names it" for key in _left(sent, unanswered))
    yield from (f"event {key} was accepted, but never posted" for key in sorted(sent.accepted.keys() - sent.posted))


def _left(sent: Sent, unanswered: set[EventId]) -> list[EventId]:
    return sorted(sent.posted.keys() - sent.accepted.keys() - unanswered)


def _mixed(sent: Sent) -> Iterator[str]:
    """A subject is one lead, and a lead one subject: these senders link none."""
    leads: defaultdict[str, set[str]] = defaultdict(set)
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    for key, (lead_id, _) in sent.accepted.items():
        if key in sent.posted:
            leads[sent.posted[key].subject].add(lead_id)
            subjects[lead_id].add(sent.posted[key].subject)
    yield from (f"one subject was answered as several leads: {sorted(ids)}" for ids in leads.values() if len(ids) > 1)
    yield from (
        f"{len(names)} subjects were answered as lead {id_}" for id_, names in subjects.items() if len(names) > 1
    )
