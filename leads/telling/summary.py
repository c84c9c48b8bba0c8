"""The whole of a lead in two or three sentences: who has it, what is due, how promises were kept."""

from collections.abc import Callable

from leads.entries import Entry
from leads.events import LeadTouched
from leads.horizon import is_ignored
from leads.playbook_teams import NoticeMode
from leads.promises import ClockName
from leads.reaching import touch_rule
from leads.stages import Stage
from leads.state import Clock, Outcome
from leads.telling.case import Case
from leads.telling.decisions import queue_reason
from leads.telling.nouns import STANDS, noun_of
from leads.telling.rules import quiet_of
from leads.telling.words import counted, lasting, plain, sentence
from leads.touches import is_real

_MISSED = (Outcome.BREACHED, Outcome.DODGED)
_COUNTS_NEITHER_WAY = (None, Outcome.CANCELLED, Outcome.WAIVED)


def summary_of(case: Case, unread: int) -> str:
    """What to know first. `unread` events are not in it yet, which is said as well."""
    waits = case.lead.waits_in is not None
    standing = _in_list(case) if waits else _STANDING.get(case.lead.stage, _otherwise)(case)
    shadow = quiet_of(case) if case.mode is NoticeMode.SHADOW else ""
    parts = [standing, _paused(case), _urgent(case), _record(case), _ignored(case), shadow]
    if unread:
        came = "1 event has" if unread == 1 else f"{counted(unread, 'event')} have"
        parts.append(f"{came} come in since and {'is' if unread == 1 else 'are'} not in this yet.")
    return " ".join(part for part in parts if part)


def _owner(case: Case, otherwise: str = "Somebody") -> str:
    hand_off = case.hand_off
    return case.words.person(hand_off.owner) if hand_off and hand_off.owner else otherwise


def _provisional(case: Case) -> str:
    return (
        f"This lead has not been captured yet: {counted(case.lead.entries, 'event')} came in about it, but not the one "
        "that says where it comes from."
    )


def _in_list(case: Case) -> str:
    name = case.lead.waits_in or ""
    since = case.words.at(case.lead.listings[name].uploaded_at)
    return (
        f"This lead waits in the list {plain(name)} since {since}. It goes to sales when it is released, or as soon as "
        "the buyer asks for contact; until then nothing is promised of it."
    )


def _nurturing(case: Case) -> str:
    lead, words = case.lead, case.words
    until = f" until {words.when(lead.wake_at)}" if lead.wake_at else ""
    rests = lead.rests_until is not None and case.now < lead.rests_until
    rest = (
        f"; before {words.day(lead.rests_until)} only a raised hand brings it back"
        if rests and lead.rests_until
        else ""
    )
    return f"This lead is with marketing{until}{rest}."


def _qualified(case: Case) -> str:
    hand_off = case.hand_off
    if hand_off is None or hand_off.queue is None:
        return "This lead is ready for sales and is about to get an owner."
    queue = case.words.team(hand_off.queue)
    return f"Nobody has this lead: it waits in the queue of {queue}, because {queue_reason(hand_off.queue_why)}."


def _not_yet(case: Case) -> str:
    """A touch from before the hand-off keeps nothing promised since, but it was one."""
    hand_off = case.hand_off
    touch = _touch_by(case, hand_off.owner if hand_off else None)
    if hand_off is None or touch is None:
        return "has not reached out yet"
    if touch.effective_at >= hand_off.opened_at and hand_off.touched_at is not None:
        return f"reached out on {case.words.when(touch.effective_at)}"
    since = "it was handed over again" if len(case.lead.hand_offs) > 1 else "it was handed over"
    return f"reached out on {case.words.at(touch.effective_at)}, but not since {since}"


def _touch_by(case: Case, owner: str | None) -> Entry | None:
    """The owner's last real touch, as the playbook of its time has it."""
    return next((entry for entry in reversed(case.journal) if _is_touch_by(case, entry, owner)), None)


def _is_touch_by(case: Case, entry: Entry, owner: str | None) -> bool:
    if entry.type == "touch":
        return entry.actor == owner
    rule = touch_rule(case.life, case.shelf.in_force(entry.effective_at))
    data = entry.data
    return isinstance(data, LeadTouched) and entry.type == "lead.touched" and data.by == owner and is_real(data, rule)


def _working(case: Case) -> str:
    at = case.lead.last_touch_at
    last = f"; the last touch was on {case.words.when(at)}" if at else ""
    return f"{_owner(case)} is working on this lead{last}."


def _lost(case: Case) -> str:
    return f"This lead is lost ({plain(case.lead.ended_reason)}); it comes back if the buyer raises a hand."


def _disqualified(case: Case) -> str:
    if not case.lead.is_counted:
        return "This turned out to be no lead at all: it counts in no number."
    is_soft = case.lead.disqualified == "soft"
    if is_soft and case.lead.ended_reason == "gone_round_too_often":
        went = counted(case.lead.loops, "time")
        return (
            f"This lead is ruled out, having gone back to marketing {went}; it comes back if the buyer raises a hand."
        )
    comes_back = "; it comes back if the buyer raises a hand" if is_soft else ", for good"
    return f"This lead is ruled out ({plain(case.lead.ended_reason)}){comes_back}."


def _otherwise(case: Case) -> str:
    return f"This lead is {STANDS[case.lead.stage]}."


_STANDING: dict[Stage, Callable[[Case], str]] = {
    Stage.PROVISIONAL: _provisional,
    Stage.CAPTURED: lambda _: "This lead is captured; nothing speaks for sales yet.",
    Stage.NURTURING: _nurturing,
    Stage.QUALIFIED: _qualified,
    Stage.ASSIGNED: lambda case: f"{_owner(case)} has this lead and {_not_yet(case)}.",
    Stage.ACCEPTED: lambda case: f"{_owner(case)} has accepted this lead and {_not_yet(case)}.",
    Stage.WORKING: _working,
    Stage.OPPORTUNITY: lambda case: f"This lead is an opportunity of {_owner(case, 'sales')}.",
    Stage.LOST: _lost,
    Stage.DISQUALIFIED: _disqualified,
}


def _paused(case: Case) -> str:
    until = case.lead.paused_until(case.now)
    return f"It is put off until {case.words.when(until)}." if until and case.lead.is_open else ""


def _urgent(case: Case) -> str:
    """The promise that is due first, or late the longest."""
    running = _spoken_of(case)
    if not running:
        return ""
    clock, words = min(running, key=lambda c: c.due_at), case.words
    name = sentence(noun_of(clock)).rstrip(".")
    if clock.due_at > case.now:
        return f"{name} is due on {words.when(clock.due_at)}."
    return f"{name} was due on {words.at(clock.due_at)} and is {lasting(case.now - clock.due_at)} late."


def _spoken_of(case: Case) -> list[Clock]:
    """What runs and is worth a word: that a lead may stay in its stage for a year is none."""
    running = [clock for clock in case.lead.running() if not clock.quiet]
    return [clock for clock in running if clock.clock is not ClockName.STAGE or clock.due_at <= case.now]


def _record(case: Case) -> str:
    """How promises were kept, once any has ended."""
    if not case.lead.is_counted:
        return ""
    ended = [clock for clock in case.lead.clocks.values() if clock.outcome not in _COUNTS_NEITHER_WAY]
    ended = [clock for clock in ended if clock.clock is not ClockName.STAGE or clock.outcome in _MISSED]
    missed = [clock for clock in ended if clock.outcome in _MISSED]
    overdue = [clock for clock in _spoken_of(case) if clock.due_at <= case.now]
    so_far = " so far" if _spoken_of(case) else ""
    if not ended and not overdue:
        return ""
    kept = len(ended) - len(missed)
    said = counted(kept, "promise") if kept else "No promise"
    return f"{said} kept, {len(missed) + len(overdue) or 'none'} missed{so_far}."


def _ignored(case: Case) -> str:
    hand_off = case.hand_off
    if hand_off is None or not case.lead.is_counted or not is_ignored(hand_off, case.now):
        return ""
    return f"It counts as ignored since {case.words.at(hand_off.ignored_at)}."
