"""Who is told what, each thing once.

A notice names roles (`owner:ana`, `manager:ana`, `team:sales`, `channel:sales`); the roster resolves them when it is
sent. Notices still unsent that have become pointless are withdrawn.
"""

from collections.abc import Iterator

from leads.decide import Asking, Tick, decision_name
from leads.decisions import AssignCause, NoticeIssued, NoticeWithdrawn
from leads.ladder import Step, hearers
from leads.playbook import NoticeMode, Recipient
from leads.state import HandOff, Notice

_BEFORE_DUE, _AT_DUE, _AFTER_DUE = "warning", "breach", "escalation"
_OF_A_BREACH = (_AT_DUE, _AFTER_DUE)
_CORRECTION = "retraction"


def tell_rung(tick: Tick, step: Step) -> None:
    """The notice of a rung that fires, to whom the rung names and the playbook's mode lets hear."""
    roles = hearers(step.rung, tick.playbook.mode)
    if not roles:
        return
    clock = step.clock
    template = _at_or_after(step) if step.due_at >= clock.due_at else _BEFORE_DUE
    to = tuple(dict.fromkeys(address(role, clock.owner, clock.team) for role in roles))
    notice = NoticeIssued(
        **tick.premise, template=template, to=to, about=clock.key, rung=step.rung.rung, owner=clock.owner
    )
    tick.make(notice, "notice_issued", "rung", step.key)


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
    """The team and its manager hear of a lead that waits in their queue, and the manager of one that was ignored."""
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.quiet or tick.playbook.mode is not NoticeMode.FULL:
        return
    manager = address(Recipient.MANAGER, hand_off.owner, hand_off.team)
    waits = hand_off.queue is not None and hand_off.queue_why != "backfill"
    if waits and (hand_off.cycle is not None or not any(_told(tick, "unassigned", hand_off))):
        _tell(tick, "unassigned", hand_off, (f"team:{hand_off.team}", manager), hand_off.cycle or hand_off.id)
    if hand_off.id in tick.lead.ignored_announced and any(d.type == "ignored_announced" for d in tick.decisions):
        _tell(tick, "ignored", hand_off, (manager,), hand_off.id)
    return
    yield


def withdraw_pointless(tick: Tick) -> Asking:
    """What has not gone out yet and would alarm about a promise kept, or an owner gone, is taken back."""
    for notice_id in sorted(tick.undone & tick.lead.notices.keys()):
        why = _why_pointless(tick, tick.lead.notices[notice_id])
        if why is not None and not tick.lead.notices[notice_id].withdrawn:
            decision = NoticeWithdrawn(**tick.premise, notice=notice_id, why=why)
            tick.make(decision, "notice_withdrawn", notice_id)
    return
    yield


def _why_pointless(tick: Tick, notice: Notice) -> str | None:
    clock = tick.lead.clocks.get(notice.about)
    if notice.template in (_BEFORE_DUE, *_OF_A_BREACH):
        return None if clock is not None and clock.is_running else "promise_ended"
    hand_off = tick.lead.hand_off
    if notice.template == "unassigned":
        return "owner_found" if hand_off is None or hand_off.owner is not None else None
    if notice.template != "assigned":
        return None
    if hand_off is None or hand_off.id != notice.about:
        return "hand_off_ended"
    if f"owner:{hand_off.owner}" not in notice.to:
        return "owner_changed"
    return "touched" if hand_off.touched_at is not None else None
