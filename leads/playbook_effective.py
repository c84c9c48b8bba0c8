"""The playbook as it holds for one team: each value with where it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from leads.playbook import Playbook
from leads.playbook_diff import Side, by_name, plain
from leads.playbook_teams import Override, TeamPlay

Path = tuple[str, ...]
TEAM = "team"
"""Heads the paths of what is said of the team alone: its mode, its calendar."""
_ELSEWHERE = ("teams", "mode", "playbook")
"""What stands under `team` instead, or says nothing."""
_AS_ONE = (("calendars", "*"), ("segments", "*", "when"))
"""Places below which nothing is of interest by itself."""
_NAMES = ("name", "rung")
"""They stand in the paths."""
_WARN_AT = "warn_at"
_OVERRIDDEN = ("target", "if_arrived_closed", "attempts", "channels", "max_gap")


class Origin(StrEnum):
    REVISION = "revision"
    """The playbook says so, to all teams."""
    TEAM = "team"
    """The playbook says so of this team."""
    DEFAULT = "default"
    """Nobody says so: it goes without saying."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it holds for the team, in plain JSON."""

    path: Path
    """As (segments, hot, promises, first_touch, target): names in place of positions."""
    value: Any
    origin: Origin
    of_all: Any = None
    """What holds for teams that say nothing of their own, where this one does."""


def effective(playbook: Playbook, team: str) -> list[Value]:
    """Every value, in the document's order, the team's own first. What is empty by default is left out."""
    own = playbook.teams.get(team, TeamPlay())
    whole = plain(playbook.model_dump(by_alias=True, exclude=set(_ELSEWHERE)))
    said = plain(playbook.model_dump(by_alias=True, exclude=set(_ELSEWHERE), exclude_unset=True))
    values = [*_values((), Side(said, whole))]
    for home, key, value in _overridden(own):
        _put(values, playbook, home, key, value)
    return [*_of_team(playbook, own), *values]


def _put(values: list[Value], playbook: Playbook, home: Path, key: Path, value: Any) -> None:
    """An override in the place of what it overrides; else last of its promise."""
    path = (*home, *key)
    place = next((n for n, found in enumerate(values) if found.path == path), None)
    if place is not None:
        values[place] = Value(path, value, Origin.TEAM, values[place].value)
        return
    last = max((n for n, found in enumerate(values) if found.path[: len(home)] == home), default=len(values) - 1)
    ladder = next((found.value for found in values if found.path == (*home, "ladder")), None)
    rungs = playbook.ladders.get(ladder or "", ())
    of_all = next((rung.at for rung in rungs if key == (_WARN_AT, rung.rung)), None)
    values.insert(last + 1, Value(path, value, Origin.TEAM, of_all))


def _of_team(playbook: Playbook, own: TeamPlay) -> Iterator[Value]:
    """The mode and the calendar, its own or those of all; then whatever else is said of the team."""
    for key, of_all in (("mode", str(playbook.mode)), ("calendar", playbook.calendar)):
        value = getattr(own, key)
        is_said = Origin.REVISION if key in playbook.model_fields_set else Origin.DEFAULT
        yield (
            Value((TEAM, key), of_all, is_said)
            if value is None
            else Value((TEAM, key), str(value), Origin.TEAM, of_all)
        )
    rest = {"mode", "calendar", "overrides"}
    said = plain(own.model_dump(by_alias=True, exclude=rest, exclude_unset=True))
    for value in _values((TEAM,), Side(said, said)) if said else ():
        yield Value(value.path, value.value, Origin.TEAM)


def _values(path: Path, side: Side) -> Iterator[Value]:
    named = by_name(side)
    if isinstance(side.whole, Mapping) and side.whole and not _is_one(path):
        for key in side.whole:
            yield from _values((*path, key), side.get(key))
    elif named:
        for name, child in named.items():
            yield from (value for value in _values((*path, name), child) if value.path[-1] not in _NAMES)
    elif side.said is not None or side.whole not in (None, [], {}):
        is_said = side.said is not None
        yield Value(path, side.said if is_said else side.whole, Origin.REVISION if is_said else Origin.DEFAULT)


def _is_one(path: Path) -> bool:
    return any(
        len(path) == len(place) and all(part in ("*", name) for part, name in zip(place, path, strict=True))
        for place in _AS_ONE
    )


def _overridden(own: TeamPlay) -> Iterator[tuple[Path, Path, Any]]:
    """What the team overrides: the place of the promise, the key below it, and what the team says."""
    for section in ("segments", "hand_offs"):
        for name, of_clocks in getattr(own.overrides, section).items():
            for clock, override in of_clocks.items():
                yield from _of_override((section, str(name), "promises", str(clock)), override)
    for stage, override in own.overrides.stages.items():
        yield from _of_override(("stages", str(stage)), override)


def _of_override(home: Path, override: Override) -> Iterator[tuple[Path, Path, Any]]:
    for key in _OVERRIDDEN:
        if (value := getattr(override, key)) is not None:
            yield home, (key,), value
    for rung, at in override.warn_at.items():
        yield home, (_WARN_AT, rung), at
