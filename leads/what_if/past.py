"""What a draft would have made of a past lead: its journal folded again as if the draft had always been in force.

Kept is what happened: facts, commands, and decisions that somebody acted on, such as who had the lead, or that it was
qualified. Taken anew is what follows from promises alone: targets, what became of
them, which rungs came due. So it says what the draft would have promised of the same events. It cannot say what people
would have done otherwise because of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leads.entries import Entry, Kind
from leads.fold import refold
from leads.horizon import is_ignored
from leads.life import Life
from leads.posted import PLAYBOOK_SOURCE
from leads.promises import ClockName
from leads.revisions import Shelf
from leads.state import Clock, Lead, Outcome
from leads.what_if.effect import due_steps
from leads.what_if.plan import Plan

TAKEN_ANEW = frozenset({
    "breach_announced", "breach_retracted", "rung_fired", "rung_skipped", "ignored_announced", "ignored_retracted",
    "notice_issued", "notice_withdrawn", "notice_withheld",
})  # fmt: skip
"""Decisions that follow from promises alone: neither side of a comparison rests on them."""
MISSED = (Outcome.MET_LATE, Outcome.BREACHED, Outcome.DODGED)
SETTLED = (Outcome.MET, *MISSED)


@dataclass(frozen=True, slots=True)
class Settled:
    """A promise that was kept or not: what became of it, and which of its rungs came due."""

    key: str
    clock: ClockName
    segment: str
    team: str | None
    outcome: Outcome
    is_escalated: bool
    """A rung above the owner came due."""
    rungs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastSide:
    """A lead's hand-offs since an instant, under one playbook."""

    segments: dict[str, str]
    """Hand-off → its segment."""
    teams: dict[str, str]
    ignored: frozenset[str]
    """Hand-offs that nobody looked after in time."""
    promises: dict[str, Settled] = field(default_factory=dict)
    """By the clock's key."""


@dataclass(frozen=True, slots=True)
class PastEffect:
    """What a draft would have made of one lead."""

    lead_id: str
    old: PastSide
    new: PastSide

    @property
    def is_touched(self) -> bool:
        return self.old != self.new

    @property
    def newly_missed(self) -> list[str]:
        """Clocks that were kept, or not promised, and would have been missed."""
        return sorted(
            key for key, made in self.new.promises.items() if made.outcome in MISSED and not self._missed(key)
        )

    @property
    def newly_kept(self) -> list[str]:
        """Clocks that were missed and would have been kept."""
        new = self.new.promises
        return sorted(key for key in new if new[key].outcome is Outcome.MET and self._missed(key))

    def _missed(self, key: str) -> bool:
        old = self.old.promises.get(key)
        return old is not None and old.outcome in MISSED


def weigh_past(lead_id: str, journal: Sequence[Entry], plan: Plan, since: datetime) -> PastEffect:
    """Fold a whole journal under what was in force at its time, and under the draft alone.

    Hand-offs opened since `since` count, with their promises. Raises what a handler raises.
    """
    kept = [entry for entry in journal if entry.kind is not Kind.DECISION or entry.type not in TAKEN_ANEW]
    old, _ = refold(lead_id, kept, plan.published)
    new, _ = refold(lead_id, [entry for entry in kept if entry.source != PLAYBOOK_SOURCE], plan.alone)
    return PastEffect(lead_id, _side(old, plan.published, plan.at, since), _side(new, plan.alone, plan.at, since))


def _side(lead: Lead, shelf: Shelf, at: datetime, since: datetime) -> PastSide:
    hand_offs = [each for each in lead.hand_offs if each.opened_at >= since] if lead.is_counted else []
    side = PastSide(
        segments={each.id: each.segment for each in hand_offs},
        teams={each.id: each.team for each in hand_offs},
        ignored=frozenset(each.id for each in hand_offs if is_ignored(each, at)),
    )
    if lead.is_counted:
        life = Life(lead, shelf)
        for clock in lead.clocks.values():
            outcome = _outcome(clock, at)
            if clock.hand_off in side.segments and outcome in SETTLED:
                side.promises[clock.key] = _settled(life, clock, outcome, at)
    return side


def _outcome(clock: Clock, at: datetime) -> Outcome | None:
    """What became of it by `at`; None while it runs."""
    if clock.is_running:
        return Outcome.BREACHED if clock.due_at <= at else None
    return clock.outcome


def _settled(life: Life, clock: Clock, outcome: Outcome, at: datetime) -> Settled:
    due = [step.rung for step in due_steps(life, clock, at)]
    return Settled(
        key=clock.key,
        clock=clock.clock,
        segment=clock.segment,
        team=clock.team,
        outcome=outcome,
        is_escalated=any(rung.is_above_owner for rung in due),
        rungs=tuple(rung.rung for rung in due),
    )
