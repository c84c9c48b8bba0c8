"""What each fact does to a lead. Forward facts always apply; only a contradiction is an anomaly.

One function per event type, listed in `FACTS` at the foot. Types that are only told (consent, content used, feedback)
stand in the timeline and change nothing else here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from leads import clocks
from leads.clocks import Signal
from leads.durations import parse_duration
from leads.entries import Entry
from leads.events import (
    Channel,
    DisqualifyKind,
    HandRaised,
    LeadAccepted,
    LeadAssigned,
    LeadCaptured,
    LeadDisqualified,
    LeadEngaged,
    LeadLinked,
    LeadQualified,
    LeadTouched,
    MeetingFact,
    OpportunityFact,
    Profile,
    Recycled,
    Rejected,
    Snoozed,
)
from leads.hand_offs import (
    ask_again,
    ask_anew,
    end_hand_off,
    open_hand_off,
    raise_hand,
    reroute,
    same_hand_off,
    set_owner,
)
from leads.life import Life
from leads.playbook import Consequence, Reason
from leads.stages import Stage
from leads.state import HandOff
from leads.touches import Contact, is_real, late_at

Handler = Callable[[Life, Entry, Any], None]

LONGEST_SNOOZE = timedelta(days=366)
"""Whatever a sender says; a lead nobody may look at for longer is a lead lost."""
LONGEST_REST = timedelta(days=3_660)
MOST_ATTRIBUTES = 100
LONGEST_ATTRIBUTE = 500
"""Characters of a name or a value."""

_MAY_QUALIFY = (Stage.CAPTURED, Stage.NURTURING, Stage.LOST, Stage.DISQUALIFIED)
_UNTOUCHED = (Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED)


_RULED_OUT = (DisqualifyKind.SOFT, DisqualifyKind.HARD, DisqualifyKind.NOT_A_LEAD)
"""From the mildest on: a milder word later takes nothing back, only a person who reopens the lead does."""


def captured(life: Life, entry: Entry, data: LeadCaptured) -> None:
    lead = life.lead
    if lead.captured_at is None:
        lead.captured_at = entry.effective_at
        lead.source_original = data.source
        lead.backfill = entry.backfill
        life.move(entry, Stage.CAPTURED)
    updated(life, entry, data)


def updated(life: Life, _entry: Entry, data: Profile) -> None:
    """The latest value of each field wins; attributes are merged."""
    profile = life.lead.profile
    fresh = data.model_dump(exclude_none=True, exclude_defaults=True, include=set(Profile.model_fields))
    attributes = (profile.get("attributes") or {}) | _fit_attributes(fresh.pop("attributes", {}))
    profile.update(fresh)
    if attributes:
        profile["attributes"] = dict(list(attributes.items())[-MOST_ATTRIBUTES:])


def _fit_attributes(sent: dict[str, Any]) -> dict[str, Any]:
    """What conditions can ask about: short names with plain values. The rest stands in the journal only."""
    return {
        name: value
        for name, value in sent.items()
        if len(name) <= LONGEST_ATTRIBUTE
        and isinstance(value, str | int | float)
        and len(str(value)) <= LONGEST_ATTRIBUTE
    }


def linked(life: Life, _entry: Entry, data: LeadLinked) -> None:
    if data.account:
        life.lead.profile["account"] = data.account


def engaged(life: Life, _entry: Entry, data: LeadEngaged) -> None:
    life.lead.score = max(life.lead.score + (data.points or 0), 0)


def hand_raised(life: Life, entry: Entry, data: HandRaised) -> None:
    lead = life.lead
    lead.raised_hand, lead.raised_at = data.kind, entry.effective_at
    clocks.resume(life, entry.effective_at)
    hand_off = lead.hand_off
    if hand_off is None and _may_qualify(life):
        raise_hand(life, entry, open_hand_off(life, entry))
    elif hand_off is not None and hand_off.touched_at is None and lead.stage in _UNTOUCHED:
        if hand_off.quiet and not entry.backfill:
            ask_anew(life, entry, hand_off)
            return
        same_hand_off(life, entry, hand_off)
        ask_again(life, entry, hand_off)


def qualified(life: Life, entry: Entry, data: LeadQualified) -> None:
    if data.score is not None:
        life.lead.score = data.score
    hand_off = life.lead.hand_off
    if hand_off is not None:
        same_hand_off(life, entry, hand_off)
    elif _may_qualify(life):
        open_hand_off(life, entry)


def _may_qualify(life: Life) -> bool:
    """Whether the lead may be handed to sales (again): who was ruled out hard stays out."""
    lead = life.lead
    return lead.stage in _MAY_QUALIFY and lead.disqualified in (None, DisqualifyKind.SOFT)


def _sales_hand_off(life: Life, entry: Entry) -> HandOff | None:
    """The hand-off under way; a fact of sales on a lead not handed over yet opens it."""
    return life.lead.hand_off or (open_hand_off(life, entry) if _may_qualify(life) else None)


def assigned(life: Life, entry: Entry, data: LeadAssigned) -> None:
    hand_off = _sales_hand_off(life, entry)
    if hand_off is None:
        life.anomaly(entry, f"a lead that is {life.lead.stage} has nothing to assign")
        return
    set_owner(life, entry, hand_off, owner=data.owner, team=data.team)


def accepted(life: Life, entry: Entry, data: LeadAccepted) -> None:
    hand_off = _sales_hand_off(life, entry)
    if hand_off is None:
        life.anomaly(entry, f"a lead that is {life.lead.stage} has nothing to accept")
        return
    if data.by and hand_off.owner is None:
        set_owner(life, entry, hand_off, owner=data.by)
    hand_off.accepted_at = hand_off.accepted_at or entry.effective_at
    clocks.meet(life, Signal.ACCEPTED, hand_off, Contact(entry.effective_at, data.by))
    if life.lead.stage in (Stage.QUALIFIED, Stage.ASSIGNED):
        life.move(entry, Stage.ACCEPTED)


def touched(life: Life, entry: Entry, data: LeadTouched) -> None:
    revision = life.shelf.in_force(entry.effective_at)
    if is_real(data, revision.playbook.real_touch):
        _reach(
            life,
            entry,
            Contact(entry.effective_at, data.by, late_at(data, entry.effective_at, revision)),
        )


def _reach(life: Life, entry: Entry, contact: Contact) -> None:
    """A real touch: it keeps the promises of the hand-off, and makes an assigned lead a worked one."""
    lead, hand_off = life.lead, life.lead.hand_off
    lead.real_touches += 1
    lead.last_touch_at, lead.last_touch_by = contact.at, contact.by
    if hand_off is None:
        return
    if hand_off.touched_at is None:
        hand_off.touched_at, hand_off.touched_by, hand_off.touched_late_at = contact.at, contact.by, contact.late_at
    elif contact.late_at is None:
        hand_off.touched_late_at = None
    clocks.meet(life, Signal.REAL_TOUCH, hand_off, contact)
    if hand_off.owner and lead.stage in _UNTOUCHED:
        hand_off.accepted_at = hand_off.accepted_at or contact.at
        life.move(entry, Stage.WORKING)


def replied(life: Life, entry: Entry, _data: LeadTouched) -> None:
    """The buyer spoke: whatever the clocks waited for has come."""
    clocks.resume(life, entry.effective_at)


def meeting_booked(life: Life, entry: Entry, data: MeetingFact) -> None:
    hand_off = life.lead.hand_off
    if data.self_booked and hand_off is not None:
        clocks.meet(life, Signal.SELF_BOOKED, hand_off, Contact(entry.effective_at, data.by, is_self_booked=True))
    elif data.by and not data.self_booked:
        _meeting_touch(life, entry, data)


def meeting_held(life: Life, entry: Entry, data: MeetingFact) -> None:
    _meeting_touch(life, entry, data)


def _meeting_touch(life: Life, entry: Entry, data: MeetingFact) -> None:
    rule = life.shelf.in_force(entry.effective_at).playbook.real_touch
    if rule.booked_meetings and Channel.MEETING in rule.channels:
        _reach(life, entry, Contact(entry.effective_at, data.by))


def opportunity_opened(life: Life, entry: Entry, _data: OpportunityFact) -> None:
    if life.lead.stage is Stage.WON:
        return  # another opportunity of a customer; the lead stays won
    _end(life, entry, Stage.OPPORTUNITY, "opportunity", clean=True)


def won(life: Life, entry: Entry, _data: OpportunityFact) -> None:
    _end(life, entry, Stage.WON, "won", clean=True)


def lost(life: Life, entry: Entry, data: OpportunityFact) -> None:
    _end(life, entry, Stage.LOST, "lost", reason=data.reason, clean=_reason(life, entry, data.reason).checkable)


def disqualified(life: Life, entry: Entry, data: LeadDisqualified) -> None:
    is_none = data.kind is DisqualifyKind.NOT_A_LEAD
    clean = is_none or _reason(life, entry, data.reason).checkable
    reason = "not_a_lead" if is_none else data.reason
    before = life.lead.disqualified or data.kind
    if _end(life, entry, Stage.DISQUALIFIED, "disqualified", reason=reason, clean=clean):
        life.lead.disqualified = max(data.kind, before, key=_RULED_OUT.index)


def _end(life: Life, entry: Entry, stage: Stage, result: str, *, clean: bool, reason: str | None = None) -> bool:
    """Move to a stage after which this hand-off asks nothing more. What was skipped on the way is cancelled."""
    if not life.move(entry, stage):
        return False
    end_hand_off(life, entry, result, reason, clean=clean)
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
    if reason.checkable:
        clocks.meet(life, Signal.CHECKABLE_REJECTION, hand_off, Contact(at, by))
    is_rerouted = reason.consequence is Consequence.REROUTE
    end_hand_off(life, entry, "rejected", data.reason, clean=reason.checkable, spares_raise=is_rerouted)
    match reason.consequence:
        case Consequence.DISQUALIFY:
            life.move(entry, Stage.DISQUALIFIED)
            lead.disqualified, lead.ended_reason = DisqualifyKind.SOFT, data.reason
        case Consequence.RECYCLE | Consequence.FIX_DATA:
            _back_to_marketing(life, entry, at + parse_duration(reason.wait))
        case Consequence.REROUTE:
            reroute(life, entry, hand_off, without=by)


def recycled(life: Life, entry: Entry, data: Recycled) -> None:
    reason = _reason(life, entry, data.reason)
    end_hand_off(life, entry, "recycled", data.reason, clean=reason.checkable)
    _back_to_marketing(life, entry, data.wake_at or entry.effective_at + parse_duration(reason.wait))


def _back_to_marketing(life: Life, entry: Entry, wake_at: datetime) -> None:
    """Recycled: half the score, a wake-up date, one loop more. Of one that is there already, only the date."""
    lead, was = life.lead, life.lead.stage
    if not life.move(entry, Stage.NURTURING):
        return
    if was is not Stage.NURTURING:
        lead.score //= 2
        lead.loops += 1
    lead.disqualified = None
    latest = entry.effective_at + LONGEST_REST
    lead.wake_at = lead.rests_until = min(max(wake_at, entry.effective_at + timedelta(seconds=1)), latest)
    lead.track = life.shelf.in_force(entry.effective_at).playbook.nurture.track


def _reason(life: Life, entry: Entry, name: str | None) -> Reason:
    reasons = life.shelf.in_force(entry.effective_at).playbook.reasons
    return reasons.get(name or "other", reasons["other"])


def reopened(life: Life, entry: Entry, _data: Any) -> None:
    """Brought back by a person, whatever ruled it out."""
    if life.lead.stage not in _MAY_QUALIFY or life.lead.hand_off is not None:
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
    "lead.meeting_booked": meeting_booked,
    "lead.meeting_held": meeting_held,
    "lead.opportunity_opened": opportunity_opened,
    "lead.won": won,
    "lead.lost": lost,
    "lead.disqualified": disqualified,
    "lead.rejected": rejected,
    "lead.returned": rejected,
    "lead.recycled": recycled,
    "lead.reopened": reopened,
    "lead.snoozed": snoozed,
}
