"""`leadloop import`: leads and their history from a CSV file."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from workers.errors import CliError
from workers.plain_text import clean

if TYPE_CHECKING:
    from workers.importing.rejects import Rejects
    from workers.importing.run import Tally


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header, UTF-8.")],
    mapping: Annotated[Path, typer.Option(help="YAML that says how columns become events.")],
    join: Annotated[list[str] | None, typer.Option(help="NAME=FILE: a second file that the mapping joins.")] = None,
    backfill: Annotated[  # noqa: FBT002  a flag
        bool, typer.Option("--backfill", help="History: nobody is alarmed by it, now or later.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary for programs.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Bring in leads and their history through the same journal as all events. Safe to stop and run again."""
    from leads.revisions import NoPlaybookError  # noqa: PLC0415  heavy
    from storage.engine import DatabaseAwayError  # noqa: PLC0415  heavy
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
        database_url=database_url(settings),
        future_tolerance=timedelta(seconds=settings.future_tolerance_seconds),
    )
    started = monotonic()
    try:
        with _progress() as bar:
            task = bar.add_task("Importing", total=file.stat().st_size if file.is_file() else 1)
            tally, rejects = asyncio.run(import_file(job, lambda position, _: bar.update(task, completed=position)))
    except DatabaseAwayError as away:
        raise CliError(f"{away}; run the import again, what is in stays in") from None
    except NoPlaybookError:
        raise CliError("No playbook is published to fold history by: run leadloop migrate, then import again") from None
    _summary(tally, rejects, monotonic() - started, as_json=as_json)


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
