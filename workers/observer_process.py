"""The process `leadloop observer`."""

import asyncio
import signal

import structlog
import uvloop
from prometheus_client import REGISTRY

from storage.engine import Patience, create_engine
from storage.figures import read_figures
from storage.tallies import Counted, count_anew, count_some
from workers.figures import FigureCollector
from workers.metrics_server import metrics_served
from workers.observer import Observer, ObserverMetrics
from workers.patience import wait_for_database
from workers.settings import Settings
from workers.tidying import tidy_less

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Observe until SIGINT or SIGTERM. Raises `CliError` without a database URL."""
    database_url = settings.require_database_url()
    figures = FigureCollector()
    REGISTRY.register(figures)
    with metrics_served(settings, REGISTRY):
        uvloop.run(_serve(database_url, figures))


def recount(settings: Settings) -> Counted:
    """Count all timelines anew. Raises `CliError` without a database URL, `DatabaseAwayError`."""
    return asyncio.run(_recount(settings.require_database_url()))


async def _recount(database_url: str) -> Counted:
    engine = create_engine(database_url, pool_size=1, patience=Patience(statement_seconds=600))
    try:
        return await count_anew(engine)
    finally:
        await engine.dispose()


async def _serve(database_url: str, figures: FigureCollector) -> None:
    engine = create_engine(database_url, pool_size=2)
    observer = Observer(lambda: count_some(engine), lambda: read_figures(engine), figures, ObserverMetrics(REGISTRY))

    async def observe() -> None:
        await wait_for_database(engine)
        tidy_less()
        log.info("observer_observes")
        await observer.run()

    observing = asyncio.create_task(observe())
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, observing.cancel)
    try:
        await observing
    except asyncio.CancelledError:
        log.info("observer_stopped")
    finally:
        await engine.dispose()
