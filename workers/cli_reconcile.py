"""`leadloop reconcile`: the hunt for leaks by hand."""

import asyncio
import json
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.service import RPCError

from activities.reconcile import Looked, Reconciler
from storage.engine import create_engine
from storage.leaks import Leaks
from workers import endpoints
from workers.errors import CliError
from workers.reconciling import TemporalLives
from workers.settings import Settings
from workflows.converter import data_converter

_SHOWN = 5
"""Leads of a kind that are named."""


def run(settings: Settings, *, mends: bool, as_json: bool) -> int:
    """Look, ring what was found unless told not to, and say it. Returns the leaks found.

    Raises `SettingsError` without a database, `DatabaseAwayError`, `CliError` when Temporal does not answer.
    """
    found, rung = asyncio.run(_reconcile(settings, mends=mends))
    leaks = sum(len(leads) for leads in found.by_kind.values())
    if as_json:
        told = {"open_leads": found.open_leads, "rung": rung, "leaks": found.by_kind}
        print(json.dumps(told, indent=2))  # noqa: T201  the command's output
        return leaks
    console = Console(highlight=False)
    console.print(f"{found.open_leads} open leads looked at: {f'{leaks} leaks' if leaks else 'no leaks'}.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("kind", "leads", "some of them"):
        table.add_column(column)
    for kind, leads in found.by_kind.items():
        if leads:
            table.add_row(kind, str(len(leads)), "\n".join(leads[:_SHOWN]))
    if leaks:
        console.print(table)
        console.print(f"{rung} leads rung; look again in a minute." if mends else "Nothing was rung.")
    return leaks


async def _reconcile(settings: Settings, *, mends: bool) -> tuple[Looked, int]:
    engine = create_engine(endpoints.database_url(settings), pool_size=2)
    try:
        client = await Client.connect(**endpoints.temporal_connect_config(settings), data_converter=data_converter)
        reconciler = Reconciler(Leaks(engine), TemporalLives(client))
        found = await reconciler.look()
        return found, await reconciler.mend(found.by_kind, datetime.now(UTC)) if mends else 0
    except (RPCError, RuntimeError):
        raise CliError("Temporal does not answer: leadloop doctor says what is wrong") from None
    finally:
        await engine.dispose()
