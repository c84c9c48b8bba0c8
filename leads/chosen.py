"""What each decision does where it stands in the journal.

A decision is never made again by a refold. It applies while its premise holds; otherwise it is overtaken: the owner
stays, what was sent stays sent, no stage moves and no clock opens.
"""

from collections.abc import Callable
from typing import Any

from leads import clocks
from leads.clock_table import CLOCKS, Cause, Signal
from leads.decisions import (
    Assigned,
    BreachAnnounced,
    BreachRetracted,
    FeedbackAsked,
    FeedbackSpared,
    HoursTaken,
    IgnoredAnnounced,
    IgnoredRetracted,
    NoticeIssued,
    NoticeWithdrawn,
    NoticeWithheld,
    Nurtured,
    Qualified,
    Queued,
    RungFired,
    RungSkipped,
    TurnReturned,
)
from leads.entries import Entry
from leads.feedback import ASKED, SPARED
from leads.gone import owner_kept
from leads.hand_offs import open_hand_off, set_owner, to_queue
from leads.life import Life, is_history
from leads.moves import move
from leads.stages import Stage
from leads.state import HandOff, Lead, Notice, OwnHours

Handler = Callable[[Life, Entry, Any], None]


def nurtured(life: Life, entry: Entry, data: Nurtured) -> None:
    lead = life.lead
    if lead.stage not in (Stage.CAPTURED, Stage.NURTURING):
        life.overtake(entry)
        return
    move(life, entry, Stage.NURTURING)
    lead.track, lead.wake_at, lead.recycled_until = data.track, data.wake_at, None


def qualified(life: Life, entry: Entry, _data: Qualified) -> None:
    if life.lead.stage not in (Stage.CAPTURED, Stage.NURTURING):
        life.overtake(entry)
        if life.lead.hand_off is not None:
            life.alias(Cause.HAND_OFF, entry.ref, life.lead.hand_off.id)
        return
    open_hand_off(life, entry)


def assigned(life: Life, entry: Entry, data: Assigned) -> None:
    hand_off = _hand_off(life.lead, data.hand_off)
    if hand_off is not None and _stands(life.lead, hand_off, data.was, data.clock):
        set_owner(life, entry, hand_off, owner=data.owner, team=data.team, cause=data.cause)
        hand_off.took_turn = data.place is not None
    elif hand_off is not None and hand_off.is_open and hand_off.owner == data.owner:
        _same_cycle(life, entry, hand_off)  # a late fact gave it to the same person: nothing to tell
    else:
        _owner_stays(life, entry, data.owner, hand_off or life.lead.hand_off)


def queued(life: Life, entry: Entry, data: Queued) -> None:
    hand_off = _hand_off(life.lead, data.hand_off)
    if hand_off is None or not _stands(life.lead, hand_off, data.was, data.clock):
        life.overtake(entry)
        return
    to_queue(
        life, entry, hand_off,
        queue=data.queue, team=data.team, why=data.why, retry_at=data.retry_at, looks=data.looks,
        may_return=data.standing is not None,
    )  # fmt: skip


def turn_returned(life: Life, _entry: Entry, data: TurnReturned) -> None:
    hand_off = _hand_off(life.lead, data.hand_off)
    if hand_off is not None:
        hand_off.turn_returned = True


def _stands(lead: Lead, hand_off: HandOff, was: str | None, clock: str | None) -> bool:
    """Whether the premise holds: the owner is who it was, and a clock whose ladder climbed is still running."""
    is_climbing = clock is None or (
        (running := lead.clocks.get(clocks.standing_key(lead, clock))) is not None and running.is_running
    )
    return hand_off.is_open and hand_off.owner == was and is_climbing


def _owner_stays(life: Life, entry: Entry, owner: str, hand_off: HandOff | None) -> None:
    """The world was told of this owner, so he stays; only a new decision or fact reverses it."""
    life.overtake(entry, owner)
    if hand_off is None:
        return
    if not hand_off.is_open:
        hand_off.owner = hand_off.owner or owner
        return
    if hand_off.owner is None:
        hand_off.held = entry.id
        hand_off.leave_queue()
    hand_off.owner = owner
    _same_cycle(life, entry, hand_off)
    for clock in life.lead.running():
        # a promise of the owner alone goes on under the name of who stays; of the rest, what ran out before does not
        if CLOCKS[clock.clock].of_owner or clock.due_at > entry.effective_at:
            clock.owner = owner


def _same_cycle(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """What was settled on the clocks of a decision that started none counts for those that run in their place."""
    if hand_off.cycle is not None:
        life.alias(Cause.OWNER, entry.ref, hand_off.cycle)


def _hand_off(lead: Lead, name: str) -> HandOff | None:
    standing = lead.resolve(Cause.HAND_OFF, name)
    return next((hand_off for hand_off in reversed(lead.hand_offs) if hand_off.id == standing), None)


def hours_taken(life: Life, entry: Entry, data: HoursTaken) -> None:
    key = clocks.standing_key(life.lead, data.clock)
    clocks.run_in_own_hours(life, key, data.person, OwnHours(data.calendar, data.away), entry.effective_at)


def breach_announced(life: Life, entry: Entry, data: BreachAnnounced) -> None:
    _say_of_breach(life.lead, data.clock, entry.id, stands=True)


def breach_retracted(life: Life, entry: Entry, data: BreachRetracted) -> None:
    _say_of_breach(life.lead, data.clock, entry.id, stands=False)


def _say_of_breach(lead: Lead, clock: str, decision: str, *, stands: bool) -> None:
    key = clocks.standing_key(lead, clock)
    lead.breaches_announced[key], lead.breach_words[key] = stands, decision


def rung_fired(life: Life, _entry: Entry, data: RungFired) -> None:
    life.lead.rungs[f"{clocks.standing_key(life.lead, data.clock)}/{data.rung}"] = "fired"


def rung_skipped(life: Life, _entry: Entry, data: RungSkipped) -> None:
    life.lead.rungs[f"{clocks.standing_key(life.lead, data.clock)}/{data.rung}"] = data.why


def ignored_announced(life: Life, entry: Entry, data: IgnoredAnnounced) -> None:
    _say_of_ignored(life.lead, data.hand_off, entry.id, stands=True)


def ignored_retracted(life: Life, entry: Entry, data: IgnoredRetracted) -> None:
    _say_of_ignored(life.lead, data.hand_off, entry.id, stands=False)


def _say_of_ignored(lead: Lead, hand_off: str, decision: str, *, stands: bool) -> None:
    standing = lead.resolve(Cause.HAND_OFF, hand_off)
    lead.ignored_announced[standing], lead.ignored_words[standing] = stands, decision


def feedback_asked(life: Life, entry: Entry, data: FeedbackAsked) -> None:
    """Asked is asked, and an answer is owed while the hand-off is over."""
    hand_off = _hand_off(life.lead, data.hand_off)
    if hand_off is None or hand_off.is_open:
        life.overtake(entry)
        return
    life.lead.feedback_asked.setdefault(hand_off.id, ASKED)
    if life.lead.feedback_asked[hand_off.id] == ASKED:
        clocks.start(
            life, Signal.FEEDBACK_ASKED, hand_off.id, entry.effective_at,
            hand_off=hand_off, quiet=is_history(life, entry),
        )  # fmt: skip


def feedback_spared(life: Life, _entry: Entry, data: FeedbackSpared) -> None:
    hand_off = _hand_off(life.lead, data.hand_off)
    if hand_off is not None:
        life.lead.feedback_asked.setdefault(hand_off.id, SPARED)


def notice_issued(life: Life, entry: Entry, data: NoticeIssued) -> None:
    about = clocks.standing_name(life.lead, data.about)
    life.lead.notices[entry.id] = Notice(data.template, about, list(data.to), entry.effective_at)


def notice_withheld(life: Life, entry: Entry, data: NoticeWithheld) -> None:
    about = clocks.standing_name(life.lead, data.about)
    life.lead.withheld[entry.id] = Notice(data.template, about, list(data.to), entry.effective_at)


def notice_withdrawn(life: Life, _entry: Entry, data: NoticeWithdrawn) -> None:
    if data.notice in life.lead.notices:
        life.lead.notices[data.notice].withdrawn = True


CHOSEN: dict[str, Handler] = {
    "nurtured": nurtured,
    "qualified": qualified,
    "assigned": assigned,
    "queued": queued,
    "hours_taken": hours_taken,
    "owner_kept": owner_kept,
    "turn_returned": turn_returned,
    "breach_announced": breach_announced,
    "breach_retracted": breach_retracted,
    "rung_fired": rung_fired,
    "rung_skipped": rung_skipped,
    "ignored_announced": ignored_announced,
    "ignored_retracted": ignored_retracted,
    "feedback_asked": feedback_asked,
    "feedback_spared": feedback_spared,
    "notice_issued": notice_issued,
    "notice_withdrawn": notice_withdrawn,
    "notice_withheld": notice_withheld,
}
