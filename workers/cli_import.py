"""`leadloop import`: leads and their history from a CSV file."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from workers.cli_lead_giving import instant
from workers.errors import CliError
from workers.plain_text import clean

if TYPE_CHECKING:
    from workers.importing.rejects import Rejects
    from workers.importing.run import LiveList, Tally


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header, UTF-8.")],
    mapping: Annotated[Path, typer.Option(help="YAML that says how columns become events.")],
    *,
    join: Annotated[list[str] | None, typer.Option(help="NAME=FILE: a second file that the mapping joins.")] = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="History: nobody is alarmed by it, now or later.")
    ] = False,
    live_list: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The file is a bulk list: its leads wait until they are released to sales."),
    ] = None,
    event_ended_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", callback=instant, help="When the event of the list was over.")
    ] = None,
    marketing_owner: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Who promised the upload, and hears when it is late.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Whose people and hours the release goes by.")
    ] = None,
    per_rep_a_day: Annotated[int | None, typer.Option(min=1, max=1_000, help="Else as the playbook says.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary for programs.")] = False,
) -> None:
    """Bring in leads and their history through the same journal as all events. Safe to stop and run again."""
    said = {
        "event_ended_at": event_ended_at,
        "marketing_owner": marketing_owner,
        "team": team,
        "per_rep_a_day": per_rep_a_day,
    }
    of_list = _live_list(live_list, said, backfill=backfill)
    from leads.revisions import NoPlaybookError  # noqa: PLC0415  heavy
    from storage.engine import DatabaseAwayError  # noqa: PLC0415  heavy
    from storage.roster_kept import RosterError  # noqa: PLC0415  heavy
    from workers.endpoints import database_url  # noqa: PLC0415  only here
    from workers.importing.mapping import load_mapping  # noqa: PLC0415  heavy
    from workers.importing.run import Job, import_file  # noqa: PLC0415  heavy
    from workers.settings import load_settings  # noqa: PLC0415  only here

    settings = load_settings()
    job = Job(
        file=file,
        mapping=load_mapping(mapping),
        joins=dict(_pair(text) for text in join or []),
        backfill=backfill,
        live_list=of_list,
        database_url=database_url(settings),
        future_tolerance=timedelta(seconds=settings.future_tolerance_seconds),
    )
    started = monotonic()
    try:
        with _progress() as bar:
            task = bar.add_task("Importing", total=file.stat().st_size if file.is_file() else 1)
            tally, rejects = asyncio.run(import_file(job, lambda position, _: bar.update(task, completed=position)))
    except RosterError as refused:
        raise CliError(str(refused)) from None
    except DatabaseAwayError as away:
        raise CliError(f"{away}; run the import again, what is in stays in") from None
    except NoPlaybookError:
        raise CliError("No playbook is published to fold history by: run leadloop migrate, then import again") from None
    _summary(tally, rejects, monotonic() - started, as_json=as_json)
    if live_list is not None and not as_json:
        typer.echo(f"Its leads wait in the list {live_list}: leadloop list show {live_list}")


def _live_list(name: str | None, said: dict[str, Any], *, backfill: bool) -> "LiveList | None":
    """Raises `CliError` for options that make no sense together."""
    from pydantic import ValidationError  # noqa: PLC0415  heavy

    from leads.list_entry import ListEntry  # noqa: PLC0415  heavy
    from leads.listed import LIST_NAME_PATTERN  # noqa: PLC0415  only here
    from workers.importing.run import LiveList  # noqa: PLC0415  heavy

    given = {field: value for field, value in said.items() if value is not None}
    if name is None:
        if given:
            raise CliError(f"--{next(iter(given)).replace('_', '-')} is said of a list: name it with --live-list")
        return None
    if backfill:
        raise CliError("--backfill is history, which nobody is to work; a --live-list goes to sales: drop one of them")
    if re.fullmatch(LIST_NAME_PATTERN, name, re.ASCII) is None:
        raise CliError("--live-list takes small letters, digits, dots, dashes and _, at most 80, as expo-2026")
    try:
        ListEntry.model_validate(given)
    except ValidationError as refused:
        fault = refused.errors(include_url=False, include_input=False)[0]
        option = str(fault["loc"][0]).replace("_", "-")
        raise CliError(f"--{option}: {fault['msg']}") from None
    return LiveList(name, given)


def _pair(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise CliError(f"--join {text!r}: write NAME=FILE")
    return name, Path(path)


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip


def _summary(tally: "Tally", rejects: "Rejects", seconds: float, *, as_json: bool) -> None:
    if as_json:
        document = {
            "rows": tally.rows,
            "accepted": dict(tally.accepted),
            "duplicates": tally.duplicates,
            "rejected_rows": tally.rejected_rows,
            "rejects_file": str(rejects.path) if rejects.count else None,
            "leads_folded": tally.folded.leads,
            "stages": dict(tally.folded.stages),
            "stuck": tally.folded.stuck,
            "seconds": round(seconds, 1),
        }
        typer.echo(json.dumps(document))
        return
    table = Table(title=f"{tally.rows:,} rows in {seconds:.1f} s", title_justify="left")
    table.add_column("what")
    table.add_column("how many", justify="right")
    for type_, count in sorted(tally.accepted.items()):
        table.add_row(type_, f"{count:,}")
    table.add_row("in already", f"{tally.duplicates:,}")
    table.add_row("rows rejected", f"{tally.rejected_rows:,}")
    for stage, count in tally.folded.stages.most_common():
        table.add_row(f"leads now {stage}", f"{count:,}")
    if tally.folded.stuck:
        table.add_row("leads stuck", f"{tally.folded.stuck:,}")
    Console().print(table)
    if rejects.count:
        Console(stderr=True).print(
            f"Rejected rows, each with its reason: {clean(rejects.path)}", soft_wrap=True, markup=False
        )
