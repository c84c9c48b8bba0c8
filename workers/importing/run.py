"""An import: rows become events, events go through the same journal as all others, and history is folded at once.

Safe to stop and run again at any time: what is in already is counted as such. A row is taken whole or rejected whole.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.decode import Sender, decode
from leads.list_entry import ListEntry
from storage.engine import Patience, create_engine
from storage.journal import EventConflict, Journal, NewEvent, Receipt, UnstorableEventError
from storage.list_store import ListStore
from storage.playbooks import Shelves
from storage.roster_changes import By
from storage.roster_kept import Kept
from workers.importing.folding import HELD_BACK, Folding, FoldTally
from workers.importing.mapping import ImportMapping, RowError
from workers.importing.rejects import Rejects
from workers.importing.rows import CsvFile, Joins, Line

BATCH_ROWS = 500
POOL = 10
PATIENCE = Patience(statement_seconds=60, lock_seconds=30)
"""Nobody waits for an answer, and a busy server is no reason to stop."""
ACTOR = "import"
_QUIET = frozenset({"lead.captured", "lead.updated", "lead.engaged", "lead.consent_changed", "lead.linked"})


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
    live_list: "LiveList | None" = None


@dataclass(frozen=True, slots=True)
class LiveList:
    """The bulk list that a file is: its leads wait until they are released to sales."""

    name: str
    said: dict[str, Any] = field(default_factory=dict)
    """What is said of it, by the names of `ListEntry`; the rest stays as it was."""

    def entry(self, kept: Kept[ListEntry] | None) -> ListEntry:
        """Raises `pydantic.ValidationError`."""
        before = kept.entry.model_dump(mode="json") if kept else {}
        return ListEntry.model_validate(before | self.said)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row whose events have passed every check."""

    line: Line
    events: list[NewEvent]

    @property
    def is_quiet(self) -> bool:
        """Whether a lead of a bulk list does nothing but wait by it; who asks for contact is heard at once."""
        return all(event.type in _QUIET for event in self.events)


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
        if job.live_list is not None:
            by = By(actor=ACTOR, at=datetime.now(UTC))
            await ListStore(engine, Shelves(engine)).edit(job.live_list.name, job.live_list.entry, by=by)
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
        if job.live_list is not None:
            await importer.has_read(engine, job.live_list.name)
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
        job = self._job
        live_list = job.live_list.name if job.live_list else None
        try:
            raws = list(job.mapping.events_of(joins.joined(line.row), backfill=job.backfill, live_list=live_list))
        except RowError as error:
            self._reject(line, str(error))
            return
        decoded = decode(
            raws,
            sender=Sender(ACTOR),
            now=datetime.now(UTC),
            future_tolerance=job.future_tolerance,
            look_at_strings=True,
        )
        if decoded.problems:
            self._reject(line, "; ".join(f"{problem.pointer}: {problem.detail}" for problem in decoded.problems))
        else:
            batch.append(_Ready(line, [event for _, event in decoded.events]))

    async def store(self, batch: Sequence[_Ready]) -> None:
        """Append a batch; rows whose ids are taken by other content are rejected. Then fold what nobody waits for."""
        rows = self._without_repeats(batch)
        if self._job.live_list is None:
            await self._store(rows, folds=self._job.backfill)
            return
        await self._store([row for row in rows if row.is_quiet], folds=True)
        await self._store([row for row in rows if not row.is_quiet], folds=False)

    async def _store(self, rows: list[_Ready], *, folds: bool) -> None:
        while rows:
            try:
                receipts = await self._append([event for row in rows for event in row.events], folds=folds)
            except EventConflict as conflict:
                rows = self._without(rows, conflict.events, "came in before with other content: give it a new id")
            except UnstorableEventError as error:
                rows = self._without(rows, error.events, "holds what cannot be stored")
            else:
                await self._count_and_fold(rows, receipts, folds=folds)
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

    async def has_read(self, engine: AsyncEngine, live_list: str) -> None:
        """Note on the list's page what the file came to."""
        store = ListStore(engine, Shelves(engine))
        tally = self.tally
        await store.has_read(live_list, rows=tally.rows, rejected=tally.rejected_rows, now=datetime.now(UTC))

    async def _append(self, events: list[NewEvent], *, folds: bool) -> list[Receipt]:
        now = datetime.now(UTC)
        if folds:
            return await self._journal.append_history(events, now, now + HELD_BACK)
        return await self._journal.append(events, now)

    async def _count_and_fold(self, rows: list[_Ready], receipts: list[Receipt], *, folds: bool) -> None:
        types = [event.type for row in rows for event in row.events]
        self.tally.duplicates += sum(receipt.duplicate for receipt in receipts)
        pairs = zip(types, receipts, strict=True)
        self.tally.accepted.update(type_ for type_, receipt in pairs if not receipt.duplicate)
        if folds:
            # duplicates too: an earlier run may have died between storing and folding
            await self.folding.fold({receipt.lead_id for receipt in receipts if receipt.lead_id is not None})

    def _reject(self, line: Line, reason: str) -> None:
        self.tally.rejected_rows += 1
        self._rejects.add(line, reason)
