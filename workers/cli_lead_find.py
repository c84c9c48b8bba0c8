"""Which lead a command of `leadloop lead` speaks of: an id, or what its sender calls it."""

from typing import Annotated, Any

import typer

from workers.errors import CliError
from workers.settings import Settings

PATH = "/v1/leads"

Lead = Annotated[str, typer.Argument(metavar="ID", help="The lead's id, or the subject its sender gave it.")]
System = Annotated[str, typer.Option(help="The system a subject belongs to, where there are several.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


class NoSuchLeadError(CliError):
    """Neither an id nor a subject of any lead."""


def find(settings: Settings, lead: str, system: str) -> Any:
    """The lead of an id or a subject, as the API shows it. Raises `NoSuchLeadError`."""
    if is_id(lead):
        from workers.api_client import ApiRefusedError  # noqa: PLC0415  heavy

        try:
            return get(settings, f"{PATH}/{lead}")
        except ApiRefusedError:
            pass  # a sender may name its leads in this form, too
    listed = get(settings, PATH, subject=lead, system=system)["leads"] if lead else []
    if not listed:
        hint = "" if system != "default" else "; --system names the system a subject belongs to"
        raise NoSuchLeadError(f"No lead has this id or subject{hint}")
    return get(settings, f"{PATH}/{listed[0]['lead_id']}")


def get(settings: Settings, path: str, **params: Any) -> Any:
    from workers.api_client import call  # noqa: PLC0415  heavy

    return call(settings, "GET", path, params=params)


def is_id(text: str) -> bool:
    """Whether it has the form of an id."""
    from uuid import UUID  # noqa: PLC0415  only here

    try:
        UUID(text)
    except ValueError:
        return False
    return True
