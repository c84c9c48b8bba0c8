"""Who is told what, each thing once.

A notice names roles (`owner:ana`, `manager:ana`, `team:sales`, `channel:sales`); the roster resolves them when it is
sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.clock_table import CLOCKS
from leads.coming_back import RAISED_HAND, running_reply
from leads.decide import Asking, Tick, decision_name
from leads.decisions import TAKEN_OVER, AssignCause, NoticeIssued, NoticeWithheld
from leads.ladder import Step, hearers
from leads.modes import quietest
from leads.playbook_teams import NoticeMode
from leads.promises import Recipient
from leads.state import Clock, HandOff, Lead, Notice

_BEFORE_DUE, _AT_DUE, _AFTER_DUE = "warning", "breach", "escalation"
_OF_A_BREACH = (_AT_DUE, _AFTER_DUE)
_CORRECTION = "retraction"
_NOBODY_TOLD = ("backfill", "crm_assigns", NoticeMode.SHADOW)
"""Why a lead waits in a queue of which nobody is told."""
NEWS = timedelta(hours=1)
"""What happened longer ago is told by no notice of its own any more."""


def tell_rung(tick: Tick, step: Step, mode: NoticeMode) -> None:
    """The notice of a rung that comes due, to whom the rung names and the mode lets hear."""
    if not step.rung.notify:
        return
    clock = step.clock
    template = _at_or_after(step) if step.due_at >= clock.due_at else _BEFORE_DUE
    owner, team = whose(tick.lead, clock)
    heard = hearers(step.rung, mode)
    to = tuple(dict.fromkeys(address(role, owner, team) for role in heard or step.rung.notify))
    bulk = _bulk(tick.lead, clock)
    saying = _Saying(template, clock.key, to, team, rung=step.rung.rung, owner=owner, list=bulk)
    _say(tick, saying, mode if not heard else NoticeMode.FULL, "rung", step.key)


@dataclass(frozen=True, slots=True)
class _Saying:
    """What is to be told of a lead, and to whom."""

    template: str
    about: str
    to: tuple[str, ...]
    team: str | None
    """By whose mode it goes."""
    owner: str | None = None
    rung: str | None = None
    was: str | None = None
    """The owner before, who is away or has left."""
    list: str | None = None
    """The bulk list of which it is one of many."""


def _say(tick: Tick, saying: _Saying, mode: NoticeMode, *causes: object, above_owner: bool = True) -> None:
    """Issue a notice, or note that the mode does not let it out. Each is said once, or withheld for good."""
    if _is_said(tick.lead, *causes):
        return
    template, about, to = saying.template, saying.about, saying.to
    rung, owner = saying.rung, saying.owner
    if mode is NoticeMode.SHADOW or (above_owner and mode is not NoticeMode.FULL):
        withheld = NoticeWithheld(
            **tick.premise, template=template, to=to, about=about, rung=rung, owner=owner, team=saying.team, why=mode
        )
        tick.make(withheld, "notice_withheld", *causes)
    else:
        notice = NoticeIssued(
            **tick.premise,
            template=template,
            to=to,
            about=about,
            rung=rung,
            owner=owner,
            was=saying.was,
            list=saying.list,
        )
        tick.make(notice, "notice_issued", *causes)


def _is_said(lead: Lead, *causes: object) -> bool:
    is_issued = decision_name("notice_issued", *causes) in lead.notices
    return is_issued or decision_name("notice_withheld", *causes) in lead.withheld


def whose(lead: Lead, clock: Clock) -> tuple[str | None, str | None]:
    """Who can still do something about a promise, and in which team.

    A breach stays with the owner of its time in the books; the alarm goes to whoever has the lead now.
    """
    hand_off = lead.hand_off
    if hand_off is None or clock.hand_off != hand_off.id or CLOCKS[clock.clock].of_owner:
        return clock.owner, clock.team
    return hand_off.owner, hand_off.team


def _bulk(lead: Lead, clock: Clock) -> str | None:
    return next((hand_off.bulk for hand_off in lead.hand_offs if hand_off.id == clock.hand_off), None)


def _at_or_after(step: Step) -> str:
    return _AT_DUE if step.due_at == step.clock.due_at else _AFTER_DUE


def address(role: Recipient, owner: str | None, team: str | None) -> str:
    """A role of this lead; what has no owner yet concerns the whole team."""
    if role in (Recipient.TEAM, Recipient.CHANNEL, Recipient.SPONSOR):
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
    if hand_off is None or hand_off.owner is None or hand_off.quiet:
        return
    since = hand_off.owner_since
    to = f"owner:{hand_off.owner}"
    template = "taken_over" if hand_off.cause in TAKEN_OVER else "assigned"
    is_known = any(to in n.to and (since is None or n.issued_at >= since) for n in _told(tick, template, hand_off))
    is_news = hand_off.touched_at is None or template == "taken_over"
    if is_news and hand_off.cause is not AssignCause.CLAIM and not is_known:
        _tell_owner(tick, template, hand_off, since, hand_off.cycle)
    if hand_off.asked_again_at is not None and not any(_told(tick, "asked_again", hand_off)):
        _tell_owner(tick, "asked_again", hand_off, hand_off.asked_again_at, hand_off.id)
    return
    yield


def _tell_owner(tick: Tick, template: str, hand_off: HandOff, since: datetime | None, cause: str | None) -> None:
    """What happened in shadow is no news on the day the shadow lifts."""
    to = (address(Recipient.OWNER, hand_off.owner, hand_off.team),)
    mode = quietest(tick.shelf, hand_off.team, tick.at, since or tick.at)
    _say(tick, _of(hand_off, template, to), mode, template, cause, above_owner=False)


def tell_came_back(tick: Tick) -> Asking:
    """A buyer who raised a hand again while sales was at it waits for an answer: said once, while it is news."""
    clock = running_reply(tick.lead)
    if clock is None or clock.subject != RAISED_HAND or clock.quiet or tick.at - clock.started_at > NEWS:
        return
    owner, team = whose(tick.lead, clock)
    to = (address(Recipient.OWNER, owner, team),)
    mode = quietest(tick.shelf, team, tick.at, clock.started_at)
    saying = _Saying("asked_again", clock.key, to, team, owner=owner)
    _say(tick, saying, mode, "came_back", clock.key, above_owner=False)
    return
    yield


def _told(tick: Tick, template: str, hand_off: HandOff) -> Iterator[Notice]:
    """What was said of a hand-off, or withheld, whatever it was called at the time."""
    for notice in (*tick.lead.notices.values(), *tick.lead.withheld.values()):
        if notice.template == template and notice.about == hand_off.id and not notice.withdrawn:
            yield notice


def _of(hand_off: HandOff, template: str, to: tuple[str, ...]) -> _Saying:
    was = hand_off.was if template == "taken_over" else None
    return _Saying(template, hand_off.id, to, hand_off.team, owner=hand_off.owner, was=was, list=hand_off.bulk)


def tell_overtaken(tick: Tick) -> Asking:
    """Whoever a decision named hears once that a late fact has overtaken it."""
    last = tick.lead.last_hand_off
    team = last.team if last else None
    for decision, person in tick.lead.overtaken.items():
        if person:
            saying = _Saying("overtaken", decision, (f"owner:{person}",), team)
            mode = tick.playbook.mode_of(team)
            _say(tick, saying, mode, "overtaken", decision, above_owner=False)
    return
    yield


def tell_unassigned(tick: Tick) -> Asking:
    """The team and its manager hear of a lead that waits in their queue."""
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.quiet:
        return
    manager = address(Recipient.MANAGER, hand_off.owner, hand_off.team)
    waits = hand_off.queue is not None and hand_off.queue_why not in _NOBODY_TOLD
    if waits and (hand_off.cycle is not None or not any(_told(tick, "unassigned", hand_off))):
        saying = _of(hand_off, "unassigned", (f"team:{hand_off.team}", manager))
        _say(tick, saying, tick.playbook.mode_of(hand_off.team), "unassigned", hand_off.cycle or hand_off.id)
    return
    yield


def tell_ignored(tick: Tick, hand_off: HandOff) -> None:
    """The manager hears of a hand-off that was ignored."""
    if hand_off.is_open:
        to = (address(Recipient.MANAGER, hand_off.owner, hand_off.team),)
        mode = quietest(tick.shelf, hand_off.team, tick.at, hand_off.ignored_at)
        _say(tick, _of(hand_off, "ignored", to), mode, "ignored", tick.lead.ignored_words.get(hand_off.id))


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


def tell_feedback_asked(tick: Tick, hand_off: HandOff, mode: NoticeMode) -> None:
    """Whoever had the lead is asked what came of it."""
    to = (address(Recipient.OWNER, hand_off.owner, hand_off.team),)
    saying = _of(hand_off, "feedback_asked", to)
    _say(tick, saying, mode, "feedback_asked", hand_off.id, above_owner=False)
