"""Reaching the buyer: what a real touch does, and when a fact of sales itself hands a lead over."""

from datetime import datetime

from leads import clocks
from leads.clock_table import Signal
from leads.effort import count_attempt
from leads.entries import Entry
from leads.events import DisqualifyKind
from leads.hand_offs import open_hand_off
from leads.life import Life
from leads.moves import move
from leads.playbook_touch import RealTouch
from leads.revisions import Revision
from leads.segments import segment_of
from leads.stages import Stage
from leads.state import HandOff
from leads.touches import Contact

MAY_QUALIFY = (Stage.CAPTURED, Stage.NURTURING, Stage.LOST, Stage.DISQUALIFIED)
UNTOUCHED = (Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED)


def may_qualify(life: Life) -> bool:
    """Whether the lead may be handed to sales (again): who was ruled out hard stays out."""
    lead = life.lead
    return lead.stage in MAY_QUALIFY and lead.disqualified in (None, DisqualifyKind.SOFT)


def sales_hand_off(life: Life, entry: Entry) -> HandOff | None:
    """The hand-off under way; a fact of sales on a lead not handed over yet opens it."""
    return life.lead.hand_off or (open_hand_off(life, entry) if may_qualify(life) else None)


def touch_rule(life: Life, revision: Revision) -> RealTouch:
    """What counts as a touch of the lead as it is handed now."""
    last = life.lead.last_hand_off
    if not revision.counts_touches_apart:
        return revision.playbook.real_touch
    return revision.touch_rule(last, segment_of(life.lead, revision, last))


def reach(life: Life, entry: Entry, contact: Contact) -> None:
    """A real touch: it keeps the promises of the hand-off, and makes an assigned lead a worked one."""
    lead, hand_off = life.lead, life.lead.hand_off
    lead.real_touches += 1
    lead.last_touch_at, lead.last_touch_by = contact.at, contact.by
    concerned = lead.last_hand_off
    if concerned is not None:
        clocks.meet(life, Signal.REAL_TOUCH, contact, hand_off=concerned)
    if hand_off is None:
        return
    if hand_off.touched_at is None:
        hand_off.touched_at, hand_off.touched_by, hand_off.touched_late_at = contact.at, contact.by, contact.late_at
    elif contact.late_at is None:
        hand_off.touched_late_at = None
    if hand_off.owner:
        hand_off.accepted_at = hand_off.accepted_at or contact.at
        if lead.stage in UNTOUCHED:
            move(life, entry, Stage.WORKING)
    _go_on(life, entry, hand_off, contact)


def _go_on(life: Life, entry: Entry, hand_off: HandOff, contact: Contact) -> None:
    """An attempt that reaches nobody asks for more of them; a conversation, or a date agreed, for a next step."""
    at, is_deal = contact.at, life.lead.stage is Stage.OPPORTUNITY
    if contact.is_attempt:
        count_attempt(life, hand_off, contact)
    if contact.is_conversation:
        hand_off.conversed_at = hand_off.conversed_at or at
        clocks.meet(life, Signal.CONVERSATION, contact, hand_off=hand_off)
    elif hand_off.conversed_at is None and not is_deal:
        clocks.start(life, Signal.ATTEMPTED, hand_off.id, at, hand_off=hand_off, quiet=entry.backfill)
        if hand_off.is_effort_made:
            clocks.meet(life, Signal.EFFORT_MADE, contact, hand_off=hand_off)
    if hand_off.conversed_at is not None or contact.next_step_at is not None or is_deal:
        clocks.start(
            life, Signal.STEP_OWED, entry.ref, at,
            hand_off=hand_off, quiet=entry.backfill, runs_from=_agreed(contact),
        )  # fmt: skip


def _agreed(contact: Contact) -> datetime | None:
    """The date agreed, if it lies ahead of the touch."""
    agreed = contact.next_step_at
    return agreed if agreed is not None and agreed > contact.at else None
