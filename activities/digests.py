"""Several notices in one letter: what each is, about whom, due when, and where to go; the most urgent first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from activities import wording
from activities.letters import Letter, Letters, subject_of
from activities.wording import Times, clean_line
from leads.brief import Brief, Hearer
from leads.post import CORRECTIONS, Parcel

DIGEST = "digest"
_KINDS = {
    "retraction": ("false alarm", "false alarms"),
    "ignored_retracted": ("false alarm", "false alarms"),
    "escalation": ("overdue", "overdue"),
    "breach": ("overdue", "overdue"),
    "ignored": ("ignored", "ignored"),
    "warning": ("due soon", "due soon"),
    "asked_again": ("asked again", "asked again"),
    "unassigned": ("without an owner", "without an owner"),
    "assigned": ("new lead", "new leads"),
    "taken_over": ("lead taken over", "leads taken over"),
    "overtaken": ("to check", "to check"),
    "feedback_asked": ("question", "questions"),
}
"""Template → what one is, and several are, in the subject."""


class Digests:
    """Writes what goes to one hearer in one letter: a digest, or the letter of the one notice it is."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def write(self, parcel: Parcel, now: datetime) -> Letter:
        """The letter, true at `now`. Of one notice it raises what `Letters.write` raises."""
        hearer, notices = parcel.hearer, parcel.notices
        message_id = self._letters.message_id(parcel.letter_id, hearer)
        if len(parcel.claims) == 1:
            # what is left of a digest keeps its id
            letter = self._letters.write(notices[0], hearer, now)
            return replace(letter, letter_id=parcel.letter_id, message_id=message_id)
        subject = _subject(notices, parcel.more)
        facts = {
            "hearer": clean_line(hearer.name, 40),
            "subject": subject,
            "count": len(parcel.claims),
            "since": Times(notices[0].timezone, now).wall(min(brief.issued_at for brief in notices)),
            "items": [self._item(brief, hearer, now) for brief in notices],
            "more": parcel.more,
            "url": self._letters.leads_url,
        }
        text, html = self._letters.render(DIGEST, facts)
        return Letter(
            letter_id=parcel.letter_id,
            lead_id=None,
            template=DIGEST,
            notices=len(parcel.claims),
            hearer=hearer.key,
            clock=None,
            due_at=None,
            url=self._letters.leads_url,
            email=hearer.email,
            name=clean_line(hearer.name),
            subject=subject,
            text=text,
            html=html,
            sent_at=now,
            message_id=message_id,
        )

    def _item(self, brief: Brief, hearer: Hearer, now: datetime) -> dict[str, Any]:
        facts = self._letters.facts(brief, hearer, now)
        lead = facts["lead"]
        return {
            "subject": subject_of(brief),
            "who": facts["who"],
            "phone": lead["phone"],
            "email": "" if lead["email"] == facts["who"] else lead["email"],
            "lines": [*_lines(brief, facts)],
            "url": facts["url"],
            "command": facts["command"],
        }


def _lines(brief: Brief, facts: dict[str, Any]) -> Iterable[str]:
    """How it stands with the promise, as sentences."""
    promise = facts["promise"]
    if brief.template in CORRECTIONS:
        yield facts["proof"] or "Word of it came late. Please disregard the alarm."
    elif promise and promise["is_running"]:
        verb = "was" if promise["is_past"] else "is"
        yield f"{promise['noun'].capitalize()} {verb} due {promise['away']}: {promise['due']}."
    if not (facts["has_lead"] or brief.template in CORRECTIONS) and facts["owner_now"]:
        yield f"The lead is with {facts['owner_now']}."


def _subject(notices: Iterable[Brief], more: int) -> str:
    """`5 notices: 2 overdue, 3 new leads`; what does not fit is counted together. Of one list alone, it is named."""
    notices = list(notices)
    lists = {brief.list for brief in notices if brief.template == "assigned"}
    if len(lists) == 1 and None not in lists and all(brief.template == "assigned" for brief in notices):
        return wording.shorten(f"{len(notices) + more} new leads of the list {lists.pop()}", wording.SUBJECT_LIMIT)
    kinds = Counter(_KINDS.get(brief.template, ("other", "others")) for brief in notices)
    head = f"{kinds.total() + more} notices: "
    told, left = "", kinds.total() + more
    for kind, number in kinds.items():
        part = f"{', ' if told else ''}{number} {kind[number > 1]}"
        rest = left - number
        if len(head + told + part) + (len(f", {rest} more") if rest else 0) > wording.SUBJECT_LIMIT:
            break
        told, left = told + part, rest
    return head + told + (f", {left} more" if left else "")
