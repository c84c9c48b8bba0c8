"""The courier at work in a house: what is told there over HTTP rings the doorbells."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from prometheus_client import CollectorRegistry

from storage.rings import Rings
from tests.journeys.house import House
from workers.courier import Courier, CourierMetrics, Doorbells, listen


@asynccontextmanager
async def courier(house: House, database_url: str, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """Rings are due by `now`, which must not be behind what senders are shown."""
    bells, metrics = Doorbells(house.client), CourierMetrics(CollectorRegistry())
    works = Courier(Rings(house.engine), bells.ring, metrics, now)
    tasks = [asyncio.create_task(listen(database_url, works.news)), asyncio.create_task(works.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
