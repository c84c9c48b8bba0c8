"""Segments and routing rules that no lead can ever reach, and the last segment, which must take every lead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from leads.condition_logic import Patience, can_hold, dead_parts
from leads.conditions import Condition
from leads.faults import Fault, Path, named, places

_NEVER = "no lead can ever match this: it contradicts itself, or asks a field for what that never holds"
_Placed = tuple[Path, str, Condition]
"""Place, name and condition."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What stands in order, the first match winning."""

    one: str
    where: str
    needs_last: bool
    """Whether the last must have no condition."""


_SEGMENTS = _Kind("segment", "segments", needs_last=True)
_RULES = _Kind("rule", "routing.rules", needs_last=False)


def segment_faults(document: Any) -> Iterator[Fault]:
    """Conditions that contradict themselves, segments hidden by those before them, a last one with a condition."""
    return _unreached(document, _SEGMENTS)


def unreached_rules(document: Any) -> Iterator[Fault]:
    """Rules of the routing that are never followed."""
    return _unreached(document, _RULES)


def _unreached(document: Any, kind: _Kind) -> Iterator[Fault]:
    found = [(path, part) for path, part in places(document, f"{kind.where}.*") if isinstance(part, Mapping)]
    patience = Patience()
    earlier: list[_Placed] = []
    for path, part in found:
        is_last = path == found[-1][0]
        when, where = part.get("when"), (*path, "when")
        if when is None:
            if not is_last:
                yield Fault(path, f"without a condition it hides every {kind.one} after it")
            return
        if is_last and kind.needs_last:
            yield Fault(where, f"the last {kind.one} must have no condition, so that no lead is without promises")
        condition = _condition(when)
        if condition is None:
            continue
        if dead := [*dead_parts(condition, patience)]:
            yield from (Fault((*where, *place), _NEVER) for place in dead)
            continue
        if hiders := _hidden_by(condition, earlier, kind, patience):
            yield Fault(where, f"no lead gets here: whatever matches this matches {hiders} first")
        earlier.append((path, str(part.get("name")), condition))


def _condition(when: Any) -> Condition | None:
    """None where it cannot be read, which is told as a fault of its own."""
    try:
        return Condition.model_validate(when)
    except ValidationError:
        return None


def _hidden_by(condition: Condition, earlier: Sequence[_Placed], kind: _Kind, patience: Patience) -> str | None:
    """What takes every lead of this one, or that several do together."""
    if can_hold([condition], [other for _, _, other in earlier], patience):
        return None
    for path, name, other in earlier:
        if not can_hold([condition], [other], patience):
            return f"{kind.one} {named(name)} ({Fault(path, '').place})"
    return f"one of the {kind.one}s before it"
