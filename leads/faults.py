"""What is wrong with a playbook that is not published yet: faults with their place, and how to walk to places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

Path = tuple[str | int, ...]
"""A place in a document: keys of mappings and positions in lists, from 0."""
LONGEST_PART = 40
"""Characters told of a key or a name that the admin made up."""


class Fault(NamedTuple):
    """One thing to mend. The reason is a clause that says what to do."""

    path: Path
    reason: str

    @property
    def place(self) -> str:
        """As `segments.2.promises.first_touch.target`; empty for the whole document."""
        return ".".join(str(part)[:LONGEST_PART] for part in self.path)


@dataclass(frozen=True, slots=True)
class LocatedFault:
    """A fault as its reader finds it: the line, from 1, and the path in the text; the reason."""

    line: int | None
    path: str
    """As `segments.2.promises.first_touch.target`; empty for the whole document."""
    reason: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.path) if part)
        return f"{where}: {self.reason}" if where else self.reason


def places(document: Any, pattern: str) -> Iterator[tuple[Path, Any]]:
    """Every place that fits a pattern, with what stands there.

    `segments|hand_offs.*.promises.*.ladder`: a star stands for every key or position, a bar between alternatives. What
    is of another shape has no such places.
    """
    found: list[tuple[Path, Any]] = [((), document)]
    for part in pattern.split("."):
        found = [
            ((*path, key), child) for path, value in found for key, child in _children(value, part) if child is not None
        ]
    yield from found


def _children(value: Any, part: str) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        keys = list(value) if part == "*" else [key for key in part.split("|") if key in value]
        yield from ((key, value[key]) for key in keys if isinstance(key, str))
    elif isinstance(value, list | tuple) and part == "*":
        yield from enumerate(value)


def named(name: str) -> str:
    """A name the admin made up, short and in quotes."""
    return repr(name if len(name) <= LONGEST_PART else name[:LONGEST_PART] + "…")


def located(title: str, *faults: Fault) -> ValidationError:
    """What a model's validator raises where the fault lies deeper than the model itself."""
    return ValidationError.from_exception_data(
        title,
        [
            {"type": PydanticCustomError("playbook", "{reason}", {"reason": reason}), "loc": path, "input": None}
            for path, reason in faults
        ],
    )
