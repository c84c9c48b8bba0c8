"""What a draft would do to one open lead: the same turn taken twice, as things are and as they would be.

Both turns are the real ones of `leads.lifecycle`, so that a preview cannot say otherwise than a publish does. What
differs between them is the draft's doing; what would happen anyway stands on both sides.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from leads.decisions import BreachAnnounced, BreachRetracted, NoticeIssued
from leads.entries import Entry, Kind
from leads.ladder import Step, steps
from leads.life import Life
from leads.lifecycle import Question, Turn, advance
from leads.newly_promised import POLICY
from leads.posted import PLAYBOOK_SOURCE, HoldReleased
from leads.promises import ClockName
from leads.revisions import Shelf
from leads.segments import segment_facts
from leads.state import Clock, Lead
from leads.what_if.plan import Plan


class Told(NamedTuple):
    """One notice to one role."""

    template: str
    rung: str | None
    role: str


class Promised(NamedTuple):
    """One promise as it stands at the tick: running, or ended by what the tick decides."""

    clock: ClockName
    segment: str
    team: str | None
    due_at: datetime
    is_broken: bool
    is_escalated: bool
    """A rung above the owner has come due."""


@dataclass(frozen=True, slots=True)
class Side:
    """A lead after its turn, on one side of the comparison."""

    segment: str
    team: str
    promises: dict[str, Promised]
    """By the clock's key; without those out of history, which alarm nobody."""
    breaches: frozenset[str]
    """Clocks whose breach this turn announces."""
    retractions: frozenset[str]
    notices: Counter[Told]
    decisions: Counter[str]
    """What else this turn decides, by the decision's name."""
    held: frozenset[str]
    """Clocks that an edit would break at once, which somebody is to confirm."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A promise that falls due at another instant."""

    key: str
    clock: ClockName
    old_due_at: datetime
    new_due_at: datetime

    @property
    def shift(self) -> timedelta:
        """Negative: earlier."""
        return self.new_due_at - self.old_due_at


@dataclass(frozen=True, slots=True)
class Effect:
    """What a draft would do to one lead."""

    lead_id: str
    old: Side
    new: Side
    confirmed: Side | None = None
    """After the turn that follows when what the draft would break is confirmed; None: nothing is held for it."""

    @property
    def held(self) -> frozenset[str]:
        """Clocks that the draft would break at once."""
        return self.new.held - self.old.held

    @property
    def moved(self) -> Iterator[Moved]:
        for key, old in self.old.promises.items():
            new = self.new.promises.get(key)
            if new is not None and new.due_at != old.due_at:
                yield Moved(key, old.clock, old.due_at, new.due_at)

    @property
    def ended(self) -> Iterator[Promised]:
        """Promises that run now and would not any more."""
        return (promised for key, promised in self.old.promises.items() if key not in self.new.promises)

    @property
    def started(self) -> Iterator[Promised]:
        """Promises that would run and do not now."""
        return (promised for key, promised in self.new.promises.items() if key not in self.old.promises)

    @property
    def is_touched(self) -> bool:
        """Whether anything about this lead would be otherwise."""
        return self.old != self.new


def weigh(load: Callable[[], Lead], fresh: list[Entry], plan: Plan) -> Generator[Question, Any, Effect]:
    """Take a lead's turn at the plan's instant on both sides. `load` makes the lead as stored, anew at each call.

    Asks what `advance` asks. Raises what a handler raises on an entry it cannot digest.
    """
    old = yield from advance(load(), fresh, plan.at, plan.published, adopts=plan.adopts)
    new = yield from advance(load(), fresh, plan.at, plan.draft, adopts=plan.adopts | {plan.number})
    effect = Effect(old.lead.lead_id, _side(old, plan.published, plan.at), _side(new, plan.draft, plan.at))
    if not effect.held:
        return effect
    released = _released(new.lead, plan)
    confirmed = yield from advance(new.lead, [released], released.recorded_at, plan.draft)
    return replace(effect, confirmed=_side(confirmed, plan.draft, plan.at))


def _released(lead: Lead, plan: Plan) -> Entry:
    """Somebody confirms, right after the turn, what the draft would break."""
    last = lead.last_key[0] if lead.last_key else plan.at
    at = max(plan.at, last, lead.tick or plan.at) + timedelta(microseconds=1)
    return Entry(
        kind=Kind.FACT,
        type="playbook.hold_released",
        effective_at=at,
        source=PLAYBOOK_SOURCE,
        id=f"released:{plan.number}",
        data=HoldReleased(revision=plan.number),
        recorded_at=at,
        number=lead.read_to + 1,
    )


def _side(turn: Turn, shelf: Shelf, at: datetime) -> Side:
    lead, decisions = turn.lead, [entry.data for entry in turn.decisions]
    segment, team = where(lead, shelf, at)
    named = Counter(entry.type for entry in turn.decisions if entry.type not in _COUNTED_APART)
    return Side(
        segment=segment,
        team=team,
        promises=dict(_promises(turn, shelf, at)),
        breaches=frozenset(made.clock for made in decisions if isinstance(made, BreachAnnounced)),
        retractions=frozenset(made.clock for made in decisions if isinstance(made, BreachRetracted)),
        notices=Counter(told for made in decisions if isinstance(made, NoticeIssued) for told in told_by(made)),
        decisions=named,
        held=frozenset(clock.key for clock in lead.running() if clock.hold is not None),
    )


_TAKEN_AWAY = ("reassigned", "returned_to_queue")
_COUNTED_APART = frozenset(
    {"breach_announced", "breach_retracted", "notice_issued", "notice_withheld", "rung_fired", "rung_skipped"}
)


def where(lead: Lead, shelf: Shelf, at: datetime) -> tuple[str, str]:
    """The segment and the team of the hand-off under way; before any, those it would come to now."""
    hand_off = lead.hand_off
    if hand_off is not None:
        return hand_off.segment, hand_off.team
    segment = shelf.promised(at, lead.captured_at).select(segment_facts(lead))
    return segment.name, segment.team


def told_by(notice: NoticeIssued) -> Iterator[Told]:
    """Who hears a notice, by role and not by name."""
    return (Told(notice.template, notice.rung, address.partition(":")[0]) for address in notice.to)


def _promises(turn: Turn, shelf: Shelf, at: datetime) -> Iterator[tuple[str, Promised]]:
    """Those that run after the turn, or that its decisions have ended."""
    lead = turn.lead
    if not lead.is_counted:
        return
    life, tick = Life(lead, shelf), turn.decisions[-1].effective_at if turn.decisions else None
    for key, clock in lead.clocks.items():
        is_ended = clock.ended_at is not None and (clock.ended_at != tick or clock.why == POLICY)
        if not clock.quiet and not is_ended:
            yield (
                key,
                Promised(
                    clock.clock,
                    clock.segment,
                    clock.team,
                    clock.due_at,
                    clock.due_at <= at,
                    is_escalated(life, clock, at),
                ),
            )


def is_escalated(life: Life, clock: Clock, at: datetime) -> bool:
    """Whether a rung above the owner came due while the clock ran, by `at`; who then hears is for the mode to say."""
    due = (step for step in due_steps(life, clock, at) if step.rung.is_above_owner)
    return any(due)


def due_steps(life: Life, clock: Clock, at: datetime) -> Iterator[Step]:
    """The rungs that came due while the clock ran, by `at`."""
    if clock.due_at > min(at, clock.ended_at or at):  # as most do; working time is dear where nothing can come of it
        rungs = life.shelf.number(clock.revision).rungs(clock)
        if not any(rung.is_warning for rung in rungs):
            return
    yield from (step for step in steps(life, clock) if fell_due(clock, step.fires_at, at))


def fell_due(clock: Clock, instant: datetime, at: datetime) -> bool:
    """Whether a rung of that instant came due by `at`, before the clock ended.

    At one instant the end comes first, unless it was a rung that ended the clock by taking the lead away.
    """
    if instant > at or clock.ended_at is None:
        return instant <= at
    return instant < clock.ended_at or (instant == clock.ended_at and clock.why in _TAKEN_AWAY)
