"""What each fact does to a lead. Forward facts always apply; only a contradiction is an anomaly.

One function per event type, listed in `FACTS` at the foot. Types that are only told (consent, content used) stand in
the timeline and change nothing else here.
"""

from collections.abc import Callable
from typing import Any

from leads import clocks
from leads.account_known import account_matched
from leads.clock_table import Signal
from leads.coming_back import came_back, spoke
from leads.endings import (
    disqualified,
    lost,
    opportunity_opened,
    recycled,
    rejected,
    reopened,
    returned,
    won,
)
from leads.entries import Entry
from leads.events import (
    HandRaised,
    LeadAccepted,
    LeadAssigned,
    LeadEngaged,
    LeadQualified,
    LeadTouched,
    Snoozed,
)
from leads.feedback import feedback_given
from leads.gone import away, left
from leads.hand_offs import (
    ask_again,
    ask_anew,
    open_hand_off,
    pass_on,
    raise_hand,
    same_hand_off,
    set_owner,
)
from leads.in_list import let_out, released, unlisted
from leads.known import captured, linked, updated
from leads.life import Life
from leads.meetings import booked, cancelled, held, missed
from leads.moves import move
from leads.reaching import UNTOUCHED, may_qualify, reach, sales_hand_off, touch_rule
from leads.stages import Stage
from leads.state import HandOff
from leads.touches import Contact, contact_of, is_real

Handler = Callable[[Life, Entry, Any], None]


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
    if is_real(data, touch_rule(life, revision)):
        let_out(life, entry)
        reach(life, entry, contact_of(data, entry.effective_at, revision))


def replied(life: Life, entry: Entry, data: LeadTouched) -> None:
    """The buyer spoke: whatever the clocks waited for has come, and an answer is owed. A machine's reply is none."""
    revision = life.shelf.in_force(entry.effective_at)
    rule = touch_rule(life, revision)
    if data.mode not in rule.modes:
        return
    clocks.resume(life, entry.effective_at)
    let_out(life, entry)
    if data.connected and is_real(data, rule):
        reach(life, entry, contact_of(data, entry.effective_at, revision))
    else:
        spoke(life, entry)


def snoozed(life: Life, entry: Entry, data: Snoozed) -> None:
    """Clocks stand still. The latest word of a kind counts: a pause can be shortened."""
    hand_off, at = life.lead.hand_off, entry.effective_at
    rule = life.shelf.in_force(at).playbook.pause_rule(data.kind)
    if data.until <= at:
        life.anomaly(entry, "a snooze that is over before it starts")
    elif not rule.allowed:
        life.anomaly(entry, f"a pause ({data.kind}) that the playbook does not allow")
    elif hand_off is not None and hand_off.touched_at is None and not rule.before_touch:
        life.anomaly(entry, "snoozed before the first touch, which the playbook does not allow")
    else:
        clocks.resume(life, at, (data.kind,))
        clocks.pause(life, at, min(data.until, at + rule.longest), data.kind)


FACTS: dict[str, Handler] = {
    "lead.captured": captured,
    "lead.updated": updated,
    "lead.linked": linked,
    "lead.engaged": engaged,
    "lead.hand_raised": hand_raised,
    "lead.qualified": qualified,
    "lead.released": released,
    "lead.unlisted": unlisted,
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
    "owner.away": away,
    "owner.left": left,
    "account.matched": account_matched,
}
