"""A team may promise more than all do, where that is allowed and within bounds; never less."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from leads.durations import DurationError, format_duration
from leads.faults import Fault, Path, named, places
from leads.playbook_teams import Override
from leads.promises import Bounds, Ladder, Promise, Rung

_SPANS = ("target", "if_arrived_closed")
_COUNTS = ("attempts", "channels")


@dataclass(frozen=True, slots=True)
class _Place:
    """An override as it was written, and the promise it is of."""

    path: Path
    override: Override
    home: Path
    """Where the promise stands."""
    promise: Promise
    ladder: Ladder

    def fault(self, key: str, reason: str) -> Fault:
        return Fault((*self.path, key), reason)

    def of(self, key: str) -> str:
        """Where the same is said for all."""
        return Fault((*self.home, key), "").place

    @property
    def bounds(self) -> Bounds:
        bounds = self.promise.overridable
        return bounds if isinstance(bounds, Bounds) else Bounds()


def override_faults(document: Any) -> Iterator[Fault]:
    """Overrides of what is not promised or not overridable, and those that promise less, or more than the bounds."""
    for pattern in ("teams.*.overrides.segments|hand_offs.*.*", "teams.*.overrides.stages.*"):
        for path, written in places(document, pattern):
            try:
                override = Override.model_validate(written)
            except ValidationError:
                continue  # told with its place already
            yield from _faults(document, path, override)

    for path, marked in places(document, "segments|hand_offs.*.stages.*.overridable"):
        if marked:
            yield Fault(path, "this limit is for all teams alike; mark the one under stages")


def _faults(document: Any, path: Path, override: Override) -> Iterator[Fault]:
    if not override.model_fields_set:
        yield Fault(path, "says nothing: give a target, or take it out")
        return
    home, written = _promise_of(document, path[3:])
    if written is None:
        yield Fault(path, home)
        return
    try:
        promise = Promise.model_validate(written)
    except ValidationError:
        return
    stands = Fault(home, "").place
    if promise.overridable is False:
        yield Fault(path, f"{stands} is for all alike; to let a team promise more, mark it overridable: true")
        return
    place = _Place(path, override, home, promise, _ladder(document, promise.ladder))
    for check in (_span_faults, _count_faults, _gap_faults, _warning_faults, _start_faults):
        yield from check(place)


def _promise_of(document: Any, where: Path) -> tuple[Any, Any]:
    """Where the promise stands that is overridden, and what stands there; else what is wrong, and nothing."""
    section, name, *clock = where
    if section == "segments":
        found = next((path for path, said in places(document, "segments.*.name") if said == name), None)
        if found is None:
            return f"there is no segment {named(str(name))}", None
        home: Path = (*found[:2], "promises", *clock)
    else:
        home = (section, name, *(("promises", *clock) if clock else ()))
    written = document
    for part in home:
        try:
            written = written[part]
        except (KeyError, IndexError, TypeError):
            return f"there is no {Fault(home, '').place}; a team can only promise more of what is promised", None
    return home, written


def _ladder(document: Any, name: str | None) -> Ladder:
    rungs = []
    for _, written in places(document, f"ladders.{name}.*") if name else ():
        try:
            rungs.append(Rung.model_validate(written))
        except ValidationError:
            continue
    return tuple(rungs)


def _span_faults(place: _Place) -> Iterator[Fault]:
    """Targets that are longer than all have them, or shorter than the bound."""
    for key in _SPANS:
        said = getattr(place.override, key)
        if said is None:
            continue
        try:
            length = place.promise.parse(said)
        except DurationError as refused:
            yield place.fault(key, refused.message)
            continue
        of_all = key if getattr(place.promise, key) is not None else "target"
        limit = place.promise.parse(getattr(place.promise, of_all))
        shortest = place.bounds.shortest
        if length > limit:
            said = f"a team may promise more, never less: at most {format_duration(limit)}, as {place.of(of_all)} says"
            yield place.fault(key, said)
        elif shortest is not None and length < place.promise.parse(shortest):
            yield place.fault(key, f"no shorter than {shortest}, as {place.of('overridable.shortest')} says")
        elif key == "if_arrived_closed" and place.promise.time == "elapsed":
            yield place.fault(key, "needs time: working; elapsed time is never closed")


def _count_faults(place: _Place) -> Iterator[Fault]:
    for key in _COUNTS:
        said, of_all = getattr(place.override, key), getattr(place.promise, key)
        if said is None:
            continue
        most = place.bounds.most_attempts
        if place.promise.attempts is None:
            yield place.fault(key, "attempts belong to effort")
        elif said < of_all:
            reason = f"a team may promise more, never less: at least {of_all}, as {place.of(key)} says"
            yield place.fault(key, reason)
        elif key == "attempts" and most is not None and said > most:
            yield place.fault(key, f"no more than {most}, as {place.of('overridable.most_attempts')} says")


def _gap_faults(place: _Place) -> Iterator[Fault]:
    said, of_all = place.override.max_gap, place.promise.max_gap
    if said is None:
        return
    if place.promise.attempts is None:
        yield place.fault("max_gap", "attempts belong to effort")
    elif of_all is not None and place.promise.parse(said) > place.promise.parse(of_all):
        reason = f"a team may promise more, never less: at most {of_all}, as {place.of('max_gap')} says"
        yield place.fault("max_gap", reason)


def _lengths(place: _Place) -> list[tuple[timedelta, timedelta]]:
    """What a clock of the promise can be given, for all and in the team; empty where it cannot be read."""
    promise, override = place.promise, place.override
    found = []
    for key in _SPANS:
        of_all = getattr(promise, key) or promise.target
        own = getattr(override, key) or getattr(promise, key) or override.target or promise.target
        try:
            found.append((promise.parse(of_all), promise.parse(own)))
        except DurationError:
            return []
    return found


def _needed(rung: Rung, length: timedelta) -> timedelta:
    """How much of the time is gone where a rung stands."""
    return length * rung.fraction if rung.fraction is not None else length + rung.offset


def _warning_faults(place: _Place) -> Iterator[Fault]:
    """Warnings that do not stand before due, or later than for all."""
    rungs = {rung.rung: rung for rung in place.ladder}
    for name, at in place.override.warn_at.items():
        path = (*place.path, "warn_at", name)
        rung = rungs.get(name)
        if rung is None:
            yield Fault(path, f"the ladder {named(place.promise.ladder or 'none')} has no such rung")
            continue
        earlier = rung.model_copy(update={"at": at})
        if not (rung.is_warning and earlier.is_warning):
            yield Fault(path, "only rungs before due can stand earlier, and they stay before it")
        elif any(_needed(earlier, own) > _needed(rung, of_all) for of_all, own in _lengths(place)):
            yield Fault(path, f"a team may promise more, never less: no later than {rung.at}, where it stands for all")


def _start_faults(place: _Place) -> Iterator[Fault]:
    """Rungs that would stand before the start of so short a promise."""
    warn_at = place.override.warn_at
    for rung in place.ladder:
        moved = rung.model_copy(update={"at": warn_at.get(rung.rung, rung.at)})
        short = min((own for _, own in _lengths(place)), default=None)
        if short is not None and moved.fraction is None and -moved.offset > short:
            key: Path = ("warn_at", rung.rung) if rung.rung in warn_at else ("target",)
            reason = f"rung {named(rung.rung)} at {moved.at} lies before the start of a promise of"
            yield Fault((*place.path, *key), f"{reason} {format_duration(short)}")
