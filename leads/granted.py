"""Commands: whether they may be granted.

`refusal` is asked once, when the command is given; a granted command stands in the journal and is folded like the fact
it resembles (`leads.obeyed`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leads.claiming import why_not_theirs
from leads.commands import (
    Accept,
    Callback,
    Claim,
    CommandData,
    Disqualify,
    Feedback,
    Reassign,
    Recycle,
    Reject,
    Reopen,
    Return,
    Snooze,
    Touch,
    Waive,
)
from leads.durations import format_duration, parse_duration
from leads.effort import agreed, is_given_up_early, what_is_left
from leads.events import PauseKind
from leads.playbook import Consequence, Playbook
from leads.playbook_routing import Assigning
from leads.revisions import Shelf
from leads.stages import Stage
from leads.state import Clock, HandOff, Lead

LONGEST_TOUCH_AGE = timedelta(days=1)
"""How far back a touch may be reported by command; older ones come as events with evidence."""
NAMES_NOBODY = "name an owner or a team"
"""What a reassign says that names neither; in a journal of old it stands for the lead's own queue."""
_ENDED = (Stage.LOST, Stage.DISQUALIFIED, Stage.NURTURING)
_FINAL = (Stage.DISQUALIFIED, Stage.WON, Stage.MERGED, Stage.ERASED)
_BAD_TIMING = "bad_timing"


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it is weighed: who asks, when, and how things stand."""

    command: Any
    actor: str
    now: datetime
    lead: Lead
    shelf: Shelf
    manages: frozenset[str]

    @property
    def playbook(self) -> Playbook:
        return self.shelf.in_force(self.now).playbook


def refusal(
    lead: Lead,
    command: CommandData,
    actor: str,
    now: datetime,
    shelf: Shelf,
    *,
    manages: frozenset[str] = frozenset(),
) -> str | None:
    """Why the command cannot be granted as things stand, in a sentence that says what to do; None when it can.

    `manages` are the people whose manager the actor is.
    """
    if lead.captured_at is None:
        return "this lead has not been captured yet; try again once it is"
    request = Request(command, actor, now, lead, shelf, manages)
    if type(command) in _WITHOUT_HAND_OFF:
        return _WITHOUT_HAND_OFF[type(command)](request)
    hand_off = lead.hand_off
    if hand_off is None:
        return f"a lead that is {lead.stage} has no hand-off under way"
    return _not_theirs(request, hand_off) or _WITH_HAND_OFF[type(command)](request, hand_off)


def _not_theirs(request: Request, hand_off: HandOff) -> str | None:
    """What only the owner can know of a lead is said by the owner, or by their manager."""
    owner = hand_off.owner
    if type(request.command) not in _OWNERS_WORD or owner in (None, request.actor) or owner in request.manages:
        return None
    return f"it is with {owner}: ask them or their manager, or have it reassigned first"


def _may_touch(request: Request) -> str | None:
    at, agreed_on = request.command.at, request.command.next_step_at
    if at is not None and at > request.now:
        return "a touch cannot lie in the future"
    if agreed_on is not None and agreed_on <= request.now:
        return "the next step must lie in the future"
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
    lead = request.lead
    if lead.stage in _FINAL and not _is_found_to_be_none(request):
        return f"the lead is {lead.stage}"
    return _too_early(request, lead.hand_off) if lead.hand_off else None


def _is_found_to_be_none(request: Request) -> bool:
    """A lead ruled out before may still turn out never to have been one."""
    lead = request.lead
    return request.command.kind == "not_a_lead" and lead.stage is Stage.DISQUALIFIED and lead.is_counted


def _may_give_feedback(request: Request) -> str | None:
    if not request.lead.hand_offs:
        return "this lead was never handed to sales; there is nothing to tell marketing of"
    said = request.command.model_dump(exclude={"command", "note"}, exclude_defaults=True)
    return None if said else "say what came of it: a quality, a reason, what was used, or words"


def _may_waive(request: Request) -> str | None:
    """The manager of whoever owes it may, and those the playbook names; nobody waives a promise of their own."""
    clock = _running(request)
    if clock is None:
        named = sorted({str(running.clock) for running in request.lead.running()})
        return f"no promise {request.command.clock} is running; running are: {', '.join(named) or 'none'}"
    owner = clock.owner or (request.lead.last_hand_off.owner if request.lead.last_hand_off else None)
    if owner == request.actor:
        return "nobody waives a promise of their own: ask your manager"
    is_manager = owner in request.manages if owner else bool(request.manages)
    if is_manager or request.actor in request.playbook.waiving.also:
        return None
    return f"only the manager of {owner or 'the team'} may waive it, or whom the playbook names under waiving"


def _running(request: Request) -> Clock | None:
    found = [clock for clock in request.lead.running() if clock.clock is request.command.clock]
    return min(found, key=lambda clock: (clock.due_at, clock.key), default=None)


def _may_accept(request: Request, hand_off: HandOff) -> str | None:
    if hand_off.owner != request.actor:
        return (
            f"it is handed to {hand_off.owner}; only they accept it" if hand_off.owner else "it is nobody's: claim it"
        )
    return "it is accepted already" if hand_off.accepted_at is not None else None


def _may_claim(request: Request, hand_off: HandOff) -> str | None:
    return why_not_theirs(request.lead, hand_off, request.actor, request.now, request.playbook)


def _may_reassign(request: Request, hand_off: HandOff) -> str | None:
    owner, team, kind = request.command.owner, request.command.team, request.command.kind
    if owner is None and team is None:
        return NAMES_NOBODY
    if owner is not None and owner == hand_off.owner:
        return f"it belongs to {owner} already"
    if request.playbook.sharing(hand_off.team).assign is Assigning.BY_CRM:
        return "the CRM gives out the leads of this team: reassign it there"
    taken_as = request.playbook.passing_to(team)
    if kind is not None and taken_as not in (None, kind):
        return f"{team!r} takes leads over as {taken_as}, not as {kind}: leave the kind out"
    return None


def _may_reject(request: Request, _hand_off: HandOff) -> str | None:
    return _bad_reason(request) or _not_now(request) or _too_early(request, _hand_off)


def _may_return(request: Request, hand_off: HandOff) -> str | None:
    return _bad_reason(request) if hand_off.is_passed_on else _may_reject(request, hand_off)


def _may_recycle(request: Request, hand_off: HandOff) -> str | None:
    most = request.playbook.recycling.most_loops
    if request.lead.loops >= most:
        return (
            f"it went back to marketing {request.lead.loops} times, and {most} are the most: disqualify it, or keep it"
        )
    wake_at = request.command.wake_at
    if wake_at is not None and wake_at <= request.now:
        return "the wake-up date must lie in the future"
    return _bad_reason(request) or _too_early(request, hand_off)


def _may_call_back(request: Request, hand_off: HandOff) -> str | None:
    at, reasons = request.command.at, request.playbook.reasons
    if request.command.reason is not None and (bad := _bad_reason(request)):
        return bad
    if at <= request.now:
        return "the date agreed must lie in the future"
    known = reasons.get(request.command.reason or _BAD_TIMING, reasons["other"])
    if at - request.now > parse_duration(known.wait):
        return f"a callback lies {parse_duration(known.wait).days} days ahead at most; recycle the lead instead"
    if hand_off.touched_at is None and not request.playbook.snooze_before_touch:
        return "no callback before the first touch: reach out once and agree on the date"
    return None


def _bad_reason(request: Request) -> str | None:
    reason, reasons = request.command.reason, request.playbook.reasons
    if reason in reasons:
        return None
    return f"{reason!r} is not a reason of the playbook; use one of {', '.join(sorted(reasons))}"


def _not_now(request: Request) -> str | None:
    """Bad timing is no way out: the rep agrees on a date, and keeps the lead."""
    reason = request.playbook.reasons[request.command.reason]
    if reason.consequence is not Consequence.CALLBACK:
        return None
    return f"{request.command.reason!r} means that a date is agreed: give the command callback with it"


def _too_early(request: Request, hand_off: HandOff) -> str | None:
    """That a buyer cannot be reached is said after the agreed effort."""
    if not is_given_up_early(request.playbook, hand_off, request.command.reason):
        return None
    _, promise = agreed(request.lead, request.shelf, hand_off, request.now)
    return f"{what_is_left(promise, hand_off)}: reach out again, or give the reason that holds"


def _may_snooze(request: Request, hand_off: HandOff) -> str | None:
    kind, until = request.command.kind, request.command.until
    rule = request.playbook.pause_rule(kind)
    if until <= request.now:
        return "until must lie in the future"
    if not rule.allowed:
        return f"the playbook allows no pause of the kind {kind}"
    if until - request.now > rule.longest:
        return f"{_PAUSES[kind]} lasts {_span(rule.longest)} at most; recycle the lead instead"
    if hand_off.touched_at is None and not rule.before_touch:
        return f"no {kind.replace('_', ' ')} before the first touch: reach out once, then snooze"
    return None


def _span(length: timedelta) -> str:
    days, rest = divmod(length, timedelta(days=1))
    return f"{days} days" if not rest else format_duration(length)


_PAUSES = {
    PauseKind.SNOOZE: "a snooze",
    PauseKind.WAITING_ON_BUYER: "waiting on the buyer",
    PauseKind.LEGAL_HOLD: "a legal hold",
}
_OWNERS_WORD = (Reject, Return, Recycle, Callback, Snooze)
_WITHOUT_HAND_OFF: dict[type[CommandData], Callable[[Request], str | None]] = {
    Touch: _may_touch,
    Reopen: _may_reopen,
    Disqualify: _may_disqualify,
    Feedback: _may_give_feedback,
    Waive: _may_waive,
}
_WITH_HAND_OFF: dict[type[CommandData], Callable[[Request, HandOff], str | None]] = {
    Accept: _may_accept,
    Claim: _may_claim,
    Reassign: _may_reassign,
    Reject: _may_reject,
    Return: _may_return,
    Recycle: _may_recycle,
    Callback: _may_call_back,
    Snooze: _may_snooze,
}
