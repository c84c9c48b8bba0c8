"""Rungs that cannot do what they say, hand-offs without takers, limits of stages that have none."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any

from pydantic import ValidationError

from leads.durations import DurationError, format_duration, parse_duration
from leads.events import HandOffKind
from leads.faults import Fault, Path, places
from leads.promises import ClockName, Rung
from leads.stages import Stage

MAY_BE_LIMITED = frozenset(
    {Stage.CAPTURED, Stage.NURTURING, Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED, Stage.WORKING, Stage.OPPORTUNITY}
)
"""Stages in which a lead is under way."""
_LIMITS = ("stages.*", "segments|hand_offs.*.stages.*")
_OWNED = frozenset({Stage.ASSIGNED, Stage.ACCEPTED, Stage.WORKING, Stage.OPPORTUNITY})


def ladder_faults(document: Any) -> Iterator[Fault]:
    """Rungs before their clock starts, moves without a bound, moves where nobody owns the lead."""
    shortest, owes_nobody = _shortest_targets(document), _ladders_of(document, ClockName.ASSIGN)
    for path, written in places(document, "ladders.*.*"):
        try:
            rung = Rung.model_validate(written)
        except ValidationError:
            continue
        ladder = str(path[1])
        if ladder in shortest and -rung.offset > shortest[ladder][0]:
            length, promise = shortest[ladder]
            yield Fault((*path, "at"), f"lies before the start of {promise}, which is only {format_duration(length)}")
        if rung.reassign and "max_hops" not in written:
            reason = "is missing; without a bound leads go round: say how many hops one may make"
            yield Fault((*path, "max_hops"), reason)
        if rung.reassign and written.get("max_hops") == 0:
            yield Fault((*path, "max_hops"), "with no hops nobody is ever given the lead; drop reassign, or allow one")
        if (rung.reassign or rung.to_queue) and ladder in owes_nobody:
            what = "reassign" if rung.reassign else "to_queue"
            yield Fault((*path, what), f"{owes_nobody[ladder]} climbs it while the lead has no owner to take it from")


def _shortest_targets(document: Any) -> dict[str, tuple[timedelta, str]]:
    """By ladder: the shortest target that climbs it, and where that stands."""
    found: dict[str, tuple[timedelta, str]] = {}
    for path, promise in _promises(document):
        ladder = promise.get("ladder")
        if not isinstance(ladder, str):
            continue
        for key in ("target", "if_arrived_closed"):
            try:
                length = parse_duration(promise.get(key))
            except DurationError:
                continue
            if ladder not in found or length < found[ladder][0]:
                found[ladder] = length, Fault((*path, key), "").place
    return found


def _ladders_of(document: Any, clock: ClockName) -> dict[str, str]:
    """The ladders that a clock climbs, and where that is said."""
    return {
        ladder: Fault(path[:-1], "").place
        for path, ladder in places(document, f"segments|hand_offs.*.promises.{clock}.ladder")
        if isinstance(ladder, str)
    }


def _promises(document: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for pattern in ("segments|hand_offs.*.promises.*", *_LIMITS):
        yield from ((path, found) for path, found in places(document, pattern) if isinstance(found, Mapping))


def passing_faults(document: Any) -> Iterator[Fault]:
    """Hand-offs that no team takes, or that name teams where none is chosen; limits where a lead may stay."""
    for path, passing in places(document, "hand_offs.*"):
        teams = passing.get("teams") if isinstance(passing, Mapping) else None
        if path[-1] == HandOffKind.RETURNED and teams:
            yield Fault((*path, "teams"), "it goes back to whoever had passed it on; name no teams")
        if path[-1] != HandOffKind.RETURNED and isinstance(passing, Mapping) and not teams:
            yield Fault((*path, "teams"), "say which teams take leads over so")
    for path, promise in chain.from_iterable(places(document, pattern) for pattern in _LIMITS):
        if path[-1] in set(Stage) - MAY_BE_LIMITED:
            yield Fault(path, f"leads may stay there; limits are for {', '.join(sorted(MAY_BE_LIMITED))}")
        if isinstance(promise, Mapping) and promise.get("hours") == "owner" and path[-1] not in _OWNED:
            yield Fault((*path, "hours"), "nobody in sales owns a lead there: use team")
        if isinstance(promise, Mapping) and promise.get("attempts") is not None:
            yield Fault((*path, "attempts"), "attempts belong to effort")
