"""Who is told what, each thing once.

A notice names roles (`owner:ana`, `manager:ana`, `team:sales`, `channel:sales`); the roster resolves them when it is
sent.
"""

from collections.abc import Iterator
from datetime import timedelta

from leads.clock_table import CLOCKS
from leads.coming_back import RAISED_HAND, running_reply
from leads.decide import Asking, Tick, decision_name
from leads.decisions import AssignCause, NoticeIssued
from leads.ladder import Step, hearers
from leads.playbook_teams import NoticeMode
from leads.promises import Recipient
from leads.state import Clock, HandOff, Lead, Notice

_BEFORE_DUE, _AT_DUE, _AFTER_DUE = "warning", "breach", "escalation"
_OF_A_BREACH = (_AT_DUE, _AFTER_DUE)
_CORRECTION = "retraction"
NEWS = timedelta(hours=1)
"""What happened longer ago is told by no notice of its own any more."""


def tell_rung(tick: Tick, step: Step) -> None:
    """The notice of a rung that fires, to whom the rung names and the playbook's mode lets hear."""
    roles = hearers(step.rung, tick.playbook.mode)
    if not roles:
        return
    clock = step.clock
    template = _at_or_after(step) if step.due_at >= clock.due_at else _BEFORE_DUE
    owner, team = whose(tick.lead, clock)
    to = tuple(dict.fromkeys(address(role, owner, team) for role in roles))
    notice = NoticeIssued(**tick.premise, template=template, to=to, about=clock.key, rung=step.rung.rung, owner=owner)
    tick.make(notice, "notice_issued", "rung", step.key)


def whose(lead: Lead, clock: Clock) -> tuple[str | None, str | None]:
    """Who can still do something about a promise, and in which team.

    A breach stays with the owner of its time in the books; the alarm goes to whoever has the lead now.
    """
    hand_off = lead.hand_off
    if hand_off is None or clock.hand_off != hand_off.id or CLOCKS[clock.clock].of_owner:
        return clock.owner, clock.team
    return hand_off.owner, hand_off.team


def _at_or_after(step: Step) -> str:
    return _AT_DUE if step.due_at == step.clock.due_at else _AFTER_DUE


def address(role: Recipient, owner: str | None, team: str | None) -> str:
    """A role of this lead; what has no owner yet concerns the whole team."""
    if role in (Recipient.TEAM, Recipient.CHANNEL):
        return f"{role}:{team}"
    if owner is None:
        return f"team_manager:{team}" if role is Recipient.MANAGER else f"team:{team}"
    return f"{role}:{owner}"


def correct_breach(tick: Tick, clock_key: str, retraction: str) -> None:
    """Tell everyone who was told of a breach that it was none, in the thread of the first such notice."""
    of_it = [(notice_id, n) for notice_id, n in tick.lead.notices.items() if n.about == clock_key and not n.withdrawn]
    corrected_at = max((n.issued_at for _, n in of_it if n.template == _CORRECTION), default=None)
    told = [
        (notice_id, notice)
        for notice_id, notice in of_it
        if notice.template in _OF_A_BREACH and (corrected_at is None or notice.issued_at > corrected_at)
    ]
    if not told:
        return
    to = tuple(dict.fromkeys(person for _, notice in told for person in notice.to))
    correction = NoticeIssued(**tick.premise, template=_CORRECTION, to=to, about=clock_key, corrects=told[0][0])
    tick.make(correction, "notice_issued", _CORRECTION, retraction)


def tell_owner(tick: Tick) -> Asking:
    """The owner hears that a lead is his, once per cycle, and that the buyer asked again, once."""
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.owner is None or hand_off.quiet or tick.playbook.mode is NoticeMode.SHADOW:
        return
    since = hand_off.owner_since
    if since is not None and tick.shelf.in_force(since).playbook.mode is NoticeMode.SHADOW:
        return  # what happened in shadow is no news on the day the shadow lifts
    to = f"owner:{hand_off.owner}"
    is_known = any(to in n.to and (since is None or n.issued_at >= since) for n in _told(tick, "assigned", hand_off))
    if hand_off.touched_at is None and hand_off.cause is not AssignCause.CLAIM and not is_known:
        _tell(tick, "assigned", hand_off, (to,), hand_off.cycle)
    if hand_off.asked_again_at is not None and not any(_told(tick, "asked_again", hand_off)):
        _tell(tick, "asked_again", hand_off, (to,), hand_off.id)
    return
    yield


def tell_came_back(tick: Tick) -> Asking:
    """A buyer who raised a hand again while sales was at it waits for an answer: said once, while it is news."""
    clock = running_reply(tick.lead)
    if clock is None or clock.subject != RAISED_HAND or clock.quiet or tick.playbook.mode is NoticeMode.SHADOW:
        return
    if tick.at - clock.started_at > NEWS or decision_name("notice_issued", "came_back", clock.key) in tick.lead.notices:
        return
    owner, team = whose(tick.lead, clock)
    to = (address(Recipient.OWNER, owner, team),)
    notice = NoticeIssued(**tick.premise, template="asked_again", to=to, about=clock.key, owner=owner)
    tick.make(notice, "notice_issued", "came_back", clock.key)
    return
    yield


def _told(tick: Tick, template: str, hand_off: HandOff) -> Iterator[Notice]:
    """What was said of a hand-off, whatever it was called at the time."""
    for notice in tick.lead.notices.values():
        if notice.template == template and notice.about == hand_off.id and not notice.withdrawn:
            yield notice


def _tell(tick: Tick, template: str, hand_off: HandOff, to: tuple[str, ...], cause: str | None) -> None:
    if decision_name("notice_issued", template, cause) not in tick.lead.notices:
        notice = NoticeIssued(**tick.premise, template=template, to=to, about=hand_off.id, owner=hand_off.owner)
        tick.make(notice, "notice_issued", template, cause)


def tell_overtaken(tick: Tick) -> Asking:
    """Whoever a decision named hears once that a late fact has overtaken it."""
    for decision, person in tick.lead.overtaken.items():
        is_told = decision_name("notice_issued", "overtaken", decision) in tick.lead.notices
        if person and not is_told and tick.playbook.mode is not NoticeMode.SHADOW:
            notice = NoticeIssued(**tick.premise, template="overtaken", to=(f"owner:{person}",), about=decision)
            tick.make(notice, "notice_issued", "overtaken", decision)
    return
    yield


def tell_unassigned(tick: Tick) -> Asking:
    """The team and its manager hear of a lead that waits in their queue."""
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.quiet or tick.playbook.mode is not NoticeMode.FULL:
        return
    manager = address(Recipient.MANAGER, hand_off.owner, hand_off.team)
    waits = hand_off.queue is not None and hand_off.queue_why != "backfill"
    if waits and (hand_off.cycle is not None or not any(_told(tick, "unassigned", hand_off))):
        _tell(tick, "unassigned", hand_off, (f"team:{hand_off.team}", manager), hand_off.cycle or hand_off.id)
    return
    yield


def tell_ignored(tick: Tick, hand_off: HandOff) -> None:
    """The manager hears of a hand-off that was ignored."""
    if hand_off.is_open and tick.playbook.mode is NoticeMode.FULL:
        manager = address(Recipient.MANAGER, hand_off.owner, hand_off.team)
        _tell(tick, "ignored", hand_off, (manager,), tick.lead.ignored_words.get(hand_off.id))


def tell_not_ignored(tick: Tick, hand_off: HandOff, retraction: str) -> None:
    """Whoever heard that it was ignored hears that it was not, in the thread of what was said."""
    lead = tick.lead
    told = [(notice_id, n) for notice_id, n in lead.notices.items() if n.template == "ignored" and not n.withdrawn]
    told = [(notice_id, n) for notice_id, n in told if n.about == hand_off.id]
    if told:
        notice_id, notice = told[-1]
        correction = NoticeIssued(
            **tick.premise, template="ignored_retracted", to=tuple(notice.to), about=hand_off.id, corrects=notice_id
        )
        tick.make(correction, "notice_issued", "ignored_retracted", retraction)


def tell_feedback_asked(tick: Tick, hand_off: HandOff) -> None:
    """Whoever had the lead is asked what came of it."""
    to = (address(Recipient.OWNER, hand_off.owner, hand_off.team),)
    _tell(tick, "feedback_asked", hand_off, to, hand_off.id)
