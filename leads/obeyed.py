"""Granted commands: each is folded like the fact it resembles, with the actor as the one who did it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from leads import clocks, endings, facts
from leads.clock_table import Signal
from leads.commands import (
    Accept,
    Callback,
    Claim,
    CommandData,
    Disqualify,
    Feedback,
    Reassign,
    Recycle,
    Reject,
    Reopen,
    Return,
    Snooze,
    Touch,
    Waive,
)
from leads.decisions import AssignCause
from leads.entries import Entry
from leads.events import (
    EvidenceClass,
    FeedbackGiven,
    LeadAccepted,
    LeadDisqualified,
    LeadTouched,
    Recycled,
    Rejected,
    Snoozed,
)
from leads.feedback import feedback_given
from leads.hand_offs import pass_on, set_owner, to_queue
from leads.life import Life
from leads.promises import ClockName
from leads.state import Outcome

CALLBACK = "callback"
"""Subject of the next step at a date agreed with the buyer."""


def effective_at(command: CommandData, now: datetime) -> datetime:
    """When a granted command counts: a touch when it was made, all others now."""
    return command.at if isinstance(command, Touch) and command.at is not None else now


def accept(life: Life, entry: Entry, _data: Accept) -> None:
    facts.accepted(life, entry, LeadAccepted(by=entry.actor))


def reject(life: Life, entry: Entry, data: Reject) -> None:
    endings.rejected(life, entry, Rejected(reason=data.reason, by=entry.actor))


def give_back(life: Life, entry: Entry, data: Return) -> None:
    endings.returned(life, entry, Rejected(reason=data.reason, by=entry.actor))


def recycle(life: Life, entry: Entry, data: Recycle) -> None:
    endings.recycled(life, entry, Recycled(reason=data.reason, wake_at=data.wake_at, by=entry.actor))


def call_back(life: Life, entry: Entry, data: Callback) -> None:
    """Promises rest until the date agreed, and the next step is due from then on."""
    hand_off, at = life.lead.hand_off, entry.effective_at
    if hand_off is None:
        life.anomaly(entry, "the hand-off had ended")
        return
    clocks.cancel(life, ClockName.NEXT_STEP, at, CALLBACK)
    clocks.resume(life, at)
    clocks.pause(life, at, data.at)
    clocks.start(
        life, Signal.STEP_OWED, entry.ref, at,
        hand_off=hand_off, quiet=entry.backfill, runs_from=data.at, subject=CALLBACK,
    )  # fmt: skip


def waive(life: Life, entry: Entry, data: Waive) -> None:
    """The promise of this name that is due first no longer counts, either way."""
    running = [clock for clock in life.lead.running() if clock.clock is data.clock]
    if not running:
        life.anomaly(entry, "the promise had ended")
        return
    clock = min(running, key=lambda c: (c.due_at, c.key))
    clocks.stop(life, clock, entry.effective_at, Outcome.WAIVED, data.reason)


def feedback(life: Life, entry: Entry, data: Feedback) -> None:
    given = FeedbackGiven(
        by=entry.actor, quality=data.quality, reason=data.reason, message_used=data.message_used,
        content_used=data.content_used, words=data.words,
    )  # fmt: skip
    feedback_given(life, entry, given)


def reassign(life: Life, entry: Entry, data: Reassign) -> None:
    hand_off = life.lead.hand_off
    if hand_off is None:
        life.anomaly(entry, "the hand-off had ended")
        return
    kind = data.kind or life.shelf.in_force(entry.effective_at).playbook.passing_to(data.team)
    is_elsewhere = data.team not in (None, hand_off.team)
    if kind is not None and (kind is not hand_off.kind or is_elsewhere):
        pass_on(life, entry, hand_off, kind=kind, owner=data.owner, team=data.team)
    elif data.owner is None:
        to_queue(life, entry, hand_off, queue=data.team or hand_off.team, why="reassigned")
    else:
        set_owner(life, entry, hand_off, owner=data.owner, team=data.team)


def claim(life: Life, entry: Entry, _data: Claim) -> None:
    hand_off = life.lead.hand_off
    if hand_off is None or entry.actor is None:
        life.anomaly(entry, "the hand-off had ended")
    else:
        set_owner(life, entry, hand_off, owner=entry.actor, cause=AssignCause.CLAIM)
        hand_off.took_turn = True


def touch(life: Life, entry: Entry, data: Touch) -> None:
    made = LeadTouched(
        channel=data.channel,
        by=entry.actor,
        connected=data.connected,
        duration_seconds=data.duration_seconds,
        evidence=EvidenceClass.SELF_REPORTED,
        logged_at=entry.recorded_at,
        next_step_at=data.next_step_at,
    )
    facts.touched(life, entry, made)


def snooze(life: Life, entry: Entry, data: Snooze) -> None:
    facts.snoozed(life, entry, Snoozed(until=data.until, kind=data.kind, reason=data.reason, by=entry.actor))


def disqualify(life: Life, entry: Entry, data: Disqualify) -> None:
    endings.disqualified(life, entry, LeadDisqualified(kind=data.kind, reason=data.reason, by=entry.actor))


def reopen(life: Life, entry: Entry, data: Reopen) -> None:
    endings.reopened(life, entry, data)


OBEYED: dict[str, Callable[[Life, Entry, Any], None]] = {
    "accept": accept,
    "reject": reject,
    "return": give_back,
    "recycle": recycle,
    "callback": call_back,
    "reassign": reassign,
    "claim": claim,
    "touch": touch,
    "snooze": snooze,
    "waive": waive,
    "feedback": feedback,
    "disqualify": disqualify,
    "reopen": reopen,
}
