"""Each promise as a story: what started it, when it is due and why then, what would keep it, how it ended."""

from datetime import datetime

from pydantic import Field

from leads.business_time import ELAPSED_TIME
from leads.clocks import pauses_of
from leads.decisions import BreachAnnounced, BreachRetracted
from leads.entries import Entry
from leads.revisions import length_of
from leads.state import Clock, Outcome
from leads.telling.arithmetic import Reckoning, reckon, span_of
from leads.telling.case import SHORT_PROMISE, Because, Case, Told, zone_of_term
from leads.telling.enders import starter_of
from leads.telling.keeping import kept_by
from leads.telling.nouns import is_somebody_s, noun_of
from leads.telling.outcomes import how_it_ended
from leads.telling.rungs import RungStory, ladder_of
from leads.telling.words import lasting, sentence


class Paused(Told):
    start: datetime
    end: datetime
    sentence: str


class PromiseStory(Told):
    """One promise, running or ended."""

    key: str
    clock: str
    title: str
    state: str = Field(
        description="running, overdue, or how it ended: met, met_late, breached, dodged, cancelled, waived."
    )
    hand_off: str | None
    segment: str
    revision: int
    owner: str | None
    team: str | None
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    why: str | None = Field(description="A code: why it ended as it did.")
    sentence: str = Field(description="The promise in one sentence.")
    started: str
    because: Because | None = Field(description="What started it.")
    due: str
    reckoning: Reckoning
    pauses: tuple[Paused, ...]
    kept_by: str | None = Field(description="What would keep it; null once it has ended.")
    breach: str | None = Field(description="Whether a breach was announced, and taken back.")
    ladder: tuple[RungStory, ...]


def promises_of(case: Case) -> tuple[PromiseStory, ...]:
    """All promises ever made for the lead: the running ones first, the most urgent on top, then the latest ended."""
    running = sorted(case.lead.running(), key=lambda c: c.due_at)
    ended = sorted((c for c in case.lead.clocks.values() if not c.is_running), key=lambda c: c.ended_at or c.started_at)
    return tuple(_story(case, clock) for clock in [*running, *reversed(ended)])


def title(clock: Clock, case: Case) -> str:
    """`First touch by Ana`."""
    whose = f" by {case.words.person(clock.owner)}" if is_somebody_s(clock) and clock.owner else ""
    return sentence(f"{noun_of(clock)}{whose}").rstrip(".")


def _story(base: Case, clock: Clock) -> PromiseStory:
    case = _in_its_zone(base, clock)
    cause = starter_of(case, clock)
    return PromiseStory(
        key=clock.key,
        clock=clock.clock,
        title=title(clock, case),
        state=_state(case, clock),
        hand_off=clock.hand_off,
        segment=clock.segment,
        revision=clock.revision,
        owner=clock.owner,
        team=clock.team,
        started_at=clock.started_at,
        due_at=clock.due_at,
        ended_at=clock.ended_at,
        why=clock.why,
        sentence=_in_one(case, clock),
        started=_started(case, clock, cause),
        because=case.because(cause),
        due=_due(case, clock),
        reckoning=reckon(case, clock),
        pauses=tuple(_pauses(case, clock)),
        kept_by=kept_by(case, clock) if clock.is_running else None,
        breach=_breach(case, clock),
        ladder=ladder_of(case, clock),
    )


def _started(case: Case, clock: Clock, cause: Entry | None) -> str:
    """What started it; a date agreed is promised now and counts from then."""
    words, counts_from = case.words, clock.terms[0].start
    since = f"when {case.clause(cause)}" if cause else "when it was promised"
    if cause is not None and cause.effective_at < clock.started_at == cause.recorded_at:
        since = f"when word of it came with its list: {case.clause(cause)} on {words.at(cause.effective_at)}"
    if counts_from > clock.started_at:
        since += f"; its time counts from {words.at(counts_from)}"
    said = sentence(f"{'Runs' if clock.is_running else 'Ran'} from {words.at(clock.started_at)}, {since}")
    return said + (" It came in as history: nobody is alarmed by it." if clock.quiet else "")


def _in_its_zone(case: Case, clock: Clock) -> Case:
    """In the wall time its hours are read in; a promise that runs day and night keeps the lead's."""
    term = clock.terms[0]
    revision = case.shelf.number(clock.revision)
    is_elapsed = revision.hours_of(term) is ELAPSED_TIME
    zone = case.words.zone if is_elapsed else zone_of_term(revision.playbook, term)
    return case.speaking(zone, with_seconds=min(map(length_of, clock.terms)) < SHORT_PROMISE)


def _state(case: Case, clock: Clock) -> str:
    if clock.outcome is not None:
        return str(clock.outcome)
    return "overdue" if clock.due_at <= case.now else "running"


def _in_one(case: Case, clock: Clock) -> str:
    name = title(clock, case)
    if not clock.is_running:
        return sentence(f"{name} {how_it_ended(case, clock)}")
    if clock.due_at > case.now:
        return f"{name} is due on {case.words.when(clock.due_at)}."
    return f"{name} was due on {case.words.at(clock.due_at)} and is {lasting(case.now - clock.due_at)} late."


def _due(case: Case, clock: Clock) -> str:
    when = case.words.at(clock.due_at)
    if not clock.is_running:
        return f"It was due on {when}."
    return (
        f"Due {case.words.when(clock.due_at)}."
        if clock.due_at > case.now
        else f"It was due {case.words.when(clock.due_at)}."
    )


def _pauses(case: Case, clock: Clock) -> list[Paused]:
    until = clock.ended_at or max(clock.due_at, case.now)
    stood_still = pauses_of(case.lead, clock)
    found = [(start, end) for start, end in stood_still if start < until and end > clock.started_at]
    return [Paused(start=start, end=end, sentence=_paused(case, start, end)) for start, end in sorted(found)]


def _paused(case: Case, start: datetime, end: datetime) -> str:
    asked = case.entry_at(start, ("lead.snoozed", "snooze", "callback", "lead.meeting_booked"))
    why = f": {case.clause(asked)}" if asked else ""
    return sentence(f"paused {span_of(start, end, case.words)}{why}")


def _breach(case: Case, clock: Clock) -> str | None:
    announced = [entry for entry, _ in case.decided_of(BreachAnnounced, clock.key)]
    retracted = [entry for entry, _ in case.decided_of(BreachRetracted, clock.key)]
    if not announced:
        return None
    said = f"Announced as broken on {case.words.at(announced[-1].effective_at)}"
    if not retracted or retracted[-1].sort_key < announced[-1].sort_key:
        return f"{said}."
    proven = "it had been kept" if clock.outcome is Outcome.MET else "it was not broken"
    proven = proven if case.lead.is_counted else "it was no lead at all"
    return f"{said}; taken back on {case.words.at(retracted[-1].effective_at)}, when word came that {proven}."
