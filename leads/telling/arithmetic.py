"""How a due instant comes about: the target, the calendar, and every stretch that counted, was paused or was closed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import Field

from leads.business_time import BusinessTime, Pause
from leads.clocks import binding_term, pauses_of
from leads.promises import Promise
from leads.revisions import Revision, away_of, length_of
from leads.spell_out import Stretch, spell_out
from leads.state import Clock, Term
from leads.telling.case import Case, Told
from leads.telling.keeping import promise_of, promise_of_all
from leads.telling.words import Words, lasting, target


class Stretched(Told):
    """One line of the arithmetic."""

    kind: str = Field(description="counted, paused, away, holiday or closed.")
    start: datetime
    end: datetime | None = Field(description="Null: a pause that has no end yet.")
    used_seconds: int
    left_seconds: int
    sentence: str


class Reckoning(Told):
    """The arithmetic of one due instant."""

    target: str = Field(description="ISO 8601, as the playbook has it.")
    calendar: str | None = Field(description="Null: time that passes day and night, or somebody's own hours.")
    person: str | None = Field(description="In whose own working hours it counts, absences left out.")
    timezone: str
    start: datetime
    due_at: datetime
    sentence: str = Field(description="The target in words.")
    lines: tuple[Stretched, ...]
    notes: tuple[str, ...] = ()


def reckon(case: Case, clock: Clock) -> Reckoning:
    """The arithmetic of a clock's due instant, in the zone of the case's words."""
    revision = case.shelf.number(clock.revision)
    term = binding_term(case.life, clock) if clock.is_running else _term_of(case, clock, revision)
    hours = revision.hours_of(term)
    pauses = [Pause(start, end) for start, end in _pauses(case, clock)]
    stretches = spell_out(hours, term.start, length_of(term), pauses, [Pause(*span) for span in away_of(term)])
    closed = _closed_first(hours, term, case.words)
    notes = [
        *_own_terms(case, clock, term),
        *_tightened(case, clock, term),
        *_unlike(case, clock, stretches),
        *_swapped(case, clock, term),
    ]
    return Reckoning(
        target=term.target,
        calendar=None if _has_own(term) else term.calendar,
        person=term.person,
        timezone=str(case.words.zone),
        start=term.start,
        due_at=clock.due_at,
        sentence=in_words(case, clock, term),
        lines=(*closed, *(_line(stretch, case.words, term.person) for stretch in stretches)),
        notes=tuple(notes),
    )


def in_words(case: Case, clock: Clock, term: Term) -> str:
    """`15 minutes of working time (office calendar, Europe/Berlin)`."""
    length = target(length_of(term))
    if term.calendar is None:
        return f"{length}, day and night"
    promise = promise_of(case, clock)
    is_night = promise is not None and promise.if_arrived_closed == term.target != promise.target
    from_opening = " from opening, because it came in while closed" if is_night else ""
    return f"{length} of working time{from_opening} ({_whose_hours(case, clock, term)})"


def _has_own(term: Term) -> bool:
    return term.own is not None and term.own.calendar is not None


def _whose_hours(case: Case, clock: Clock, term: Term) -> str:
    """`office calendar, Europe/Berlin`, or `Ana's own hours, Europe/Berlin`."""
    book = case.shelf.number(clock.revision).playbook
    person = case.words.person(term.person)
    if term.own is not None and term.own.calendar is not None:
        return f"{person}'s own hours, {term.own.calendar.timezone}"
    name = term.calendar or book.calendar
    read_in = f"in the buyer's own zone, {term.zone}" if term.zone else book.calendars[name].timezone
    less = f"; {person} has no hours of their own" if term.person else ""
    return f"{name} calendar, {read_in}{less}"


def _own_terms(case: Case, clock: Clock, term: Term) -> Iterator[str]:
    """That a team promises more than all do, and what all promise."""
    own, of_all = promise_of(case, clock), promise_of_all(case, clock)
    if clock.terms_of is None or own is None or of_all is None:
        return
    is_night = own.if_arrived_closed == term.target != own.target
    at_night = of_all.if_arrived_closed if is_night else None
    team, for_all = case.words.team(clock.terms_of), target(of_all.parse(at_night or of_all.target))
    said = f"{team} promises more here: for all it is {for_all}"
    yield f"{said}." if target(length_of(term)) != for_all else f"{team} promises more here: {_apart(own, of_all)}."


def _apart(own: Promise, of_all: Promise) -> str:
    """What is more than the time."""
    if own.attempts is not None and of_all.attempts is not None and own.attempts > of_all.attempts:
        return f"{own.attempts} attempts, {of_all.attempts} for all"
    return "its warnings come earlier"


def _term_of(case: Case, clock: Clock, revision: Revision) -> Term:
    """Of an ended clock, whose due instant later pauses no longer move."""
    pauses = _pauses(case, clock)
    return min(clock.terms, key=lambda term: abs(revision.due(term, pauses) - clock.due_at))


def _pauses(case: Case, clock: Clock) -> list[tuple[datetime, datetime]]:
    """The pauses that moved it: those begun before it ended."""
    pauses = pauses_of(case.lead, clock)
    return [(s, e) for s, e in pauses if clock.ended_at is None or s < clock.ended_at]


def _line(stretch: Stretch, words: Words, person: str | None) -> Stretched:
    return Stretched(
        kind=stretch.kind,
        start=stretch.start,
        end=stretch.end,
        used_seconds=int(stretch.used.total_seconds()),
        left_seconds=int(stretch.left.total_seconds()),
        sentence=_sentence(stretch, words, person),
    )


def _sentence(stretch: Stretch, words: Words, person: str | None) -> str:
    if stretch.kind == "holiday":
        return f"{words.day(stretch.start)}: holiday, closed"
    if stretch.end is None:
        return f"{words.at(stretch.start)}: paused, with no end yet"
    span = span_of(stretch.start, stretch.end, words)
    if stretch.kind == "away":
        return f"{span}: {words.person(person)} is away, {target(stretch.used)} of working time not counted"
    if stretch.kind == "paused":
        return f"{span}: paused, {target(stretch.used)} of open time not counted"
    left = target(stretch.left) if stretch.left > timedelta() else "nothing"
    return f"{span}: {target(stretch.used)} counted, {left} left"


def span_of(start: datetime, end: datetime, words: Words) -> str:
    """`Mon 1 Jun 09:00–09:15`, or with both days."""
    exact = replace(words, with_seconds=True)
    same_day = start.astimezone(words.zone).date() == end.astimezone(words.zone).date()
    midnight = end.astimezone(words.zone)
    if not same_day and (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0):
        before = (midnight - timedelta(microseconds=1)).date()
        if before == start.astimezone(words.zone).date():
            return f"{exact.at(start)}–24:00"
    return f"{exact.at(start)}–{exact.time(end) if same_day else exact.at(end)}"


def _closed_first(hours: BusinessTime, term: Term, words: Words) -> Iterator[Stretched]:
    """What began outside hours waits for the opening."""
    if hours.is_open(term.start):
        return
    opens = hours.next_open(term.start)
    said = f"{words.at(term.start)}: closed until {words.at(opens)}"
    left = int(length_of(term).total_seconds())
    yield Stretched(kind="closed", start=term.start, end=opens, used_seconds=0, left_seconds=left, sentence=said)


def _tightened(case: Case, clock: Clock, term: Term) -> Iterator[str]:
    if len(clock.terms) > 1 and term is not clock.terms[0]:
        yield (
            f"The buyer asked again on {case.words.at(term.start)}, which promises {target(length_of(term))}; "
            "the earlier due instant counts."
        )


def _swapped(case: Case, clock: Clock, term: Term) -> Iterator[str]:
    """A swap inside the team leaves a promise where it is."""
    if term.person is not None and term.person != clock.owner:
        yield f"It goes on in the hours of {case.words.person(term.person)}, with whom it began."


def _unlike(case: Case, clock: Clock, stretches: list[Stretch]) -> Iterator[str]:
    """A pause cut short after the promise had ended leaves its due instant where it was."""
    counted = [s.end for s in stretches if s.kind == "counted" and s.end is not None]
    if counted and abs(counted[-1] - clock.due_at) >= timedelta(seconds=1):
        yield (
            f"When the promise ended it was due on {case.words.at(clock.due_at)}; "
            f"a pause that was changed since would move that by {lasting(abs(counted[-1] - clock.due_at))}."
        )
