"""Every promise is a clock, and the clock table says what starts it, what keeps it and what a new owner does to it.

The handlers of facts send signals ("an owner is set", "a real touch"); the table decides which clocks they start and
stop. A new promise is a new row. At one instant a stop beats a pause and a pause beats a start.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leads.life import Life
from leads.playbook import ClockName
from leads.state import Clock, HandOff, Lead, Outcome, Term
from leads.touches import Contact


class Signal(StrEnum):
    HAND_RAISED = "hand_raised"
    HAND_OFF_OPENED = "hand_off_opened"
    OWNER_SET = "owner_set"
    ACCEPTED = "accepted"
    REAL_TOUCH = "real_touch"
    SELF_BOOKED = "self_booked"
    """The buyer took a meeting slot without waiting for anyone."""
    CHECKABLE_REJECTION = "checkable_rejection"


class Cause(StrEnum):
    """What names a clock: asking again, or setting the same owner twice, goes under the first one's name."""

    RAISE = "raise"
    HAND_OFF = "hand_off"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Row:
    """One promise of the clock table."""

    started_by: Signal
    named_by: Cause
    met_by: frozenset[Signal]
    of_owner: bool = False
    """The promise of one owner: the next one gets a clock of his own."""
    is_dodged: bool = False
    """Leaving untouched by a way that is no clean exit counts as a miss."""


CLOCKS: dict[ClockName, Row] = {
    ClockName.SPEED_TO_LEAD: Row(
        started_by=Signal.HAND_RAISED,
        named_by=Cause.RAISE,
        met_by=frozenset({Signal.REAL_TOUCH, Signal.SELF_BOOKED}),
        is_dodged=True,
    ),
    ClockName.ASSIGN: Row(
        started_by=Signal.HAND_OFF_OPENED,
        named_by=Cause.HAND_OFF,
        met_by=frozenset({Signal.OWNER_SET}),
    ),
    ClockName.ACCEPT: Row(
        started_by=Signal.OWNER_SET,
        named_by=Cause.OWNER,
        met_by=frozenset({Signal.ACCEPTED, Signal.REAL_TOUCH, Signal.CHECKABLE_REJECTION}),
        of_owner=True,
        is_dodged=True,
    ),
    ClockName.FIRST_TOUCH: Row(
        started_by=Signal.OWNER_SET,
        named_by=Cause.OWNER,
        met_by=frozenset({Signal.REAL_TOUCH}),
        of_owner=True,
        is_dodged=True,
    ),
}


def standing_key(lead: Lead, key: str) -> str:
    """The key under which a clock stands today, which may have been named by a later cause when it was journalled."""
    name, _, cause = key.partition(":")
    return f"{name}:{lead.resolve(CLOCKS[ClockName(name)].named_by, cause)}"


def standing_name(lead: Lead, word: str) -> str:
    """The name under which a clock or a hand-off stands today."""
    return standing_key(lead, word) if is_clock_key(word) else lead.resolve(Cause.HAND_OFF, word)


def is_clock_key(word: str) -> bool:
    return word.partition(":")[0] in CLOCKS


def namespaced(word: str) -> str:
    """The cause that a clock or a hand-off is named by, as aliases know it."""
    name, _, cause = word.partition(":")
    return f"{CLOCKS[ClockName(name)].named_by} {cause}" if is_clock_key(word) else f"{Cause.HAND_OFF} {word}"


def start(life: Life, signal: Signal, hand_off: HandOff, cause: str, at: datetime) -> None:
    """Start the clocks that `signal` starts and the hand-off's segment promises."""
    revision = life.shelf.in_force(at)
    segment = revision.playbook.segment(hand_off.segment)
    for name, row in CLOCKS.items():
        promise = segment.promises.get(name)
        key = f"{name}:{cause}"
        if row.started_by is not signal or promise is None or key in life.lead.clocks:
            continue
        term = revision.term(promise, at)
        clock = Clock(
            key=key,
            clock=name,
            hand_off=hand_off.id,
            segment=segment.name,
            revision=revision.number,
            started_at=at,
            terms=[term],
            due_at=revision.due(term, life.lead.pauses),
            owner=hand_off.owner,
            team=hand_off.team,
            ladder=promise.ladder,
            quiet=hand_off.quiet,
        )
        life.lead.clocks[key] = clock
        life.tell("clock_started", at, f"clock:{key}", clock=name, id=key, due_at=clock.due_at, segment=segment.name)


def meet(life: Life, signal: Signal, hand_off: HandOff, contact: Contact) -> None:
    """Stop the hand-off's clocks that `signal` meets, at the instant of the contact."""
    for clock in life.lead.clocks.values():
        if clock.hand_off != hand_off.id or signal not in CLOCKS[clock.clock].met_by:
            continue
        if clock.is_running:
            stop(life, clock, contact.at, outcome_at(clock, contact), _why_met(signal, clock, contact))
        elif clock.outcome is Outcome.MET_LATE and contact.late_at is None and contact.at <= clock.due_at:
            stop(life, clock, contact.at, Outcome.MET, "better_evidence")


def outcome_at(clock: Clock, contact: Contact) -> Outcome:
    """How a clock ends that is stopped by a contact: the due instant itself is still in time."""
    if contact.at > clock.due_at:
        return Outcome.BREACHED
    is_late_word = contact.late_at is not None and contact.late_at > clock.due_at
    return Outcome.MET_LATE if is_late_word else Outcome.MET


def _why_met(signal: Signal, clock: Clock, contact: Contact) -> str:
    if signal is Signal.SELF_BOOKED:
        return "self_serve"
    if signal is Signal.REAL_TOUCH and clock.owner and contact.by and contact.by != clock.owner:
        return "by_other"
    return str(signal)


def stop(life: Life, clock: Clock, at: datetime, outcome: Outcome, why: str) -> None:
    """End a clock, or correct how it ended."""
    clock.ended_at = max(at, clock.started_at)
    clock.outcome = outcome
    clock.why = why
    life.tell("clock_ended", clock.ended_at, f"clock:{clock.key}:{outcome}", clock=clock.clock, id=clock.key,
              outcome=outcome, why=why, due_at=clock.due_at)  # fmt: skip


def leave(life: Life, hand_off: HandOff, at: datetime, why: str, *, clean: bool, spares_raise: bool = False) -> None:
    """End the clocks of a hand-off that is over.

    What was overdue is breached. Of the rest, promises of contact count as dodged unless the way out was clean (a
    checkable reason, a skipped step, a lead that is none). With `spares_raise` the buyer's own clock goes on.
    """
    for clock in life.lead.running():
        if clock.hand_off != hand_off.id or (spares_raise and CLOCKS[clock.clock].named_by is Cause.RAISE):
            continue
        if at > clock.due_at and why != "not_a_lead":
            stop(life, clock, at, Outcome.BREACHED, why)
        elif clean or not CLOCKS[clock.clock].is_dodged or hand_off.touched_at is not None:
            stop(life, clock, at, Outcome.CANCELLED, why)
        else:
            stop(life, clock, at, Outcome.DODGED, why)


def hand_over(life: Life, hand_off: HandOff, at: datetime, why: str, *, goes_on: bool) -> None:
    """What a new owner does to the clocks of the one before: they go on under the new name, or end."""
    for clock in life.lead.running():
        if clock.hand_off != hand_off.id:
            continue
        if goes_on or not CLOCKS[clock.clock].of_owner:
            clock.owner, clock.team = hand_off.owner, hand_off.team
        elif at >= clock.due_at:
            stop(life, clock, at, Outcome.BREACHED, why)
        else:
            stop(life, clock, at, Outcome.CANCELLED, why)


def follow(life: Life, old: HandOff, new: HandOff) -> None:
    """Clocks that run on hang on the next hand-off."""
    for clock in life.lead.running():
        if clock.hand_off == old.id:
            clock.hand_off, clock.owner, clock.team = new.id, new.owner, new.team


def tighten(life: Life, hand_off: HandOff, at: datetime) -> None:
    """Asking again: running clocks also get the promise of the segment as it is now; the earlier due wins."""
    for clock in life.lead.running():
        revision = life.shelf.number(clock.revision)
        promise = revision.playbook.segment(hand_off.segment).promises.get(clock.clock)
        if clock.hand_off != hand_off.id or promise is None:
            continue
        term = revision.term(promise, at)
        if revision.due(term, life.lead.pauses) < clock.due_at:
            clock.terms.append(term)
            clock.segment, clock.ladder = hand_off.segment, promise.ladder
            _set_due(life, clock)


def pause(life: Life, start_at: datetime, end_at: datetime) -> None:
    """Stop all clocks in [start_at, end_at)."""
    life.lead.pauses.append((start_at, end_at))
    for clock in life.lead.running():
        _set_due(life, clock)


def resume(life: Life, at: datetime) -> None:
    """End every pause that would go on after `at`."""
    lead = life.lead
    if any(end > at for _, end in lead.pauses):
        lead.pauses = [(begin, min(end, at)) for begin, end in lead.pauses if begin < at]
        for clock in lead.running():
            _set_due(life, clock)


def binding_term(life: Life, clock: Clock) -> Term:
    """The term whose due instant is the clock's."""
    return min(clock.terms, key=lambda term: _due(life, clock, term))


def _set_due(life: Life, clock: Clock) -> None:
    clock.due_at = min(_due(life, clock, term) for term in clock.terms)


def _due(life: Life, clock: Clock, term: Term) -> datetime:
    return life.shelf.number(clock.revision).due(term, life.lead.pauses)
