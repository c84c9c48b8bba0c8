"""The process `leadloop worker`: leads' lives, their steps, and what they have done."""

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import structlog
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.reconcile import Reconciler
from activities.rollout import ReachLeads
from activities.step import Step
from storage.engine import Patience, create_engine
from storage.leaks import Leaks
from storage.playbooks import Shelves
from storage.rollout_reach import RolloutReach
from storage.rollouts import RolloutStore
from storage.step_store import StepStore
from workers.engine import Slots, action_worker, lead_worker, leaks_worker, rollout_worker
from workers.lists import look_activity, tell_activity
from workers.notices import notify_activity
from workers.patience import wait_for_database
from workers.reconciling import TemporalLives, ensure_schedule
from workers.rollouts import StoredRollouts
from workers.settings import Settings
from workers.steps import StoredSteps
from workers.temporal import connect, start_runtime
from workers.tidying import tidy_less

STEP_PATIENCE = Patience(connect_seconds=3, lock_seconds=2, statement_seconds=3, pool_seconds=3)
"""Shorter than a step's own time-out, so that the database gives up before Temporal does."""

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM, then finish what was begun. Raises `CliError` without a database URL."""
    database_url = settings.require_database_url()
    start_runtime()
    uvloop.run(_serve(settings, database_url))


async def _serve(settings: Settings, database_url: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    # one more than steps at once: a step that finds a new playbook revision reads it beside its own transaction
    steps = create_engine(database_url, pool_size=settings.step_slots + 1, patience=STEP_PATIENCE, for_pipelines=True)
    actions = create_engine(database_url, pool_size=settings.database_pool_size, for_pipelines=True)
    connecting = asyncio.create_task(_connect(settings, steps))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not connecting.done():
            return
        slots = Slots.of(settings)
        async with AsyncExitStack() as stack:
            step = Step(StoredSteps(StepStore(steps, Shelves(steps))))
            notify = notify_activity(settings, actions, Shelves(actions))
            client = connecting.result()
            lists = look_activity(steps, Shelves(steps))
            tell = tell_activity(settings, actions, Shelves(actions))
            workers = (
                lead_worker(client, step, slots, lists=lists),
                action_worker(client, [notify.notify, tell.tell], slots),
                rollout_worker(client, ReachLeads(_rollouts(settings, actions)), slots),
                leaks_worker(client, Reconciler(Leaks(actions), TemporalLives(client)), slots),
            )
            for worker in workers:
                await stack.enter_async_context(worker)
            await ensure_schedule(client)
            tidy_less()
            log.info("worker_works", steps=slots.steps, actions=slots.actions)
            await stop.wait()
            log.info("worker_stops", within_seconds=settings.graceful_stop_seconds)
            await asyncio.gather(*(worker.shutdown() for worker in workers))
    finally:
        connecting.cancel()
        await steps.dispose()
        await actions.dispose()
        log.info("worker_stopped")


def _rollouts(settings: Settings, engine: AsyncEngine) -> StoredRollouts:
    shelves = Shelves(engine)
    reach = RolloutReach(engine, StepStore(engine, shelves), shelves, leads_a_second=settings.rollout_leads_per_second)
    return StoredRollouts(reach, RolloutStore(engine), lambda: datetime.now(UTC))


async def _connect(settings: Settings, engine: AsyncEngine) -> Client:
    """A client, once database and Temporal answer."""
    await wait_for_database(engine)
    return await connect(settings)
