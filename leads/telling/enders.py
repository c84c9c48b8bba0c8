"""Which entry of the journal started a promise, and which ended it."""

from leads.clock_table import Signal
from leads.clocks import NOT_A_LEAD, entry_of
from leads.decisions import FeedbackAsked
from leads.entries import Entry
from leads.newly_promised import POLICY
from leads.promises import ClockName
from leads.state import Clock, HandOff
from leads.telling.case import Case, ref_in
from leads.telling.entries import GIVERS, TOUCHES
from leads.telling.words import plain

OF_TOUCH = frozenset({Signal.REAL_TOUCH, Signal.CONVERSATION, Signal.EFFORT_MADE, "by_other", "better_evidence"})
_BACK = frozenset({"reject", "lead.rejected", "return", "lead.returned"})
_LEAVING = frozenset(
    {"lead.won", "lead.lost", "lead.opportunity_opened", "lead.disqualified", "disqualify", "lead.recycled", "recycle"}
) | _BACK  # fmt: skip
_TOLD = frozenset({"lead.meeting_held", "lead.meeting_missed", "lead.meeting_cancelled"})
_BY_WHY: dict[str, frozenset[str]] = {
    Signal.OWNER_SET: GIVERS | _BACK,
    "reassigned": GIVERS,
    "passed_on": frozenset({"lead.assigned", "reassign"}),
    Signal.ACCEPTED: frozenset({"accept", "lead.accepted"}),
    **dict.fromkeys(OF_TOUCH, TOUCHES),
    "self_serve": frozenset({"lead.meeting_booked"}),
    "rebooked": frozenset({"lead.meeting_booked"}),
    Signal.CHECKABLE_REJECTION: _BACK,
    "returned": _BACK,
    "returned_to_queue": frozenset({"queued", "reassign"}),
    Signal.MEETING_TOLD: _TOLD,
    "meeting_cancelled": _TOLD,
    "rebook": _TOLD,
    "callback": frozenset({"callback"}),
    Signal.FEEDBACK_GIVEN: frozenset({"feedback", "lead.feedback_given"}),
    "asked_again": frozenset({"lead.hand_raised"}),
    NOT_A_LEAD: frozenset({"disqualify", "lead.disqualified"}),
}
"""Why a promise ended → the entries that end one so."""
_OTHERWISE = {
    Signal.OWNER_SET: "it got an owner",
    "reassigned": "it went to somebody else",
    "passed_on": "it was passed on inside sales",
    "returned": "it was given back",
    "returned_to_queue": "it went back into the queue",
    Signal.ACCEPTED: "it was accepted",
    Signal.STAGE_MOVED: "the lead moved on",
    Signal.STAGE_LEFT: "the lead moved on",
    Signal.MEETING_TOLD: "word came of how the meeting went",
    Signal.FEEDBACK_GIVEN: "sales told marketing what came of it",
    Signal.CHECKABLE_REJECTION: "it was given back for a reason that can be checked",
    "self_serve": "the buyer picked a meeting slot",
    "rebooked": "the meeting got another date",
    "meeting_cancelled": "the meeting was called off",
    "rebook": "the meeting did not take place",
    "callback": "a date was agreed with the buyer",
    "asked_again": "the buyer asked again",
    "skipped": "the lead was further on already",
    "under_worked": "the lead was given up",
    NOT_A_LEAD: "it turned out to be no lead at all",
    POLICY: "a revision of the playbook that no longer makes it was taken over",
}
"""What happened, where the entry is not at hand."""


def hand_off_of(case: Case, clock: Clock) -> HandOff | None:
    return next((h for h in case.lead.hand_offs if h.id == clock.hand_off), None)


def starter_of(case: Case, clock: Clock) -> Entry | None:
    """The entry that started a clock."""
    match clock.clock:
        case ClockName.EFFORT:  # named by its hand-off; the first attempt starts it
            return case.entry_at(clock.started_at, TOUCHES)
        case ClockName.FEEDBACK:
            return next((e for e, d in case.decided(FeedbackAsked) if d.hand_off == clock.hand_off), None)
    return case.entry(entry_of(clock))


def ender_of(case: Case, clock: Clock) -> Entry | None:
    """The entry that ended a clock: by what it is and when; a touch before the clock began stands at its own time."""
    if clock.outcome == "waived":
        return case.entry_at(clock.ended_at, {"waive"})
    types = _BY_WHY.get(clock.why or "", _LEAVING)
    found = case.entry_at(clock.ended_at, types)
    if found is None and clock.why in OF_TOUCH:
        hand_off = hand_off_of(case, clock)
        found = case.entry_at(hand_off.touched_at if hand_off else None, types)
    return found or _mover(case, clock)


def _mover(case: Case, clock: Clock) -> Entry | None:
    """What moved the lead on from its stage at that instant."""
    if clock.why not in (Signal.STAGE_MOVED, Signal.STAGE_LEFT):
        return None
    moved = case.last("stage_moved", lambda happening: happening.at == clock.ended_at)
    found = case.entry(ref_in(moved)) if moved else None
    return found or case.entry_at(clock.ended_at, GIVERS)


def otherwise(case: Case, clock: Clock) -> str:
    """What ended a clock, in words, where its entry is not at hand."""
    if clock.why in OF_TOUCH:
        hand_off = hand_off_of(case, clock)
        return f"{case.words.person(hand_off.touched_by if hand_off else None)} reached out"
    return _OTHERWISE.get(clock.why or "", f"it ended ({plain(clock.why)})")
