"""An import: rows become events, events go through the same journal as all others, and history is folded at once.

Safe to stop and run again at any time: what is in already is counted as such. A row is taken whole or rejected whole.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.decode import Sender, decode
from storage.engine import Patience, create_engine
from storage.journal import EventConflict, Journal, NewEvent, Receipt, UnstorableEventError
from workers.importing.folding import HELD_BACK, Folding, FoldTally
from workers.importing.mapping import ImportMapping, RowError
from workers.importing.rejects import Rejects
from workers.importing.rows import CsvFile, Joins, Line

BATCH_ROWS = 500
POOL = 10
PATIENCE = Patience(statement_seconds=60, lock_seconds=30)
"""Nobody waits for an answer, and a busy server is no reason to stop."""
ACTOR = "import"


@dataclass(slots=True)
class Tally:
    """What an import came to."""

    rows: int = 0
    rejected_rows: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    """New events by type."""
    duplicates: int = 0
    folded: FoldTally = field(default_factory=FoldTally)


@dataclass(frozen=True, slots=True)
class Job:
    """What to import, and how."""

    file: Path
    mapping: ImportMapping
    joins: dict[str, Path]
    backfill: bool
    database_url: str
    future_tolerance: timedelta
    patience: Patience = PATIENCE


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row whose events have passed every check."""

    line: Line
    events: list[NewEvent]


async def import_file(job: Job, report: Callable[[int, Tally], None]) -> tuple[Tally, Rejects]:
    """Import a file; `report` hears of the bytes read and the tally so far. Raises FileError, DatabaseAwayError."""
    async with AsyncExitStack() as stack:
        file = stack.enter_context(CsvFile(job.file))  # first: what cannot be read is said before much else is
        joins = stack.enter_context(closing(Joins(job.mapping.joins, job.joins)))
        rejects = stack.enter_context(Rejects(job.file, file.columns))
        engine = create_engine(job.database_url, pool_size=POOL, patience=job.patience)
        stack.push_async_callback(engine.dispose)
        journal = Journal(engine)
        stack.push_async_callback(journal.close)
        folding = stack.enter_context(closing(Folding(engine)))
        importer = _Importer(job, journal, folding, rejects)
        batch: list[_Ready] = []
        for line in file.lines():
            importer.read(line, joins, batch)
            if len(batch) >= BATCH_ROWS:
                await importer.store(batch)
                batch = []
                report(line.position, importer.tally)
        await importer.store(batch)
        await folding.finish()
        report(file.size, importer.tally)
        return importer.tally, rejects


class _Importer:
    def __init__(self, job: Job, journal: Journal, folding: Folding, rejects: Rejects) -> None:
        self.tally = Tally(folded=folding.tally)
        self.folding = folding
        self._job = job
        self._journal = journal
        self._rejects = rejects

    def read(self, line: Line, joins: Joins, batch: list[_Ready]) -> None:
        """Turn a row into checked events, or reject it."""
        self.tally.rows += 1
        if line.fault is not None:
            self._reject(line, line.fault)
            return
        try:
            raws = list(self._job.mapping.events_of(joins.joined(line.row), backfill=self._job.backfill))
        except RowError as error:
            self._reject(line, str(error))
            return
        decoded = decode(
            raws,
            sender=Sender(ACTOR),
            now=datetime.now(UTC),
            future_tolerance=self._job.future_tolerance,
            look_at_strings=True,
        )
        if decoded.problems:
            self._reject(line, "; ".join(f"{problem.pointer}: {problem.detail}" for problem in decoded.problems))
        else:
            batch.append(_Ready(line, [event for _, event in decoded.events]))

    async def store(self, batch: Sequence[_Ready]) -> None:
        """Append a batch; rows whose ids are taken by other content are rejected. Then fold what is history."""
        rows = self._without_repeats(batch)
        while rows:
            try:
                receipts = await self._append([event for row in rows for event in row.events])
            except EventConflict as conflict:
                rows = self._without(rows, conflict.events, "came in before with other content: give it a new id")
            except UnstorableEventError as error:
                rows = self._without(rows, error.events, "holds what cannot be stored")
            else:
                await self._count_and_fold(rows, receipts)
                return

    def _without_repeats(self, batch: Sequence[_Ready]) -> list[_Ready]:
        """Within one batch an id may stand once; a row that repeats another is a duplicate, not a conflict."""
        seen: dict[tuple[str, str], bytes] = {}
        rows = []
        for row in batch:
            if any(seen.get(event.key, event.digest) != event.digest for event in row.events):
                self._reject(row.line, "an earlier row has the same ids with other content")
            else:
                seen.update({event.key: event.digest for event in row.events})
                rows.append(row)
        return rows

    def _without(self, rows: list[_Ready], keys: Sequence[tuple[str, str]], reason: str) -> list[_Ready]:
        bad = set(keys)
        left = []
        for row in rows:
            if any(event.key in bad for event in row.events):
                self._reject(row.line, reason)
            else:
                left.append(row)
        return left

    async def _append(self, events: list[NewEvent]) -> list[Receipt]:
        now = datetime.now(UTC)
        if self._job.backfill:
            return await self._journal.append_history(events, now, now + HELD_BACK)
        return await self._journal.append(events, now)

    async def _count_and_fold(self, rows: list[_Ready], receipts: list[Receipt]) -> None:
        types = [event.type for row in rows for event in row.events]
        self.tally.duplicates += sum(receipt.duplicate for receipt in receipts)
        pairs = zip(types, receipts, strict=True)
        self.tally.accepted.update(type_ for type_, receipt in pairs if not receipt.duplicate)
        if self._job.backfill:
            # duplicates too: an earlier run may have died between storing and folding
            await self.folding.fold({receipt.lead_id for receipt in receipts if receipt.lead_id is not None})

    def _reject(self, line: Line, reason: str) -> None:
        self.tally.rejected_rows += 1
        self._rejects.add(line, reason)
