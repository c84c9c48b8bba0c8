"""`leadloop lead`: one lead as people ask about it: how it stands, why, and what happened; and what is asked of it."""

import json
from typing import Annotated, Any

import typer

from workers.cli_lead_commands import COMMANDS
from workers.cli_lead_find import PATH, Json, Lead, System, find, get
from workers.settings import Settings, load_settings

_PAGE = 200

lead_app = typer.Typer(
    help="Look at a lead: how it stands, why, and what happened. Or ask something of it.", no_args_is_help=True
)
for _name, _command in COMMANDS.items():
    lead_app.command(_name, rich_help_panel="Ask something of it")(_command)


@lead_app.command()
def show(lead: Lead, system: System = "default", as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """How a lead stands, in short: who has it, what is due, what happens next."""
    settings = load_settings()
    found = find(settings, lead, system)
    if as_json:
        typer.echo(json.dumps(found))
        return
    from workers import lead_pages  # noqa: PLC0415  heavy

    lead_pages.show(found, get(settings, f"{PATH}/{found['lead_id']}/explain"))


@lead_app.command()
def explain(lead: Lead, system: System = "default", as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Why a lead stands where it does: its stage, its owner, every promise with its arithmetic, and what comes next."""
    settings = load_settings()
    found = find(settings, lead, system)
    told = get(settings, f"{PATH}/{found['lead_id']}/explain")
    if as_json:
        typer.echo(json.dumps(told))
        return
    from workers import lead_pages  # noqa: PLC0415  heavy

    lead_pages.explain(found, told)


@lead_app.command()
def timeline(
    lead: Lead,
    system: System = "default",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Lines at most.")] = 2_000,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """What happened to a lead, as a story."""
    settings = load_settings()
    found = find(settings, lead, system)
    told = _timeline(settings, found["lead_id"], limit)
    if as_json:
        typer.echo(json.dumps(told))
        return
    from workers import lead_story  # noqa: PLC0415  heavy

    lead_story.tell(found, told)


def _timeline(settings: Settings, lead_id: str, limit: int) -> Any:
    told: dict[str, Any] = {"timezone": "UTC", "lines": [], "next": 0}
    while told["next"] is not None and len(told["lines"]) < limit:
        wanted = min(_PAGE, limit - len(told["lines"]))
        page = get(settings, f"{PATH}/{lead_id}/timeline", after=told["next"], limit=wanted)
        told = {**page, "lines": [*told["lines"], *page["lines"]]}
    return told
