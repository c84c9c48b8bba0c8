"""What one playbook says otherwise than another, by place: things that have names are matched by them, not by order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python

from leads.playbook import Playbook

_NAMES = ("name", "rung")
"""What an entry of a list is known by: segments, rungs."""
_ORDERED = ("segments",)
"""Where the order says something: the first segment that fits is taken."""
_WHOLE = ("when",)
"""A condition is compared as one thing: half of it says nothing."""
ORDER = "order"


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. Values are plain JSON; None where there was, or is, nothing."""

    path: tuple[str, ...]
    """As (segments, hot, promises, first_touch, target): names in place of positions."""
    kind: ChangeKind
    old: Any
    new: Any


class Side(NamedTuple):
    """A part of a playbook twice: what was said, and all of it with defaults."""

    said: Any
    whole: Any

    def get(self, key: str) -> "Side":
        whole = self.whole.get(key) if isinstance(self.whole, Mapping) else None
        return Side(self.said.get(key) if isinstance(self.said, Mapping) else None, whole)


def differences(old: Playbook, new: Playbook) -> list[Difference]:
    """Every difference, in the document's order. A default that is written out is none."""
    return list(_differences((), _side(old), _side(new)))


def _side(playbook: Playbook) -> Side:
    return Side(
        plain(playbook.model_dump(by_alias=True, exclude_defaults=True)), plain(playbook.model_dump(by_alias=True))
    )


def plain(value: Any) -> Any:
    """JSON, in which sets are lists in order."""
    if isinstance(value, Mapping):
        return {str(to_jsonable_python(key)): plain(child) for key, child in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    return to_jsonable_python(value)


def _differences(path: tuple[str, ...], old: Side, new: Side) -> Iterator[Difference]:
    if old.whole == new.whole:
        return
    both_are_mappings = isinstance(old.whole, Mapping) and isinstance(new.whole, Mapping)
    if both_are_mappings and path[-1:] != _WHOLE:
        for key in dict.fromkeys([*old.whole, *new.whole]):
            yield from _differences((*path, key), old.get(key), new.get(key))
    elif (before := by_name(old)) is not None and (after := by_name(new)) is not None:
        yield from _of_named(path, before, after)
    elif old.whole in (None, [], {}):
        yield Difference(path, ChangeKind.ADDED, None, _told(new))
    elif new.whole in (None, [], {}):
        yield Difference(path, ChangeKind.REMOVED, _told(old), None)
    else:
        yield Difference(path, ChangeKind.CHANGED, _told(old), _told(new))


def _told(side: Side) -> Any:
    """What was said, without what goes without saying."""
    return side.whole if side.said is None else side.said


def _of_named(path: tuple[str, ...], old: Mapping[str, Side], new: Mapping[str, Side]) -> Iterator[Difference]:
    nothing = Side(None, None)
    for name in dict.fromkeys([*old, *new]):
        yield from _differences((*path, name), old.get(name, nothing), new.get(name, nothing))
    if path == _ORDERED and [*old] != [*new]:
        yield Difference((*path, ORDER), ChangeKind.CHANGED, [*old], [*new])


def by_name(side: Side) -> dict[str, Side] | None:
    """The entries of a list by their names; None for a list of things that have none."""
    if not isinstance(side.whole, Sequence) or isinstance(side.whole, str):
        return None
    said = side.said if isinstance(side.said, list) else [None] * len(side.whole)
    found: dict[str, Side] = {}
    for short, entry in zip(said, side.whole, strict=True):
        key = next((key for key in _NAMES if isinstance(entry, Mapping) and key in entry), None)
        if key is None:
            return None
        found[str(entry[key])] = Side(short, entry)
    return found
