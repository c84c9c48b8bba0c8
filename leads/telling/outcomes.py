"""How a promise ended, as the rest of a sentence that begins with its title."""

from datetime import datetime

from leads.clock_table import Signal
from leads.clocks import NOT_A_LEAD
from leads.effort import agreed, what_is_left
from leads.newly_promised import POLICY
from leads.promises import ClockName
from leads.state import Clock, HandOff, Outcome
from leads.telling.case import Case
from leads.telling.enders import OF_TOUCH, ender_of, hand_off_of, otherwise
from leads.telling.nouns import missing_of
from leads.telling.words import counted, lasting, sentence

_WORD_OF_IT = frozenset({Signal.MEETING_TOLD, Signal.FEEDBACK_GIVEN, Signal.STAGE_MOVED, Signal.STAGE_LEFT})
"""What ends these promises can be long, so that it is told last."""
_KEEPERS = frozenset({*Signal, *OF_TOUCH, "self_serve"})
_OWN_PROMISE = "the next owner gets a promise of their own"
_INSTEAD = {
    "reassigned": _OWN_PROMISE,
    "returned_to_queue": _OWN_PROMISE,
    "passed_on": "the hand-off that followed has promises of its own",
    "returned": "the hand-off that followed has promises of its own",
    "asked_again": "the hand-off that followed has promises of its own",
    "rebooked": "the new date has a promise of its own",
    "callback": "the date agreed takes its place",
    "rebook": "a new date is owed in its place",
}
"""What took the place of a promise that was not due yet."""
_NOT_COUNTED = {
    "skipped": "the steps up to there were skipped, and it counts neither way",
    "meeting_cancelled": "there is no outcome to tell of, and it counts neither way",
    NOT_A_LEAD: "what never was a lead counts in no number",
    POLICY: "nobody is to blame for an edit, and it counts neither way",
}


def how_it_ended(case: Case, clock: Clock) -> str:
    """`was kept: Ana called Mon 1 Jun 09:07, 8 minutes before it was due`."""
    entry = ender_of(case, clock)
    what = case.clause(entry, otherwise(case, clock))
    ended_at = clock.ended_at or clock.due_at
    when = case.words.at(entry.effective_at if entry is not None else ended_at)
    match clock.outcome:
        case Outcome.MET:
            return _kept(case, clock, what, when)
        case Outcome.MET_LATE:
            return f"counts as kept late: on {when} {what}; that was in time, but word of it came only after it was due"
        case Outcome.BREACHED:
            return f"was broken: due on {case.words.at(clock.due_at)}{_broken(clock, what, when)}"
        case Outcome.DODGED:
            return _missed(case, clock, what, when)
        case Outcome.WAIVED:
            return f"was waived on {when}, when {what}; it counts neither way"
    return _counts_neither_way(case, clock, what, when)


def _kept(case: Case, clock: Clock, what: str, when: str) -> str:
    margin = _margin(clock, clock.ended_at or clock.due_at)
    if clock.why in _WORD_OF_IT or what.startswith("the meeting on"):
        return f"was kept on {when}, {margin}: {what}"
    how = f", which made it {_effort(case, clock)}" if clock.why == Signal.EFFORT_MADE else ""
    other = f", though it was up to {case.words.person(clock.owner)}" if clock.why == "by_other" else ""
    return f"was kept: {what} on {when}{how}, {margin}{other}"


def _broken(clock: Clock, what: str, when: str) -> str:
    ended_at = clock.ended_at or clock.due_at
    if clock.why in _WORD_OF_IT:
        return f"; only on {when}, {_late(clock, ended_at)}, {what}"
    if clock.why in _KEEPERS:
        return f", but {what} only on {when}, {_late(clock, ended_at)}"
    return f", and {_later(clock, ended_at)} {what}"


def _missed(case: Case, clock: Clock, what: str, when: str) -> str:
    if clock.why == "under_worked":
        return f"was missed: on {when} {what}, after {_effort(case, clock)}; given up so early it counts as a miss"
    if clock.clock is ClockName.ACCEPT:
        return f"was missed: on {when} {what}, untouched and for no reason that can be checked, so it counts as a miss"
    left = f"on {when} {what}, though {missing_of(clock)}"
    return f"was missed: {left}; that is no clean way out, so it counts as a miss"


def _counts_neither_way(case: Case, clock: Clock, what: str, when: str) -> str:
    if clock.why in _INSTEAD:
        return f"ended on {when}, before it was due, when {what}; {_INSTEAD[clock.why]}"
    neither_way = "it was not due yet and counts neither way"
    if clock.why != NOT_A_LEAD or not case.lead.is_counted:  # who is a lead after all owed it
        neither_way = _NOT_COUNTED.get(clock.why or "", neither_way)
    return f"no longer applies since {when}, when {what}; {neither_way}"


def _effort(case: Case, clock: Clock) -> str:
    """`3 of 6 attempts, on 1 of 2 channels (call)`."""
    hand_off = hand_off_of(case, clock)
    return effort_said(case, hand_off, clock.started_at).replace(" so far", "") if hand_off else "fewer attempts"


def effort_said(case: Case, hand_off: HandOff, at: datetime) -> str:
    """`3 of 6 attempts so far, on 1 of 2 channels (call)`; where none are agreed, only how many."""
    _, promise = agreed(case.lead, case.shelf, hand_off, at)
    if promise is None:
        return f"{counted(hand_off.effort.attempts if hand_off.effort else 0, 'attempt')} so far to reach the buyer"
    return what_is_left(promise, hand_off)


def progress_of(case: Case, clock: Clock) -> str:
    """How far the effort of a running promise has come, as a sentence."""
    hand_off = hand_off_of(case, clock)
    return sentence(effort_said(case, hand_off, clock.started_at)) if hand_off else ""


def _margin(clock: Clock, ended_at: datetime) -> str:
    left = clock.due_at - ended_at
    return f"{lasting(left)} before it was due" if left.total_seconds() >= 1 else "just in time"


def _late(clock: Clock, ended_at: datetime) -> str:
    late = ended_at - clock.due_at
    return f"{lasting(late)} late" if late.total_seconds() >= 1 else "just too late"


def _later(clock: Clock, ended_at: datetime) -> str:
    late = ended_at - clock.due_at
    return f"{lasting(late)} later" if late.total_seconds() >= 1 else "then"
