"""Previews on the leads of a step desk, weighed in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text

from leads.what_if.report import Preview
from storage.playbook_store import PlaybookStore
from storage.preview_batches import Batch, PlanText, Weighed, Weigher
from storage.preview_store import Asked, PreviewStore, Weigh
from storage.tables import metadata, teams
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk


class Here:
    """Weighs in this process. With `gate` a batch waits until it is opened; `begun` says that one waits."""

    at_once = 2

    def __init__(self, *, gate: asyncio.Event | None = None) -> None:
        self.gate = gate
        self.begun = asyncio.Event()
        self.most_leads = 0
        """Of one batch."""

    def __call__(self, plan: PlanText) -> AbstractAsyncContextManager[Weigh]:
        return self._weighing(plan)

    @asynccontextmanager
    async def _weighing(self, plan: PlanText) -> AsyncIterator[Weigh]:
        weigher = Weigher(plan)

        async def weigh(batch: Batch) -> Weighed:
            self.begun.set()
            self.most_leads = max(self.most_leads, len(batch.leads))
            if self.gate is not None:
                await self.gate.wait()
            return weigher.weigh(batch)

        yield weigh


@asynccontextmanager
async def opened(database_url: str, playbook: str = WITHOUT_LAG) -> AsyncIterator[StepDesk]:
    """A desk with every team that the default playbook names."""
    async with opened_desk(database_url, playbook) as desk:
        async with desk.engine.begin() as connection:
            await connection.execute(insert(teams).values(team_id="partners", name="Partners"))
        yield desk


def previews(desk: StepDesk, weighers: Here | None = None) -> PreviewStore:
    return PreviewStore(desk.engine, PlaybookStore(desk.engine), weighers or Here())


async def previewed(desk: StepDesk, source: str, now: datetime, **asked: Any) -> Preview:
    return await previews(desk).preview(Asked(source=source, **asked), now)


async def everything(desk: StepDesk) -> dict[str, list[str]]:
    """Every row of every table."""
    async with desk.engine.connect() as connection:
        return {
            table.name: sorted(
                await connection.scalars(text(f"SELECT row_to_json(t)::text FROM {table.name} AS t"))  # noqa: S608  a table's name
            )
            for table in metadata.sorted_tables
        }
