"""The process `leadloop courier`."""

import asyncio
import signal
from datetime import UTC, datetime

import structlog
import uvloop
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.accounts_changed import AccountsChanged
from storage.engine import create_engine, dialect_url
from storage.owners_gone import OwnersGone
from storage.playbooks import Shelves
from storage.rings import Rings
from storage.rollout_reach import RolloutBook
from workers.courier import Courier, CourierMetrics, Doorbells, ListBells, listen
from workers.fan_out import FanOut
from workers.metrics_server import metrics_served
from workers.patience import wait_for_database
from workers.rollouts import RolloutBells, ring_rollouts
from workers.settings import Settings
from workers.temporal import connect, start_runtime
from workers.tidying import tidy_less

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Deliver until SIGINT or SIGTERM. Raises `CliError` without a database URL."""
    database_url = settings.require_database_url()
    start_runtime()
    with metrics_served(settings, REGISTRY):
        uvloop.run(_serve(settings, database_url))


async def _serve(settings: Settings, database_url: str) -> None:
    engine = create_engine(database_url, pool_size=settings.database_pool_size, for_pipelines=True)
    serving = asyncio.create_task(_deliver(settings, database_url, engine))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        log.info("courier_stopped")
    finally:
        await engine.dispose()


async def _deliver(settings: Settings, database_url: str, engine: AsyncEngine) -> None:
    await wait_for_database(engine)
    client = await connect(settings)
    courier = Courier(
        Rings(engine), Doorbells(client).ring, CourierMetrics(REGISTRY), _now, ring_list=ListBells(client).ring
    )
    shelves = Shelves(engine)
    tellers = {
        "owner_gone": OwnersGone(engine, shelves).tell,
        "account_changed": AccountsChanged(engine, shelves).tell,
    }
    fan_out = FanOut(tellers, courier.news.set, _now, REGISTRY)
    conninfo = dialect_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    tidy_less()
    log.info("courier_delivers")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen(conninfo, courier.news))
        tasks.create_task(courier.run())
        tasks.create_task(fan_out.run())
        tasks.create_task(ring_rollouts(RolloutBook(engine), RolloutBells(client).ring, _now))


def _now() -> datetime:
    return datetime.now(UTC)
