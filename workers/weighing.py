"""Batches of a preview, weighed in processes beside this one, so that whatever else it serves is not held up.

A preview of a few hundred leads is one batch and is weighed in a thread here: no process would be up in time to help.
Processes start with the second batch and end with the preview. They are nice to the rest of the machine, and end by
themselves when this process is killed.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing import get_context

from storage.preview_batches import Batch, PlanText, Weighed, Weigher
from storage.preview_store import Weigh
from workers import weighing_process

_MOST_PROCESSES = 4


class ProcessWeighers:
    """Weighs on as many cores as there are, four at most."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = min(processes or os.cpu_count() or 1, _MOST_PROCESSES)

    @property
    def at_once(self) -> int:
        return self._processes

    def __call__(self, plan: PlanText) -> AbstractAsyncContextManager[Weigh]:
        return self._weighing(plan)

    @asynccontextmanager
    async def _weighing(self, plan: PlanText) -> AsyncIterator[Weigh]:
        loop, here = asyncio.get_running_loop(), await asyncio.to_thread(Weigher, plan)
        pool: ProcessPoolExecutor | None = None
        batches = 0

        async def weigh(batch: Batch) -> Weighed:
            nonlocal pool, batches
            batches += 1
            if batches == 1:
                return await asyncio.to_thread(here.weigh, batch)
            pool = pool or self._pool(plan)
            return await loop.run_in_executor(pool, weighing_process.weigh, batch)

        try:
            yield weigh
        finally:
            if pool is not None:
                await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    def _pool(self, plan: PlanText) -> ProcessPoolExecutor:
        # not forked: this process has threads, connections and an event loop
        return ProcessPoolExecutor(self._processes, get_context("spawn"), weighing_process.begin, (plan,))
