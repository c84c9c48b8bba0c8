"""The commands of `leadloop roster` that change something."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from workers.cli_lead_giving import instant
from workers.cli_roster_pages import PATH, clock, told
from workers.errors import CliError
from workers.settings import load_settings
from workers.standard_input import standard_input
from workers.terminal_page import Page

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="A person's id.")]
Team = Annotated[str, typer.Argument(metavar="TEAM", help="A team's id.")]
Text = Annotated[str | None, typer.Option(metavar="TEXT")]
NOT_FOUND = 404
_SOME_REFUSED = 1


def set_(
    person: Person,
    *,
    name: Text = None,
    email: Text = None,
    manager: Annotated[str | None, typer.Option(metavar="PERSON", help="Hears of what the person lets slip.")] = None,
    deputy: Annotated[str | None, typer.Option(metavar="PERSON", help="Stands in while they are away.")] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="Where they are, as Europe/Lisbon.")] = None,
    calendar: Annotated[str | None, typer.Option(metavar="FILE", help="Own working hours as JSON.")] = None,
    skill: Annotated[list[str] | None, typer.Option(metavar="SKILL", help="Again for each; all of them.")] = None,
    territory: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Again for each; all of them.")] = None,
    max_open_leads: Annotated[str | None, typer.Option(metavar="NUMBER", help="Open leads at a time.")] = None,
    max_new_leads_per_day: Annotated[str | None, typer.Option(metavar="NUMBER", help="New leads a day.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--left", help="Is back; has left.")] = None,
    as_json: Json = False,
) -> None:
    """Add a person, or change what is named of one; an empty text ("") empties it."""
    fields: dict[str, Any] = {
        "name": name,
        "email": email,
        "manager": manager,
        "deputy": deputy,
        "timezone": timezone,
        "calendar": _calendar(calendar),
        "skills": _labels(skill),
        "territories": _labels(territory),
        "max_open_leads": _number("--max-open-leads", max_open_leads),
        "max_new_leads_per_day": _number("--max-new-leads-per-day", max_new_leads_per_day),
        "is_active": active,
    }
    _set(f"people/{path_part(person)}", fields, f"'{person}' is kept.", as_json=as_json)


def team(
    team: Team,
    *,
    name: Text = None,
    channel_email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where its channel takes mail.")] = None,
    sponsor: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Who answers for it above its managers.")
    ] = None,
    member: Annotated[
        list[str] | None,
        typer.Option(metavar="PERSON[=WEIGHT]", help="Again for each; all of them, in their order."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a team, or change what is named of one; an empty text ("") empties it."""
    members = None if member is None else [_member(text) for text in member if text]
    fields = {"name": name, "channel_email": channel_email, "sponsor": sponsor, "members": members}
    _set(f"teams/{path_part(team)}", fields, f"The team '{team}' is kept.", as_json=as_json)


def left(person: Person, *, as_json: Json = False) -> None:
    """Say that somebody has left: they are given nothing any more, and stay in the books."""
    answer = _call("DELETE", f"people/{path_part(person)}")
    told(answer, as_json=as_json, done=f"'{person}' is given nothing any more.")


def join(
    team: Team,
    person: Person,
    *,
    weight: Annotated[int, typer.Option(min=1, max=100, help="Twice the weight is to get twice the leads.")] = 1,
    as_json: Json = False,
) -> None:
    """Take a person into a team, as its last member, or give a member another weight."""
    answer = _call("PUT", f"teams/{path_part(team)}/members/{path_part(person)}", json={"weight": weight})
    told(answer, as_json=as_json, done=f"'{person}' is in the team '{team}', with weight {weight}.")


def leave(team: Team, person: Person, *, as_json: Json = False) -> None:
    """Take a person out of a team; their open leads stay theirs."""
    answer = _call("DELETE", f"teams/{path_part(team)}/members/{path_part(person)}")
    told(answer, as_json=as_json, done=f"'{person}' is no longer in the team '{team}'.")


def remove_team(team: Team) -> None:
    """Take a team away: one that the playbook does not name, and that no open lead is in."""
    _call("DELETE", f"teams/{path_part(team)}")
    typer.echo("The team is gone.")


def absent(
    person: Person,
    *,
    start: Annotated[str, typer.Option("--from", metavar="INSTANT", callback=instant, help="Away from then on.")],
    until: Annotated[str, typer.Option(metavar="INSTANT", callback=instant, help="Back at that instant.")],
    deputy: Annotated[str | None, typer.Option(metavar="PERSON", help="Stands in instead of the usual one.")] = None,
    as_json: Json = False,
) -> None:
    """Say that somebody is away."""
    body = {"person": person, "from": start, "until": until, "deputy": deputy or None}
    answer = _call("POST", "absences", json=body)
    kept = answer["absence"]
    done = f"'{person}' is away from {clock(kept['from'])} to {clock(kept['until'])}: absence {kept['absence_id']}."
    told(answer, as_json=as_json, done=done)


def present(absence: Annotated[str, typer.Argument(metavar="ID", help="From `leadloop roster absences`.")]) -> None:
    """Take an absence back, as if it had never been told."""
    _call("DELETE", f"absences/{path_part(absence)}")
    typer.echo("The absence is taken back.")


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header, UTF-8; - reads it from the input.")],
    *,
    partial: Annotated[bool, typer.Option("--partial", help="Take the rows that fit, and leave the others.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Add and change people from a CSV file: all rows or none. The same file again changes nothing.

    Exit code 1 when rows were left out.
    """
    from workers.api_client import ApiRefusedError  # noqa: PLC0415  heavy

    asked = {"partial": partial, "dry_run": dry_run}
    try:
        answer = _call("POST", "import", content=_bytes(file), params=asked, headers={"Content-Type": "text/csv"})
    except ApiRefusedError as refused:
        if refused.problem.get("rows"):
            _tell_refused(refused.problem["rows"], refused.problem, as_json=as_json)
        raise
    refused_rows = [row for row in answer["rows"] if row["outcome"] == "refused"]
    _tell_refused(refused_rows, answer, as_json=as_json)
    if not as_json:
        counts = [f"{answer[name]:,} {name}" for name in ("added", "changed", "unchanged", "refused")]
        page = Page()
        page.line(f"{', '.join(counts)}.{'' if answer['is_applied'] else ' Nothing was written: a dry run.'}")
        for warning in answer["warnings"]:
            page.line(warning, mark="!")
    raise typer.Exit(_SOME_REFUSED if refused_rows else 0)


def _tell_refused(rows: list[Any], document: Any, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document))
        return
    page = Page()
    for row in rows:
        page.line(f"line {row['line']}, {row['person'] or 'nobody'}: {'; '.join(row['reasons'])}")


def _set(path: str, fields: dict[str, Any], done: str, *, as_json: bool) -> None:
    """Change what is there, or add it with what is said."""
    from workers.api_client import ApiRefusedError  # noqa: PLC0415  heavy

    said = {name: value for name, value in fields.items() if value is not None}
    # an empty text empties
    said = {name: None if value == "" else value for name, value in said.items()}
    try:
        answer = _call("PATCH", path, json=said)
    except ApiRefusedError as refused:
        if refused.problem.get("status") != NOT_FOUND:
            raise
        answer = _call("PUT", path, json=said, headers={"If-None-Match": "*"})
    told(answer, as_json=as_json, done=done)


def _call(method: str, path: str, **arguments: Any) -> Any:
    from workers.api_client import call  # noqa: PLC0415  heavy

    return call(load_settings(), method, f"{PATH}/{path}", **arguments)


def path_part(text: str) -> str:
    """An id as a part of a path. Raises `CliError`."""
    from urllib.parse import quote  # noqa: PLC0415  only here

    if not text or text in (".", ".."):
        raise CliError("An id is empty, or no id")
    return quote(text, safe="", errors="surrogateescape")


def _member(text: str) -> dict[str, Any]:
    person, given, weight = text.partition("=")
    return {"person": person} | ({"weight": _number("--member", weight)} if given else {})


def _labels(given: list[str] | None) -> list[str] | None:
    return None if given is None else [label for label in given if label]


def _number(option: str, text: str | None) -> int | str | None:
    """The number; an empty text stays one. Raises `CliError`."""
    if not text:
        return text
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  no one has more
        raise CliError(f'{option} takes a whole number, or "" for no limit')
    return int(text)


def _calendar(file: str | None) -> Any:
    if not file:
        return file
    try:
        return json.loads(_bytes(Path(file)))
    except (ValueError, RecursionError):
        raise CliError(f"{file} is no JSON; a calendar looks as in leadloop sla calc") from None


def _bytes(file: Path) -> bytes:
    try:
        return standard_input().read() if file == Path("-") else file.read_bytes()
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}") from None
