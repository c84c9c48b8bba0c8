"""What every command of `leadloop lead` has in common: whom it is of, for whom it is given, and what is told of it."""

import inspect
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from workers.cli_lead_find import PATH, Json, Lead, System, find, get
from workers.errors import CliError
from workers.settings import Settings, load_settings

Fields = dict[str, Any]
"""What a command carries beside its name; None where nothing was said."""
_Actor = Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who asks, by their id in the roster.")]
_Note = Annotated[str | None, typer.Option(metavar="TEXT", help="In your own words; stays in the database.")]
_Key = Annotated[str | None, typer.Option(metavar="KEY", help="Given again with the same key it is done once.")]
ACTOR_HEADER = "Leadloop-Actor"
"""As `api.auth` has it, which would take the whole API to import."""
_OUR_FAULT = 500


class UnansweredError(CliError):
    """Nobody knows yet whether it was granted; the message says how to give it again without giving it twice."""


def instant(option: typer.CallbackParam, value: str | None) -> str | None:
    """An instant as it was typed in, in the API's form. Raises `CliError` when it is none or lacks its offset."""
    if value is None:
        return None
    name = option.opts[0]
    try:
        given = datetime.fromisoformat(value)
    except ValueError:
        raise CliError(f"{name} takes an instant such as 2026-12-07T10:00:00+01:00, or 2026-12-07T09:00:00Z") from None
    if given.tzinfo is None:
        at = given.isoformat()
        raise CliError(f"{name} lacks its offset from UTC: write {at}+01:00 (with the offset of your zone), or {at}Z")
    return given.isoformat()


def gives(command: str, done: str) -> Callable[[Callable[..., Fields]], Callable[..., None]]:
    """Make a function that reads a command's own options into one that gives the command.

    The options all commands share are added to its signature; `done` is what is told of it once it is granted.
    """

    def made(own: Callable[..., Fields]) -> Callable[..., None]:
        def run(**options: Any) -> None:
            shared = {name: options.pop(name) for name in _SHARED}
            _give({"command": command, "note": shared.pop("note"), **own(**options)}, done, **shared)

        asked = [_SHARED["lead"], *inspect.signature(own).parameters.values()]
        asked += [shared for name, shared in _SHARED.items() if name != "lead"]
        # typer reads a command's options from its signature
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect itself looks for
            [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in asked]
        )
        run.__doc__ = own.__doc__
        return run

    return made


def _shared(
    lead: Lead, *, who: _Actor = None, note: _Note = None, system: System = "default", key: _Key = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """The options of every command."""


_SHARED = dict(inspect.signature(_shared).parameters)


def _give(body: Fields, done: str, *, lead: str, who: str | None, system: str, key: str | None, as_json: bool) -> None:
    from uuid import uuid4  # noqa: PLC0415  only here

    settings = load_settings()
    # without a key a command whose answer is lost could not be given again
    headers = {"Idempotency-Key": str(uuid4()) if key is None else printable_ascii("--key", key)}
    if who is not None:
        headers[ACTOR_HEADER] = printable_ascii("--as", who)
    lead_id = find(settings, lead, system)["lead_id"]
    answer = _send(settings, lead_id, {name: value for name, value in body.items() if value is not None}, headers)
    if as_json:
        typer.echo(json.dumps(answer))
    else:
        _tell(settings, done, answer["lead"])


def printable_ascii(option: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise CliError(f"{option} takes printable ASCII characters only")
    return value


def _send(settings: Settings, lead_id: str, body: Fields, headers: dict[str, str]) -> Any:
    """The answer to a granted command. Raises `ApiRefusedError` and `UnansweredError`."""
    from workers.api_client import ApiAwayError, ApiRefusedError, call  # noqa: PLC0415  heavy

    try:
        return call(settings, "POST", f"{PATH}/{lead_id}/commands", json=body, headers=headers)
    except ApiAwayError:
        said = "Leadloop went away before it answered"
    except ApiRefusedError as refused:
        if refused.problem.get("status", _OUR_FAULT) < _OUR_FAULT:
            raise
        said = str(refused.problem.get("title", refused))
    raise UnansweredError(f"{said}; given again with --key {headers['Idempotency-Key']} it is done once at most")


def _tell(settings: Settings, done: str, lead: Any) -> None:
    """What was done to which lead, and how it stands now."""
    from workers.terminal_page import Page  # noqa: PLC0415  heavy

    who = ", ".join(part for part in (lead["name"], lead["company"]) if part) or f"lead {lead['lead_id']}"
    page = Page()
    page.line(f"{done}: {who}.")
    try:
        told = get(settings, f"{PATH}/{lead['lead_id']}/explain")
    except CliError:
        return  # it is granted all the same
    page.line(f"{told['summary']} Times are in {told['timezone']}.")
