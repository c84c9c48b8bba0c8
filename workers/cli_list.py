"""`leadloop list`: bulk lists, how far they have come, and holding up their release."""

import json
from typing import Annotated, Any

import typer

from workers.cli_lead_giving import instant
from workers.cli_list_page import list_line, list_page
from workers.cli_roster_edits import NOT_FOUND, path_part
from workers.settings import load_settings
from workers.terminal_page import Page

PATH = "/v1/lists"
_AT_ONCE = 200
Name = Annotated[str, typer.Argument(metavar="NAME", help="The list's name, as expo-2026.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]

list_app = typer.Typer(
    help="Bulk lists: leads of trade shows, webinars and bought lists, released to sales by capacity.",
    no_args_is_help=True,
)


@list_app.command(name="ls")
def lists(*, as_json: Json = False) -> None:
    """Every list, with how far it is."""
    after: str | None = None
    page = Page()
    is_any = False
    while True:
        found = _call("GET", "", params={"limit": _AT_ONCE} | ({"after": after} if after else {}))
        for one in found["lists"]:
            is_any = True
            if as_json:
                typer.echo(json.dumps(one))
            else:
                list_line(page, one)
        after = found["next"]
        if after is None:
            break
    if not is_any and not as_json:
        page.line("There is no list yet: leadloop import FILE --mapping MAPPING --live-list NAME brings one in.")


@list_app.command()
def show(name: Name, *, as_json: Json = False) -> None:
    """How a list stands: uploaded, waiting, released, touched, ignored."""
    _show(_call("GET", f"/{path_part(name)}"), as_json=as_json)


@list_app.command(name="set")
def set_(
    name: Name,
    *,
    event_ended_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", callback=instant, help="When the event is over: from then on the upload is owed."
        ),
    ] = None,
    marketing_owner: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Who owes it, and hears when it is late.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Whose people and hours the release goes by.")
    ] = None,
    per_rep_a_day: Annotated[int | None, typer.Option(min=1, max=1_000, help="Else as the playbook says.")] = None,
    as_json: Json = False,
) -> None:
    """Announce a list before its event, or change what is said of it."""
    said = {
        "event_ended_at": event_ended_at,
        "marketing_owner": marketing_owner,
        "team": team,
        "per_rep_a_day": per_rep_a_day,
    }
    said = {field: value for field, value in said.items() if value is not None}
    before, etag = _said(name)
    headers = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    _show(_call("PUT", f"/{path_part(name)}", json=before | said, headers=headers), as_json=as_json)


@list_app.command()
def pause(name: Name, *, as_json: Json = False) -> None:
    """Release nothing more for now; who asks for contact goes to sales all the same."""
    _show(_call("POST", f"/{path_part(name)}/pause"), as_json=as_json)


@list_app.command()
def resume(name: Name, *, as_json: Json = False) -> None:
    """Go on with a release that was paused."""
    _show(_call("POST", f"/{path_part(name)}/resume"), as_json=as_json)


@list_app.command()
def cancel(name: Name, *, as_json: Json = False) -> None:
    """End a release for good: what waits goes on with marketing, what was released stays with sales."""
    _show(_call("POST", f"/{path_part(name)}/cancel"), as_json=as_json)


def _show(found: Any, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found))
    else:
        list_page(Page(), found)


def _said(name: str) -> tuple[dict[str, Any], str | None]:
    """What is said of a list, with its ETag; nothing and None where there is none."""
    from workers.api_client import ApiRefusedError  # noqa: PLC0415  heavy

    try:
        found = _call("GET", f"/{path_part(name)}")
    except ApiRefusedError as refused:
        if refused.problem.get("status") != NOT_FOUND:
            raise
        return {}, None
    return found["said"], f'"{found["version"]}"'


def _call(method: str, path: str, **arguments: Any) -> Any:
    from workers.api_client import call  # noqa: PLC0415  heavy

    return call(load_settings(), method, f"{PATH}{path}", **arguments)
