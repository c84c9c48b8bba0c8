"""What is asked of a database however many leads it holds: pages, steps, sweeps, the scrape, a batch of events."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.explain import explain
from storage.figures import read_figures
from storage.journal import Journal, NewEvent
from storage.playbooks import Shelves
from storage.queries import LeadFilter, LeadQueries
from storage.rings import Rings
from storage.step_store import StepStore
from tests.measures.filters import FILTERS
from tests.measures.moulds import SYSTEM

PAGE = 51
"""Rows the API reads for a page of fifty."""
AT_ONCE = 10
"""Rings in one sweep: fewer than the smallest crowd has due, so that every size does the same work."""
BATCH = 100


@dataclass(frozen=True, slots=True)
class Ask:
    kind: str
    """list, page, step, sweep, scrape or ingest."""
    name: str
    once: Callable[[], Awaitable[object]]
    ready: Callable[[], Awaitable[object]] | None = None
    """Done before each time, and not measured."""


class Asker:
    """Asks of one database, of leads drawn from it; the crowd stands at `now`."""

    def __init__(self, engine: AsyncEngine, now: datetime, seed: int = 1) -> None:
        self._engine, self._now = engine, now
        self._chance = Random(seed)
        self._shelves = Shelves(engine)
        self._queries = LeadQueries(engine, self._shelves)
        self._steps = StepStore(engine, self._shelves)
        self._journal, self._rings = Journal(engine), Rings(engine)
        self._hours = (now + timedelta(hours=1 + number) for number in itertools.count())
        """Each later than the longest pause between two rings."""
        self._numbers = itertools.count()
        self._leads: list[tuple[UUID, str]] = []
        self._open: list[tuple[UUID, str]] = []
        self._next: tuple[UUID, str] | None = None

    async def draw(self) -> None:
        """Find leads to ask of, from all over the table."""
        anywhere = """
            SELECT i.entity_id, i.key, l.is_open
            FROM (SELECT * FROM leads WHERE abs(hashtext(lead_id::text)) % :every = 0) AS l
            JOIN identities i ON i.entity_id = l.lead_id WHERE l.stuck_since IS NULL
        """
        async with self._engine.connect() as connection:
            total = await connection.scalar(text("SELECT count(*) FROM leads")) or 1
            rows = [*await connection.execute(text(anywhere), {"every": max(1, total // 4000)})]
        self._leads = [(row.entity_id, row.key) for row in rows]
        self._open = [(row.entity_id, row.key) for row in rows if row.is_open]

    async def close(self) -> None:
        await self._journal.close()

    def asks(self) -> list[Ask]:
        lists = [Ask("list", f"list: {name}", self._list(wanted)) for name, wanted in FILTERS.items()]
        rings = self._rings
        return [
            *lists,
            Ask("list", "list: a page far down", self._far_down),
            Ask("list", "list: subject", self._subject),
            Ask("page", "lead page", lambda: self._queries.get_lead(self._any())),
            Ask("page", "timeline", lambda: self._queries.timeline(self._any())),
            Ask("page", "explain", self._explain),
            Ask(
                "step",
                "step: nothing new",
                lambda: self._steps.take_step(self._chance.choice(self._open)[0], self._now),
            ),
            Ask("step", "step: one event", self._step, self._mail),
            Ask("sweep", "sweep: unread mail", lambda: rings.take_mail(next(self._hours), AT_ONCE)),
            Ask("sweep", "sweep: late leads", lambda: rings.take_late(next(self._hours), AT_ONCE)),
            Ask("sweep", "sweep: undone actions", lambda: rings.take_undone(next(self._hours), AT_ONCE)),
            Ask("sweep", "backlog", rings.backlog),
            Ask("scrape", "scrape", lambda: read_figures(self._engine)),
            Ask("ingest", f"ingest: a batch of {BATCH}", self._ingest),
        ]

    def _any(self) -> UUID:
        return self._chance.choice(self._leads)[0]

    def _list(self, wanted: LeadFilter) -> Callable[[], Awaitable[object]]:
        return lambda: self._queries.list_leads(wanted, now=self._now, limit=PAGE)

    async def _far_down(self) -> object:
        return await self._queries.list_leads(LeadFilter(), now=self._now, after=self._any(), limit=PAGE)

    async def _subject(self) -> object:
        wanted = LeadFilter(subject=self._chance.choice(self._leads)[1], system=SYSTEM)
        return await self._queries.list_leads(wanted, now=self._now, limit=PAGE)

    async def _explain(self) -> object:
        found = await self._queries.load_state(self._any())
        return found and explain(
            found.lead, found.journal, found.shelf, self._now, names=found.names, deliveries=found.deliveries,
            unread=found.unread, is_complete=found.is_complete,
        )  # fmt: skip

    async def _mail(self) -> None:
        self._next = self._chance.choice(self._open)
        await self._journal.append([self._event(self._next[1])], self._now)

    async def _step(self) -> object:
        return self._next and await self._steps.take_step(self._next[0], self._now)

    async def _ingest(self) -> object:
        """Nine in ten about leads that are there."""
        known = [self._event(key) for _, key in self._chance.sample(self._leads, BATCH * 9 // 10)]
        fresh = [self._event(f"new-{next(self._numbers)}-{self._chance.random()}") for _ in range(BATCH // 10)]
        return await self._journal.append([*known, *fresh], self._now)

    def _event(self, subject: str) -> NewEvent:
        data: dict[str, Any] = {"kind": "page_viewed", "content": "pricing", "points": 1}
        id_ = f"measured-{next(self._numbers)}-{self._chance.random()}"
        return NewEvent(
            source="measures", id=id_, type="lead.engaged", stream="lead", system=SYSTEM, subject=subject,
            effective_at=self._now, data=data, digest=sha256(id_.encode()).digest(),
        )  # fmt: skip
