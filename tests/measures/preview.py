"""What a preview costs of open leads and of past ones: a draft that moves most promises."""

import asyncio
import resource
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

from sqlalchemy.ext.asyncio import AsyncEngine

from leads.running import Choice, Running
from storage.engine import create_engine
from storage.playbook_store import PlaybookStore
from storage.playbooks import default_text
from storage.preview_batches import Batch, PlanText, Weigher
from storage.preview_reading import snapshot
from storage.preview_store import Asked, PreviewStore
from tests.measures.crowd import crowd
from tests.measures.figures import Figure, Pace, Row
from tests.measures.kinds_of_life import KINDS
from tests.measures.stack import database
from workers.weighing import ProcessWeighers

NOW = datetime(2026, 6, 17, 15, tzinfo=UTC)
"""A Wednesday afternoon, as in the row `scale`."""
LEADS = 20_000
"""Open ones, and as many past ones."""
SECONDS = 20
_OPEN = {"nurtured": 20, "just in": 20, "overdue": 15, "ignored": 10, "worked": 25, "closing": 5, "in talks": 5}
_ENDED = {"lost": 60, "won": 30, "overlooked": 10}
_BATCHES = 8
"""Weighed for the cost of one lead."""
DRAFT = (
    default_text()
    .replace(
        "first_touch: {target: PT15M, if_arrived_closed: PT1H", "first_touch: {target: PT10M, if_arrived_closed: PT30M"
    )
    .replace("next_step: {target: PT9H", "next_step: {target: PT4H")
)
CARRY = Running(default=Choice.CARRY)


async def measure(pace: Pace) -> list[Figure]:
    leads = LEADS // 20 if pace.is_quick else LEADS
    weights = _OPEN | _ENDED
    kinds = [replace(kind, weight=weights[kind.name]) for kind in KINDS if kind.name in weights]
    async with database() as db:
        async with crowd(db.url, NOW, starts=2 if pace.is_quick else 12, kinds=kinds) as pourer:
            await asyncio.to_thread(pourer.fill, 2 * leads)
        engine = create_engine(db.url, pool_size=4)
        try:
            return [
                *[await _whole(engine, each, leads) for each in (None, NOW - timedelta(days=800))],
                *[await _each(engine, since) for since in (None, NOW - timedelta(days=800))],
                _memory(),
            ]
        finally:
            await engine.dispose()


async def _whole(engine: AsyncEngine, since: datetime | None, leads: int) -> Figure:
    """The preview as it is asked for: of open leads, or of these and of past ones."""
    store = PreviewStore(engine, PlaybookStore(engine), ProcessWeighers())
    began = perf_counter()
    found = await store.preview(Asked(source=DRAFT, running=CARRY, since=since, most_leads=leads), NOW)
    seconds = perf_counter() - began
    looked = found.open.looked.leads + (found.past.looked.leads if found.past else 0)
    name = f"{found.open.looked.leads:,} open leads" + (f" and {found.past.looked.leads:,} past" if found.past else "")
    return Figure(
        name=name, value=seconds, unit="s", at_most=SECONDS * looked / LEADS,
        note=f"{found.open.touched:,} touched, {found.open.moved:,} promises move",
    )  # fmt: skip


async def _each(engine: AsyncEngine, since: datetime | None) -> Figure:
    """Processor time of one lead in one process, without the database."""
    draft = (await PlaybookStore(engine).checked(DRAFT, NOW)).model_dump(mode="json", by_alias=True)
    async with snapshot(engine) as leads:
        plan = PlanText(await leads.revisions(), draft, NOW, CARRY, since)
        batches: list[Batch] = []
        pages = leads.past_leads(since, 1) if since else leads.open_leads(1)
        async for page in pages:
            if since:
                portions, _ = await leads.portions(page)
                batches += [Batch(await leads.lives(portion), is_past=True) for portion in portions]
            else:
                batches.append(Batch((await leads.states(page))[0]))
            if len(batches) >= _BATCHES:
                break
    weigher, weighed = Weigher(plan), sum(len(batch.leads) for batch in batches)
    weigher.weigh(batches[0])
    began = process_time()
    for batch in batches:
        weigher.weigh(batch)
    spent = (process_time() - began) / weighed * 1e3
    return Figure(name=f"one {'past' if since else 'open'} lead, in one process", value=spent, unit="ms")


def _memory() -> Figure:
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Figure(name="memory of a weighing process, at most", value=most, unit="MiB", at_most=300)


ROW = Row(name="preview", about="what a draft would do to 20,000 open leads, and to as many past ones", measure=measure)
