"""`leadloop playbook`: what an admin decides, checked, published and looked back on."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from leads.running import Running
from workers.cli_lead_giving import ACTOR_HEADER, printable_ascii
from workers.cli_playbook_definitions import definitions
from workers.cli_playbook_effective import effective
from workers.cli_preview import MOST_LEADS, Most, Since, ask_before_publishing, body_of
from workers.cli_preview import run as run_preview
from workers.cli_rollout import chosen_lines, rollout_app
from workers.cli_running import RunningOption, running_of
from workers.errors import CliError
from workers.plain_text import clean
from workers.settings import SettingsError, load_settings
from workers.standard_input import standard_input

REVISIONS = "/v1/playbook/revisions"
DIFF = "/v1/playbook/diff"
_STDIN = Path("-")
_PUBLISHABLE = "This playbook can be published."
_PUBLISHABLE_IF = (
    "This playbook can be published, if the roster has its teams and people: no Leadloop runs here to ask."
)

playbook_app = typer.Typer(help="Check, publish and look back on the playbook.", no_args_is_help=True)
playbook_app.command()(definitions)
playbook_app.command()(effective)
playbook_app.add_typer(rollout_app, name="rollout")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Why = Annotated[str, typer.Option("--comment", help="Why it changes.")]
As = Annotated[str | None, typer.Option("--as", help="Who publishes, by their id; this machine's key when left out.")]
Base = Annotated[
    int | None,
    typer.Option(
        "--base", min=1, help="The revision this was made from; refused, with what changed, if it is not the newest."
    ),
]
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
        _show_warnings(told)
    raise typer.Exit(int(bool(lines)))


def _validated_here(source: str) -> dict[str, Any]:
    from storage.playbooks import PlaybookError, read_playbook  # noqa: PLC0415  heavy

    try:
        read_playbook(source, datetime.now(UTC))
    except PlaybookError as error:
        return {"valid": False, "faults": [asdict(fault) for fault in error.faults], "more": error.more}
    return {"valid": True, "faults": [], "more": 0}


@playbook_app.command()
def preview(
    file: File,
    running: RunningOption = None,
    since: Since = None,
    most: Most = MOST_LEADS,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Say what a playbook would do to open leads, and to past ones, without publishing it."""
    run_preview(body_of(_text(file), running=running, since=since, most=most), as_json=as_json)


@playbook_app.command()
def publish(  # noqa: PLR0917  typer fills them by name
    file: File,
    comment: Why,
    running: RunningOption = None,
    base: Base = None,
    person: As = None,
    yes: Annotated[  # noqa: FBT002  a flag
        bool, typer.Option("--yes", help="On a terminal: publish without a preview and a question.")
    ] = False,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Publish a playbook as the next revision. Promises under way finish as they were, or as --running says.

    On a terminal it first says what that does, and asks where the edit itself would break or tell something at once.
    """
    if file == _STDIN:
        yes = True  # the input is the draft, and nobody's answer
    body = {"source": _text(file), "comment": comment} | _chosen(running)
    if not (yes or as_json):
        ask_before_publishing({name: body[name] for name in ("source", "running") if name in body})
    _publish(REVISIONS, body, base, person, as_json=as_json)


@playbook_app.command()
def rollback(  # noqa: PLR0917  typer fills them by name
    number: Annotated[int, typer.Argument(min=1, help="The revision to bring back.")],
    comment: Why,
    running: RunningOption = None,
    base: Base = None,
    person: As = None,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Publish again, as the next revision, what an earlier one said.

    Promises that the revisions since have moved are moved back, unless --running says otherwise.
    """
    body = {"comment": comment} | _chosen(running)
    _publish(f"{REVISIONS}/{number}/rollback", body, base, person, as_json=as_json)


def _chosen(running: list[str] | None) -> dict[str, Any]:
    """The choice as the API takes it; nothing where none was made. Raises `CliError`."""
    return {"running": running_of(running)} if running else {}


def _publish(path: str, body: dict[str, Any], base: int | None, person: str | None, *, as_json: bool) -> None:
    """Without a base the newest revision is taken for it: what is published meanwhile is still not undone unseen."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    settings = load_settings()
    onto = newest_or_none(call(settings, "GET", REVISIONS, params={"limit": 1})) if base is None else base
    headers = ({"If-Match": f'"{onto}"'} if onto else {}) | (
        {ACTOR_HEADER: printable_ascii("--as", person)} if person is not None else {}
    )
    made = call(settings, "POST", path, json=body, headers=headers)
    if as_json:
        typer.echo(json.dumps(made))
        return
    typer.echo(f"Revision {made['number']} is published; it comes into force at {_clock(made['in_force_from'])}.")
    typer.echo("\n".join(chosen_lines(made["running"])))
    if Running.model_validate(made["running"]).reaches:
        typer.echo(f"How far that has come: leadloop playbook rollout show {made['number']} --watch")
    _show_warnings(made)
    if onto:
        _show_changes(call(settings, "GET", DIFF, params={"old": onto, "new": made["number"]}))


def _show_warnings(told: dict[str, Any]) -> None:
    typer.echo("".join(f"{clean(warning)}\n" for warning in told.get("warnings", [])), nl=False, err=True)


@playbook_app.command()
def diff(
    what: Annotated[str, typer.Argument(help="A revision's number, or a playbook as YAML; - reads it from the input.")],
    other: Annotated[int | None, typer.Argument(min=1, help="The revision to compare with.")] = None,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Say what has changed, line by line.

    `diff FILE` compares a draft with the newest revision, `diff FILE 11` with revision 11. `diff 12` says what revision
    12 changed, `diff 9 12` what has changed from 9 to 12.
    """
    from workers.api_client import call  # noqa: PLC0415  heavy

    settings = load_settings()
    if what.isascii() and what.isdecimal():
        old, new = (int(what), other) if other is not None else (int(what) - 1, int(what))
        if old < 1:
            raise CliError("Revision 1 was the first: name one to compare it with")
        found = call(settings, "GET", DIFF, params={"old": old, "new": new})
    else:
        body = {"source": _text(Path(what))} | ({"against": other} if other is not None else {})
        found = call(settings, "POST", DIFF, json=body)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _show_changes(found)


def _show_changes(found: dict[str, Any]) -> None:
    to = "the draft" if found["new"] is None else f"revision {found['new']}"
    from workers.api_client import change_lines  # noqa: PLC0415  heavy

    typer.echo(
        f"From revision {found['old']} to {to}:" if found["changes"] else f"Revision {found['old']} says the same."
    )
    typer.echo("".join(f"  {clean(line)}\n" for line in change_lines(found)), nl=False)


@playbook_app.command()
def show(
    number: Annotated[int | None, typer.Argument(help="Which revision; the newest when left out.")] = None,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Print a revision's document as it was published, to read, edit and publish again with --base."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    settings = load_settings()
    if number is None:
        number = newest(call(settings, "GET", REVISIONS, params={"limit": 1}))
    found = call(settings, "GET", f"{REVISIONS}/{number}")
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(found["source"], nl=False)
    if sys.stderr.isatty():
        typer.echo(f"# revision {number}; publish what you make of it with --base {number}", err=True)


@playbook_app.command()
def history(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many revisions.")] = 20,
    changes: Annotated[bool, typer.Option("--changes", help="What each changed.")] = False,  # noqa: FBT002  a flag
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Who published what, when and why; the newest first."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    settings = load_settings()
    found = call(settings, "GET", REVISIONS, params={"limit": limit})["revisions"]
    if changes:
        for revision in found:
            ends = {"old": revision["number"] - 1, "new": revision["number"]}
            revision["diff"] = call(settings, "GET", DIFF, params=ends) if ends["old"] else None
    if as_json:
        typer.echo(json.dumps(found))
    elif changes:
        typer.echo("\n".join(map(_told, found)))
    else:
        _show_table(found)


def _told(revision: dict[str, Any]) -> str:
    """A revision and what it changed, a line each."""
    from workers.api_client import change_lines  # noqa: PLC0415  heavy

    head = f"Revision {revision['number']}, {_clock(revision['published_at'])}, {revision['author']}: {_why(revision)}"
    return "\n".join(map(clean, [head, *(f"  {line}" for line in change_lines(revision["diff"] or {"changes": []}))]))


def _show_table(found: list[dict[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415  heavy
    from rich.table import Table  # noqa: PLC0415  heavy
    from rich.text import Text  # noqa: PLC0415  heavy

    table = Table("revision", "in force from", "author", "comment")
    for revision in found:
        cells = (revision["number"], _clock(revision["in_force_from"]), revision["author"], _why(revision))
        # a comment may look like markup
        table.add_row(*(Text(clean(cell)) for cell in cells))
    Console().print(table)


def _why(revision: dict[str, Any]) -> str:
    again = f"revision {revision['repeats']} again: " if revision["repeats"] else ""
    return f"{again}{revision['comment']}"


def newest_or_none(listed: Any) -> int | None:
    """The number of the first revision listed."""
    return int(listed["revisions"][0]["number"]) if listed["revisions"] else None


def newest(listed: Any) -> int:
    """The number of the first revision listed. Raises `CliError` when nothing is published."""
    number = newest_or_none(listed)
    if number is None:
        raise CliError("No playbook is published yet; leadloop migrate publishes the default one")
    return number


def _text(file: Path) -> str:
    try:
        return (standard_input().read() if file == _STDIN else file.read_bytes()).decode("utf-8")
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CliError(f"{file} is not UTF-8 text") from None


def _clock(instant: str) -> str:
    at = datetime.fromisoformat(instant)
    return "the beginning" if at.year <= 1970 else f"{at:%Y-%m-%d %H:%M:%S} UTC"  # noqa: PLR2004  the first revision's
