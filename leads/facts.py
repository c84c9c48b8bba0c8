"""What each fact does to a lead. Forward facts always apply; only a contradiction is an anomaly.

One function per event type, listed in `FACTS` at the foot. Types that are only told (consent, content used) stand in
the timeline and change nothing else here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from leads import clocks
from leads.clock_table import Signal
from leads.coming_back import came_back, spoke
from leads.durations import parse_duration
from leads.effort import is_given_up_early
from leads.entries import Entry
from leads.events import (
    DisqualifyKind,
    HandRaised,
    LeadAccepted,
    LeadAssigned,
    LeadDisqualified,
    LeadEngaged,
    LeadQualified,
    LeadTouched,
    OpportunityFact,
    Recycled,
    Rejected,
    Snoozed,
)
from leads.feedback import feedback_given
from leads.hand_offs import (
    ask_again,
    ask_anew,
    end_hand_off,
    give_back,
    open_hand_off,
    pass_on,
    raise_hand,
    reroute,
    same_hand_off,
    set_owner,
)
from leads.known import captured, linked, updated
from leads.life import Life
from leads.meetings import booked, cancelled, held, missed
from leads.moves import move
from leads.playbook import Consequence, Reason
from leads.reaching import MAY_QUALIFY, UNTOUCHED, may_qualify, reach, sales_hand_off
from leads.stages import Stage
from leads.state import HandOff
from leads.touches import Contact, contact_of, is_real

Handler = Callable[[Life, Entry, Any], None]

LONGEST_SNOOZE = timedelta(days=366)
"""Whatever a sender says; a lead nobody may look at for longer is a lead lost."""
LONGEST_REST = timedelta(days=3_660)

_RULED_OUT = (DisqualifyKind.SOFT, DisqualifyKind.HARD, DisqualifyKind.NOT_A_LEAD)
"""From the mildest on: a milder word later takes nothing back, only a person who reopens the lead does."""


def engaged(life: Life, _entry: Entry, data: LeadEngaged) -> None:
    life.lead.score = max(life.lead.score + (data.points or 0), 0)


def hand_raised(life: Life, entry: Entry, data: HandRaised) -> None:
    """Asking, for the first time or again: where the lead stands decides what is promised."""
    lead = life.lead
    lead.raised_hand, lead.raised_at = data.kind, entry.effective_at
    clocks.resume(life, entry.effective_at)
    hand_off = lead.hand_off
    if hand_off is None and may_qualify(life):
        raise_hand(life, entry, open_hand_off(life, entry))
    elif hand_off is None:
        if lead.stage is Stage.WON:
            came_back(life, entry)
    elif hand_off.touched_at is not None or lead.stage not in UNTOUCHED:
        came_back(life, entry)
    elif hand_off.quiet and not entry.backfill:
        ask_anew(life, entry, hand_off)
    else:
        same_hand_off(life, entry, hand_off)
        ask_again(life, entry, hand_off)


def qualified(life: Life, entry: Entry, data: LeadQualified) -> None:
    if data.score is not None:
        life.lead.score = data.score
    hand_off = life.lead.hand_off
    if hand_off is not None:
        same_hand_off(life, entry, hand_off)
    elif may_qualify(life):
        open_hand_off(life, entry)


def assigned(life: Life, entry: Entry, data: LeadAssigned) -> None:
    """An owner is named; a team that takes leads over in a way of its own makes it a hand-off of its own."""
    lead, current = life.lead, life.lead.hand_off
    kind = data.kind or life.shelf.in_force(entry.effective_at).playbook.passing_to(data.team)
    is_passed = kind is not None and current is not None and (kind is not current.kind or _is_other(current, data))
    if kind is not None and current is not None and is_passed:
        pass_on(life, entry, current, kind=kind, owner=data.owner, team=data.team)
        return
    if current is None and may_qualify(life):
        current = open_hand_off(life, entry, kind=kind, team=data.team if kind else None)
    if current is None:
        life.anomaly(entry, f"a lead that is {lead.stage} has nothing to assign")
    else:
        set_owner(life, entry, current, owner=data.owner, team=data.team)


def _is_other(hand_off: HandOff, data: LeadAssigned) -> bool:
    return data.team is not None and data.team != hand_off.team


def accepted(life: Life, entry: Entry, data: LeadAccepted) -> None:
    hand_off = sales_hand_off(life, entry)
    if hand_off is None:
        life.anomaly(entry, f"a lead that is {life.lead.stage} has nothing to accept")
        return
    if data.by and hand_off.owner is None:
        set_owner(life, entry, hand_off, owner=data.by)
    hand_off.accepted_at = hand_off.accepted_at or entry.effective_at
    clocks.meet(life, Signal.ACCEPTED, Contact(entry.effective_at, data.by), hand_off=hand_off)
    if life.lead.stage in (Stage.QUALIFIED, Stage.ASSIGNED):
        move(life, entry, Stage.ACCEPTED)


def touched(life: Life, entry: Entry, data: LeadTouched) -> None:
    revision = life.shelf.in_force(entry.effective_at)
    if is_real(data, revision.playbook.real_touch):
        reach(life, entry, contact_of(data, entry.effective_at, revision))


def replied(life: Life, entry: Entry, data: LeadTouched) -> None:
    """The buyer spoke: whatever the clocks waited for has come, and an answer is owed. A machine's reply is none."""
    revision = life.shelf.in_force(entry.effective_at)
    if data.mode not in revision.playbook.real_touch.modes:
        return
    clocks.resume(life, entry.effective_at)
    if data.connected and is_real(data, revision.playbook.real_touch):
        reach(life, entry, contact_of(data, entry.effective_at, revision))
    else:
        spoke(life, entry)


def opportunity_opened(life: Life, entry: Entry, data: OpportunityFact) -> None:
    """Sales confirms an opportunity. The hand-off goes on until it is won or lost; what led there is skipped."""
    lead, at = life.lead, entry.effective_at
    if lead.stage is Stage.WON:
        return  # another opportunity of a customer; the lead stays won
    hand_off = lead.hand_off or (open_hand_off(life, entry) if _may_open(life) else None)
    if hand_off is None:
        life.anomaly(entry, f"{lead.stage} cannot become {Stage.OPPORTUNITY}")
        return
    if data.by and hand_off.owner is None:
        set_owner(life, entry, hand_off, owner=data.by)
    if not move(life, entry, Stage.OPPORTUNITY):
        return
    _credit(life, hand_off, at)
    hand_off.accepted_at = hand_off.accepted_at or at
    clocks.skip(life, hand_off, at, "skipped")
    clocks.start(life, Signal.STEP_OWED, entry.ref, at, hand_off=hand_off, quiet=entry.backfill)


def _may_open(life: Life) -> bool:
    """An opportunity is the word of sales: it counts whatever ruled the lead out before."""
    return life.lead.stage in MAY_QUALIFY


def _credit(life: Life, hand_off: HandOff, at: datetime) -> None:
    """The hand-off that brought it, and the one from marketing that all came of."""
    sources = {hand_off.id, hand_off.sourced_by}
    for credited in life.lead.hand_offs:
        if credited.id in sources and credited.opportunity_at is None:
            credited.opportunity_at = at


def won(life: Life, entry: Entry, data: OpportunityFact) -> None:
    hand_off = life.lead.hand_off
    if hand_off is not None and life.lead.stage is not Stage.WON:
        _credit(life, hand_off, entry.effective_at)
    _end(life, entry, Stage.WON, "won", clean=True, by=data.by)


def lost(life: Life, entry: Entry, data: OpportunityFact) -> None:
    _flag(life, entry, data.reason)
    clean = _reason(life, entry, data.reason).checkable
    _end(life, entry, Stage.LOST, "lost", reason=data.reason, clean=clean, by=data.by)


def disqualified(life: Life, entry: Entry, data: LeadDisqualified) -> None:
    is_none = data.kind is DisqualifyKind.NOT_A_LEAD
    clean = is_none or _reason(life, entry, data.reason).checkable
    reason = clocks.NOT_A_LEAD if is_none else data.reason
    before = life.lead.disqualified or data.kind
    _flag(life, entry, data.reason)
    if _end(life, entry, Stage.DISQUALIFIED, "disqualified", reason=reason, clean=clean, by=data.by):
        life.lead.disqualified = max(data.kind, before, key=_RULED_OUT.index)


def _end(
    life: Life, entry: Entry, stage: Stage, result: str, *, clean: bool, reason: str | None = None, by: str | None
) -> bool:
    """Move to a stage after which this hand-off asks nothing more. What was skipped on the way is cancelled."""
    if not move(life, entry, stage):
        return False
    end_hand_off(life, entry, result, reason, clean=clean, by=by)
    life.lead.ended_reason, life.lead.disqualified = reason, None
    return True


def rejected(life: Life, entry: Entry, data: Rejected) -> None:
    """Sales gives the baton back; the playbook's reason says what follows."""
    lead, at, hand_off = life.lead, entry.effective_at, life.lead.hand_off
    if hand_off is None:
        life.anomaly(entry, f"a lead that is {lead.stage} has nothing to reject")
        return
    reason = _reason(life, entry, data.reason)
    by = data.by or hand_off.owner
    _flag(life, entry, data.reason)
    if reason.checkable:
        clocks.meet(life, Signal.CHECKABLE_REJECTION, Contact(at, by), hand_off=hand_off)
    is_rerouted = reason.consequence is Consequence.REROUTE
    end_hand_off(life, entry, "rejected", data.reason, clean=reason.checkable, goes_on=is_rerouted, by=by)
    match reason.consequence:
        case Consequence.DISQUALIFY:
            move(life, entry, Stage.DISQUALIFIED)
            lead.disqualified, lead.ended_reason = DisqualifyKind.SOFT, data.reason
        case Consequence.REROUTE:
            reroute(life, entry, hand_off, without=by)
        case _:
            _back_to_marketing(life, entry, at + parse_duration(reason.wait))


def returned(life: Life, entry: Entry, data: Rejected) -> None:
    """Back to whoever passed it on: a closer's to the rep; a rep's to marketing, as the reason says."""
    hand_off = life.lead.hand_off
    if hand_off is None or not hand_off.is_passed_on:
        rejected(life, entry, data)
        return
    reason = _reason(life, entry, data.reason)
    if reason.checkable:
        by = data.by or hand_off.owner
        clocks.meet(life, Signal.CHECKABLE_REJECTION, Contact(entry.effective_at, by), hand_off=hand_off)
    give_back(life, entry, hand_off, data.reason, clean=reason.checkable, by=data.by)


def recycled(life: Life, entry: Entry, data: Recycled) -> None:
    reason = _reason(life, entry, data.reason)
    _flag(life, entry, data.reason)
    end_hand_off(life, entry, "recycled", data.reason, clean=reason.checkable, by=data.by)
    _back_to_marketing(life, entry, data.wake_at or entry.effective_at + parse_duration(reason.wait))


def _back_to_marketing(life: Life, entry: Entry, wake_at: datetime) -> None:
    """Recycled: half the score, a wake-up date, one loop more. Of one that is there already, only the date.

    Whoever has gone round too often is ruled out instead, until the buyer asks.
    """
    lead, was, at = life.lead, life.lead.stage, entry.effective_at
    playbook = life.shelf.in_force(at).playbook
    if was is not Stage.NURTURING and lead.loops >= playbook.recycling.most_loops:
        if move(life, entry, Stage.DISQUALIFIED):
            lead.disqualified, lead.ended_reason = DisqualifyKind.SOFT, "gone_round_too_often"
        return
    if not move(life, entry, Stage.NURTURING):
        return
    if was is not Stage.NURTURING:
        lead.score //= 2
        lead.loops += 1
    lead.disqualified = None
    lead.wake_at = lead.recycled_until = min(max(wake_at, at + timedelta(seconds=1)), at + LONGEST_REST)
    lead.rests_until = min(at + parse_duration(playbook.recycling.cool_off), lead.wake_at)
    lead.track = playbook.nurture.track


def _reason(life: Life, entry: Entry, name: str | None) -> Reason:
    reasons = life.shelf.in_force(entry.effective_at).playbook.reasons
    return reasons.get(name or "other", reasons["other"])


def _flag(life: Life, entry: Entry, reason: str | None) -> None:
    """Another system may give a lead up too early; that is accepted, and marked."""
    hand_off = life.lead.hand_off
    if hand_off is not None and is_given_up_early(life.shelf.in_force(entry.effective_at).playbook, hand_off, reason):
        hand_off.is_under_worked = True


def reopened(life: Life, entry: Entry, _data: Any) -> None:
    """Brought back by a person, whatever ruled it out."""
    if life.lead.stage not in MAY_QUALIFY or life.lead.hand_off is not None:
        life.anomaly(entry, f"a lead that is {life.lead.stage} cannot be reopened")
        return
    open_hand_off(life, entry)


def snoozed(life: Life, entry: Entry, data: Snoozed) -> None:
    hand_off = life.lead.hand_off
    playbook = life.shelf.in_force(entry.effective_at).playbook
    if data.until <= entry.effective_at:
        life.anomaly(entry, "a snooze that is over before it starts")
    elif hand_off is not None and hand_off.touched_at is None and not playbook.snooze_before_touch:
        life.anomaly(entry, "snoozed before the first touch, which the playbook does not allow")
    else:
        clocks.pause(life, entry.effective_at, min(data.until, entry.effective_at + LONGEST_SNOOZE))


FACTS: dict[str, Handler] = {
    "lead.captured": captured,
    "lead.updated": updated,
    "lead.linked": linked,
    "lead.engaged": engaged,
    "lead.hand_raised": hand_raised,
    "lead.qualified": qualified,
    "lead.assigned": assigned,
    "lead.accepted": accepted,
    "lead.touched": touched,
    "lead.replied": replied,
    "lead.meeting_booked": booked,
    "lead.meeting_held": held,
    "lead.meeting_missed": missed,
    "lead.meeting_cancelled": cancelled,
    "lead.opportunity_opened": opportunity_opened,
    "lead.won": won,
    "lead.lost": lost,
    "lead.disqualified": disqualified,
    "lead.rejected": rejected,
    "lead.returned": returned,
    "lead.recycled": recycled,
    "lead.reopened": reopened,
    "lead.snoozed": snoozed,
    "lead.feedback_given": feedback_given,
}
