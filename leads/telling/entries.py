"""What an entry of the journal says, as a clause in the past tense: "Ana called", "the buyer asked for a demo"."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from leads.companies import ACCOUNT
from leads.durations import parse_duration
from leads.entries import Entry, Kind
from leads.events import Channel, Direction, EvidenceClass, HandOffKind, LeadTouched, Mode, PauseKind
from leads.playbook import Consequence, Reason
from leads.telling.decisions import DECIDED
from leads.telling.nouns import the_noun
from leads.telling.words import Words, lasting, listed, plain, quoted

Clause = Callable[[Any, Entry, Words], str]

_ASKED = {
    "demo": "asked for a demo",
    "contact": "asked to be contacted",
    "pricing": "asked for prices",
    "trial_talk": "asked to talk about the trial",
    "call": "asked for a call",
    "chat": "started a chat",
    "meeting": "asked for a meeting",
}
_ENGAGED = {
    "email_clicked": "clicked a link in an e-mail",
    "email_opened": "opened an e-mail",
    "page_viewed": "looked at a page",
    "content_downloaded": "downloaded something",
    "event_attended": "came to an event",
    "listed": "came with a list once more, under another key",
    "form_submitted": "filled in a form",
}
_REACHED_OUT = {
    Channel.CALL: "called",
    Channel.EMAIL: "wrote an e-mail",
    Channel.MESSAGE: "sent a message",
    Channel.MEETING: "met the buyer",
    Channel.VISIT: "visited the buyer",
    Channel.OTHER: "reached out",
}
_BY_WAY_OF = {
    Channel.CALL: "by phone",
    Channel.EMAIL: "by e-mail",
    Channel.MESSAGE: "with a message",
    Channel.MEETING: "in a meeting",
    Channel.VISIT: "in person",
    Channel.OTHER: "",
}
_AUTOMATIC = {Mode.SEQUENCE_AUTO: "an automatic", Mode.BULK: "a bulk"}
_WRITTEN_DOWN_LATE = timedelta(minutes=1)
_OURS = "urn:leadloop:"
"""What the source of every fact begins with that Leadloop itself posts."""


def is_ours(source: str) -> bool:
    return source.startswith(_OURS)


def clause(entry: Entry, words: Words) -> str:
    """What the entry says happened. A type without words of its own is named as it is."""
    table = {Kind.FACT: HAPPENED, Kind.COMMAND: ASKED, Kind.DECISION: DECIDED}[entry.kind]
    told = table.get(entry.type)
    return told(entry.data, entry, words) if told else f"{plain(entry.type)} was noted"


def _touch(data: LeadTouched, entry: Entry, words: Words) -> str:
    way = _BY_WAY_OF[data.channel]
    if data.mode in _AUTOMATIC:
        return f"{_AUTOMATIC[data.mode]} {data.channel} went out" + (
            f" in the name of {words.person(data.by)}" if data.by else ""
        )
    who = words.person(data.by)
    if data.direction is Direction.IN:
        return f"the buyer answered {who} {way}".rstrip()
    if data.connected and data.channel is Channel.CALL:
        did = f"{who} spoke with the buyer by phone"
    elif data.connected and data.channel in (Channel.EMAIL, Channel.MESSAGE, Channel.OTHER):
        did = f"{who} and the buyer were in touch {way}".rstrip()
    else:
        did = f"{who} {_REACHED_OUT[data.channel]}"
    return did + _written_down(data, entry, words)


def _written_down(data: LeadTouched, entry: Entry, words: Words) -> str:
    is_own_word = data.evidence is EvidenceClass.SELF_REPORTED and data.logged_at is not None
    if not is_own_word or data.logged_at is None or data.logged_at - entry.effective_at < _WRITTEN_DOWN_LATE:
        return ""
    return f" (written down on {words.at(data.logged_at)})"


def _replied(data: LeadTouched, _entry: Entry, _words: Words) -> str:
    return f"the buyer answered {_BY_WAY_OF[data.channel]}".rstrip()


def _captured(data: Any, _entry: Entry, _words: Words) -> str:
    campaign = f", campaign {plain(data.campaign)}" if data.campaign else ""
    with_list = f", with the list {plain(data.list)}" if data.list else ""
    return f"the lead came in from {plain(data.source)}{campaign}{with_list}"


def _raised(data: Any, _entry: Entry, _words: Words) -> str:
    said = f": {quoted(data.words)}" if data.words else ""
    return f"the buyer {_ASKED.get(data.kind, 'asked to be contacted')}{said}"


def _engaged(data: Any, _entry: Entry, _words: Words) -> str:
    did = _ENGAGED.get(data.kind, f"showed interest ({data.kind.replace('_', ' ')})")
    which = f", {plain(data.content)}" if data.content else ""
    points = f" ({data.points:+d} points)" if data.points else ""
    return f"the buyer {did}{which}{points}"


def _deal(verb: str) -> Clause:
    def told(data: Any, _entry: Entry, _words: Words) -> str:
        worth = f" ({data.amount:,.0f} {data.currency or ''}".rstrip() + ")" if data.amount is not None else ""
        why = f" ({plain(data.reason)})" if data.reason else ""
        return f"{verb}{worth}{why}"

    return told


def _meeting(verb: str) -> Clause:
    def told(data: Any, _entry: Entry, words: Words) -> str:
        return f"the meeting on {words.at(data.at)} {verb}"

    return told


def _booked(data: Any, _entry: Entry, words: Words) -> str:
    who = "the buyer picked a slot" if data.self_booked else f"{words.person(data.by)} agreed on a meeting"
    return f"{who} for {words.at(data.at)}"


def _because(reason: str | None) -> str:
    return f" ({plain(reason)})" if reason else ""


def _who(data: Any, entry: Entry, words: Words) -> str:
    """Who did it: named in the data; of a command, the actor; else sales at large."""
    return words.person(getattr(data, "by", None) or (entry.actor if entry.kind is Kind.COMMAND else None))


def _did(verb: str) -> Clause:
    """Somebody did something, for a reason if one was given."""

    def told(data: Any, entry: Entry, words: Words) -> str:
        return f"{_who(data, entry, words)} {verb}{_because(getattr(data, 'reason', None))}"

    return told


def _rejected(verb: str) -> Clause:
    def told(data: Any, entry: Entry, words: Words) -> str:
        said = _did(verb)(data, entry, words)
        reason, other = getattr(data, "reason", None), words.reasons.get("other")
        if not reason or other is None or reason in words.reasons:
            return said
        return f"{said}, which the playbook does not know: it counts as “other”, so {_follows(other)}"

    return told


def _follows(reason: Reason) -> str:
    match reason.consequence:
        case Consequence.DISQUALIFY:
            return "the lead is ruled out"
        case Consequence.REROUTE:
            return "somebody else gets it"
    return f"it goes back to marketing for {lasting(parse_duration(reason.wait))}"


_PUT_OFF = {
    PauseKind.SNOOZE: "put it off",
    PauseKind.WAITING_ON_BUYER: "said that it waits for the buyer",
    PauseKind.LEGAL_HOLD: "said that nobody may work on it",
}


def _snoozed(data: Any, entry: Entry, words: Words) -> str:
    did = _PUT_OFF[data.kind]
    return f"{_who(data, entry, words)} {did} until {words.at(data.until)}{_because(data.reason)}"


def _recycled(data: Any, entry: Entry, words: Words) -> str:
    until = f" until {words.day(data.wake_at)}" if data.wake_at else ""
    return f"{_who(data, entry, words)} sent it back to marketing{until}{_because(data.reason)}"


def _called_back(data: Any, entry: Entry, words: Words) -> str:
    return (
        f"{_who(data, entry, words)} agreed with the buyer to call back on {words.at(data.at)}{_because(data.reason)}"
    )


def _waived(data: Any, entry: Entry, words: Words) -> str:
    return f"{_who(data, entry, words)} waived {the_noun(data.clock)}{_because(data.reason)}"


def _disqualified(data: Any, entry: Entry, words: Words) -> str:
    verdict = {"soft": "ruled it out", "hard": "ruled it out for good"}.get(
        data.kind, "found that it is no lead at all"
    )
    return f"{_who(data, entry, words)} {verdict}{_because(data.reason)}"


def _assigned(data: Any, entry: Entry, words: Words) -> str:
    giver = words.person(data.by) if data.by else f"the system {entry.source}"
    return f"{giver} gave it to {words.person(data.owner)}{_in_team(data, words)}{_because(data.reason)}"


def _in_team(data: Any, words: Words) -> str:
    """Named where a hand-off inside sales is meant."""
    if data.kind is None:
        return ""
    taken = {HandOffKind.REP_TO_CLOSER: "as a closer", HandOffKind.TO_PARTNER: "as a partner"}[data.kind]
    return f" {taken}" + (f" in {words.team(data.team)}" if data.team else "")


def _reassigned(data: Any, entry: Entry, words: Words) -> str:
    if data.owner:
        in_team = _in_team(data, words)
        return f"{words.person(entry.actor)} gave it to {words.person(data.owner)}{in_team}{_because(data.reason)}"
    queue = f"the queue of {words.team(data.team)}" if data.team else "the queue"
    return f"{words.person(entry.actor)} put it into {queue}{_because(data.reason)}"


def _reported(data: Any, entry: Entry, words: Words) -> str:
    made = LeadTouched(channel=data.channel, by=entry.actor, connected=data.connected)
    at = data.at
    told_later = at is not None and entry.recorded_at - at >= _WRITTEN_DOWN_LATE
    return _touch(made, entry, words) + (f" (written down on {words.at(entry.recorded_at)})" if told_later else "")


def _consent(data: Any, _entry: Entry, _words: Words) -> str:
    return f"the buyer {'agreed to' if data.granted else 'wants no more'} {data.channel}"


def _feedback(data: Any, entry: Entry, words: Words) -> str:
    quality = f", quality {data.quality} of 5" if data.quality else ""
    said = f": {quoted(data.words)}" if data.words else ""
    return f"{_who(data, entry, words)} told marketing what came of it{quality}{_because(data.reason)}{said}"


def _released(data: Any, entry: Entry, words: Words) -> str:
    who = words.person(data.by) if data.by else "Leadloop" if is_ours(entry.source) else f"the system {entry.source}"
    return f"{who} released it to sales from the list {plain(data.list)}"


def _unlisted(data: Any, _entry: Entry, _words: Words) -> str:
    why = "its release was cancelled" if data.reason == "cancelled" else plain(data.reason or "taken out")
    return f"it goes on with marketing instead of waiting in the list {plain(data.list)}: {why}"


def _matched(data: Any, _entry: Entry, words: Words) -> str:
    if data.account is None:
        return "it belongs to no account that is known any more"
    kinds = [plain(data.type)] if data.type else []
    kinds += ["a target account"] if data.named else []
    facts = [*([f"it is {listed(kinds)}"] if kinds else [])]
    facts += [f"{words.person(data.owner)} looks after it"] if data.owner else []
    deal = data.open_opportunity_owner
    facts += [f"{words.person(deal)} works on a deal with it"] if deal else []
    found = "account" if (data.key or "").startswith(ACCOUNT) else "domain"
    return f"the company was recognised by its {found}" + (f": {listed(facts)}" if facts else "")


HAPPENED: dict[str, Clause] = {
    "lead.captured": _captured,
    "lead.updated": lambda _d, _e, _w: "what is known of the lead was updated",
    "lead.linked": lambda _d, _e, _w: "the lead was linked to other records",
    "lead.consent_changed": _consent,
    "lead.engaged": _engaged,
    "lead.reopened": _did("opened it again"),
    "lead.hand_raised": _raised,
    "lead.qualified": lambda d, e, _w: f"the system {e.source} called it ready for sales{_because(d.reason)}",
    "lead.released": _released,
    "lead.unlisted": _unlisted,
    "lead.assigned": _assigned,
    "lead.accepted": _did("accepted it"),
    "lead.replied": _replied,
    "lead.touched": _touch,
    "lead.meeting_booked": _booked,
    "lead.meeting_held": _meeting("took place"),
    "lead.meeting_missed": _meeting("was missed"),
    "lead.meeting_cancelled": _meeting("was called off"),
    "lead.opportunity_opened": _deal("it became an opportunity"),
    "lead.won": _deal("the deal was won"),
    "lead.lost": _deal("the deal was lost"),
    "lead.returned": _rejected("gave it back"),
    "lead.rejected": _rejected("rejected it"),
    "lead.recycled": _recycled,
    "lead.snoozed": _snoozed,
    "lead.disqualified": _disqualified,
    "lead.feedback_given": _feedback,
    "content.used": lambda d, e, w: f"{_who(d, e, w)} used {plain(d.content)}",
    "lead.bounced": lambda d, _e, _w: f"{plain(d.channel)} to the buyer bounced",
    "playbook.adopted": lambda d, _e, _w: f"revision {d.revision} of the playbook was taken over",
    "playbook.hold_released": lambda d, _e, w: (
        f"{w.person(d.by)} confirmed what revision {d.revision} of the playbook would have broken"
    ),
    "playbook.hold_waived": lambda d, _e, w: (
        f"{w.person(d.by)} let finish as it was what revision {d.revision} of the playbook would have broken"
    ),
    "owner.away": lambda d, _e, w: f"{w.person(d.person)}, whose lead it is, went away until {w.at(d.until)}",
    "owner.left": lambda d, _e, w: f"{w.person(d.person)}, whose lead it is, has left",
    "account.changed": lambda _d, _e, _w: "something about an account it may belong to has changed",
    "account.matched": _matched,
    "lead.complained": lambda d, _e, _w: f"the buyer complained about {plain(d.channel)}",
}
"""What each fact says."""

ASKED: dict[str, Clause] = {
    "accept": _did("accepted it"),
    "reject": _rejected("rejected it"),
    "reassign": _reassigned,
    "claim": _did("claimed it"),
    "touch": _reported,
    "snooze": _snoozed,
    "return": _rejected("gave it back"),
    "recycle": _recycled,
    "callback": _called_back,
    "waive": _waived,
    "feedback": _feedback,
    "disqualify": _disqualified,
    "reopen": _did("opened it again"),
}
"""What each granted command did."""

TOUCHES = frozenset({"lead.touched", "touch", "lead.replied", "lead.meeting_booked", "lead.meeting_held"})
"""Entries that may be a real touch."""
GIVERS = frozenset({"assigned", "lead.assigned", "reassign", "claim", "lead.accepted"})
"""Entries that may set an owner."""
