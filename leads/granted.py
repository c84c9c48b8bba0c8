"""Commands: whether they may be granted, and what a granted one does.

`refusal` is asked once, when the command is given; a granted command stands in the journal and is folded like the fact
it resembles, with the actor as the one who did it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leads import facts
from leads.commands import Accept, Claim, CommandData, Disqualify, Reassign, Reject, Reopen, Snooze, Touch
from leads.decisions import AssignCause
from leads.entries import Entry
from leads.events import (
    EvidenceClass,
    LeadAccepted,
    LeadDisqualified,
    LeadTouched,
    Rejected,
    Snoozed,
)
from leads.hand_offs import set_owner, to_queue
from leads.life import Life
from leads.playbook import Playbook
from leads.revisions import Shelf
from leads.stages import Stage
from leads.state import HandOff, Lead

LONGEST_TOUCH_AGE = timedelta(days=1)
"""How far back a touch may be reported by command; older ones come as events with evidence."""
_ENDED = (Stage.LOST, Stage.DISQUALIFIED, Stage.NURTURING)
_FINAL = (Stage.DISQUALIFIED, Stage.WON, Stage.MERGED, Stage.ERASED)


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it is weighed: who asks, when, and how things stand."""

    command: Any
    actor: str
    now: datetime
    lead: Lead
    playbook: Playbook


def refusal(lead: Lead, command: CommandData, actor: str, now: datetime, shelf: Shelf) -> str | None:
    """Why the command cannot be granted as things stand, in a sentence that says what to do; None when it can."""
    if lead.captured_at is None:
        return "this lead has not been captured yet; try again once it is"
    request = Request(command, actor, now, lead, shelf.in_force(now).playbook)
    if type(command) in _WITHOUT_HAND_OFF:
        return _WITHOUT_HAND_OFF[type(command)](request)
    hand_off = lead.hand_off
    if hand_off is None:
        return f"a lead that is {lead.stage} has no hand-off under way"
    return _WITH_HAND_OFF[type(command)](request, hand_off)


def _may_touch(request: Request) -> str | None:
    at = request.command.at
    if at is not None and at > request.now:
        return "a touch cannot lie in the future"
    if at is not None and request.now - at > LONGEST_TOUCH_AGE:
        return "a touch over a day old comes as an event with its evidence"
    return None


def _may_reopen(request: Request) -> str | None:
    lead = request.lead
    if lead.stage in _ENDED and lead.hand_off is None:
        return None
    if lead.is_open:
        return f"a lead that is {lead.stage} is not closed; there is nothing to reopen"
    return f"a lead that is {lead.stage} cannot be reopened"


def _may_disqualify(request: Request) -> str | None:
    stage = request.lead.stage
    return f"the lead is {stage}" if stage in _FINAL else None


def _may_accept(request: Request, hand_off: HandOff) -> str | None:
    if hand_off.owner != request.actor:
        return f"it is handed to {hand_off.owner or 'nobody yet'}; claim it instead"
    return "it is accepted already" if hand_off.accepted_at is not None else None


def _may_claim(request: Request, hand_off: HandOff) -> str | None:
    if hand_off.owner == request.actor:
        return "it is yours already"
    if hand_off.owner is not None and hand_off.touched_by != request.actor:
        return f"it belongs to {hand_off.owner}; ask for a reassign"
    return None


def _may_reassign(request: Request, hand_off: HandOff) -> str | None:
    owner = request.command.owner
    return f"it belongs to {owner} already" if owner is not None and owner == hand_off.owner else None


def _may_reject(request: Request, _hand_off: HandOff) -> str | None:
    reason, reasons = request.command.reason, request.playbook.reasons
    if reason in reasons:
        return None
    return f"{reason!r} is not a reason of the playbook; use one of {', '.join(sorted(reasons))}"


def _may_snooze(request: Request, hand_off: HandOff) -> str | None:
    if request.command.until <= request.now:
        return "until must lie in the future"
    if request.command.until - request.now > facts.LONGEST_SNOOZE:
        return f"a snooze lasts {facts.LONGEST_SNOOZE.days} days at most; recycle the lead instead"
    if hand_off.touched_at is None and not request.playbook.snooze_before_touch:
        return "no snooze before the first touch: reach out once, then snooze"
    return None


_WITHOUT_HAND_OFF: dict[type[CommandData], Callable[[Request], str | None]] = {
    Touch: _may_touch,
    Reopen: _may_reopen,
    Disqualify: _may_disqualify,
}
_WITH_HAND_OFF: dict[type[CommandData], Callable[[Request, HandOff], str | None]] = {
    Accept: _may_accept,
    Claim: _may_claim,
    Reassign: _may_reassign,
    Reject: _may_reject,
    Snooze: _may_snooze,
}


def effective_at(command: CommandData, now: datetime) -> datetime:
    """When a granted command counts: a touch when it was made, all others now."""
    return command.at if isinstance(command, Touch) and command.at is not None else now


def accept(life: Life, entry: Entry, _data: Accept) -> None:
    facts.accepted(life, entry, LeadAccepted(by=entry.actor))


def reject(life: Life, entry: Entry, data: Reject) -> None:
    facts.rejected(life, entry, Rejected(reason=data.reason, by=entry.actor))


def reassign(life: Life, entry: Entry, data: Reassign) -> None:
    hand_off = life.lead.hand_off
    if hand_off is None:
        life.anomaly(entry, "the hand-off had ended")
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
    facts.snoozed(life, entry, Snoozed(until=data.until, reason=data.reason, by=entry.actor))


def disqualify(life: Life, entry: Entry, data: Disqualify) -> None:
    facts.disqualified(life, entry, LeadDisqualified(kind=data.kind, reason=data.reason, by=entry.actor))


def reopen(life: Life, entry: Entry, data: Reopen) -> None:
    facts.reopened(life, entry, data)


GRANTED: dict[str, Callable[[Life, Entry, Any], None]] = {
    "accept": accept,
    "reject": reject,
    "reassign": reassign,
    "claim": claim,
    "touch": touch,
    "snooze": snooze,
    "disqualify": disqualify,
    "reopen": reopen,
}
