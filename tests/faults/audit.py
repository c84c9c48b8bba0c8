"""The audit of a database: what was accepted stands once, and everything else follows from it.

`audit(url)` looks at one snapshot and may run beside a live system; unread mail and notices under way are then found as
well. Differences name ids and codes, never a person.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.revisions import Shelf
from storage.engine import create_engine
from storage.playbooks import load_shelf
from storage.reading import read_all
from tests.faults import audit_sql
from tests.faults.oracle import Stored, examine

EventId = tuple[str, str]
"""(source, id)."""
Place = tuple[str, int]
"""Lead and sequence, as the answer to the sender named them."""
MOST_TOLD = 20


@dataclass
class Findings:
    """What an audit saw. `differences` must be empty."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in self.counts.items())
        more = len(self.differences) - MOST_TOLD
        told = self.differences[:MOST_TOLD] + ([f"and {more} more"] if more > 0 else [])
        return "\n  ".join([f"{counts}; differences {len(self.differences)}", *told])


async def audit(database_url: str, accepted: Mapping[EventId, Place] | None = None) -> Findings:
    """Look for every difference. `accepted` are the events a sender was told are taken, and where."""
    findings = Findings()
    engine = create_engine(database_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            await _count(connection, findings)
            for what, query in audit_sql.DIFFERENCES.items():
                findings.differences += [f"{what}: {row}" for row in await connection.scalars(text(query))]
            await _missing(connection, accepted or {}, findings)
            await _examine_all(connection, findings)
    finally:
        await engine.dispose()
    return findings


async def _count(connection: AsyncConnection, findings: Findings) -> None:
    row = (await connection.execute(text(audit_sql.COUNTS))).one()
    findings.counts = {name: int(count) for name, count in row._mapping.items()}


async def _missing(connection: AsyncConnection, accepted: Mapping[EventId, Place], findings: Findings) -> None:
    rows = await connection.execute(text("SELECT source, event_id, lead_id, number FROM journal WHERE kind = 0"))
    found: dict[EventId, Place] = {}
    times: Counter[EventId] = Counter()
    for row in rows:
        found[row.source, row.event_id] = (str(row.lead_id), row.number)
        times[row.source, row.event_id] += 1
    for key, place in accepted.items():
        if times[key] != 1:
            findings.differences.append(f"accepted event {key} is in the journal {times[key]} times")
        elif found[key] != place:
            findings.differences.append(f"accepted event {key} was to be {place}, but is {found[key]}")
    if accepted:
        findings.differences += [f"event {key} was never accepted" for key in found.keys() - accepted.keys()]


async def _examine_all(connection: AsyncConnection, findings: Findings) -> None:
    shelf = await load_shelf(connection)
    now: datetime = (await connection.execute(text("SELECT now()"))).scalar_one()
    for row in (await connection.execute(text(audit_sql.STANDINGS))).all():
        findings.differences += [f"{row.lead_id}: {what}" for what in await _examine(connection, row, shelf, now)]


async def _examine(connection: AsyncConnection, row: object, shelf: Shelf, now: datetime) -> list[str]:
    lead_id: UUID = row.lead_id  # type: ignore[attr-defined]  # a row of STANDINGS
    given = {"lead_id": lead_id}
    clocks = {clock.key: clock for clock in await connection.execute(text(audit_sql.CLOCKS), given)}
    hand_offs = {hand_off.id: hand_off for hand_off in await connection.execute(text(audit_sql.HAND_OFFS), given)}
    lines = frozenset(await connection.scalars(text(audit_sql.STANDING_LINES), given))
    return list(examine(Stored(row, clocks, hand_offs, lines, await read_all(connection, lead_id)), shelf, now))
