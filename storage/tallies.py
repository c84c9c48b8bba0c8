"""Counting the timelines: each line once, whatever restarts and however many count.

A step notes its lead in a queue, in its own transaction. Whoever counts takes leads off the queue, reads their lines
from the stored cursor on, adds them up and moves the cursor, all in one transaction. Lines of one lead are committed in
the order of their numbers, so none is passed over. Only one counts at a time; others find the queue taken and rest.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.counting import BOUNDS, COUNTERS, HISTOGRAMS, OPEN_LABELS, OTHER, Count, counted
from storage.engine import transaction
from storage.tables import tallies, tally_labels, teams

LEADS_AT_ONCE, LINES_OF_A_LEAD = 200, 1000
"""What one transaction takes; a lead with more lines goes back to the queue."""
MOST_VALUES = 50
"""Of one open label; what comes later is folded into `other`."""
_PLAIN = re.compile(r"[\w .:/+&()-]{1,60}")
"""What a label may be: a sender may name a source as it likes, and an address is nobody's source."""
SUM = "sum"
INFINITE = "+Inf"

Key = tuple[str, tuple[str, ...], str]
"""Metric, values of its labels, part."""
Totals = dict[Key, float]

_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('leadloop tallies'))")
_TAKE = text("""
DELETE FROM tally_queue WHERE id IN (SELECT id FROM tally_queue ORDER BY id LIMIT :leads) RETURNING lead_id
""")
_READ = text("""
SELECT asked.lead_id, line.number, line.kind, line.data, j.data AS entry, coalesce(j.backfill, false) AS is_history
FROM unnest(CAST(:leads AS uuid[])) AS asked (lead_id)
CROSS JOIN LATERAL (
    SELECT number, kind, data FROM timeline t
    WHERE t.lead_id = asked.lead_id
      AND t.number > coalesce((SELECT number FROM tally_cursors c WHERE c.lead_id = asked.lead_id), 0)
    ORDER BY number LIMIT :lines
) AS line
LEFT JOIN journal j ON line.kind IN ('fact', 'command', 'decision') AND j.lead_id = asked.lead_id
    AND j.book = line.data->>'book' AND j.number = (line.data->>'number')::bigint
ORDER BY 1, 2
""")
_ADD = text("""
INSERT INTO tallies AS t (metric, labels, part, total)
SELECT metric, ARRAY (SELECT jsonb_array_elements_text(labels)), part, total
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (metric text, labels jsonb, part text, total float8)
ON CONFLICT (metric, labels, part) DO UPDATE SET total = t.total + excluded.total
""")
_MOVE = text("""
INSERT INTO tally_cursors (lead_id, number)
SELECT * FROM unnest(CAST(:leads AS uuid[]), CAST(:numbers AS bigint[]))
ON CONFLICT (lead_id) DO UPDATE SET number = excluded.number
""")
_QUEUE = text("INSERT INTO tally_queue (lead_id) SELECT unnest(CAST(:leads AS uuid[]))")
_FORGET = ("DELETE FROM tally_queue", "DELETE FROM tally_cursors", "DELETE FROM tallies")
_QUEUE_ALL = text("INSERT INTO tally_queue (lead_id) SELECT lead_id FROM lead_states")


@dataclass(frozen=True, slots=True)
class Counted:
    """What one go has done."""

    leads: int
    lines: int
    is_behind: bool
    """There was more in the queue than one go takes."""


async def count_some(engine: AsyncEngine) -> Counted:
    """Count what waits in the queue, a few hundred leads at most. Raises `DatabaseAwayError`, and counts nothing."""
    async with transaction(engine) as connection:
        if not await connection.scalar(_LOCK):
            return Counted(0, 0, is_behind=False)
        return await count_on(connection)


async def count_anew(engine: AsyncEngine) -> Counted:
    """Forget all totals and count every timeline from its beginning.

    In one transaction: readers see the old totals until the new ones stand. Which labels have a place of their own is
    kept, so the totals come out the same.
    """
    async with transaction(engine) as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('leadloop tallies'))"))
        return await recount_on(connection)


async def recount_on(connection: AsyncConnection) -> Counted:
    """`count_anew` in a transaction of the caller's, who has seen to it that nobody else counts."""
    for statement in _FORGET:
        await connection.execute(text(statement))
    await connection.execute(_QUEUE_ALL)
    leads = lines = 0
    while (done := await count_on(connection)).leads:
        leads, lines = leads + done.leads, lines + done.lines
    return Counted(leads, lines, is_behind=False)


async def read_totals(connection: AsyncConnection) -> Totals:
    """Every sample."""
    rows = await connection.execute(select(tallies))
    return {(row.metric, tuple(row.labels), row.part): row.total for row in rows}


async def count_on(connection: AsyncConnection) -> Counted:
    """`count_some` in a transaction of the caller's, who has seen to it that nobody else counts."""
    taken = [*await connection.scalars(_TAKE, {"leads": LEADS_AT_ONCE})]
    if not taken:
        return Counted(0, 0, is_behind=False)
    leads = sorted(set(taken))
    lines = [*await connection.execute(_READ, {"leads": leads, "lines": LINES_OF_A_LEAD})]
    reached: dict[UUID, int] = {line.lead_id: line.number for line in lines}
    if lines:
        labels = await _Labels.load(connection)
        await _add(connection, totals_of(_counts(lines), labels))
        await labels.store(connection)
        await connection.execute(_MOVE, {"leads": [*reached], "numbers": [*reached.values()]})
    read = Counter(line.lead_id for line in lines)
    if left := [lead_id for lead_id, number in read.items() if number == LINES_OF_A_LEAD]:
        await connection.execute(_QUEUE, {"leads": left})
    return Counted(len(leads), len(lines), is_behind=len(taken) == LEADS_AT_ONCE or bool(left))


def _counts(lines: Iterable[Any]) -> Iterator[Count]:
    for line in lines:
        yield from counted(line.kind, line.data, line.entry, is_history=line.is_history)


async def _add(connection: AsyncConnection, totals: Mapping[Key, float]) -> None:
    rows = [
        {"metric": metric, "labels": labels, "part": part, "total": total}
        for (metric, labels, part), total in sorted(totals.items())
    ]
    if rows:
        await connection.execute(_ADD, {"rows": to_json(rows).decode()})


class _Labels:
    """The values that have a place of their own."""

    def __init__(self, known: Mapping[str, set[str]], teams_: set[str]) -> None:
        self._known = {label: set(values) for label, values in known.items()}
        self._teams = teams_
        self._fresh: list[dict[str, str]] = []

    @classmethod
    async def load(cls, connection: AsyncConnection) -> "_Labels":
        known: dict[str, set[str]] = {}
        for row in await connection.execute(select(tally_labels)):
            known.setdefault(row.label, set()).add(row.value)
        return cls(known, set(await connection.scalars(select(teams.c.team_id))))

    async def store(self, connection: AsyncConnection) -> None:
        if self._fresh:
            await connection.execute(tally_labels.insert(), self._fresh)

    def fold(self, label: str, value: str) -> str:
        """The value, or `other`: an open label has a bounded number of them, teams are those of the roster."""
        if label not in OPEN_LABELS or value == OTHER:
            return value
        known = self._known.setdefault(label, set())
        if value not in known:
            if not self._has_place(label, value, len(known)):
                return OTHER
            known.add(value)
            self._fresh.append({"label": label, "value": value})
        return value

    def _has_place(self, label: str, value: str, known: int) -> bool:
        if label == "team":
            return value in self._teams
        return known < MOST_VALUES and _PLAIN.fullmatch(value) is not None


def totals_of(counts: Iterable[Count], labels: _Labels) -> Totals:
    totals: Totals = {}
    for count in counts:
        names = (COUNTERS.get(count.metric) or HISTOGRAMS[count.metric])[1]
        values = tuple(labels.fold(name, count.labels[name]) for name in names)
        for part, value in _parts(count):
            key = (count.metric, values, part)
            totals[key] = totals.get(key, 0.0) + value
    return totals


def _parts(count: Count) -> Iterator[tuple[str, float]]:
    bounds = BOUNDS.get(count.metric)
    if bounds is None:
        yield "", count.value
        return
    place = bisect_left(bounds, count.value)
    yield (part_of(bounds[place]) if place < len(bounds) else INFINITE), 1.0
    yield SUM, count.value


def part_of(bound: float) -> str:
    """How a bucket is named in its row."""
    return f"{bound:g}"
