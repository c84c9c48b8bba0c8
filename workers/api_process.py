"""The process `leadloop api`: the HTTP side, wired to the database and served."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
import uvloop
from fastapi import FastAPI
from prometheus_client import REGISTRY, CollectorRegistry

from api.app import create_app
from api.dependencies import Dependencies, Limits
from storage.accounts import AccountStore
from storage.commands import CommandStore
from storage.engine import Patience, create_engine
from storage.journal import Journal
from storage.keys import KeyStore
from storage.list_store import ListStore
from storage.playbook_store import PlaybookStore
from storage.playbooks import Shelves
from storage.preview_store import PreviewStore
from storage.queries import LeadQueries
from storage.rollouts import RolloutStore
from storage.roster_store import RosterStore
from storage.shadow_report import ShadowReports
from workers.api_health import ApiHealth
from workers.http_server import listen, serve, sharing
from workers.metrics_server import metrics_served
from workers.settings import Settings
from workers.temporal import lazy_client, start_runtime
from workers.tidying import tidy_less
from workers.weighing import ProcessWeighers
from workflows.lead_commands import LeadCommands

_DEFAULT_TEMPORAL = "127.0.0.1:7233"
_log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises `CliError` where it can't start: no database URL, port in use."""
    database_url = settings.require_database_url()
    listener = listen(settings.host, settings.port)
    start_runtime()
    with metrics_served(settings, REGISTRY), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, database_url, listener))


async def _serve(settings: Settings, database_url: str, listener: socket.socket) -> None:
    async with api_app(settings, database_url, REGISTRY) as app:
        tidy_less()
        _log.info("api_listens", host=settings.host, port=listener.getsockname()[1])
        await serve(app, listener, protocol=sharing(settings.connections_per_address))
        _log.info("api_stopped")


@asynccontextmanager
async def api_app(settings: Settings, database_url: str, registry: CollectorRegistry) -> AsyncIterator[FastAPI]:
    """The app with its real collaborators; closes their connections at the end."""
    engine = create_engine(
        database_url,
        pool_size=settings.database_pool_size,
        patience=Patience(statement_seconds=settings.database_statement_timeout_seconds),
    )
    journal, playbooks, shelves = Journal(engine), PlaybookStore(engine), Shelves(engine)
    try:
        yield create_app(
            Dependencies(
                journal=journal,
                keys=KeyStore(engine),
                playbooks=playbooks,
                previews=PreviewStore(engine, playbooks, ProcessWeighers()),
                rollouts=RolloutStore(engine),
                roster=RosterStore(engine),
                leads=LeadQueries(engine, shelves),
                reports=ShadowReports(engine, shelves),
                accounts=AccountStore(engine, shelves),
                commands=CommandStore(engine),
                lists=ListStore(engine, Shelves(engine)),
                desk=LeadCommands(await lazy_client(settings)),
                health=ApiHealth(engine, _temporal_address(settings)),
                registry=registry,
                limits=Limits(future_tolerance=timedelta(seconds=settings.future_tolerance_seconds)),
            )
        )
    finally:
        await journal.close()
        await engine.dispose()


def _temporal_address(settings: Settings) -> str:
    return settings.temporal_address or os.environ.get("TEMPORAL_ADDRESS") or _DEFAULT_TEMPORAL
