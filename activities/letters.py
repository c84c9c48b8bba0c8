"""What one hearer reads of one notice: subject, text and HTML, threaded with all others about the same lead."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities import wording
from activities.letter_facts import facts_of, who_of
from activities.wording import Times, clean_line, shorten
from leads.brief import Brief, Corrected, Hearer
from leads.post import ALARMS

TEMPLATES = (
    "warning", "breach", "escalation", "retraction", "assigned", "asked_again", "overtaken", "unassigned", "ignored",
    "ignored_retracted", "feedback_asked", "taken_over",
)  # fmt: skip
_FOLDER = Path(__file__).parent / "templates"
_AGAIN = "Re: "


class UnknownTemplateError(Exception):
    """A notice of a kind this build has no words for; a newer one wrote it."""

    code = "unknown_template"


class PromiseGoneError(Exception):
    """The clock an alarm speaks of is gone: a late fact has undone its start."""

    code = "promise_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One notice, or a digest of several, for one hearer. The first block is ids and codes; the rest is personal."""

    letter_id: UUID
    """The action's own id, or the digest's."""
    lead_id: UUID | None
    """None: it is about several."""
    template: str
    notices: int = 1
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
    """Made from what it holds and the hearer: a letter sent twice is recognised."""
    answers: str | None = None
    """The message this one belongs under."""
    thread: str | None = None
    """The root of the lead's thread; a digest stands in none."""


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
        if brief.template in ALARMS and brief.promise is None:
            raise PromiseGoneError("there is no promise left to speak of: look at the lead's timeline")
        corrected = _heard_by(brief, hearer)
        facts = self.facts(brief, hearer, now)
        alarm_at = Times(brief.timezone, now).wall(corrected.issued_at) if corrected else ""
        text, html = self.render(brief.template, facts | {"alarm_at": alarm_at})
        thread = f"<{brief.lead_id}.thread@{self._domain}>"
        return Letter(
            letter_id=brief.action_id,
            lead_id=brief.lead_id,
            template=brief.template,
            hearer=hearer.key,
            clock=brief.promise.clock if brief.promise else None,
            due_at=brief.promise.due_at if brief.promise else None,
            url=facts["url"],
            email=hearer.email,
            name=clean_line(hearer.name),
            subject=subject_of(brief, corrected),
            text=text,
            html=html,
            sent_at=now,
            message_id=self.message_id(brief.action_id, hearer),
            answers=self.message_id(corrected.action_id, hearer) if corrected else thread,
            thread=thread,
        )

    @property
    def leads_url(self) -> str | None:
        """The page of all leads."""
        return f"{self._console_url}/leads" if self._console_url else None

    def facts(self, brief: Brief, hearer: Hearer, now: datetime) -> dict[str, Any]:
        """What may be named of a notice."""
        return facts_of(brief, hearer, now, self._console_url)

    def render(self, template: str, facts: dict[str, Any]) -> tuple[str, str]:
        """Text and HTML."""
        text = self._templates.get_template(f"{template}.txt").render(facts)
        return text.strip() + "\n", self._templates.get_template(f"{template}.html").render(facts)

    def message_id(self, letter_id: UUID, hearer: Hearer) -> str:
        mark = blake2b(hearer.key.encode(), digest_size=4).hexdigest()
        return f"<{letter_id}.{mark}@{self._domain}>"


def subject_of(brief: Brief, corrected: Corrected | None = None) -> str:
    """Depends on the notice only, so that a correction can repeat what it corrects."""
    template = corrected.template if corrected else brief.template
    times = Times(brief.timezone, corrected.issued_at if corrected else brief.issued_at)
    promise = brief.promise
    who = who_of(brief, name_limit=24, company_limit=20)
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
        "taken_over": f"Your lead now: {who}{by}",
        "asked_again": f"Asked again: {who}{by}",
        "overtaken": f"Check who has this lead: {who}",
        "unassigned": f"A lead without an owner: {who}",
        "ignored": f"Ignored by sales: {who}",
        "ignored_retracted": f"Not ignored after all: {who}",
        "feedback_asked": f"What came of it? {who}{by}",
    }
    # cut where it still fits behind "Re: ": mail programs take a correction with another subject for another matter
    subject = shorten(subjects.get(template, who), wording.SUBJECT_LIMIT - len(_AGAIN))
    return _AGAIN + subject if corrected else subject


def _heard_by(brief: Brief, hearer: Hearer) -> Corrected | None:
    """The letter in which this hearer first heard what is taken back: the correction stands right under it."""
    return next((corrected for corrected in brief.corrected if hearer.key in corrected.told), None)
