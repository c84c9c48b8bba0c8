"""`leadloop roster`: who works in which team, for whom, in which hours, and who is away."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from workers import cli_roster_edits as edits
from workers.cli_roster_edits import Json
from workers.cli_roster_pages import PATH, absence_line, every, person_line, person_page, team_line, team_page
from workers.errors import CliError
from workers.settings import Settings, load_settings
from workers.terminal_page import Page

roster_app = typer.Typer(help="People, teams and absences: look them up, change them.", no_args_is_help=True)


@roster_app.command()
def people(
    *,
    team: Annotated[str | None, typer.Option(metavar="TEAM", help="Only its members.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--left", help="Only who is here; only who has left.")] = None,
    as_json: Json = False,
) -> None:
    """List people, those who have left too."""
    found = every(load_settings(), "people", team=team, active=active)
    _lines(found, person_line, "No person fits.", as_json=as_json)


@roster_app.command()
def teams(
    *,
    member: Annotated[str | None, typer.Option(metavar="PERSON", help="Only teams of this person.")] = None,
    as_json: Json = False,
) -> None:
    """List teams with their members."""
    _lines(every(load_settings(), "teams", member=member), team_line, "No team fits.", as_json=as_json)


@roster_app.command()
def absences(
    *,
    person: Annotated[str | None, typer.Option(metavar="PERSON", help="Only theirs.")] = None,
    past: Annotated[bool, typer.Option("--past", help="Those that are over too.")] = False,
    as_json: Json = False,
) -> None:
    """List who is away now or later, the earliest first."""
    since = None if past else datetime.now(UTC).isoformat()
    found = every(load_settings(), "absences", person=person, ends_after=since)
    _lines(found, absence_line, "Nobody is away.", as_json=as_json)


@roster_app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="A person's or a team's id.")], *, as_json: Json = False
) -> None:
    """Show a person with their teams and absences, or a team, or both where both have this id."""
    settings = load_settings()
    person, team = (_find(settings, kind, name) for kind in ("people", "teams"))
    if person is None and team is None:
        raise CliError("Neither a person nor a team has this id; leadloop roster people and teams list them")
    found: dict[str, Any] = {"person": person, "team": team}
    if person is not None:
        found["teams"] = [*every(settings, "teams", member=name)]
        found["absences"] = [*every(settings, "absences", person=name, ends_after=datetime.now(UTC).isoformat())]
    if as_json:
        typer.echo(json.dumps(found))
        return
    page = Page()
    if person is not None:
        person_page(page, person, found["teams"], found["absences"])
    if team is not None:
        team_page(page, team)


@roster_app.command()
def changes(
    *,
    of: Annotated[str | None, typer.Option(metavar="ID", help="Only of this person or team.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    as_json: Json = False,
) -> None:
    """Who changed what, and when; the newest first."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    params = {"limit": limit} | ({"subject": of} if of else {})
    found = call(load_settings(), "GET", f"{PATH}/changes", params=params)["changes"]
    _lines(found, _change_line, "Nothing was changed.", as_json=as_json)


def _change_line(page: Page, change: Any) -> None:
    at = datetime.fromisoformat(change["at"])
    what = f"{change['kind']} {change['subject']} {change['what']}"
    fields = f": {', '.join(change['fields'])}" if change["what"] == "changed" else ""
    page.line(f"{at:%Y-%m-%d %H:%M:%S} UTC  {change['actor']}, {what}{fields}")


def _lines(found: Any, line: Any, nothing: str, *, as_json: bool) -> None:
    listed = [*found]
    if as_json:
        typer.echo(json.dumps(listed))
        return
    page = Page()
    for one in listed:
        line(page, one)
    if not listed:
        page.line(nothing)


def _find(settings: Settings, kind: str, name: str) -> Any:
    from workers.api_client import ApiRefusedError, call  # noqa: PLC0415  heavy

    try:
        return call(settings, "GET", f"{PATH}/{kind}/{edits.path_part(name)}")
    except ApiRefusedError as refused:
        if refused.problem.get("status") != edits.NOT_FOUND:
            raise
        return None


roster_app.command(name="set")(edits.set_)
roster_app.command()(edits.left)
roster_app.command()(edits.team)
roster_app.command(name="remove-team")(edits.remove_team)
roster_app.command()(edits.join)
roster_app.command()(edits.leave)
roster_app.command()(edits.absent)
roster_app.command()(edits.present)
roster_app.command(name="import")(edits.import_)
