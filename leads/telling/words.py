"""Words for people: wall times with their weekday, durations in words, people and teams by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from leads.playbook import Reason

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_UNITS_SAID = 2
_DAYS_SAID_FROM = timedelta(hours=48)
_ROUNDED = ((timedelta(days=10), timedelta(days=1)), (timedelta(minutes=10), timedelta(minutes=1)))
"""From this length on, what is smaller is noise."""
LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Names:
    """Display names by id; an id without one is its own name."""

    people: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a notice stands: pending, claimed, done, withdrawn or parked, and a code where something failed."""

    state: str
    code: str | None = None
    is_partly_told: bool = False
    """Somebody it was meant for has heard, whatever became of the rest."""


@dataclass(frozen=True, slots=True)
class Words:
    """How to speak of one lead: in the wall time of one zone, seen from one instant."""

    zone: tzinfo
    now: datetime
    names: Names = Names()
    with_seconds: bool = False
    """Say seconds too, where a promise is so short that minutes would blur it."""
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    """By the id of the decision that issued the notice; of one that is not here it is not known who has heard."""
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """The playbook's, for giving a lead back; empty: not at hand."""

    def at(self, instant: datetime) -> str:
        """`Mon 1 Jun 09:15`; the year only when it is another than now."""
        return f"{self.day(instant)} {self.time(instant)}"

    def day(self, instant: datetime) -> str:
        local = instant.astimezone(self.zone)
        year = f" {local.year}" if local.year != self.now.astimezone(self.zone).year else ""
        return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{year}"

    def time(self, instant: datetime, *, exact: bool = False) -> str:
        local = instant.astimezone(self.zone)
        says_seconds = (exact or self.with_seconds) and (local.second or local.microsecond)
        return local.strftime("%H:%M:%S" if says_seconds else "%H:%M")

    def away(self, instant: datetime) -> str:
        """`in 15 minutes`, `3 hours ago`, `now`."""
        distance = instant - self.now
        if abs(distance) < timedelta(seconds=1):
            return "now"
        return f"in {lasting(distance)}" if distance > timedelta() else f"{lasting(-distance)} ago"

    def when(self, instant: datetime) -> str:
        """`Mon 1 Jun 09:15 (in 15 minutes)`."""
        return f"{self.at(instant)} ({self.away(instant)})"

    def person(self, person: str | None) -> str:
        return "somebody in sales" if not person else self.names.people.get(person, person)

    def team(self, team: str | None) -> str:
        return "the team" if not team else self.names.teams.get(team, team)

    def role(self, role: str) -> str:
        """Whom a notice's role names: `manager:ana` is Ana's manager."""
        kind, _, name = role.partition(":")
        match kind:
            case "owner":
                return self.person(name)
            case "team":
                return f"everyone in {self.team(name)}"
            case "team_manager":
                return f"the managers of {self.team(name)}"
            case "channel":
                return f"the channel of {self.team(name)}"
            case "sponsor":
                return f"the sponsor of {self.team(name)}"
        return f"{self.person(name)}'s {kind}"


def lasting(length: timedelta) -> str:
    """A stretch of time in its two largest units: `1 hour 30 minutes`, `3 days 2 hours`; days from two on."""
    grain = next((grain for least, grain in _ROUNDED if length >= least), timedelta(seconds=1))
    length = round(length / grain) * grain
    units = _UNITS if length >= _DAYS_SAID_FROM else _UNITS[1:]
    return _in_units(length, units) or "less than a second"


def target(length: timedelta) -> str:
    """The length of a promise, exactly and without days, since a working day is as long as its calendar says."""
    return _in_units(length, _UNITS[1:], most=len(_UNITS)) or "no time"


def _in_units(length: timedelta, units: Iterable[tuple[str, int]], most: int = _UNITS_SAID) -> str:
    seconds, parts = int(length.total_seconds()), []
    for unit, size in units:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(counted(number, unit))
        elif parts:
            most -= 1
        if len(parts) >= most:
            break
    return " ".join(parts)


def counted(number: int, unit: str) -> str:
    """`1 event`, `3 events`."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def listed(parts: Iterable[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = [*parts]
    return f"{', '.join(first)} {word} {last}" if first else last


def plain(code: str | None) -> str:
    """A code as people write it: `no_budget` is “no budget”."""
    return f"“{(code or 'no reason given').replace('_', ' ')}”"


def quoted(words: str) -> str:
    """What somebody wrote, on one line and not too long."""
    line = " ".join(words.split())
    return f"“{line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + '…'}”"


def sentence(clause: str) -> str:
    """A clause as a sentence: a capital first, a full stop last."""
    return (
        clause[:1].upper() + clause[1:] + ("" if clause.endswith((".", "!", "?", "…", ".”", "!”", "?”", "…”")) else ".")
    )
