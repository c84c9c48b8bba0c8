"""The audit of a database: what was accepted stands once, and everything else follows from it.

`audit(url)` looks at one snapshot and may run beside a live system; unread mail and notices under way are then found as
well. Differences name ids and codes, never a person.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.revisions import Shelf
from storage.engine import create_engine
from storage.playbooks import load_shelf
from storage.reading import read_all
from storage.tallies import count_on, read_totals, recount_on
from tests.faults import audit_sql
from tests.faults.accepted import event_differences
from tests.faults.leaks import leaks
from tests.faults.oracle import Stored, examine
from tests.faults.post import letter_differences
from tests.faults.sent import Commanded, Sent
from tests.smtp_sink import Delivery

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
        return "\n  ".join([counts, f"differences: {len(self.differences)}", *told])


@dataclass(frozen=True)
class Witnesses:
    """What others know of the run; of what is None nobody is asked."""

    sent: Sent | None = None
    commanded: Commanded | None = None
    running: Collection[str] | None = None
    """Ids of the workflows that run."""
    letters: Sequence[Delivery] | None = None
    """All that the mail server has taken."""
    mail_domain: str = "localhost"


async def audit(database_url: str, witnesses: Witnesses | None = None, *, now: datetime | None = None) -> Findings:
    """Look for every difference.

    What should have happened by `now` is held against it: the leads' own present, the database's unless said otherwise.
    """
    witnesses = witnesses or Witnesses()
    findings = Findings()
    engine = create_engine(database_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            await _count(connection, findings)
            for what, query in audit_sql.DIFFERENCES.items():
                findings.differences += [f"{what}: {row}" for row in await connection.scalars(text(query))]
            found = [leak async for leak in leaks(connection, witnesses.running)]
            findings.counts["leaks"] = len(found)
            findings.differences += found
            await _hold_to(connection, witnesses, findings)
            await _examine_all(connection, findings, now)
            findings.differences += await _miscounted(connection)
            await connection.rollback()
    finally:
        await engine.dispose()
    return findings


async def _count(connection: AsyncConnection, findings: Findings) -> None:
    row = (await connection.execute(text(audit_sql.COUNTS))).one()
    findings.counts = {name: int(count) for name, count in row._mapping.items()}


async def _hold_to(connection: AsyncConnection, witnesses: Witnesses, findings: Findings) -> None:
    if witnesses.sent is not None:
        findings.differences += await event_differences(connection, witnesses.sent)
    if witnesses.commanded is not None:
        findings.differences += await _commands(connection, witnesses.commanded)
    if witnesses.letters is not None:
        findings.counts["letters_arrived"] = len(witnesses.letters)
        findings.differences += await letter_differences(connection, witnesses.letters, witnesses.mail_domain)


async def _commands(connection: AsyncConnection, commanded: Commanded) -> list[str]:
    """Whoever got an answer got the one in the row, everybody the same; what was over is not granted later."""
    states = {
        str(row.command_id): row.state
        for row in await connection.execute(text("SELECT command_id, state FROM commands"))
    }
    told: list[str] = []
    for command_id, asked in commanded.asked.items():
        state = states.get(command_id, "not there")
        # one that the roster speaks against is refused before it is stored
        differs = asked.answers - {state} if (asked.answers, state) != ({"refused"}, "not there") else set()
        if differs:
            told.append(f"command {command_id} ({asked.name}) was answered {sorted(asked.answers)}, but is {state}")
    told += [
        f"command {command_id} was over without an answer, and granted later"
        for command_id in commanded.seen_over
        if states.get(command_id) == "granted"
    ]
    return told


async def _miscounted(connection: AsyncConnection) -> list[str]:
    """Totals that are not those of all lines. Counts what waits, then everything anew, and leaves no trace."""
    while (await count_on(connection)).leads:
        pass
    kept = await read_totals(connection)
    await recount_on(connection)
    anew = await read_totals(connection)
    return [
        f"{key} is counted as {kept.get(key, 0)}, and anew as {anew.get(key, 0)}"
        for key in sorted(kept.keys() | anew.keys())
        if not math.isclose(kept.get(key, 0), anew.get(key, 0))
    ]


async def _examine_all(connection: AsyncConnection, findings: Findings, now: datetime | None) -> None:
    shelf = await load_shelf(connection)
    present: datetime = now or (await connection.execute(text("SELECT now()"))).scalar_one()
    for row in (await connection.execute(text(audit_sql.STANDINGS))).all():
        findings.differences += [f"{row.lead_id}: {what}" for what in await _examine(connection, row, shelf, present)]


async def _examine(connection: AsyncConnection, row: object, shelf: Shelf, now: datetime) -> list[str]:
    lead_id: UUID = row.lead_id  # type: ignore[attr-defined]  # a row of STANDINGS
    given = {"lead_id": lead_id}
    clocks = {clock.key: clock for clock in await connection.execute(text(audit_sql.CLOCKS), given)}
    hand_offs = {hand_off.id: hand_off for hand_off in await connection.execute(text(audit_sql.HAND_OFFS), given)}
    lines = {line.key: line for line in await connection.execute(text(audit_sql.STANDING_LINES), given)}
    return list(examine(Stored(row, clocks, hand_offs, lines, await read_all(connection, lead_id)), shelf, now))
