"""`leadloop account`: companies as other systems know them."""

import json
from typing import Annotated, Any

import typer

from workers.cli_lead_find import Json, get, is_id
from workers.errors import CliError
from workers.settings import Settings, load_settings

PATH = "/v1/accounts"
_PAGE = 200

account_app = typer.Typer(help="Look at companies: whose they are, and which leads are theirs.", no_args_is_help=True)


class NoSuchAccountError(CliError):
    """Neither an id nor a key of any account."""


@account_app.command()
def show(
    account: Annotated[str, typer.Argument(metavar="ID", help="Its id, what its sender calls it, or a domain.")],
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """One account: its owner, its domains, the newest of its leads."""
    settings = load_settings()
    found = _find(settings, account)
    if as_json:
        typer.echo(json.dumps(found))
        return
    from workers import account_pages  # noqa: PLC0415  heavy

    account_pages.show(found)


@account_app.command(name="list")
def list_(
    domain: Annotated[str | None, typer.Option(help="Only those of this domain.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="At most.")] = 50,
    as_json: Json = False,  # noqa: FBT002  a flag
) -> None:
    """Accounts, the newest first."""
    asked: dict[str, Any] = {"limit": limit} | ({"domain": domain} if domain else {})
    found = get(load_settings(), PATH, **asked)["accounts"]
    if as_json:
        typer.echo(json.dumps(found))
        return
    from workers import account_pages  # noqa: PLC0415  heavy

    account_pages.list_(found)


def _find(settings: Settings, account: str) -> Any:
    if is_id(account):
        from workers.api_client import ApiRefusedError  # noqa: PLC0415  heavy

        try:
            return get(settings, f"{PATH}/{account}")
        except ApiRefusedError:
            pass  # a sender may name its accounts in this form, too
    listed = get(settings, PATH, key=account)["accounts"] if account else []
    if not listed and "." in account:
        from leads.companies import domain_of  # noqa: PLC0415  only here

        listed = get(settings, PATH, domain=account)["accounts"] if domain_of(account) else []
    if not listed:
        raise NoSuchAccountError("No account has this id, key or domain: `leadloop account list` shows those there are")
    return get(settings, f"{PATH}/{listed[0]['account_id']}")
