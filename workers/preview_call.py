"""A preview asked of a running Leadloop, with a bar that says how far it is."""

import json
from collections.abc import Callable
from typing import Any

import httpx2

from workers.api_client import ApiRefusedError, away, checked, client_arguments
from workers.errors import CliError
from workers.settings import Settings

PREVIEW = "/v1/playbook/preview"
_SILENCE_SECONDS = 120.0
"""Between two lines."""


def preview(settings: Settings, body: dict[str, Any], *, shows_bar: bool = True) -> dict[str, Any]:
    """What a draft would do. Raises `ApiAwayError` and `ApiRefusedError`."""
    from rich.console import Console  # noqa: PLC0415  heavy
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("looking at leads"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not (shows_bar and console.is_terminal)) as bar:
        task = bar.add_task("leads", total=None)
        return _lines(settings, body, lambda done, leads: bar.update(task, completed=done, total=leads))


def _lines(settings: Settings, body: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    arguments = client_arguments(settings) | {"timeout": _SILENCE_SECONDS}
    headers = {"Accept": "application/x-ndjson"}
    with httpx2.Client(**arguments) as client:
        try:
            with client.stream("POST", PREVIEW, json=body, headers=headers) as answer:
                if not answer.is_success:
                    answer.read()
                    checked(answer)
                for line in answer.iter_lines():
                    said = json.loads(line)
                    if "progress" in said:
                        tell(said["progress"]["done"], said["progress"]["leads"])
                    elif "problem" in said:
                        problem = said["problem"]
                        raise ApiRefusedError(f"{problem['title']}: {problem['detail']}", problem)
                    else:
                        found: dict[str, Any] = said["preview"]
                        return found
        except httpx2.TransportError:
            raise away(settings) from None
    raise CliError("The preview broke off: ask again")
