"""Names in a playbook: what each must be defined by, and which may stand once only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from leads.faults import Fault, Path, named, places
from leads.promises import Recipient

_DEFINED_IN = {
    "calendar": ("calendars", "calendar"),
    "segments|hand_offs.*.ignored_after.calendar": ("calendars", "calendar"),
    "segments|hand_offs.*.promises.*.calendar": ("calendars", "calendar"),
    "segments|hand_offs.*.stages.*.calendar": ("calendars", "calendar"),
    "stages.*.calendar": ("calendars", "calendar"),
    "lists.upload.calendar": ("calendars", "calendar"),
    "segments|hand_offs.*.promises.*.ladder": ("ladders", "ladder"),
    "segments|hand_offs.*.stages.*.ladder": ("ladders", "ladder"),
    "stages.*.ladder": ("ladders", "ladder"),
    "teams.*.calendar": ("calendars", "calendar"),
    "evidence.teams.*.*": ("evidence.sources", "source"),
}
"""Where a name stands: where it must be defined, and what it is the name of."""
_TEAMS = (
    "segments.*.team", "hand_offs.*.teams.*", "routing.rules.*.team", "routing.rules.*.nobody_free.fallback",
    "routing.nobody_free.fallback", "teams.*.routing.nobody_free.fallback",
)  # fmt: skip
_TEAM_KEYS = ("evidence.teams.*", "teams.*")
_PEOPLE = ("waiving.also.*", "definitions.sales_owner|marketing_owner")
_ONCE = {"segments.*.name": 1, "ladders.*.*.rung": 2, "hand_offs.*.teams.*": 1, "routing.rules.*.name": 2}
"""Names that may stand once only: within so many parts of their path."""


class Taker(NamedTuple):
    """Somebody who may be given leads; skills and territories in small letters."""

    skills: frozenset[str] = frozenset()
    territories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What the roster has that a playbook may name."""

    teams: frozenset[str]
    people: frozenset[str]
    sponsored: frozenset[str] = frozenset()
    """Teams that have a sponsor."""
    takers: Mapping[str, Sequence[Taker]] = field(default_factory=dict)
    """By team: everyone active who is in it. Teams that are not here are not looked into."""


def name_faults(document: Any) -> Iterator[Fault]:
    """Names that nothing defines, and names given twice."""
    for pattern, (where, what) in _DEFINED_IN.items():
        defined = {key for _, home in places(document, where) if isinstance(home, Mapping) for key in home}
        for path, name in places(document, pattern):
            if isinstance(name, str) and name not in defined:
                yield Fault(path, f"there is no {what} {named(name)}; define it under {where}")
    for pattern, parts in _ONCE.items():
        yield from _twice(document, pattern, parts)


def _twice(document: Any, pattern: str, parts: int) -> Iterator[Fault]:
    first: dict[tuple[Path, str], Path] = {}
    for path, name in places(document, pattern):
        if isinstance(name, str):
            earlier = first.setdefault((path[:parts], name), path)
            if earlier != path:
                yield Fault(path, f"{named(name)} is named twice, first at {Fault(earlier, '').place}")


def roster_faults(document: Any, known: Known) -> Iterator[Fault]:
    """Teams and people that the roster does not have, whose leads would wait for nobody."""
    for path, name in _teams_named(document):
        if name not in known.teams:
            yield Fault(path, f"there is no team {named(name)} in the roster")
    for pattern in _PEOPLE:
        for path, name in places(document, pattern):
            if isinstance(name, str) and name not in known.people:
                yield Fault(path, f"there is no person {named(name)} in the roster")


def sponsor_faults(document: Any, known: Known) -> Iterator[Fault]:
    """Rungs that tell the sponsor of a team that has none."""
    climbed: dict[str, set[str]] = {}
    for path, ladder in places(document, "segments|hand_offs.*.promises.*.ladder"):
        section, place = path[0], path[1]
        taken_by = places(document, f"{section}.*.team" if section == "segments" else f"{section}.*.teams.*")
        teams = {name for at, name in taken_by if at[1] == place and isinstance(name, str)}
        climbed.setdefault(str(ladder), set()).update(teams & known.teams - known.sponsored)
    for path, role in places(document, "ladders.*.*.notify.*"):
        lacking = sorted(climbed.get(str(path[1]), ())) if role == Recipient.SPONSOR else []
        if lacking:
            yield Fault(path, f"team {named(lacking[0])} of the roster has no sponsor: name one, or drop this")


def teams_and_people(document: Any) -> tuple[set[str], set[str]]:
    """Whom a document names, to be looked up in the roster."""
    people = {name for pattern in _PEOPLE for _, name in places(document, pattern) if isinstance(name, str)}
    return {name for _, name in _teams_named(document)}, people


def _teams_named(document: Any) -> Iterator[tuple[Path, str]]:
    for pattern in _TEAMS:
        yield from ((path, name) for path, name in places(document, pattern) if isinstance(name, str))
    for pattern in _TEAM_KEYS:
        yield from ((path, path[-1]) for path, _ in places(document, pattern) if isinstance(path[-1], str))
