"""What one hearer reads: a notice as subject, text and HTML, threaded with all others about the same lead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities import wording
from activities.wording import Times, clean_line, shorten
from leads.brief import Brief, Corrected, Hearer

TEMPLATES = (
    "warning", "breach", "escalation", "retraction", "assigned", "asked_again", "overtaken", "unassigned", "ignored",
)  # fmt: skip
_ALARMS = ("warning", "breach", "escalation")
HELD_UP = timedelta(minutes=5)
"""A notice that leaves later than this after it was issued says so."""
_NAME_LIMIT = 40
_FOLDER = Path(__file__).parent / "templates"


class UnknownTemplateError(Exception):
    """A notice of a kind this build has no words for; a newer one wrote it."""

    code = "unknown_template"


class PromiseGoneError(Exception):
    """The clock an alarm speaks of is gone: a late fact has undone its start."""

    code = "promise_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice for one hearer. The first block is ids and codes; the rest is personal."""

    action_id: UUID
    lead_id: UUID
    template: str
    hearer: str
    clock: str | None
    due_at: datetime | None
    url: str | None
    """The lead's page; None: there are no pages to lead to."""

    email: str | None
    """None: a channel without an address."""
    name: str
    subject: str
    text: str
    html: str
    sent_at: datetime
    message_id: str
    """Made from the action and the hearer: a letter sent twice is recognised."""
    answers: str
    """The message this one belongs under."""
    thread: str
    """The root of the lead's thread."""


class Letters:
    """Writes letters. `console_url` is the base of links, None for letters without; `domain` the right side of ids."""

    def __init__(self, console_url: str | None, domain: str) -> None:
        self._console_url = console_url.rstrip("/") if console_url else None
        self._domain = domain
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=select_autoescape(enabled_extensions=("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, brief: Brief, hearer: Hearer, now: datetime) -> Letter:
        """One hearer's letter, true at `now`. Raises `UnknownTemplateError` and `PromiseGoneError`."""
        if brief.template not in TEMPLATES:
            raise UnknownTemplateError("a newer version of Leadloop issued this notice: upgrade this worker")
        if brief.template in _ALARMS and brief.promise is None:
            raise PromiseGoneError("there is no promise left to speak of: look at the lead's timeline")
        corrected = _heard_by(brief, hearer)
        facts = self._facts(brief, hearer, now) | {"alarm_at": ""}
        if corrected is not None:
            facts["alarm_at"] = Times(brief.timezone, now).wall(corrected.issued_at)
        thread = f"<{brief.lead_id}.thread@{self._domain}>"
        return Letter(
            action_id=brief.action_id,
            lead_id=brief.lead_id,
            template=brief.template,
            hearer=hearer.key,
            clock=brief.promise.clock if brief.promise else None,
            due_at=brief.promise.due_at if brief.promise else None,
            url=facts["url"],
            email=hearer.email,
            name=clean_line(hearer.name),
            subject=self._subject(brief, corrected),
            text=self._templates.get_template(f"{brief.template}.txt").render(facts).strip() + "\n",
            html=self._templates.get_template(f"{brief.template}.html").render(facts),
            sent_at=now,
            message_id=self._message_id(brief.action_id, hearer),
            answers=self._message_id(corrected.action_id, hearer) if corrected else thread,
            thread=thread,
        )

    def _message_id(self, action_id: UUID, hearer: Hearer) -> str:
        mark = blake2b(hearer.key.encode(), digest_size=4).hexdigest()
        return f"<{action_id}.{mark}@{self._domain}>"

    def _subject(self, brief: Brief, corrected: Corrected | None) -> str:
        """Depends on the notice only, so that a correction can repeat what it corrects."""
        template = corrected.template if corrected else brief.template
        times = Times(brief.timezone, corrected.issued_at if corrected else brief.issued_at)
        promise = brief.promise
        who = _who(brief, name_limit=24, company_limit=20)
        noun = wording.noun_of(promise.clock) if promise else "promise"
        due = times.short(promise.due_at) if promise else ""
        by = f", {noun} by {due}" if promise else ""
        since = f" since {due}" if due else ""
        subjects = {
            "warning": f"{noun.capitalize()} due {due}: {who}",
            "breach": f"{noun.capitalize()} overdue{since}: {who}",
            "escalation": f"Still no {noun}, overdue{since}: {who}",
            "retraction": f"False alarm: {who}",
            "assigned": f"Your lead: {who}{by}",
            "asked_again": f"Asked again: {who}{by}",
            "overtaken": f"Check who has this lead: {who}",
            "unassigned": f"A lead without an owner: {who}",
            "ignored": f"Ignored by sales: {who}",
        }
        return shorten(("Re: " if corrected else "") + subjects.get(template, who), wording.SUBJECT_LIMIT)

    def _facts(self, brief: Brief, hearer: Hearer, now: datetime) -> dict[str, Any]:
        """What the templates may name; every text of a stranger is cleaned."""
        times = Times(brief.timezone, now)
        owner = clean_line(brief.owner_name, _NAME_LIMIT) or "nobody"
        whose = "your" if hearer.key == brief.owner else f"of {owner}"
        owner_now = clean_line(brief.owner_now_name, _NAME_LIMIT)
        team = clean_line(brief.team_name, _NAME_LIMIT) or "the team"
        return {
            "hearer": clean_line(hearer.name, _NAME_LIMIT),
            "because": _because(brief, hearer),
            "is_owner": hearer.key == brief.owner,
            "has_lead": hearer.key == brief.owner_now,
            "owner": owner,
            "owner_now": owner_now,
            "is_moved": brief.owner != brief.owner_now,
            "team": team,
            "who": _who(brief),
            "lead": _lead(brief, times),
            "promise": _promise(brief, times),
            "coming": [
                {
                    "at": times.wall(step.at),
                    "away": times.away(step.at),
                    "act": wording.next_act(step, team, whose=whose, hearer_role=hearer.role),
                }
                for step in brief.coming
            ],
            "proof": wording.proof_of(brief.proof, times) if brief.proof else "",
            "held_up": times.wall(brief.issued_at) if times.is_later_by(brief.issued_at, HELD_UP) else "",
            "url": f"{self._console_url}/leads/{brief.lead_id}" if self._console_url else None,
            "command": f"leadloop lead show {brief.lead_id}",
        }


def _heard_by(brief: Brief, hearer: Hearer) -> Corrected | None:
    """The first alarm that reached this hearer, so that the correction stands right under it."""
    reached = [corrected for corrected in brief.corrected if hearer.key in corrected.told]
    return next(iter(reached or brief.corrected), None)


def _who(brief: Brief, name_limit: int = 60, company_limit: int = 60) -> str:
    """The lead in a few words: name and company, as far as known."""
    name, company = clean_line(brief.prospect.name, name_limit), clean_line(brief.prospect.company, company_limit)
    if name and company:
        return f"{name} ({company})"
    return name or company or clean_line(brief.prospect.email, name_limit) or "a lead without a name"


def _lead(brief: Brief, times: Times) -> dict[str, Any]:
    prospect = brief.prospect
    phone = clean_line(prospect.phone, 40)
    email = clean_line(prospect.email)
    return {
        "name": clean_line(prospect.name),
        "company": clean_line(prospect.company),
        "email": email,
        "mailto": quote(email, safe="@+") if wording.is_address(email) else "",
        "phone": phone,
        "tel": "".join(sign for sign in phone if sign in "+0123456789"),
        "source": clean_line(prospect.source, 60),
        "campaign": clean_line(prospect.campaign, 60),
        "since": times.wall(prospect.captured_at) if prospect.captured_at else "",
        "asked_for": clean_line(wording.asked_for(prospect.raised_hand), 60),
        "asked_at": times.wall(prospect.raised_at) if prospect.raised_at else "",
        "words": wording.clean_words(prospect.words),
    }


def _promise(brief: Brief, times: Times) -> dict[str, Any] | None:
    promise = brief.promise
    if promise is None:
        return None
    return {
        "noun": wording.noun_of(promise.clock),
        "missing": wording.missing(promise.clock),
        "kept_by": wording.kept_by(promise.clock),
        "due": times.wall(promise.due_at),
        "away": times.away(promise.due_at),
        "is_past": times.is_past(promise.due_at),
        "is_running": promise.ended_at is None,
        "is_kept": promise.outcome == "met",
        "zone": times.zone,
    }


def _because(brief: Brief, hearer: Hearer) -> str:
    """Why this person hears, as the end of a sentence."""
    of = clean_line(hearer.of, _NAME_LIMIT)
    if hearer.role == "owner":
        return "this is your lead" if hearer.key == brief.owner_now else "this concerns a lead you were given"
    return {
        "stand_in": f"you stand in for {of}",
        "deputy": f"you are the deputy of {of}",
        "manager": f"you manage {of}",
        "team_manager": f"you manage people in {of}",
        "team": f"you are in {of}",
        "channel": f"this is the channel of {of}",
    }.get(hearer.role, "the playbook names you")
