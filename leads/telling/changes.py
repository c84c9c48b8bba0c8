"""What a revision changed, in lines a person reads: `segment hot, first_touch, target: PT15M → PT10M`."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from leads.conditions import Condition
from leads.playbook_diff import ORDER, ChangeKind, Difference
from leads.telling.rules import said_of
from leads.telling.words import LONGEST_QUOTE

_KINDS = {
    "segments": "segment", "ladders": "ladder", "calendars": "calendar", "hand_offs": "hand-off", "reasons": "reason",
    "stages": "stage", "teams": "team",
}  # fmt: skip
"""What the entries under a key are; the key itself where they are no entries."""
_UNSAID = frozenset({"promises"})
_OVERRIDE_AT = 4
"""From so many parts on the path of a team's override names what is overridden."""
_SHORT_LIST = 4
"""Of longer lists only what came and went is told."""
_MOST_TOLD = 8
_TESTS = frozenset({"field", "all", "any", "not"})
"""One of them stands in every condition."""
_ON_THE_MINUTE = re.compile(r"\d\d:\d\d:00")


def line_of(change: Difference) -> str:
    """One change in one line."""
    where = _place(change.path)
    if change.kind is ChangeKind.ADDED:
        return f"{where}: added {_value(change.path, change.new)}"
    if change.kind is ChangeKind.REMOVED:
        return f"{where}: removed, was {_value(change.path, change.old)}"
    if change.path[-1] == ORDER:
        return f"{where}: {', '.join(change.old)} → {', '.join(change.new)}"
    if _is_long(change.old) or _is_long(change.new):
        return f"{where}: {_came_and_went(change.old, change.new)}"
    return f"{where}: {_value(change.path, change.old)} → {_value(change.path, change.new)}"


def line_of_value(path: tuple[str, ...], value: Any) -> str:
    """One value in one line: `segment hot, first_touch, target: PT10M`."""
    return f"{_place(path)}: {_value(path, value)}"


def _place(path: tuple[str, ...]) -> str:
    if path[:1] == ("teams",) and path[2:3] == ("overrides",) and len(path) > _OVERRIDE_AT:
        return f"team {path[1]}, override of {_place(path[3:])}"
    first, *rest = [part for part in path if part not in _UNSAID]
    if first in _KINDS and rest and rest[0] != ORDER:
        first, rest = f"{_KINDS[first]} {rest[0]}", rest[1:]
    return ", ".join((first, *rest))


def _value(path: tuple[str, ...], value: Any) -> str:
    if path[-1] == "when" and isinstance(value, Mapping):
        return _condition(value)
    line = _flow(value)
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _condition(value: Mapping[str, Any]) -> str:
    try:
        return said_of(Condition.model_validate(value))
    except ValidationError:
        return json.dumps(value, ensure_ascii=False)


def _flow(value: Any) -> str:
    """As YAML writes it on one line."""
    if isinstance(value, Mapping):
        if _TESTS & value.keys():
            return _condition(value)
        return "{" + ", ".join(f"{key}: {_flow(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value).lower() if isinstance(value, bool) else "nothing" if value is None else str(value)
    return text[:-3] if _ON_THE_MINUTE.fullmatch(text) else text


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and len(value) > _SHORT_LIST


def _came_and_went(old: list[Any], new: list[Any]) -> str:
    before, after = list(map(_flow, old)), list(map(_flow, new))
    known_before, known_after = set(before), set(after)
    added, removed = [v for v in after if v not in known_before], [v for v in before if v not in known_after]
    parts = [f"{word} {_some(values)}" for word, values in (("added", added), ("removed", removed)) if values]
    return "; ".join(parts) or f"in another order: {_some(after)}"


def _some(values: list[str]) -> str:
    told = ", ".join(values[:_MOST_TOLD])
    return f"{told} and {len(values) - _MOST_TOLD} more" if len(values) > _MOST_TOLD else told
