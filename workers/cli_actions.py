"""`leadloop actions`: notices that were given up, looked at and tried again."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from workers.errors import CliError
from workers.settings import load_settings

if TYPE_CHECKING:
    from storage.actions import ActionStore

T = TypeVar("T")

actions_app = typer.Typer(help="Notices given up for now: list them, try them again.", no_args_is_help=True)


@actions_app.command()
def parked(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002  a flag
) -> None:
    """List the actions that were given up, with the code of what went wrong last."""
    rows = _with_store(lambda store: store.list_parked(limit))
    if as_json:
        for row in rows:
            named = {"action_id": row.action_id, "lead_id": row.lead_id, "template": row.template}
            told = {"code": row.error_code, "attempts": row.attempts, "issued_at": row.issued_at.isoformat()}
            typer.echo(json.dumps({name: str(value) for name, value in named.items()} | told))
        return
    if not rows:
        typer.echo("No action is parked.")
        return
    # no table: a narrow terminal would cut the ids, which `retry` needs whole
    for row in rows:
        tries = "1 try" if row.attempts == 1 else f"{row.attempts} tries"
        typer.echo(f"{row.action_id}  {row.template or 'no notice'}, {row.error_code or 'no code'}, {tries}")
        typer.echo(f"  lead {row.lead_id}, issued {row.issued_at:%Y-%m-%d %H:%M} UTC")


@actions_app.command()
def retry(actions: Annotated[list[UUID], typer.Argument(help="Ids from `leadloop actions parked`.")]) -> None:
    """Try parked actions again, from the first try on. Their leads are woken within about a minute."""

    async def retry_all(store: "ActionStore") -> list[UUID]:
        now = datetime.now(UTC)
        return [action_id for action_id in actions if not await store.retry_parked(action_id, now)]

    unknown = _with_store(retry_all)
    typer.echo(f"{len(actions) - len(unknown)} of {len(actions)} will be tried again.")
    if unknown:
        raise CliError(f"not parked: {', '.join(map(str, unknown))}")


def _with_store(ask: "Callable[[ActionStore], Coroutine[Any, Any, list[T]]]") -> list[T]:
    from storage.actions import ActionStore  # noqa: PLC0415  heavy
    from storage.engine import DatabaseAwayError, create_engine  # noqa: PLC0415  heavy
    from storage.playbooks import Shelves  # noqa: PLC0415  heavy
    from workers.endpoints import database_url  # noqa: PLC0415  only here

    async def asked() -> list[T]:
        engine = create_engine(database_url(load_settings()), pool_size=1)
        try:
            return await ask(ActionStore(engine, Shelves(engine)))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(asked())
    except DatabaseAwayError as away:
        raise CliError(str(away)) from None
