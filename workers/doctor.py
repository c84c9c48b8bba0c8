"""`leadloop doctor`: whether everything Leadloop needs is there and works."""

import asyncio
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from workers import endpoints
from workers.cli_playbook_definitions import DEFINITIONS
from workers.errors import CliError
from workers.local_stack.binaries import find_postgres, find_temporal
from workers.local_stack.layout import DataFolder
from workers.local_stack.probe import answers_ok
from workers.plain_text import clean
from workers.settings import Settings, unknown_variables

Verdict = Literal["good", "note", "bad"]
_TEMPORAL_SECONDS = 5.0


@dataclass(frozen=True)
class Check:
    """One thing looked at: `note` is worth knowing, `bad` must be put right. No secret, no personal data."""

    name: str
    verdict: Verdict
    finding: str


def examine(settings: Settings) -> list[Check]:
    """Look at each thing once; nothing is changed or started."""
    return [
        Check("python", "good", f"{platform.python_version()} at {sys.executable}"),
        *_variables(),
        *_programs(settings),
        *_stack(settings),
        _database(settings),
        *_leavers(settings),
        _temporal(settings),
        _api(settings),
        _key(settings),
        _mail(settings),
        *_playbook(settings),
    ]


def show(checks: list[Check], *, as_json: bool) -> None:
    """Print the checks as a table, or as a JSON list."""
    if as_json:
        print(json.dumps([asdict(check) for check in checks], indent=2))  # noqa: T201  the command's output
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    colours = {"good": "green", "note": "yellow", "bad": "bold red"}
    for check in checks:
        table.add_row(f"[{colours[check.verdict]}]{check.verdict}[/]", check.name, Text(clean(check.finding)))
    Console(highlight=False).print(table)


def _variables() -> Iterator[Check]:
    for name in unknown_variables(os.environ):
        yield Check("environment", "note", f"{name} is no setting of Leadloop; is it misspelt?")


def _programs(settings: Settings) -> Iterator[Check]:
    """The binaries `leadloop up` needs; a deployment of its own does without, so their absence is a note."""
    yield _found("postgres programs", lambda: str(find_postgres(settings.postgres_bin)))
    yield _found("temporal program", lambda: str(find_temporal(settings.temporal_bin)))


def _found(name: str, find: Callable[[], str]) -> Check:
    try:
        return Check(name, "good", find())
    except CliError as refusal:
        return Check(name, "note", str(refusal))


def _stack(settings: Settings) -> Iterator[Check]:
    stack = endpoints.running_stack(settings)
    folder = DataFolder(settings.data_folder).root
    if stack is None:
        yield Check("leadloop up", "note", f"does not run on {folder}")
        return
    yield Check("leadloop up", "good", f"runs on {folder} as process {stack.pid}")
    for service in stack.services:
        finding = f"{service.health} since {service.since}, process {service.pid}, restarted {service.restarts} times"
        yield Check(f"  {service.name}", "good" if service.health == "up" else "bad", finding)


def _database(settings: Settings) -> Check:
    from storage.engine import DatabaseAwayError  # noqa: PLC0415  slow, and only needed here
    from storage.migrate import current, head  # noqa: PLC0415  same

    try:
        stands, expected = current(endpoints.database_url(settings)), head()
    except (CliError, DatabaseAwayError) as refusal:
        return Check("database", "bad", str(refusal))
    if stands != expected:
        return Check(
            "database", "bad", f"stands at {stands or 'nothing'}, this version expects {expected}: leadloop migrate"
        )
    return Check("database", "good", f"answers, stands at {stands}")


def _leavers(settings: Settings) -> Iterator[Check]:
    """Open leads whose owner has left; the courier moves them within seconds."""
    from storage.engine import DatabaseAwayError, create_engine  # noqa: PLC0415  slow, and only needed here
    from storage.figures import read_figures  # noqa: PLC0415  same

    async def count() -> int:
        engine = create_engine(endpoints.database_url(settings), pool_size=1)
        try:
            return (await read_figures(engine)).owned_by_leavers
        finally:
            await engine.dispose()

    try:
        leads = asyncio.run(count())
    except (CliError, DatabaseAwayError, SQLAlchemyError):
        return  # the check of the database says so
    if leads:
        found = f"{leads:,} open leads are owned by people who have left: is `leadloop courier` running?"
        yield Check("leavers", "bad", found)
    else:
        yield Check("leavers", "good", "no open lead is owned by somebody who has left")


def _temporal(settings: Settings) -> Check:
    config = endpoints.temporal_connect_config(settings)
    name = f"{config['target_host']} (namespace {config['namespace']})"

    async def ask() -> bool:
        from temporalio.client import Client  # noqa: PLC0415  slow, and only needed here

        client = await asyncio.wait_for(Client.connect(**config), _TEMPORAL_SECONDS)
        healthy = await client.service_client.check_health()
        await asyncio.sleep(0.2)  # the SDK's threads hand over late, and nothing tells; ending meanwhile aborts
        return healthy

    try:
        healthy = asyncio.run(ask())
    except Exception as error:  # noqa: BLE001  whatever keeps it away is the finding
        return Check(
            "temporal", "bad", f"{name} can't be reached ({type(error).__name__}): check LEADLOOP_TEMPORAL_ADDRESS"
        )
    return (
        Check("temporal", "good", f"{name} is healthy")
        if healthy
        else Check("temporal", "bad", f"{name} is not healthy")
    )


def _api(settings: Settings) -> Check:
    url = endpoints.api_url(settings)
    if answers_ok(f"{url}/readyz"):
        return Check("api", "good", f"{url} is ready")
    return Check("api", "bad", f"{url}/readyz does not say ready: leadloop up, or leadloop api")


def _key(settings: Settings) -> Check:
    try:
        key = endpoints.machine_key_file(settings)
    except CliError as refusal:
        return Check("admin key", "note", str(refusal))
    if key.stat().st_mode & 0o077:
        return Check("admin key", "bad", f"others can read {key}: chmod 600, and make a new key")
    return Check("admin key", "good", str(key))


def _mail(settings: Settings) -> Check:
    if settings.smtp_host is None:
        return Check("mail", "note", "LEADLOOP_SMTP_HOST is not set: notices go to the log only")
    return Check("mail", "good", f"by {settings.smtp_host}:{settings.smtp_port}")


def _playbook(settings: Settings) -> Iterator[Check]:
    """What people have to see to; nothing where no API can be asked, which is told above."""
    from workers.api_client import call  # noqa: PLC0415  slow, and only needed here

    try:
        found = call(settings, "GET", DEFINITIONS)
    except CliError:
        return
    for warning in found["warnings"]:
        yield Check("playbook", "note", warning)
    if found["review_by"] and not found["warnings"]:
        yield Check("playbook", "good", f"its definitions are to be reviewed by {found['review_by']}")
