"""Segments that no lead can ever be in, and the last one, which must take every lead."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from leads.condition_logic import Patience, can_hold, dead_parts
from leads.conditions import Condition
from leads.faults import Fault, named, places

_NEVER = "no lead can ever match this: it contradicts itself, or asks a field for what that never holds"
_Placed = tuple[int, str, Condition]
"""Position, name and condition of a segment."""


def segment_faults(document: Any) -> Iterator[Fault]:
    """Conditions that contradict themselves, segments hidden by those before them, a last one with a condition."""
    segments = [(path[1], found) for path, found in places(document, "segments.*") if isinstance(found, Mapping)]
    patience = Patience()
    earlier: list[_Placed] = []
    for position, segment in segments:
        is_last = position == segments[-1][0]
        when, where = segment.get("when"), ("segments", position, "when")
        if when is None:
            if not is_last:
                yield Fault(("segments", position), "without a condition it hides every segment after it")
            return
        if is_last:
            reason = "the last segment must have no condition, so that no lead is without promises"
            yield Fault(where, reason)
        condition = _condition(when)
        if condition is None:
            continue
        if dead := [*dead_parts(condition, patience)]:
            yield from (Fault((*where, *place), _NEVER) for place in dead)
            continue
        if hiders := _hidden_by(condition, earlier, patience):
            yield Fault(where, f"no lead gets here: whatever matches this matches {hiders} first")
        earlier.append((int(position), str(segment.get("name")), condition))


def _condition(when: Any) -> Condition | None:
    """None where it cannot be read, which is told as a fault of its own."""
    try:
        return Condition.model_validate(when)
    except ValidationError:
        return None


def _hidden_by(condition: Condition, earlier: Sequence[_Placed], patience: Patience) -> str | None:
    """The segment that takes every lead of this one, or that several do together."""
    if can_hold([condition], [other for _, _, other in earlier], patience):
        return None
    for position, name, other in earlier:
        if not can_hold([condition], [other], patience):
            return f"segment {named(name)} (segments.{position})"
    return "one of the segments before it"
