"""`leadloop lead`: one lead as people ask about it: how it stands, why, and what happened."""

import json
from typing import Annotated, Any

import typer

from workers.errors import CliError
from workers.settings import Settings, load_settings

PATH = "/v1/leads"
_PAGE = 200

lead_app = typer.Typer(help="Look at a lead: how it stands, why, and what happened.", no_args_is_help=True)
Lead = Annotated[str, typer.Argument(metavar="ID", help="The lead's id, or the subject its sender gave it.")]
System = Annotated[str, typer.Option(help="The system a subject belongs to, where there are several.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


class NoSuchLeadError(CliError):
    """Neither an id nor a subject of any lead."""


@lead_app.command()
def show(lead: Lead, system: System = "default", as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """How a lead stands, in short: who has it, what is due, what happens next."""
    settings = load_settings()
    found = _find(settings, lead, system)
    if as_json:
        typer.echo(json.dumps(found))
        return
    from workers import lead_pages  # noqa: PLC0415  heavy

    lead_pages.show(found, _call(settings, f"{PATH}/{found['lead_id']}/explain"))


@lead_app.command()
def explain(lead: Lead, system: System = "default", as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Why a lead stands where it does: its stage, its owner, every promise with its arithmetic, and what comes next."""
    settings = load_settings()
    found = _find(settings, lead, system)
    told = _call(settings, f"{PATH}/{found['lead_id']}/explain")
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
    found = _find(settings, lead, system)
    told = _timeline(settings, found["lead_id"], limit)
    if as_json:
        typer.echo(json.dumps(told))
        return
    from workers import lead_story  # noqa: PLC0415  heavy

    lead_story.tell(found, told)


def _find(settings: Settings, lead: str, system: str) -> Any:
    """The lead of an id or a subject. Raises `NoSuchLeadError`."""
    if _is_id(lead):
        from workers.api_client import ApiRefusedError  # noqa: PLC0415  heavy

        try:
            return _call(settings, f"{PATH}/{lead}")
        except ApiRefusedError:
            pass  # a sender may name its leads in this form, too
    listed = _call(settings, PATH, subject=lead, system=system)["leads"] if lead else []
    if not listed:
        hint = "" if system != "default" else "; --system names the system a subject belongs to"
        raise NoSuchLeadError(f"No lead has this id or subject{hint}")
    return _call(settings, f"{PATH}/{listed[0]['lead_id']}")


def _is_id(text: str) -> bool:
    from uuid import UUID  # noqa: PLC0415  only here

    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _timeline(settings: Settings, lead_id: str, limit: int) -> Any:
    told: dict[str, Any] = {"timezone": "UTC", "lines": [], "next": 0}
    while told["next"] is not None and len(told["lines"]) < limit:
        wanted = min(_PAGE, limit - len(told["lines"]))
        page = _call(settings, f"{PATH}/{lead_id}/timeline", after=told["next"], limit=wanted)
        told = {**page, "lines": [*told["lines"], *page["lines"]]}
    return told


def _call(settings: Settings, path: str, **params: Any) -> Any:
    from workers.api_client import call  # noqa: PLC0415  heavy

    return call(settings, "GET", path, params=params)
