"""Running the clocks of the table: starting, meeting, pausing, handing over and ending them.

At one instant a stop beats a pause and a pause beats a start.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from leads.business_time import Pause
from leads.clock_table import CLOCKS, DELAYS, STARTED_BY, Cause, Leaving, Row, Signal
from leads.events import PauseKind
from leads.life import Life
from leads.overrides import put_under
from leads.promises import ClockName, Promise
from leads.revisions import Revision
from leads.segments import segment_of
from leads.state import Clock, HandOff, Lead, Outcome, OwnHours, Term
from leads.touches import Contact

NOT_A_LEAD = "not_a_lead"
Pauses = list[tuple[datetime, datetime]]
ENDED_BY_WORD = frozenset({PauseKind.SNOOZE, PauseKind.WAITING_ON_BUYER})
"""Pauses that a word of the buyer ends, and the end of a hand-off."""


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


def entry_of(clock: Clock) -> str:
    """The entry, or the hand-off, that a clock is named by."""
    cause = clock.key.partition(":")[2]
    return cause.partition("@")[2] if clock.clock is ClockName.STAGE else cause


def start(
    life: Life,
    signal: Signal,
    cause: str,
    at: datetime,
    *,
    hand_off: HandOff | None,
    quiet: bool,
    runs_from: datetime | None = None,
    subject: str | None = None,
) -> None:
    """Start the clocks that `signal` starts and the playbook promises of this hand-off, or of a lead without one.

    `runs_from`: the time promised counts from then, where that is not `at`.
    """
    for name, row in STARTED_BY[signal]:
        key = f"{name}:{cause}"
        revision = life.promised(at, name)
        promise = None if key in life.lead.clocks else promised_of(life, revision, name, hand_off, subject)
        if promise is not None and not (row.of_owner and is_running(life.lead, name, hand_off)):
            owner = hand_off.owner if hand_off and not quiet else None
            term = term_of(life, revision, promise, runs_from or at, hand_off=hand_off, owner=owner)
            begin(life, revision, key, at, term, hand_off=hand_off, quiet=quiet, subject=subject, promise=promise)


def term_of(
    life: Life,
    revision: Revision,
    promise: Promise,
    start_at: datetime,
    *,
    hand_off: HandOff | None,
    owner: str | None = None,
) -> Term:
    """How a clock of this hand-off reads its promise. Only with an `owner` it may run in somebody's own hours."""
    team = hand_off.team if hand_off else segment_of(life.lead, revision, hand_off).team
    return revision.term(promise, start_at, life.lead.profile.get("timezone"), team=team, owner=owner)


def run_in_own_hours(life: Life, key: str, person: str, own: OwnHours, at: datetime) -> None:
    """The clock runs in the hours of the person it started with. One that ended before `at` stays as it ended."""
    clock = life.lead.clocks.get(key)
    if clock is None or not is_unsettled(clock) or clock.terms[0].person != person:
        return
    if clock.ended_at not in (None, at):
        return
    revision, hand_off = life.shelf.number(clock.revision), _hand_off_of(life.lead, clock)
    promise = promised_of(life, revision, clock.clock, hand_off, clock.subject)
    for term in clock.terms:
        term.own = own
        if promise is not None:
            known = revision.term(promise, term.start, term.zone, team=clock.team, owner=person, own=own)
            term.target = known.target
    if clock.is_running:
        set_due(life, clock)
    _tell_start(life, clock, f"clock:{clock.key}")


def is_unsettled(clock: Clock) -> bool:
    """Whether it is to run in somebody's own hours, and these are not known yet."""
    first = clock.terms[0]
    return first.person is not None and first.own is None


def _hand_off_of(lead: Lead, clock: Clock) -> HandOff | None:
    return next((hand_off for hand_off in lead.hand_offs if hand_off.id == clock.hand_off), None)


def begin(
    life: Life,
    revision: Revision,
    key: str,
    at: datetime,
    term: Term,
    *,
    hand_off: HandOff | None,
    quiet: bool,
    subject: str | None,
    promise: Promise,
    again: bool = False,
) -> Clock:
    """Start one clock at `at`, under a revision's `promise` as `term` reads it; `again` if an edit had ended it."""
    name = ClockName(key.partition(":")[0])
    segment = segment_of(life.lead, revision, hand_off)
    clock = Clock(
        key=key,
        clock=name,
        hand_off=hand_off.id if hand_off else None,
        segment=segment.name,
        revision=revision.number,
        started_at=at,
        terms=[term],
        due_at=revision.due(term, pauses_for(life.lead, name, promise.paused_by)),
        owner=hand_off.owner if hand_off else None,
        team=hand_off.team if hand_off else segment.team,
        subject=subject,
        paused_by=None if promise.paused_by is None else sorted(promise.paused_by),
        quiet=quiet,
    )
    put_under(clock, promise)
    life.lead.clocks[key] = clock
    if not is_unsettled(clock):
        _tell_start(life, clock, f"clock:{key}@{revision.number}" if again else f"clock:{key}")
    return clock


def _tell_start(life: Life, clock: Clock, line: str) -> None:
    """Once it is known in whose hours it runs."""
    life.tell(
        "clock_started", clock.started_at, line,
        clock=clock.clock, id=clock.key, due_at=clock.due_at, segment=clock.segment,
    )  # fmt: skip


def is_running(lead: Lead, name: ClockName, hand_off: HandOff | None) -> bool:
    return hand_off is not None and any(c.clock is name and c.hand_off == hand_off.id for c in lead.running())


def promised_of(
    life: Life, revision: Revision, name: ClockName, hand_off: HandOff | None, subject: str | None
) -> Promise | None:
    """What a revision promises by a clock of this name, if anything."""
    if name is ClockName.STAGE and not revision.limits_stages:
        return None
    segment = segment_of(life.lead, revision, hand_off)
    if name is ClockName.STAGE:
        if life.lead.waits_in is not None and hand_off is None:
            return None  # nothing is promised of a lead that waits in a list
        return revision.stage_limit(hand_off.team if hand_off else segment.team, subject, hand_off, segment)
    return revision.terms(hand_off, segment).promises.get(name)


def meet(
    life: Life,
    signal: Signal,
    contact: Contact,
    *,
    hand_off: HandOff | None = None,
    subject: str | None = None,
    started_by: Signal | None = None,
) -> None:
    """Stop the clocks that `signal` meets, at the instant of the contact.

    All of them, or those of a hand-off, of a subject, or that another signal started.
    """
    for clock in life.lead.clocks.values():
        row = CLOCKS[clock.clock]
        if signal not in row.met_by or (started_by is not None and row.started_by is not started_by):
            continue
        if (hand_off is not None and clock.hand_off != hand_off.id) or (subject and clock.subject != subject):
            continue
        if clock.is_running:
            is_at_due = signal is Signal.STAGE_LEFT and contact.at == clock.due_at
            # said to be broken at this very instant: a rung that moves the lead keeps no promise
            is_said = is_at_due and life.lead.breaches_announced.get(clock.key)
            outcome = Outcome.BREACHED if is_said else outcome_at(clock, contact)
            stop(life, clock, contact.at, outcome, _why_met(signal, clock, contact))
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
    is_of_touch = signal in (Signal.REAL_TOUCH, Signal.CONVERSATION)
    if is_of_touch and clock.owner and contact.by and contact.by != clock.owner:
        return "by_other"
    return str(signal)


def stop(life: Life, clock: Clock, at: datetime, outcome: Outcome, why: str) -> None:
    """End a clock, or correct how it ended."""
    clock.ended_at = max(at, clock.started_at)
    clock.outcome = outcome
    clock.why = why
    life.tell("clock_ended", clock.ended_at, f"clock:{clock.key}:{outcome}", clock=clock.clock, id=clock.key,
              outcome=outcome, why=why, due_at=clock.due_at, team=clock.team, segment=clock.segment, quiet=clock.quiet,
              **_delays(life, clock, clock.ended_at))  # fmt: skip


def _delays(life: Life, clock: Clock, ended_at: datetime) -> dict[str, float]:
    """How long it took in plain and in working time, where that is a delay people look at."""
    if clock.clock not in DELAYS:
        return {}
    revision, term = life.shelf.number(clock.revision), clock.terms[0]
    hours = revision.hours("working") if term.time == "elapsed" else revision.hours_of(term)
    pauses = [Pause(*pause) for pause in pauses_of(life.lead, clock)]
    return {
        "elapsed_seconds": (ended_at - clock.started_at).total_seconds(),
        "working_seconds": hours.elapsed(clock.started_at, ended_at, pauses).total_seconds(),
    }


def leave(life: Life, hand_off: HandOff, at: datetime, why: str, *, clean: bool, goes_on: bool = False) -> None:
    """End the clocks of a hand-off that is over.

    What was overdue is breached. Of the rest, promises to the buyer count as dodged unless the way out was clean (a
    checkable reason, a skipped step, a lead that is none). With `goes_on`, those that follow the baton run on.
    """
    for clock in _running_of(life, hand_off):
        row = CLOCKS[clock.clock]
        if row.leaving is Leaving.STAYS or (goes_on and row.follows):
            continue
        if at > clock.due_at:
            stop(life, clock, at, Outcome.BREACHED, why)
        elif why == NOT_A_LEAD:
            stop(life, clock, at, Outcome.CANCELLED, why)
        else:
            outcome, because = _left(row, hand_off, why, clean=clean)
            stop(life, clock, at, outcome, because)


def _left(row: Row, hand_off: HandOff, why: str, *, clean: bool) -> tuple[Outcome, str]:
    """How a clock that was not overdue ends with its hand-off."""
    match row.leaving:
        case Leaving.MEETS:
            return Outcome.MET, str(Signal.STAGE_MOVED)
        case Leaving.DODGES if not clean and hand_off.touched_at is None:
            return Outcome.DODGED, why
        case Leaving.UNDER_WORKS if not clean and not hand_off.is_effort_made:
            return Outcome.DODGED, "under_worked"
    return Outcome.CANCELLED, why


def skip(life: Life, hand_off: HandOff, at: datetime, why: str) -> None:
    """An opportunity is there: whatever should have led to it is skipped; what was overdue stays broken."""
    for clock in _running_of(life, hand_off):
        if CLOCKS[clock.clock].skipped_by_opportunity:
            outcome = Outcome.BREACHED if at > clock.due_at else Outcome.CANCELLED
            stop(life, clock, at, outcome, why)


def cancel(life: Life, name: ClockName, at: datetime, why: str, *, subject: str | None = None) -> None:
    """End running clocks of a name without anyone to blame; what was overdue stays broken."""
    for clock in life.lead.running():
        if clock.clock is name and (subject is None or clock.subject == subject):
            outcome = Outcome.BREACHED if at > clock.due_at else Outcome.CANCELLED
            stop(life, clock, at, outcome, why)


def hand_over(life: Life, hand_off: HandOff, at: datetime, why: str, *, goes_on: bool) -> bool:
    """What a new owner does to the clocks of the one before: they go on under the new name, or end.

    A breach stays with the owner of its time. Returns whether a promise of the owner before was broken by then.
    """
    is_broken = False
    for clock in _running_of(life, hand_off):
        is_overdue = at >= clock.due_at
        if not CLOCKS[clock.clock].of_owner:
            if not is_overdue:
                clock.owner, clock.team = hand_off.owner, hand_off.team
        elif is_overdue:
            is_broken = True
            stop(life, clock, at, Outcome.BREACHED, why)
        elif goes_on:
            clock.owner, clock.team = hand_off.owner, hand_off.team
        else:
            stop(life, clock, at, Outcome.CANCELLED, why)
    return is_broken


def follow(life: Life, old: HandOff, new: HandOff) -> None:
    """Clocks that run on hang on the next hand-off."""
    for clock in _running_of(life, old):
        if CLOCKS[clock.clock].follows:
            clock.hand_off, clock.owner, clock.team = new.id, new.owner, new.team


def _running_of(life: Life, hand_off: HandOff) -> Iterator[Clock]:
    return (clock for clock in life.lead.running() if clock.hand_off == hand_off.id)


def tighten(life: Life, hand_off: HandOff, at: datetime) -> None:
    """Asking again: running clocks also get the promise of the segment as it is now; the earlier due wins."""
    for clock in _running_of(life, hand_off):
        revision = life.shelf.number(clock.revision)
        promise = promised_of(life, revision, clock.clock, hand_off, clock.subject)
        if promise is None or clock.clock is ClockName.STAGE:
            continue
        first = clock.terms[0]
        term = revision.term(
            promise, at, life.lead.profile.get("timezone"), team=clock.team, owner=first.person, own=first.own
        )
        if revision.due(term, pauses_of(life.lead, clock)) < clock.due_at:
            clock.terms.append(term)
            clock.segment = hand_off.segment
            put_under(clock, promise)
            set_due(life, clock)


def pauses_of(lead: Lead, clock: Clock) -> Pauses:
    """When this clock stood still."""
    return pauses_for(lead, clock.clock, clock.paused_by)


def pauses_for(lead: Lead, name: ClockName, paused_by: Collection[PauseKind] | None = None) -> Pauses:
    """When a clock of this name stood still, or would have, which these kinds of pause stop; None: all."""
    if not lead.other_pauses and paused_by is None and not (name is ClockName.EFFORT and lead.meeting_pauses):
        return lead.pauses
    by_kind = {PauseKind.SNOOZE: lead.pauses} | lead.other_pauses
    found = [span for kind, spans in by_kind.items() if paused_by is None or kind in paused_by for span in spans]
    return [*found, *lead.meeting_pauses] if name is ClockName.EFFORT else found


def pause(life: Life, start_at: datetime, end_at: datetime, kind: PauseKind = PauseKind.SNOOZE) -> None:
    """Stop the clocks that this kind of pause stops, in [start_at, end_at)."""
    spans = life.lead.pauses if kind is PauseKind.SNOOZE else life.lead.other_pauses.setdefault(kind, [])
    spans.append((start_at, end_at))
    _set_dues(life)


def pause_effort(life: Life, start_at: datetime, end_at: datetime) -> None:
    """While a meeting is ahead, in [start_at, end_at), nobody has to try and reach the buyer."""
    if end_at > start_at:
        life.lead.meeting_pauses.append((start_at, end_at))
        _set_dues(life)


def resume(life: Life, at: datetime, kinds: Collection[PauseKind] = ENDED_BY_WORD) -> None:
    """End every pause of these kinds that would go on after `at`."""
    lead, ends_any = life.lead, False
    if PauseKind.SNOOZE in kinds and _goes_on(lead.pauses, at):
        lead.pauses, ends_any = _cut(lead.pauses, at), True
    for kind, spans in lead.other_pauses.items():
        if kind in kinds and _goes_on(spans, at):
            lead.other_pauses[kind], ends_any = _cut(spans, at), True
    if ends_any:
        _set_dues(life)


def _goes_on(pauses: Pauses, at: datetime) -> bool:
    return any(end > at for _, end in pauses)


def resume_effort(life: Life, at: datetime) -> None:
    """No meeting is ahead any more."""
    lead = life.lead
    if any(end > at for _, end in lead.meeting_pauses):
        lead.meeting_pauses = _cut(lead.meeting_pauses, at)
        _set_dues(life)


def _cut(pauses: Pauses, at: datetime) -> Pauses:
    return [(begin, min(end, at)) for begin, end in pauses if begin < at]


def _set_dues(life: Life) -> None:
    for clock in life.lead.running():
        set_due(life, clock)


def binding_term(life: Life, clock: Clock) -> Term:
    """The term whose due instant is the clock's."""
    if len(clock.terms) == 1:
        return clock.terms[0]
    return min(clock.terms, key=lambda term: _due(life, clock, term))


def set_due(life: Life, clock: Clock) -> None:
    """The earliest due instant of all its terms."""
    clock.due_at = min(_due(life, clock, term) for term in clock.terms)


def _due(life: Life, clock: Clock, term: Term) -> datetime:
    return life.shelf.number(clock.revision).due(term, pauses_of(life.lead, clock))
