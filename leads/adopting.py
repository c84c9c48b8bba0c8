"""Adopting a revision: what a publication does to the promises of a lead that run when it comes into force.

A running clock changes by an adoption fact and by nothing else. The fact is dated at the instant at which the revision
came into force, however late it reaches the lead. It rewrites nothing that has happened: what was broken by then stays
broken, what has ended stays ended, and what the edit itself would break is held until somebody confirms it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads import clocks
from leads.clock_table import Signal
from leads.entries import Entry
from leads.ladder import climb, past_warnings
from leads.life import Life
from leads.newly_promised import POLICY, begin_new
from leads.overrides import put_under
from leads.playbook import Segment
from leads.posted import HoldReleased, HoldWaived, PlaybookAdopted
from leads.promises import ClockName, Promise
from leads.revisions import Revision, Shelf, length_of
from leads.running import REACHING, Choice
from leads.segments import segment_facts, segment_of
from leads.state import Clock, HandOff, Hold, Lead, Outcome, Term
from leads.touches import Contact


def outstanding(lead: Lead, shelf: Shelf, at: datetime, adopts: frozenset[int]) -> Iterator[Revision]:
    """Revisions among `adopts` in force by `at` that the promises under way have not been moved to, in their order."""
    for revision in shelf.reaching if adopts else ():
        is_new = revision.number in adopts and revision.number not in lead.adopted
        if is_new and revision.in_force_from <= at and _concerns(lead, revision):
            yield revision


def _concerns(lead: Lead, revision: Revision) -> bool:
    """Whether anything was under way when it came into force. What history brought in goes on as it was."""
    since, hand_off = revision.in_force_from, lead.hand_off
    is_handed = hand_off is not None and not hand_off.quiet and hand_off.opened_at < since
    is_limited = revision.limits_stages and lead.stage_since is not None and lead.stage_since < since
    return is_handed or is_limited or any(_is_under_way(clock, revision) for clock in lead.running())


def _is_under_way(clock: Clock, revision: Revision) -> bool:
    return clock.started_at < revision.in_force_from and not clock.quiet and clock.revision != revision.number


@dataclass(frozen=True, slots=True)
class _Edit:
    """A revision as one lead meets it."""

    life: Life
    revision: Revision
    at: datetime
    known_at: datetime
    """When the lead heard of it: what the edit moved to before that, nobody could have known."""

    def choice(self, clock: Clock) -> Choice:
        return self.revision.running.of(clock.clock)

    def hand_off(self, clock: Clock) -> HandOff | None:
        return next((h for h in self.life.lead.hand_offs if h.id == clock.hand_off), None)

    def before(self, clock: Clock) -> Revision:
        return self.life.shelf.number(clock.revision)

    def pauses(self, clock: Clock) -> clocks.Pauses:
        return clocks.pauses_of(self.life.lead, clock)

    def term(self, clock: Clock, promise: Promise, since: datetime) -> Term:
        """The promise as the clock reads it. In somebody's own hours it runs only if it has so far, and in those."""
        first, zone = clock.terms[0], self.life.lead.profile.get("timezone")
        return self.revision.term(promise, since, zone, team=clock.team, owner=first.person, own=first.own)

    def tell(self, kind: str, key: str, clock: Clock, **data: object) -> None:
        number = self.revision.number
        self.life.tell(kind, self.at, f"{key}:{number}:{clock.key}", clock=clock.clock, id=clock.key, revision=number,
                       **data)  # fmt: skip


def adopted(life: Life, entry: Entry, data: PlaybookAdopted) -> None:
    """Move what is under way to the revision, each clock as the publication chose for it."""
    lead, at, revision = life.lead, entry.effective_at, life.shelf.number(data.revision)
    if data.revision in lead.adopted:
        return
    lead.adopted.append(data.revision)
    edit = _Edit(life, revision, at, max(at, entry.recorded_at))
    hand_off = lead.hand_off
    if hand_off is not None and not hand_off.quiet and hand_off.opened_at < at:
        _adopt_hand_off(edit, hand_off)
    for clock in lead.running():
        if _is_under_way(clock, revision) and clock.due_at > at and edit.choice(clock) in REACHING:
            _adopt(edit, clock)
    begin_new(life, entry, revision, edit.known_at)


def _adopt_hand_off(edit: _Edit, hand_off: HandOff) -> None:
    """The segment, where the edit moves it, and the horizon. Owner, team and queue stay: an edit takes no lead away.

    To be ignored is for good in the books, so no edit brings the horizon into the past.
    """
    revision, choice = edit.revision, edit.revision.running.of()
    if choice not in REACHING:
        return
    segment = _segment(edit, hand_off)
    if segment.name != hand_off.segment:
        edit.life.tell("segment_moved", edit.at, f"segment:{revision.number}:{hand_off.id}", hand_off=hand_off.id,
                       origin=hand_off.segment, target=segment.name, revision=revision.number)  # fmt: skip
    hand_off.segment, hand_off.revision = segment.name, revision.number
    start = edit.at if choice is Choice.RESTART else hand_off.opened_at
    horizon = revision.after(start, revision.terms(hand_off, segment).ignored_after)
    if hand_off.looked_after_at is None and hand_off.ignored_at > edit.known_at and horizon > edit.known_at:
        hand_off.ignored_at = horizon


def _segment(edit: _Edit, hand_off: HandOff) -> Segment:
    """The segment of a hand-off under the revision: another one only where the edit moves the lead there.

    What has become known of the lead since does not, since that moved nothing before either.
    """
    revision, facts = edit.revision, segment_facts(edit.life.lead)
    if hand_off.revision == revision.number:
        return revision.playbook.segment(hand_off.segment)
    before, now = edit.life.shelf.number(hand_off.revision).select(facts), revision.select(facts)
    is_gone = all(segment.name != hand_off.segment for segment in revision.playbook.segments)
    return now if is_gone or now.name != before.name else revision.playbook.segment(hand_off.segment)


def _adopt(edit: _Edit, clock: Clock) -> None:
    segment, promise = _promise(edit, clock)
    if promise is None:
        clock.hold = None
        clocks.stop(edit.life, clock, edit.at, Outcome.CANCELLED, POLICY)
        return
    if edit.choice(clock) is Choice.RESTART:
        terms = [edit.term(clock, promise, edit.at)]
    else:
        terms = [_carried(edit, clock, term, promise) for term in clock.terms]
    due_at = min(edit.revision.due(term, edit.pauses(clock)) for term in terms)
    if due_at <= edit.known_at:
        _hold(edit, clock, due_at)
        return
    was_due_at, was_revision = clock.due_at, clock.revision
    _move(edit, clock, segment, promise, terms)
    if clock.due_at != was_due_at:
        edit.tell("clock_adopted", "adopted", clock, was_revision=was_revision, choice=edit.choice(clock),
                  due_at=clock.due_at, was_due_at=was_due_at)  # fmt: skip
    _weigh_effort(edit, clock, promise)


def _hold(edit: _Edit, clock: Clock, due_at: datetime) -> None:
    """It would be broken as it is moved: it stays where it is. If that has run out too, there is nothing to confirm."""
    if clock.due_at > edit.known_at:
        clock.hold = Hold(edit.revision.number, due_at)
        edit.tell("clock_held", "held", clock, due_at=clock.due_at, would_be_due_at=due_at)


def _promise(edit: _Edit, clock: Clock) -> tuple[Segment, Promise | None]:
    """The segment of a clock under the revision, and what that promises."""
    hand_off, revision = edit.hand_off(clock), edit.revision
    segment = _segment(edit, hand_off) if hand_off else segment_of(edit.life.lead, revision, None)
    team = clock.terms_of or clock.team
    if clock.clock is ClockName.STAGE:
        return segment, revision.stage_limit(team, clock.subject, hand_off, segment)
    return segment, revision.terms_in(team, hand_off, segment).promises.get(clock.clock)


def _carried(edit: _Edit, clock: Clock, old: Term, promise: Promise) -> Term:
    """A reading of the new target, with the time that the old one has used.

    In the same hours it counts from where it has counted; in others, what was used by the edit stays used.
    """
    since, before = old.since or old.start, edit.before(clock)
    term = edit.term(clock, promise, since)
    term.start, term.used_seconds, term.since = old.start, old.used_seconds, old.since
    if old.start < edit.at and not edit.revision.counts_alike(term, before, old):
        term.used_seconds += before.used(old, edit.at, edit.pauses(clock)).total_seconds()
        term.start, term.since = edit.at, since
    return term


def _move(edit: _Edit, clock: Clock, segment: Segment, promise: Promise, terms: list[Term]) -> None:
    """Let the clock run under the revision. Rungs climbed stay climbed; those put in the past alarm nobody."""
    had = {step.rung.rung for step in climb(edit.life, clock) if step.due_at <= edit.known_at}
    clock.revision, clock.segment = edit.revision.number, segment.name
    put_under(clock, promise)
    clock.terms, clock.hold = terms, None
    clocks.set_due(edit.life, clock)
    past = [rung for rung in past_warnings(edit.life, clock, edit.known_at) if rung not in had]
    clock.put_past = [*dict.fromkeys([*clock.put_past, *past])]


def _weigh_effort(edit: _Edit, clock: Clock, promise: Promise) -> None:
    """Fewer attempts may be agreed now than have been made."""
    hand_off = edit.hand_off(clock)
    if clock.clock is not ClockName.EFFORT or hand_off is None or hand_off.effort is None or promise.attempts is None:
        return
    made = hand_off.effort
    if made.attempts >= promise.attempts and len(made.channels) >= promise.channels:
        made.is_made = True
        clocks.meet(edit.life, Signal.EFFORT_MADE, Contact(edit.at), hand_off=hand_off)


def hold_released(life: Life, entry: Entry, data: HoldReleased) -> None:
    """What an edit would have broken is carried after all: its time is used up, so it is due now, and not before."""
    at = entry.effective_at
    edit = _Edit(life, life.shelf.number(data.revision), at, max(at, entry.recorded_at))
    for clock in _held(life.lead, data.revision):
        segment, promise = _promise(edit, clock)
        if clock.due_at > at and promise is not None:
            was_due_at, was_revision = clock.due_at, clock.revision
            _move(edit, clock, segment, promise, [_used_up(edit, clock, promise)])
            edit.tell("clock_adopted", "released", clock, was_revision=was_revision, choice="released",
                      due_at=clock.due_at, was_due_at=was_due_at)  # fmt: skip


def _used_up(edit: _Edit, clock: Clock, promise: Promise) -> Term:
    """The new target from now on, of which all is used that can be: what comes after due is counted from now."""
    old = clocks.binding_term(edit.life, clock)
    since, start = old.since or old.start, max(edit.at, old.start)
    term = edit.term(clock, promise, since)
    used = old.used_seconds + edit.before(clock).used(old, edit.at, edit.pauses(clock)).total_seconds()
    term.start, term.since, term.used_seconds = start, since, min(used, length_of(term).total_seconds())
    return term


def hold_waived(life: Life, entry: Entry, data: HoldWaived) -> None:
    """What an edit would have broken finishes under the target it had."""
    edit = _Edit(life, life.shelf.number(data.revision), entry.effective_at, entry.effective_at)
    for clock in _held(life.lead, data.revision):
        clock.hold = None
        edit.tell("hold_waived", "waived", clock, due_at=clock.due_at)


def _held(lead: Lead, revision: int) -> list[Clock]:
    return [clock for clock in lead.running() if clock.hold is not None and clock.hold.revision == revision]


ADOPTING: dict[str, Callable[[Life, Entry, Any], None]] = {
    "playbook.adopted": adopted,
    "playbook.hold_released": hold_released,
    "playbook.hold_waived": hold_waived,
}
"""Posted fact → what it does."""
