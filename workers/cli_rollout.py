"""`leadloop playbook rollout`: how far a publication has reached promises under way, and what to do about it."""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from workers.errors import CliError
from workers.plain_text import clean
from workers.settings import load_settings

ROLLOUTS = "/v1/playbook/rollouts"
MOST_HELD = 20
"""Shown; --json and the API have them all."""
LOOK_EVERY_SECONDS = 1.0

rollout_app = typer.Typer(help="Look after a publication that moves running promises.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Which = Annotated[int | None, typer.Argument(min=1, help="Whose rollout, by revision; the newest when left out.")]
Number = Annotated[int, typer.Argument(min=1, help="Whose rollout, by revision.")]

_SAID = {
    "keep": "finish under the target they have",
    "carry": "get the new target; the time they have used, and their pauses, are kept",
    "new_leads_only": "stay as they are, and so do later ones of leads captured before",
    "restart": "count anew from when it is in force; the time they have used is not kept",
}
_STANDS = {
    "running": "is under way",
    "paused": "is paused: leads not reached yet stay as they are",
    "cancelled": "has ended before its end; what is adopted stays, the rest finishes as it was",
    "superseded": "has been taken over by a later publication's",
    "done": "is done",
}


def chosen_lines(running: Mapping[str, Any]) -> list[str]:
    """What becomes of promises under way, a line for each choice."""
    lines = [f"Promises under way {_SAID[running['default']]}."]
    return lines + [f"  {clock}: they {_SAID[choice]}." for clock, choice in running["clocks"].items()]


@rollout_app.command("list")
def list_rollouts(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Each publication's rollout, the newest first."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    found = call(load_settings(), "GET", ROLLOUTS, params={"limit": limit})["rollouts"]
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo("\n".join(_line(rollout) for rollout in found) or "Nothing has been published since the beginning.")


@rollout_app.command()
def show(
    number: Which = None,
    watch: Annotated[bool, typer.Option("--watch", help="Until it has ended or stands still.")] = False,  # noqa: FBT002  a flag
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """How far a publication has come, and what it holds: promises that it would have broken at once."""
    if watch and as_json:
        raise CliError("--watch is for people and --json for programs: ask again for the next number")
    told = _rollout(number)
    if watch:
        told = _watched(told)
    held = _held(told["revision"], MOST_HELD) if told["held_promises"] else []
    if as_json:
        typer.echo(json.dumps(told | {"held": held}))
    else:
        typer.echo("\n".join(map(clean, _page(told, held))))


@rollout_app.command()
def pause(number: Number, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Let it stand still: leads not reached yet stay as they are."""
    _post(number, "pause", as_json=as_json)


@rollout_app.command()
def resume(number: Number, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Go on where it stood still."""
    _post(number, "resume", as_json=as_json)


@rollout_app.command()
def cancel(number: Number, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """End it: what leads have adopted stays, promises of the others finish as they were."""
    _post(number, "cancel", as_json=as_json)


@rollout_app.command()
def confirm(number: Number, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Let the promises held be broken: they are due now, and their owners hear of it."""
    _post(number, "confirm", as_json=as_json)


@rollout_app.command()
def waive(number: Number, as_json: Json = False) -> None:  # noqa: FBT002  a flag
    """Let the promises held finish under the target they have; nobody hears of it."""
    _post(number, "waive", as_json=as_json)


def _rollout(number: int | None) -> dict[str, Any]:
    from workers.api_client import call  # noqa: PLC0415  heavy

    settings = load_settings()
    if number is not None:
        found: dict[str, Any] = call(settings, "GET", f"{ROLLOUTS}/{number}")
        return found
    newest = call(settings, "GET", ROLLOUTS, params={"limit": 1})["rollouts"]
    if not newest:
        raise CliError("Nothing has been published since the beginning")
    return dict(newest[0])


def _watched(told: dict[str, Any]) -> dict[str, Any]:
    """Its progress, until there is no more of it."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # noqa: PLC0415  heavy

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task(f"revision {told['revision']}", total=None, said="")
        while told["state"] == "running":
            progress.update(task, total=told["total"], completed=told["reached"], said=_counted(told))
            time.sleep(LOOK_EVERY_SECONDS)
            told = _rollout(told["revision"])
    return told


def _held(number: int, limit: int) -> list[dict[str, Any]]:
    from workers.api_client import call  # noqa: PLC0415  heavy

    found: list[dict[str, Any]] = call(load_settings(), "GET", f"{ROLLOUTS}/{number}/held", params={"limit": limit})[
        "held"
    ]
    return found


def _post(number: int, what: str, *, as_json: bool) -> None:
    from workers.api_client import call  # noqa: PLC0415  heavy

    told = call(load_settings(), "POST", f"{ROLLOUTS}/{number}/{what}")
    if as_json:
        typer.echo(json.dumps(told))
    elif "rollout" in told:
        typer.echo(_settled(what, told["leads"]))
    else:
        typer.echo(_line(told))


def _settled(what: str, leads: int) -> str:
    if not leads:
        return "Nothing is held."
    becomes = "are due now" if what == "confirm" else "finish under the target they have"
    return f"The promises held on {leads:,} {'lead' if leads == 1 else 'leads'} {becomes}."


def _line(rollout: Mapping[str, Any]) -> str:
    by = f" ({clean(rollout['why'])})" if rollout["why"] and rollout["why"] != "cancelled" else ""
    return f"Revision {rollout['revision']} {_STANDS.get(rollout['state'], rollout['state'])}{by}: {_counted(rollout)}."


def _counted(rollout: Mapping[str, Any]) -> str:
    if rollout["total"] == 0 and rollout["state"] == "done":
        return "there was nothing to move"
    total = "?" if rollout["total"] is None else f"{rollout['total']:,}"
    held = f", {rollout['held_promises']:,} promises held" if rollout["held_promises"] else ""
    return f"{rollout['reached']:,} of {total} leads reached, {rollout['adopted']:,} of them had promises to move{held}"


def _page(told: Mapping[str, Any], held: list[dict[str, Any]]) -> list[str]:
    lines = [_line(told), *chosen_lines(told["running"])]
    if not held:
        return lines
    lines += ["", "Held, since the edit would have broken them at once:"]
    lines += [
        f"  {h['lead_id']}  {h['clock']}, {h['owner'] or h['team'] or 'nobody'}: due {_clock(h['due_at'])}, "
        f"would have been {_clock(h['would_be_due_at'])}"
        for h in held
    ]
    more = told["held_promises"] - len(held)
    lines += [f"  and {more:,} more"] if more > 0 else []
    confirm_, waive_ = (f"leadloop playbook rollout {what} {told['revision']}" for what in ("confirm", "waive"))
    return [*lines, f"{confirm_} lets them be due now; {waive_} lets them finish as they are."]


def _clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"
