"""`--running`: what a publication does to promises under way, as one writes it on the command line."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from leads.promises import ClockName
from leads.running import Choice
from workers.errors import CliError

RunningOption = Annotated[
    list[str] | None,
    typer.Option(
        "--running",
        metavar="CHOICE",
        help="What becomes of promises under way: keep (the default), carry, restart or new_leads_only. For one "
        "promise write PROMISE=CHOICE, as first_touch=carry; may be given several times.",
    ),
]


def running_of(given: Sequence[str] | None) -> dict[str, Any]:
    """The choice as the API takes it. Raises `CliError` for a word that is none."""
    chosen: dict[str, Any] = {}
    clocks: dict[str, str] = {}
    for word in given or ():
        clock, equals, choice = word.rpartition("=")
        if choice not in set(Choice):
            raise CliError(f"--running {word}: there is no choice {choice!r}; there are {', '.join(Choice)}")
        if not equals:
            if "default" in chosen:
                raise CliError(f"--running {word}: what holds for all promises is said once")
            chosen["default"] = choice
        elif clock not in set(ClockName):
            raise CliError(f"--running {word}: there is no promise {clock!r}; there are {', '.join(ClockName)}")
        elif clock in clocks:
            raise CliError(f"--running {word}: {clock} is said once")
        else:
            clocks[clock] = choice
    return chosen | ({"clocks": clocks} if clocks else {})
