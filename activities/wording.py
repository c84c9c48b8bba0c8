"""Words for people: instants as wall time, spans as "in 7 minutes", names freed of what could break a mail."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leads.brief import Coming, Proof

SUBJECT_LIMIT = 78
"""Characters; what RFC 5322 asks of a line, and what a phone shows."""
_WORDS_LIMIT, _WORDS_LINES = 600, 8
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Controls, format characters (direction overrides, zero width), lone surrogates, separators of lines."""

_NOUNS = {
    "speed_to_lead": "answer",
    "assign": "assignment",
    "accept": "acceptance",
    "first_touch": "first touch",
    "effort": "full effort",
    "next_step": "next step",
    "reply": "reply",
    "meeting_outcome": "meeting outcome",
    "stage": "next stage",
    "feedback": "feedback",
}
_MISSING = {
    "speed_to_lead": "nobody in sales has answered",
    "assign": "the lead has no owner yet",
    "accept": "the lead is neither accepted nor rejected",
    "first_touch": "nobody in sales has reached out",
    "effort": "the agreed attempts to reach the buyer have not all been made",
    "next_step": "nothing has followed what was agreed last",
    "reply": "the buyer, who spoke last, has no answer",
    "meeting_outcome": "nobody has said how the meeting went",
    "stage": "the lead has not left its stage",
    "feedback": "sales has not said what came of the lead",
}
_REACH_OUT = "Reach out in person: a call, an e-mail, a message or a meeting. Automatic mails do not count."
_KEPT_BY = {
    "assign": "Claim the lead, or assign it to someone.",
    "accept": "Accept it, reject it with a reason that can be checked, or simply reach out.",
    "effort": "Try again in person, in another way too: a call, an e-mail, a message. A conversation keeps it at once.",
    "next_step": "Reach out in person, or move the lead on.",
    "reply": "Answer the buyer in person. Automatic mails do not count.",
    "meeting_outcome": "Say how the meeting went: held, missed or cancelled.",
    "stage": "Move the lead on: to the next stage, to its end, or back to marketing with a reason.",
    "feedback": "Say in a minute what came of it: how good the lead was, the reason, what helped.",
}
_RAISED = {
    "demo": "a demo",
    "contact": "to be contacted",
    "pricing": "prices",
    "trial_talk": "a talk about the trial",
    "call": "a call",
    "chat": "a chat",
    "meeting": "a meeting",
}
_TOUCHED = {
    "call": "called",
    "email": "sent an e-mail",
    "message": "sent a message",
    "meeting": "met them, or agreed on a meeting,",
    "visit": "visited them",
    "assigned": "had assigned the lead",
    "accepted": "had accepted the lead",
    "rejected": "had rejected the lead",
}


def clean_line(text: str | None, limit: int = 120) -> str:
    """One line of visible characters, shortened with an ellipsis."""
    if not text:
        return ""
    seen = "".join(" " if sign.isspace() else sign for sign in text if sign.isspace() or _is_seen(sign))
    return shorten(_SPACE.sub(" ", seen).strip(), limit)


def clean_words(text: str | None) -> list[str]:
    """What a person wrote, as a few lines; the rest stands in the lead's page."""
    if not text:
        return []
    lines = [line for raw in shorten(text, _WORDS_LIMIT).splitlines() if (line := clean_line(raw, _WORDS_LIMIT))]
    return lines if len(lines) <= _WORDS_LINES else [*lines[:_WORDS_LINES], "…"]


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in _UNSEEN


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis if any were cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def is_address(text: str | None) -> bool:
    """Whether a mail could be sent there: one address, nothing beside it."""
    return text is not None and _ADDRESS.fullmatch(text) is not None


def zone_of(name: str) -> tzinfo:
    """The zone, or UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


class Times:
    """Instants in one zone, seen from one instant."""

    def __init__(self, zone_name: str, now: datetime) -> None:
        self._zone = zone_of(zone_name)
        self._now = now
        self.zone = zone_name

    def wall(self, at: datetime) -> str:
        """`Mon 1 Jun 2026, 14:05 CEST`; the year only when it is another."""
        local, here = at.astimezone(self._zone), self._now.astimezone(self._zone)
        year = f" {local.year}" if local.year != here.year else ""
        return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M %Z}"

    def short(self, at: datetime) -> str:
        """For subjects: the time today, the day with it otherwise."""
        local, here = at.astimezone(self._zone), self._now.astimezone(self._zone)
        if local.date() == here.date():
            return f"{local:%H:%M %Z}"
        return f"{local:%a} {local.day} {local:%b} {local:%H:%M %Z}"

    def away(self, at: datetime) -> str:
        """`in 7 minutes`, `3 minutes ago`, `now`."""
        seconds = round((at - self._now).total_seconds())
        if seconds == 0:
            return "now"
        span = _span(abs(seconds))
        return f"in {span}" if seconds > 0 else f"{span} ago"

    def is_past(self, at: datetime) -> bool:
        return at <= self._now

    def is_later_by(self, at: datetime, span: timedelta) -> bool:
        """Whether `at` lies more than `span` back."""
        return self._now - at > span


def _span(seconds: int) -> str:
    if seconds < _MINUTE:
        return _count(seconds, "second")
    if seconds < 2 * _HOUR:
        return _count(round(seconds / _MINUTE), "minute")
    if seconds < 2 * _DAY:
        return _count(round(seconds / _HOUR), "hour")
    return _count(round(seconds / _DAY), "day")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def noun_of(clock: str) -> str:
    return _NOUNS.get(clock, clock.replace("_", " "))


def missing(clock: str) -> str:
    """What has not happened while the clock runs, as a clause."""
    return _MISSING.get(clock, f"the promised {noun_of(clock)} is missing")


def kept_by(clock: str) -> str:
    """What keeps the promise, as a sentence."""
    return _KEPT_BY.get(clock, _REACH_OUT)


def asked_for(kind: str | None) -> str:
    return _RAISED.get(kind, kind.replace("_", " ")) if kind else ""


def next_act(coming: Coming, team: str, *, whose: str, hearer_role: str) -> str:
    """One coming step of the ladder, as a clause. `whose` is "your", or the owner's name with "of"."""
    hearers = ["you" if act == hearer_role else _hearer(act, team, whose) for act in coming.acts if act in _ROLES]
    told = "is told" if len(hearers) == 1 and hearers != ["you"] else "are told"
    acts = [f"{_listed(hearers)} {told}"] if hearers else []
    if "reassign" in coming.acts:
        acts.append("the lead goes to someone else")
    if "to_queue" in coming.acts:
        acts.append(f"the lead goes back to the queue of {team}")
    if "ignored" in coming.acts:
        acts.append("the lead counts as ignored, for good")
    return " and ".join(acts) or "the next step of the ladder"


_ROLES = ("deputy", "manager", "team", "channel", "sponsor")


def _hearer(role: str, team: str, whose: str) -> str:
    if role == "team":
        return f"everybody in {team}"
    if role in ("channel", "sponsor"):
        return f"the {role} of {team}"
    return f"your {role}" if whose == "your" else f"the {role} {whose}"


def _listed(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def proof_of(proof: Proof, times: Times) -> str:
    """The fact that came late, as a sentence."""
    who = clean_line(proof.by, 60) or "Somebody in sales"
    did = _TOUCHED.get(proof.channel or "", "was in touch")
    heard = f"word of it came only at {times.wall(proof.heard_at)}"
    return f"{who} {did} at {times.wall(proof.at)}; {heard}."
