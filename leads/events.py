"""What has happened to a lead: the catalogue of events that come in.

Events are facts in the past tense, never refused once valid. `EVENTS` maps each CloudEvents `type` to the model of
its `data`; unknown fields are kept. Its order is the rank of facts that carry the same instant: what makes a lead known
comes first, what sales did before what ended it.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from leads.instants import FIRST_INSTANT
from leads.listed import LIST_NAME_PATTERN

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
"""A code or a name: a source, a campaign, a person's id."""
Prose = Annotated[str, StringConstraints(max_length=10_000)]
"""Free text a person wrote. Lives in the database only."""
ListName = Annotated[str, StringConstraints(pattern=LIST_NAME_PATTERN)]
"""A bulk list: of a trade show, a webinar, or bought."""
Contact = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True)]
"""An address or a number as the sender gave it; normalised elsewhere."""


_DATE_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]", re.ASCII)


def _within_reach(instant: datetime) -> datetime:
    if not FIRST_INSTANT <= instant < LAST_DATE:
        msg = f"an instant lies from {FIRST_INSTANT.year} to before {LAST_DATE.year}"
        raise ValueError(msg)
    return instant


LAST_DATE = datetime(2100, 1, 1, tzinfo=UTC)
"""No promise or date agreed reaches this far; the calendar arithmetic serves a century more."""
Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""An aware instant that the calendar arithmetic can work with."""


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE_FIRST.match(value)):
        return value
    msg = 'an instant is RFC 3339 text with an offset, as "2026-03-27T16:30:00+01:00"'
    raise PydanticCustomError("bad_instant", msg)


WrittenInstant = Annotated[Instant, BeforeValidator(_written)]
"""An instant in words: a number, which may be seconds or milliseconds, is none."""


def _not_ahead(instant: datetime, info: ValidationInfo) -> datetime:
    latest: datetime | None = info.context.get(LATEST) if info.context else None
    if latest is not None and instant > latest:
        raise PydanticCustomError(TIME_IN_FUTURE, "lies in the future: check the sender's clock")
    return instant


LATEST = "latest"
"""In the context of a validation: what has happened lies no later. Stored facts are read without."""
TIME_IN_FUTURE = "time_in_future"
"""Type of the error otherwise."""
PastInstant = Annotated[Instant, AfterValidator(_not_ahead)]
"""An instant of something that has been done already."""


class EventData(BaseModel):
    """The `data` of an event. Immutable; unknown fields are kept so that a sender may run ahead of us."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


class Channel(StrEnum):
    CALL = "call"
    EMAIL = "email"
    MESSAGE = "message"
    MEETING = "meeting"
    VISIT = "visit"
    OTHER = "other"


class Mode(StrEnum):
    """How a touch was made; the playbook's `real_touch` says which count (by default the first two)."""

    MANUAL = "manual"
    SEQUENCE_MANUAL = "sequence_manual"
    SEQUENCE_AUTO = "sequence_auto"
    BULK = "bulk"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class EvidenceClass(StrEnum):
    """Who vouches for a touch: a system saw it, a person says so, a partner reports it."""

    SYSTEM = "system"
    SELF_REPORTED = "self_reported"
    PARTNER = "partner"


class HandKind(StrEnum):
    DEMO = "demo"
    CONTACT = "contact"
    PRICING = "pricing"
    TRIAL_TALK = "trial_talk"
    CALL = "call"
    CHAT = "chat"
    MEETING = "meeting"


class DisqualifyKind(StrEnum):
    SOFT = "soft"
    """May come back by raising a hand."""
    HARD = "hard"
    """Further facts are logged only."""
    NOT_A_LEAD = "not_a_lead"
    """Test, spam, internal, vendor, job seeker: out of every denominator, also backwards."""


class PauseKind(StrEnum):
    """Why clocks stand still. The playbook says which may, and each promise which of them stop it."""

    SNOOZE = "snooze"
    """Agreed with the buyer; ends early when the buyer speaks."""
    WAITING_ON_BUYER = "waiting_on_buyer"
    """It is the buyer's turn; ends early when the buyer speaks."""
    LEGAL_HOLD = "legal_hold"
    """Nobody may work on it; no word of the buyer ends it, nor does a new owner."""


class HandOffKind(StrEnum):
    """Who passes the baton to whom."""

    MARKETING_TO_REP = "marketing_to_rep"
    RE_INQUIRY = "re_inquiry"
    """A lead that had ended, or had gone back to marketing, asks again."""
    REP_TO_CLOSER = "rep_to_closer"
    TO_PARTNER = "to_partner"
    RETURNED = "returned"
    """A closer or a partner gave it back to whoever had passed it on."""


PassedOn = Literal[HandOffKind.REP_TO_CLOSER, HandOffKind.TO_PARTNER]
"""Passing the baton on inside sales."""
InsideSales = Literal[HandOffKind.REP_TO_CLOSER, HandOffKind.TO_PARTNER, HandOffKind.RETURNED]
"""Hand-offs from one in sales to another."""


class Profile(EventData):
    """What is known of the person and the company; each field optional, the latest value wins."""

    source: Word | None = None
    campaign: Word | None = None
    content: Word | None = None
    form: Word | None = None
    email: Contact | None = None
    phone: Contact | None = None
    name: Contact | None = None
    company: Contact | None = None
    domain: Contact | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")] | None = None
    language: Word | None = None
    timezone: Word | None = None
    attributes: dict[str, Any] = Field(default_factory=dict, max_length=100)


class LeadCaptured(Profile):
    source: Word = Field(description="The channel. The original and the latest are both kept.")
    list: ListName | None = Field(
        default=None, description="The bulk list it came with: it waits there until it is released to sales."
    )


class LeadUpdated(Profile):
    pass


class LeadLinked(EventData):
    account: Word | None = None
    opportunity: Word | None = None
    keys: dict[str, Word] = Field(default_factory=dict, max_length=20, description="Other systems' keys: system → key.")


class ConsentChanged(EventData):
    channel: Word
    granted: bool
    proof: Prose | None = None


class LeadEngaged(EventData):
    kind: Word
    content: Word | None = None
    campaign: Word | None = None
    points: int | None = Field(default=None, ge=-1000, le=1000)


class HandRaised(EventData):
    kind: HandKind
    words: Prose | None = None


class LeadQualified(EventData):
    reason: Word | None = None
    score: int | None = Field(default=None, ge=0, le=100_000)


class LeadReleased(EventData):
    """A lead that waits in a list goes to sales now."""

    list: ListName
    by: Word | None = None


class LeadUnlisted(EventData):
    """A lead that waits in a list goes on with marketing instead."""

    list: ListName
    reason: Word | None = None


class LeadReopened(EventData):
    reason: Word | None = None
    by: Word | None = None


class LeadAssigned(EventData):
    """Sales has an owner for it. To a team that takes leads over in a way of its own it is a hand-off of its own."""

    owner: Word
    team: Word | None = None
    kind: PassedOn | None = Field(default=None, description="A hand-off inside sales, where the team does not say so.")
    by: Word | None = None
    reason: Word | None = None
    note: Prose | None = None


class LeadAccepted(EventData):
    by: Word | None = None
    note: Prose | None = None


class LeadTouched(EventData):
    """A person of sales reached out. An attempt; `connected` makes it a conversation."""

    channel: Channel
    direction: Direction = Direction.OUT
    mode: Mode = Mode.MANUAL
    by: Word | None = None
    connected: bool = False
    duration_seconds: int | None = Field(default=None, ge=0, le=86_400)
    evidence: EvidenceClass = EvidenceClass.SYSTEM
    logged_at: PastInstant | None = None
    next_step_at: Instant | None = None
    content: list[Word] = Field(default_factory=list, max_length=50)
    note: Prose | None = None

    @model_validator(mode="after")
    def _self_reports_say_when_they_were_logged(self) -> Self:
        if self.evidence is EvidenceClass.SELF_REPORTED and self.logged_at is None:
            msg = "self-reported evidence needs logged_at: say when it was written down"
            raise ValueError(msg)
        return self


class LeadReplied(LeadTouched):
    """The buyer spoke."""

    direction: Direction = Direction.IN


class MeetingFact(EventData):
    at: Instant
    ends_at: Instant | None = Field(default=None, description="The playbook's length after `at` when left out.")
    meeting: Word | None = None
    by: Word | None = None
    self_booked: bool = False


class Rejected(EventData):
    reason: Word
    by: Word | None = None
    note: Prose | None = None


class Recycled(EventData):
    reason: Word | None = None
    by: Word | None = None
    wake_at: Instant | None = None
    note: Prose | None = None


class Snoozed(EventData):
    """Clocks stand still. The latest word of a kind counts: a nearer `until` ends the pause earlier."""

    until: Instant
    kind: PauseKind = PauseKind.SNOOZE
    reason: Word | None = None
    by: Word | None = None


class OpportunityFact(EventData):
    opportunity: Word | None = None
    by: Word | None = None
    amount: Annotated[float, Field(ge=0, le=1e12)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    reason: Word | None = None


class LeadDisqualified(EventData):
    kind: DisqualifyKind = DisqualifyKind.SOFT
    reason: Word | None = None
    by: Word | None = None
    note: Prose | None = None


class FeedbackGiven(EventData):
    by: Word | None = None
    quality: int | None = Field(default=None, ge=1, le=5)
    reason: Word | None = None
    message_used: Word | None = None
    content_used: list[Word] = Field(default_factory=list, max_length=50)
    words: Prose | None = None


class ContentUsed(EventData):
    content: Word
    stage: Word | None = None
    by: Word | None = None


class DeliveryTrouble(EventData):
    channel: Word = "email"
    reason: Word | None = None


class AccountUpdated(EventData):
    """A company as another system has it. What is left out stays as it was; null takes it away."""

    name: Contact | None = None
    domains: list[Contact] | None = Field(default=None, max_length=100)
    owner: Word | None = None
    type: Word | None = Field(default=None, description="As customer, prospect, partner.")
    named: bool | None = Field(default=None, description="On somebody's list of target accounts.")
    open_opportunity_owner: Word | None = Field(default=None, description="Who works on a deal with it now.")


class PersonAbsent(EventData):
    starts_at: Instant = Field(alias="from")
    ends_at: Instant = Field(alias="until")
    deputy: Word | None = None

    model_config = ConfigDict(
        frozen=True, extra="allow", hide_input_in_errors=True, validate_by_name=True, validate_by_alias=True
    )

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            msg = "until must be later than from"
            raise ValueError(msg)
        return self


EVENTS: dict[str, type[EventData]] = {
    "lead.captured": LeadCaptured,
    "lead.updated": LeadUpdated,
    "lead.linked": LeadLinked,
    "lead.consent_changed": ConsentChanged,
    "lead.engaged": LeadEngaged,
    "lead.reopened": LeadReopened,
    "lead.hand_raised": HandRaised,
    "lead.qualified": LeadQualified,
    "lead.released": LeadReleased,
    "lead.unlisted": LeadUnlisted,
    "lead.assigned": LeadAssigned,
    "lead.accepted": LeadAccepted,
    "lead.replied": LeadReplied,
    "lead.touched": LeadTouched,
    "lead.meeting_booked": MeetingFact,
    "lead.meeting_held": MeetingFact,
    "lead.meeting_missed": MeetingFact,
    "lead.meeting_cancelled": MeetingFact,
    "lead.opportunity_opened": OpportunityFact,
    "lead.won": OpportunityFact,
    "lead.lost": OpportunityFact,
    "lead.returned": Rejected,
    "lead.rejected": Rejected,
    "lead.recycled": Recycled,
    "lead.snoozed": Snoozed,
    "lead.disqualified": LeadDisqualified,
    "lead.feedback_given": FeedbackGiven,
    "content.used": ContentUsed,
    "lead.bounced": DeliveryTrouble,
    "lead.complained": DeliveryTrouble,
    "account.updated": AccountUpdated,
    "person.absent": PersonAbsent,
}

EventStream = Literal["lead", "account", "person"]


def stream_of(event_type: str) -> EventStream:
    """Which stream a type belongs to: most speak of a lead; `account.*` and `person.*` have streams of their own."""
    head = event_type.partition(".")[0]
    if head == "account":
        return "account"
    return "person" if head == "person" else "lead"
