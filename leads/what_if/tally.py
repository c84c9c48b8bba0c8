"""Sums over many leads. Parts of a preview are tallied apart, in processes of their own, and then taken together."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import nsmallest
from typing import Any, NamedTuple, Self

from leads.what_if.effect import Effect, Promised, Side, Told
from leads.what_if.past import MISSED, PastEffect, PastSide

MOST_EXAMPLES = 3
"""Of each kind."""


class ExampleKind(StrEnum):
    """What a lead is an example of, the gravest first."""

    BREACHED = "breached"
    """A promise would be broken at once."""
    HELD = "held"
    """A promise would be broken at once, and is held until somebody confirms it."""
    GIVEN_AWAY = "given_away"
    """It would get another owner, team or queue at once."""
    NOTIFIED = "notified"
    """Somebody would be told something at once."""
    EARLIER = "earlier"
    LATER = "later"
    MISSED = "missed"
    """Past: a promise that was kept, or not made, would have been missed."""
    KEPT = "kept"
    """Past: a promise that was missed would have been kept."""


class Example(NamedTuple):
    """A lead to look at, and a promise of it where one is meant."""

    weight: float
    """The least comes first."""
    lead_id: str
    clock: str | None = None
    old_due_at: datetime | None = None
    new_due_at: datetime | None = None


@dataclass(slots=True)
class Sums:
    """Whatever can be added up, field by field."""

    def add(self, other: Self) -> None:
        for each in fields(self):
            setattr(self, each.name, _added(getattr(self, each.name), getattr(other, each.name)))


def _added(mine: Any, other: Any) -> Any:
    if isinstance(mine, Counter):
        mine.update(other)
        return mine
    if isinstance(mine, dict):
        for key, value in other.items():
            mine[key] = _added(mine[key], value) if key in mine else value
        return mine
    if isinstance(mine, Sums):
        mine.add(other)
        return mine
    if isinstance(mine, list):
        return nsmallest(MOST_EXAMPLES, [*mine, *other])
    return mine + other


@dataclass(slots=True)
class Rate(Sums):
    """Promises of one group on one side."""

    promises: int = 0
    broken: int = 0
    escalated: int = 0


@dataclass(slots=True)
class Rates(Sums):
    """Promises of one group, as things are and as they would be."""

    leads: int = 0
    touched: int = 0
    old: Rate = field(default_factory=Rate)
    new: Rate = field(default_factory=Rate)


@dataclass(slots=True)
class ClockSums(Sums):
    """Promises of one kind that run."""

    running: int = 0
    shifts: Counter[int] = field(default_factory=Counter)
    """Seconds by which a due instant moves, negative: earlier → how many move so."""
    ended: int = 0
    started: int = 0


@dataclass(slots=True)
class OpenSums(Sums):
    """What a draft would do to open leads."""

    leads: int = 0
    touched: int = 0
    clocks: dict[str, ClockSums] = field(default_factory=dict)
    breaches_old: Counter[str] = field(default_factory=Counter)
    """Clock → breaches that the next look announces."""
    breaches_new: Counter[str] = field(default_factory=Counter)
    breaches_caused: Counter[str] = field(default_factory=Counter)
    """Of those the ones that only the draft announces."""
    leads_breached: int = 0
    """Leads with one of these."""
    held: Counter[str] = field(default_factory=Counter)
    """Clock → promises that the draft would break at once, were it not held until somebody confirms it."""
    leads_held: int = 0
    breaches_confirmed: Counter[str] = field(default_factory=Counter)
    """Clock → breaches announced when that is confirmed."""
    notices_confirmed: Counter[Told] = field(default_factory=Counter)
    retractions: int = 0
    """Breaches announced that only the draft takes back."""
    notices_old: Counter[Told] = field(default_factory=Counter)
    notices_new: Counter[Told] = field(default_factory=Counter)
    leads_notified: int = 0
    """Leads about which the draft tells somebody something more."""
    decisions_old: Counter[str] = field(default_factory=Counter)
    decisions_new: Counter[str] = field(default_factory=Counter)
    segments: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(from, to) → leads."""
    teams: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_segment: dict[str, Rates] = field(default_factory=dict)
    by_team: dict[str, Rates] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def count(self, effect: Effect) -> None:
        """Take one lead in."""
        old, new = effect.old, effect.new
        self.leads += 1
        self.touched += effect.is_touched
        self._count_promises(effect)
        caused = new.breaches - old.breaches
        self.breaches_old.update(_name(key) for key in old.breaches)
        self.breaches_new.update(_name(key) for key in new.breaches)
        self.breaches_caused.update(_name(key) for key in caused)
        self.leads_breached += bool(caused)
        self.retractions += len(new.retractions - old.retractions)
        self.held.update(_name(key) for key in effect.held)
        self.leads_held += bool(effect.held)
        if effect.confirmed is not None:
            self.breaches_confirmed.update(_name(key) for key in effect.confirmed.breaches)
            self.notices_confirmed.update(effect.confirmed.notices)
        self.notices_old.update(old.notices)
        self.notices_new.update(new.notices)
        self.leads_notified += bool(new.notices - old.notices)
        self.decisions_old.update(old.decisions)
        self.decisions_new.update(new.decisions)
        if old.segment != new.segment:
            self.segments[old.segment, new.segment] += 1
        if old.team != new.team:
            self.teams[old.team, new.team] += 1
        for groups, old_name, new_name in (
            (self.by_segment, old.segment, new.segment), (self.by_team, old.team, new.team),
        ):  # fmt: skip
            group = groups.setdefault(new_name, Rates())
            group.leads += 1
            group.touched += effect.is_touched
            _rate(groups.setdefault(old_name, Rates()).old, old)
            _rate(group.new, new)
        self._show(effect, caused)

    def _count_promises(self, effect: Effect) -> None:
        for promised in effect.old.promises.values():
            self._of(promised).running += 1
        for moved in effect.moved:
            self.clocks[moved.clock].shifts[round(moved.shift.total_seconds())] += 1
        for promised in effect.ended:
            self._of(promised).ended += 1
        for promised in effect.started:
            self._of(promised).started += 1

    def _of(self, promised: Promised) -> ClockSums:
        return self.clocks.setdefault(promised.clock, ClockSums())

    def _show(self, effect: Effect, caused: frozenset[str]) -> None:
        """Keep the lead as an example of what is gravest about it."""
        old, new = effect.old, effect.new
        moved = sorted(effect.moved, key=lambda move: move.shift)
        if caused or effect.held:
            kind = ExampleKind.BREACHED if caused else ExampleKind.HELD
            key = min(caused or effect.held)
            sides = (old, effect.confirmed or new)
            dues = [side.promises[key].due_at if key in side.promises else None for side in sides]
            self._keep(kind, Example(0, effect.lead_id, _name(key), *dues))
        elif old.team != new.team or (
            old.decisions != new.decisions and _MOVES & (new.decisions - old.decisions).keys()
        ):
            self._keep(ExampleKind.GIVEN_AWAY, Example(0, effect.lead_id))
        elif new.notices - old.notices:
            self._keep(ExampleKind.NOTIFIED, Example(0, effect.lead_id))
        elif moved:
            first = moved[0] if moved[0].shift < timedelta() else moved[-1]
            kind = ExampleKind.EARLIER if first.shift < timedelta() else ExampleKind.LATER
            weight = -abs(first.shift.total_seconds())
            self._keep(kind, Example(weight, effect.lead_id, first.clock, first.old_due_at, first.new_due_at))

    def _keep(self, kind: ExampleKind, example: Example) -> None:
        self.examples[kind] = nsmallest(MOST_EXAMPLES, [*self.examples.get(kind, ()), example])


_MOVES = frozenset({"assigned", "queued", "qualified"})
"""Decisions after which somebody else has the lead."""


def _name(key: str) -> str:
    return key.partition(":")[0]


def _rate(rate: Rate, side: Side) -> None:
    for promised in side.promises.values():
        rate.promises += 1
        rate.broken += promised.is_broken
        rate.escalated += promised.is_escalated


@dataclass(slots=True)
class Fates(Sums):
    """What became of hand-offs and promises of one group, on one side."""

    hand_offs: int = 0
    ignored: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    escalated: int = 0

    @property
    def promises(self) -> int:
        return self.outcomes.total()

    @property
    def missed(self) -> int:
        return sum(self.outcomes[outcome] for outcome in MISSED)


@dataclass(slots=True)
class PastRates(Sums):
    """One group, as it went and as it would have gone."""

    old: Fates = field(default_factory=Fates)
    new: Fates = field(default_factory=Fates)


@dataclass(slots=True)
class PastSums(Sums):
    """What a draft would have made of past leads."""

    leads: int = 0
    touched: int = 0
    newly_missed: int = 0
    newly_kept: int = 0
    whole: PastRates = field(default_factory=PastRates)
    by_clock: dict[str, PastRates] = field(default_factory=dict)
    by_segment: dict[str, PastRates] = field(default_factory=dict)
    by_team: dict[str, PastRates] = field(default_factory=dict)
    segments: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(from, to) → hand-offs."""
    teams: Counter[tuple[str, str]] = field(default_factory=Counter)
    rungs_old: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(clock, rung) → how often it came due."""
    rungs_new: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def count(self, effect: PastEffect) -> None:
        """Take one lead in."""
        old, new = effect.old, effect.new
        missed, kept = effect.newly_missed, effect.newly_kept
        self.leads += 1
        self.touched += effect.is_touched
        self.newly_missed += len(missed)
        self.newly_kept += len(kept)
        self._count_side(old, _old, self.rungs_old)
        self._count_side(new, _new, self.rungs_new)
        for was, would_be, moves in ((old.segments, new.segments, self.segments), (old.teams, new.teams, self.teams)):
            both = was.keys() & would_be.keys()
            moves.update((was[key], would_be[key]) for key in both if was[key] != would_be[key])
        for kind, keys in ((ExampleKind.MISSED, missed), (ExampleKind.KEPT, kept)):
            if keys:
                example = Example(0, effect.lead_id, _name(keys[0]))
                self.examples[kind] = nsmallest(MOST_EXAMPLES, [*self.examples.get(kind, ()), example])

    def _count_side(self, side: PastSide, of: Callable[[PastRates], Fates], rungs: Counter[tuple[str, str]]) -> None:
        for key, segment in side.segments.items():
            for group in (_group(self.by_segment, segment), _group(self.by_team, side.teams[key]), self.whole):
                of(group).hand_offs += 1
                of(group).ignored += key in side.ignored
        for made in side.promises.values():
            groups = (
                _group(self.by_clock, made.clock), _group(self.by_segment, made.segment),
                _group(self.by_team, made.team or ""), self.whole,
            )  # fmt: skip
            for group in groups:
                of(group).outcomes[made.outcome] += 1
                of(group).escalated += made.is_escalated
            rungs.update((made.clock, rung) for rung in made.rungs)


def _old(rates: PastRates) -> Fates:
    return rates.old


def _new(rates: PastRates) -> Fates:
    return rates.new


def _group(groups: dict[str, PastRates], name: str) -> PastRates:
    return groups.setdefault(name, PastRates())
