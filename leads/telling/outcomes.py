"""How a promise ended, as the rest of a sentence that begins with its title."""

from datetime import datetime

from leads.entries import Entry
from leads.state import Clock, HandOff, Outcome
from leads.telling.case import Case
from leads.telling.decisions import missing
from leads.telling.entries import GIVERS, TOUCHES
from leads.telling.words import lasting, plain

_ENDERS = (
    "lead.won", "lead.lost", "lead.opportunity_opened", "lead.disqualified", "disqualify", "lead.rejected",
    "lead.returned", "reject", "lead.recycled",
)  # fmt: skip
_BY_SIGNAL = {
    "owner_set": GIVERS,
    "reassigned": GIVERS,
    "accepted": frozenset({"accept", "lead.accepted"}),
    "real_touch": TOUCHES,
    "by_other": TOUCHES,
    "better_evidence": TOUCHES,
    "self_serve": frozenset({"lead.meeting_booked"}),
    "checkable_rejection": frozenset({"reject", "lead.rejected", "lead.returned"}),
    "returned_to_queue": frozenset({"queued", "reassign"}),
}
_OF_CONTACT = ("real_touch", "by_other", "better_evidence")
_KEEPERS = ("owner_set", "accepted", "self_serve", "checkable_rejection")


def how_it_ended(case: Case, clock: Clock) -> str:
    """`was kept: Ana called Mon 1 Jun 09:07, 8 minutes before it was due`."""
    words, ended_at = case.words, clock.ended_at or clock.due_at
    entry = _ender(case, clock)
    what = case.clause(entry, _otherwise(case, clock))
    when = words.at(entry.effective_at if entry is not None else ended_at)
    match clock.outcome:
        case Outcome.MET:
            return f"was kept: {what} on {when}, {_margin(clock, ended_at)}{_by_other(case, clock)}"
        case Outcome.MET_LATE:
            return f"counts as kept late: on {when} {what}; that was in time, but word of it came only after it was due"
        case Outcome.BREACHED if clock.why in _OF_CONTACT or clock.why in _KEEPERS:
            return f"was broken: due on {words.at(clock.due_at)}, but {what} only on {when}, {_late(clock, ended_at)}"
        case Outcome.BREACHED:
            return f"was broken: due on {words.at(clock.due_at)}, and {_later(clock, ended_at)} {what}"
        case Outcome.DODGED:
            left = f"on {when} {what}, though {missing(clock.clock)}"
            return f"was missed: {left}; that is no clean way out, so it counts as a miss"
    return _counts_neither_way(clock, what, when)


def _counts_neither_way(clock: Clock, what: str, when: str) -> str:
    if clock.outcome is Outcome.WAIVED:
        return f"was waived on {when} ({plain(clock.why)})"
    if clock.why in ("reassigned", "returned_to_queue"):
        return f"ended on {when}, before it was due, when {what}; the next owner gets a promise of their own"
    return f"no longer applies since {when}, when {what}; it was not due yet and counts neither way"


def _ender(case: Case, clock: Clock) -> Entry | None:
    """The entry that ended a clock: by what it is and when; a touch before the clock began stands at its own time."""
    types = _BY_SIGNAL.get(clock.why or "", _ENDERS)
    found = case.entry_at(clock.ended_at, types)
    if found is None and clock.why in _OF_CONTACT:
        hand_off = _hand_off(case, clock)
        found = case.entry_at(hand_off.touched_at if hand_off else None, types)
    return found


def _hand_off(case: Case, clock: Clock) -> HandOff | None:
    return next((h for h in case.lead.hand_offs if h.id == clock.hand_off), None)


def _otherwise(case: Case, clock: Clock) -> str:
    hand_off = _hand_off(case, clock)
    if clock.why in _OF_CONTACT:
        return f"{case.words.person(hand_off.touched_by if hand_off else None)} reached out"
    if clock.why in ("owner_set", "reassigned"):
        return "it got an owner" if clock.why == "owner_set" else "it went to somebody else"
    return f"it ended ({plain(clock.why)})"


def _margin(clock: Clock, ended_at: datetime) -> str:
    left = clock.due_at - ended_at
    return f"{lasting(left)} before it was due" if left.total_seconds() >= 1 else "just in time"


def _late(clock: Clock, ended_at: datetime) -> str:
    late = ended_at - clock.due_at
    return f"{lasting(late)} late" if late.total_seconds() >= 1 else "just too late"


def _later(clock: Clock, ended_at: datetime) -> str:
    late = ended_at - clock.due_at
    return f"{lasting(late)} later" if late.total_seconds() >= 1 else "then"


def _by_other(case: Case, clock: Clock) -> str:
    return f", though it was up to {case.words.person(clock.owner)}" if clock.why == "by_other" else ""
