"""What the types of a command let through, and the store or the calendar arithmetic cannot hold."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from api.problems import InvalidRequest
from leads.commands import CommandData, Reassign
from leads.granted import NAMES_NOBODY

_FARTHEST = timedelta(days=3_660)
"""How far from now an instant in a command may lie; further is a slip of the pen."""


def check(command: CommandData, now: datetime) -> None:
    """Raises `InvalidRequest` with the place of every fault."""
    faults = [
        {"in": "body", "pointer": pointer, "code": code, "detail": detail}
        for pointer, code, detail in (*_names_nobody(command), *_faults("", command.model_dump(), now))
    ]
    if faults:
        raise InvalidRequest("The command does not fit its description; errors says where.", errors=faults)


def _names_nobody(command: CommandData) -> Iterator[tuple[str, str, str]]:
    # not a rule of the type, which also reads what an old journal holds
    if isinstance(command, Reassign) and command.owner is None and command.team is None:
        yield "", "missing", NAMES_NOBODY


def _faults(pointer: str, value: Any, now: datetime) -> Iterator[tuple[str, str, str]]:
    match value:
        case str() if "\0" in value:
            yield pointer, "bad_character", "holds NUL, which cannot be stored"
        case datetime() if abs(value - now.astimezone(UTC)) > _FARTHEST:
            yield pointer, "out_of_range", "lies more than ten years from now"
        case dict() | list():
            for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
                yield from _faults(f"{pointer}/{name}", inner, now)
