"""`leadloop playbook preview`: what a draft would do, before it is published."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import typer

from workers.cli_running import running_of
from workers.errors import CliError
from workers.settings import load_settings

Since = Annotated[
    str | None,
    typer.Option(
        help="A date or instant: fold hand-offs from then on too, as if the draft had always been in force. "
        "A date begins at midnight UTC."
    ),
]
MOST_LEADS = 100_000
Most = Annotated[
    int, typer.Option("--most", min=1, max=MOST_LEADS, help="Leads looked at; where there are more, an even sample.")
]


def run(body: dict[str, Any], *, as_json: bool) -> None:
    """Ask for the preview and print it."""
    from workers.preview_call import preview  # noqa: PLC0415  heavy
    from workers.preview_page import show  # noqa: PLC0415  heavy

    found = preview(load_settings(), body)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        show(found)


def ask_before_publishing(body: dict[str, Any]) -> None:
    """On a terminal: show what a publish would do, and ask where it breaks or tells something at once.

    Raises `CliError` where the answer is no.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    from workers.plain_text import clean  # noqa: PLC0415  only here
    from workers.preview_call import preview  # noqa: PLC0415  heavy

    found = preview(load_settings(), body)
    typer.echo("\n".join(map(clean, found["summary"])))
    if acts_at_once(found) and not typer.confirm("Publish it?"):
        raise CliError("Nothing was published")


def acts_at_once(found: dict[str, Any]) -> bool:
    """Whether a draft itself would break, hold back or tell something at once."""
    said = found["open"]
    return bool(said["leads_breached"] or said["held"]["promises"] or said["leads_notified"])


def body_of(
    source: str, *, running: Sequence[str] | None, since: str | None = None, most: int | None = None
) -> dict[str, Any]:
    """What the API is sent. Raises `CliError` for a date, or a choice, that is none."""
    asked: dict[str, Any] = {"source": source} | ({"running": running_of(running)} if running else {})
    if since is not None:
        asked["since"] = _instant(since).isoformat()
    return asked | ({"most_leads": most} if most is not None else {})


def _instant(text: str) -> datetime:
    try:
        if len(text) == len("2026-01-01"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise CliError(f"--since {text!r}: write a date, as 2026-01-31, or an instant, as 2026-01-31T09:00Z") from None
    if instant.tzinfo is None:
        raise CliError(f"--since {text!r}: say its zone, as 2026-01-31T09:00Z")
    return instant
