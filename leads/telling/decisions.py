"""What Leadloop decided, as clauses: to whom it gave a lead and why, which alarm it raised, whom it told."""

from collections.abc import Callable
from typing import Any

from leads.decisions import (
    AssignCause,
    Assigned,
    FeedbackSpared,
    HoursTaken,
    NoticeIssued,
    NoticeWithheld,
    OwnerKept,
    OwnerStanding,
    Queued,
    RungSkipped,
    TurnReturned,
)
from leads.entries import Entry
from leads.playbook_teams import NoticeMode
from leads.telling.nouns import missing, noun, the_noun
from leads.telling.words import Delivery, Words, counted, listed, plain

_TOLD = {
    "assigned": "told that the lead is theirs",
    "taken_over": "told that the lead is theirs now",
    "asked_again": "told that the buyer asked again",
    "warning": "reminded",
    "breach": "told that the promise is broken",
    "escalation": "told that the promise is still not kept",
    "retraction": "told that the alarm was wrong",
    "overtaken": "told that word came late and changed the picture",
    "unassigned": "told that it waits in their queue",
    "ignored": "told that nobody reached out in the time allowed",
    "ignored_retracted": "told that it does not count as ignored after all",
    "feedback_asked": "asked what came of it",
}
_FAULTS = {
    "unknown_person": "no such person",
    "nobody_to_tell": "nobody to tell",
    "no_manager": "no manager is known",
    "no_sponsor": "the team has no sponsor",
    "mail_refused": "the mail was refused",
    "address_refused": "the address was refused",
}
_QUEUED = {
    "nobody_free": "nobody was free to take it",
    "backfill": "it came in as history, and nobody is to be alarmed by that",
    "untouched": "it stayed untouched too long",
    "crm_assigns": "the CRM gives out the leads of this team, and has not yet",
    "rule": "the playbook leaves it there to be claimed",
    "reassigned": "it was given back",
    "shadow": "the team stands in shadow, where the CRM says whose it is",
    "owner_away": "its owner is away, and nobody was free to take it",
    "owner_left": "its owner has left, and nobody was free to take it",
}
_SKIPPED = {
    "rollout": "an edit of the playbook had put it in the past",
    "outage": "several alarms were due at once, and only the last of them was raised",
    "backfill": "it came in as history, and nobody is alarmed by that",
    "crm_assigns": "the CRM gives out the leads of this team",
    "nobody_left": "nobody else could take it, or it had changed hands often enough",
    "upgrade": "it follows from a change of the rules, and nobody is alarmed by that",
    "shadow": "the team stood in shadow",
}
_WITHHELD = {
    "shadow": "the team stood in shadow",
    "notify_owner": "only owners are told in this team",
}
_WITHDRAWN = {
    "promise_ended": "the promise had ended",
    "hand_off_ended": "the hand-off had ended",
    "owner_changed": "the lead had moved on",
    "touched": "somebody had reached out",
    "answered": "the answer had come",
    "owner_found": "somebody had it by then",
    "not_ignored": "it did not count as ignored any more",
}


def told(template: str, to: tuple[str, ...] | list[str], words: Words, delivery: Delivery | None = None) -> str:
    """`Ana was reminded` once the notice is out; before, or where that is not known, `Ana is to be reminded`."""
    hearers = listed(words.role(role) for role in to) if to else "nobody"
    are_many = len(to) > 1 or any(role.startswith("team_manager:") for role in to)
    what = _TOLD.get(template, "told")
    every = "all " if delivery is not None and delivery.is_partly_told else ""
    match delivery.state if delivery is not None else None:
        case "done":
            return f"{hearers} {'were' if are_many else 'was'} {what}"
        case "withdrawn":
            return f"{hearers} {'were' if are_many else 'was'} to be {what}, but it had become pointless"
        case "parked":
            return f"{hearers} could not {every}be {what}{_fault(delivery.code if delivery else None)}"
    return f"{hearers} {'are' if are_many else 'is'} {every}to be {what}"


def would_be_told(data: NoticeWithheld, words: Words) -> str:
    """`Ana would have been reminded`."""
    hearers = listed(words.role(role) for role in data.to)
    return f"{hearers} would have been {_TOLD.get(data.template, 'told')}"


def _fault(code: str | None) -> str:
    return f" ({_FAULTS.get(code) or plain(code)})" if code else ""


def queue_reason(why: str | None) -> str:
    return _QUEUED.get(why or "", (why or "it has no owner").replace("_", " "))


def skip_reason(why: str) -> str:
    return _SKIPPED.get(why, why.replace("_", " "))


def _assigned(data: Assigned, _entry: Entry, words: Words) -> str:
    owner = words.person(data.owner)
    if data.cause is AssignCause.RUNG:
        return f"Leadloop moved it on from {words.person(data.was)} to {owner}, because {missing(data.clock or '')}"
    if data.cause is AssignCause.ACCOUNT:
        return f"Leadloop moved it on from {words.person(data.was)} to {owner}, whose account it is now"
    if data.standing is not None:
        return f"Leadloop moved it on from {words.person(data.was)} to {owner}, because {gone(data.standing, words)}"
    return f"Leadloop gave it to {owner}"


def gone(standing: OwnerStanding, words: Words) -> str:
    """Why an owner could not keep a lead: `Ana has left`, `Ana is away until Mon 1 Jun 09:00`."""
    person = words.person(standing.person)
    if not standing.is_active:
        return f"{person} has left"
    return f"{person} is away until {words.at(standing.away_until)}" if standing.away_until else f"{person} is here"


_KEPT = {
    "back": "who is here",
    "short": "who is away, but back soon enough",
    "playbook": "who is away: the playbook lets it wait",
    "nobody": "who is away: nobody can stand in",
    "shadow": "who is away or has left: the team stands in shadow",
    "crm_assigns": "who is away or has left: the CRM gives out the leads of this team",
    "account": "though its account has another owner, who is not there",
}


def _owner_kept(data: OwnerKept, _entry: Entry, words: Words) -> str:
    until = data.standing.away_until if data.standing else None
    back = f" (until {words.at(until)})" if until and data.why != "back" else ""
    return f"Leadloop left it with {words.person(data.owner)}, {_KEPT.get(data.why, data.why)}{back}"


def _queued(data: Queued, _entry: Entry, words: Words) -> str:
    took = f"took it from {words.person(data.was)} and " if data.was else ""
    said = f"Leadloop {took}put it into the queue of {words.team(data.queue)}: {queue_reason(data.why)}"
    return f"{said}; out of shadow it would have gone to {words.person(data.would_give)}" if data.would_give else said


def _hours(data: HoursTaken, _entry: Entry, words: Words) -> str:
    whose = f"{words.person(data.person)}'s own hours" if data.calendar else "the team's hours"
    away = f", without {counted(len(data.away), 'absence')} of {words.person(data.person)}" if data.away else ""
    return f"{the_noun(data.clock)} runs in {whose}{away}"


def _issued(data: NoticeIssued, entry: Entry, words: Words) -> str:
    return told(data.template, data.to, words, words.deliveries.get(entry.id))


def _skipped(data: RungSkipped, _entry: Entry, words: Words) -> str:
    said = f"an alarm was left out ({noun(data.clock)}): {skip_reason(data.why)}"
    return f"{said}; {would}" if (would := would_move(data, words)) else said


def would_move(data: RungSkipped, words: Words) -> str:
    """Where a rung would have moved the lead out of shadow; empty: nowhere."""
    if data.would_give:
        return f"it would have gone to {words.person(data.would_give)}"
    return f"it would have gone back into the queue of {words.team(data.team)}" if data.would_queue else ""


def _spared(data: FeedbackSpared, _entry: Entry, words: Words) -> str:
    if data.why == NoticeMode.SHADOW:
        return f"Leadloop did not ask {words.person(data.owner)} what came of it: the team stood in shadow"
    times = counted(data.asked_of_late, "time")
    return f"Leadloop did not ask {words.person(data.owner)} what came of it, having asked {times} within a day"


def _returned(data: TurnReturned, _entry: Entry, words: Words) -> str:
    why = "it never was a lead" if data.why == "not_a_lead" else f"the lead came to nothing ({plain(data.why)})"
    return f"{words.person(data.owner)} got the turn back, since {why}"


DECIDED: dict[str, Callable[[Any, Entry, Words], str]] = {
    "nurtured": lambda d, _e, w: f"marketing keeps in touch, and Leadloop looks again on {w.at(d.wake_at)}",
    "qualified": lambda d, _e, _w: f"its score reached {d.score} ({d.threshold} are enough for sales)",
    "assigned": _assigned,
    "queued": _queued,
    "hours_taken": _hours,
    "owner_kept": _owner_kept,
    "turn_returned": _returned,
    "breach_announced": lambda d, _e, w: f"the promise was broken: {noun(d.clock)} was due on {w.at(d.due_at)}",
    "breach_retracted": lambda d, _e, _w: f"the alarm was taken back: {the_noun(d.clock)} does not count as broken",
    "rung_fired": lambda d, _e, _w: f"an alarm was due for the promise ({noun(d.clock)})",
    "rung_skipped": _skipped,
    "ignored_announced": lambda d, _e, w: f"nobody had reached out by {w.at(d.horizon_at)}: it counts as ignored",
    "ignored_retracted": lambda _d, _e, _w: "it does not count as ignored after all",
    "feedback_asked": lambda d, _e, w: f"Leadloop asked {w.person(d.owner)} what came of it",
    "feedback_spared": _spared,
    "notice_issued": _issued,
    "notice_withheld": lambda d, _e, w: f"{would_be_told(d, w)}, but {_WITHHELD.get(d.why, plain(d.why))}",
    "notice_withdrawn": lambda d, _e, _w: (
        f"a notice was taken back before it went out: {_WITHDRAWN.get(d.why, d.why.replace('_', ' '))}"
    ),
}
"""What each decision came to."""
