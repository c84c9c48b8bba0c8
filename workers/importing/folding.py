"""Folding what was imported as history, in this process, and bringing the leads that are still open to life.

While the import runs, an open lead's wake is an hour ahead: should the import die, the courier finds the lead then.
Once all rows are in, `finish` spreads the wakes from now on, `STARTS_PER_SECOND` of them a second, so that the courier
starts the leads' lives at a pace that leaves room for the leads of today. Ended leads have no wake and get no life.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.history import HistoryStore
from storage.playbooks import Shelves
from storage.reading import with_unread
from storage.step_store import StepStore, Taken

STARTS_PER_SECOND = 5
"""Of lives of imported leads. Each costs Temporal some ten events, of which a small server takes about a hundred a
second."""
HELD_BACK = timedelta(hours=1)
LEADS_AT_ONCE = 100
"""In one transaction."""
TASKS = 2
"""One folds while the other waits for the database."""
STEPS_AT_ONCE = 8
_ID_BYTES = 16
_READ_IDS = 1000


@dataclass(slots=True)
class FoldTally:
    leads: int = 0
    """Leads folded, by batch."""
    stages: Counter[str] = field(default_factory=Counter)
    """Where they stand after their batch."""
    stuck: int = 0


class Folding:
    """Folds batch after batch; remembers on disk which leads are to wake at the end, so that size costs no memory."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.tally = FoldTally()
        self._engine = engine
        shelves = Shelves(engine)
        self._history = HistoryStore(engine, shelves)
        self._steps = StepStore(engine, shelves)
        self._step_slots = asyncio.Semaphore(STEPS_AT_ONCE)
        self._asleep = TemporaryFile(prefix="leadloop-import-")  # noqa: SIM115  closed by close()
        self._held_until = datetime.now(UTC) + HELD_BACK

    async def fold(self, lead_ids: Collection[UUID]) -> None:
        """Fold those of the leads that have unread mail. Raises `DatabaseAwayError` and `NoPlaybookError`."""
        async with self._engine.connect() as connection:
            unread = sorted(await with_unread(connection, lead_ids))
        portions = iter([unread[start : start + LEADS_AT_ONCE] for start in range(0, len(unread), LEADS_AT_ONCE)])
        # each ends before the first error is raised: nothing goes on behind the back of whoever hears of it
        ended = await asyncio.gather(*(self._work(portions) for _ in range(TASKS)), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def finish(self) -> None:
        """Let the open leads wake one after the other from now on. Raises `DatabaseAwayError`."""
        first = datetime.now(UTC)
        gap = timedelta(seconds=1 / STARTS_PER_SECOND)
        self._asleep.seek(0)
        while ids := self._asleep.read(_ID_BYTES * _READ_IDS):
            lead_ids = [UUID(bytes=ids[at : at + _ID_BYTES]) for at in range(0, len(ids), _ID_BYTES)]
            await self._history.bring_forward(lead_ids, first, gap)
            first += gap * len(lead_ids)

    def close(self) -> None:
        self._asleep.close()

    async def _work(self, portions: Iterator[list[UUID]]) -> None:
        for portion in portions:
            folded = await self._history.fold(portion, datetime.now(UTC), self._next_slot)
            self._asleep.write(b"".join(lead_id.bytes for lead_id in folded.asleep))
            self.tally.leads += len(folded.stages)
            self.tally.stages.update(folded.stages.values())
            for error in await asyncio.gather(*map(self._step, folded.left), return_exceptions=True):
                if error is not None:
                    raise error

    async def _step(self, lead_id: UUID) -> None:
        """The ordinary way. Such a lead may be one of today: its own life must hear of what came in, at once."""
        async with self._step_slots:
            taken: Taken = await self._steps.take_step(lead_id, datetime.now(UTC))
            while taken.has_more:
                taken = await self._steps.take_step(lead_id, datetime.now(UTC))
        if taken.stuck_code is not None:
            self.tally.stuck += 1
            return
        self.tally.leads += 1
        self.tally.stages[taken.stage] += 1
        await self._history.bring_forward([lead_id], datetime.now(UTC), timedelta())

    def _next_slot(self) -> datetime:
        self._held_until += timedelta(seconds=1 / STARTS_PER_SECOND)
        return self._held_until
