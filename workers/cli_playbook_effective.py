"""`leadloop playbook effective`: what holds for one team, and where each value comes from."""

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Annotated, Any

import typer

from workers.settings import load_settings

_APART = 2


def effective(
    team: Annotated[str, typer.Option("--team", help="A team of the roster, by its id.")],
    number: Annotated[int | None, typer.Argument(min=1, help="A revision; the newest when left out.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Defaults too.")] = False,  # noqa: FBT002  a flag
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Show the playbook as it holds for a team, each value with its origin."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    params = {"team": team} | ({"revision": number} if number is not None else {})
    found = call(load_settings(), "GET", "/v1/playbook/effective", params=params)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        show(found, with_defaults=show_all)


def show(found: Any, *, with_defaults: bool = False) -> None:
    """The team's own first; then the document, a part at a time."""
    from workers.terminal_page import Page  # noqa: PLC0415  heavy

    page = Page()
    page.line(f"What revision {found['revision']} of the playbook says for {found['name']}", style="bold")
    values = [value for value in found["values"] if with_defaults or value["origin"] != "default"]
    own, hidden = sum(value["origin"] == "team" for value in values), len(found["values"]) - len(values)
    page.line(f"{own} of its {len(values)} values {'is' if own == 1 else 'are'} the team's own.")
    if hidden:
        page.line(f"{hidden} more go without saying: --all shows them.", style="dim")
    for part, of_part in groupby(values, key=lambda value: value["path"].partition(".")[0]):
        page.heading(part.replace("_", " "))
        _lines(page, [*of_part], found["revision"])


def _lines(page: Any, values: list[Any], revision: int) -> None:
    width = max(len(value["text"]) for value in values if value["origin"] == "team") if _has_own(values) else 0
    for value in values:
        is_own = value["origin"] == "team"
        text = value["text"].ljust(width) if is_own else value["text"]
        page.line(f"{text}{' ' * _APART}[{_origin(value, revision)}]", indent=2, style="bold" if is_own else "")


def _has_own(values: Iterable[Any]) -> bool:
    return any(value["origin"] == "team" for value in values)


def _origin(value: Any, revision: int) -> str:
    if value["origin"] == "default":
        return "default"
    if value["origin"] == "revision":
        return f"revision {revision}"
    of_all = value["of_all"]
    return f"team; for all {of_all}" if of_all is not None else "team"
