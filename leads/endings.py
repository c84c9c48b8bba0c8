"""How a lead leaves sales: an opportunity, won, lost, ruled out, given back, sent back to marketing; and comes back."""

from datetime import datetime, timedelta
from typing import Any

from leads import clocks
from leads.clock_table import Signal
from leads.durations import parse_duration
from leads.effort import is_given_up_early
from leads.entries import Entry
from leads.events import DisqualifyKind, LeadDisqualified, OpportunityFact, Recycled, Rejected
from leads.hand_offs import end_hand_off, give_back, open_hand_off, reroute, set_owner
from leads.life import Life
from leads.moves import move
from leads.playbook import Consequence, Reason
from leads.reaching import MAY_QUALIFY
from leads.stages import Stage
from leads.state import HandOff
from leads.touches import Contact

LONGEST_REST = timedelta(days=3_660)

_RULED_OUT = (DisqualifyKind.SOFT, DisqualifyKind.HARD, DisqualifyKind.NOT_A_LEAD)
"""From the mildest on: a milder word later takes nothing back, only a person who reopens the lead does."""


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
    is_told_again = lead.stage is Stage.OPPORTUNITY
    if not move(life, entry, Stage.OPPORTUNITY):
        return
    _credit(life, hand_off, at)
    hand_off.accepted_at = hand_off.accepted_at or at
    clocks.skip(life, hand_off, at, "skipped")
    if not is_told_again:
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
