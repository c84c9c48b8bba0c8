"""`leadloop playbook`: what an admin decides, checked, published and looked back on."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from workers.errors import CliError
from workers.plain_text import clean
from workers.settings import SettingsError, load_settings

PATH = "/v1/playbook/revisions"
_STDIN = Path("-")
_PUBLISHABLE = "This playbook can be published."
_PUBLISHABLE_IF = (
    "This playbook can be published, if the roster has its teams and people: no Leadloop runs here to ask."
)

playbook_app = typer.Typer(help="Check, publish and look back on the playbook.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
File = Annotated[Path, typer.Argument(help="A playbook as YAML; - reads it from the input.")]


@playbook_app.command()
def schema() -> None:
    """Print the JSON Schema of a playbook, for editors."""
    from leads.playbook_schema import playbook_schema  # noqa: PLC0415  heavy

    typer.echo(json.dumps(playbook_schema(), indent=2))


@playbook_app.command()
def validate(file: File, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Say everything that is wrong with a playbook, without publishing it. Exit code 1 when something is.

    Where a Leadloop runs it is asked, since it has the roster; elsewhere teams and people are not looked up.
    """
    from workers.api_client import ApiAwayError, call, fault_lines  # noqa: PLC0415  heavy

    source, settings = _text(file), load_settings()
    try:
        told, asked = call(settings, "POST", "/v1/playbook/validate", json={"source": source}), True
    except (ApiAwayError, SettingsError):
        told, asked = _validated_here(source), False
    lines = fault_lines(told)
    if as_json:
        typer.echo(json.dumps(told | {"roster_asked": asked}))
    elif lines:
        typer.echo("\n".join(map(clean, lines)))
    else:
        typer.echo(_PUBLISHABLE if asked else _PUBLISHABLE_IF)
    raise typer.Exit(int(bool(lines)))


def _validated_here(source: str) -> dict[str, Any]:
    from storage.playbooks import PlaybookError, read_playbook  # noqa: PLC0415  heavy

    try:
        read_playbook(source, datetime.now(UTC))
    except PlaybookError as error:
        return {"valid": False, "faults": [asdict(fault) for fault in error.faults], "more": error.more}
    return {"valid": True, "faults": [], "more": 0}


@playbook_app.command()
def publish(
    file: File,
    comment: Annotated[str, typer.Option(help="Why it changes.")],
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Publish a playbook as the next revision. Clocks that run already stay under theirs."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    made = call(load_settings(), "POST", PATH, json={"source": _text(file), "comment": comment})
    typer.echo(
        json.dumps(made)
        if as_json
        else f"Revision {made['number']} is published; it comes into force at {_clock(made['in_force_from'])}."
    )


@playbook_app.command()
def show(
    number: Annotated[int | None, typer.Argument(help="Which revision; the newest when left out.")] = None,
) -> None:
    """Print a revision's document as it was published, to read, edit and publish again."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    settings = load_settings()
    if number is None:
        number = newest(call(settings, "GET", PATH, params={"limit": 1}))
    typer.echo(call(settings, "GET", f"{PATH}/{number}")["source"], nl=False)


@playbook_app.command()
def history(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many revisions.")] = 20,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Who published what, when and why; the newest first."""
    from rich.console import Console  # noqa: PLC0415  heavy
    from rich.table import Table  # noqa: PLC0415  heavy
    from rich.text import Text  # noqa: PLC0415  heavy

    from workers.api_client import call  # noqa: PLC0415  heavy

    found = call(load_settings(), "GET", PATH, params={"limit": limit})["revisions"]
    if as_json:
        typer.echo(json.dumps(found))
        return
    table = Table("revision", "in force from", "author", "comment")
    for revision in found:
        cells = (revision["number"], _clock(revision["in_force_from"]), revision["author"], revision["comment"])
        # a comment may look like markup
        table.add_row(*(Text(clean(cell)) for cell in cells))
    Console().print(table)


def newest(listed: Any) -> int:
    """The number of the first revision listed. Raises `CliError` when nothing is published."""
    if not listed["revisions"]:
        raise CliError("No playbook is published yet; leadloop migrate publishes the default one")
    return int(listed["revisions"][0]["number"])


def _text(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if file == _STDIN else file.read_bytes()).decode("utf-8")
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CliError(f"{file} is not UTF-8 text") from None


def _clock(instant: str) -> str:
    at = datetime.fromisoformat(instant)
    return "the beginning" if at.year <= 1970 else f"{at:%Y-%m-%d %H:%M:%S} UTC"  # noqa: PLR2004  the first revision's
