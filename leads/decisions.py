"""What Leadloop chose and someone can notice.

A decision stands in the journal beside the facts, with the tick it was made at (its `effective_at`), what it `saw` and
the playbook revision it followed. A refold never makes it again: it is applied where it stands, and does nothing (is
*overtaken*) when its premise is gone. Its id names its cause, so that the same choice is never journalled twice.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from leads.calendar import Calendar

SOURCE = "leadloop"
"""The source of every decision."""


class DecisionData(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    saw: int = Field(description="The number of the last mail read when this was decided.")
    revision: int = Field(description="The playbook revision in force at the tick.")


class Nurtured(DecisionData):
    """Marketing keeps in touch: on which track, and when to look again."""

    track: str
    wake_at: datetime


class Qualified(DecisionData):
    """The score reached the playbook's threshold."""

    score: int
    threshold: int


class Candidate(BaseModel):
    """Someone who could have had the lead, what was known of them, and why not. `leads.routing.Member` has the words.

    Written without what is as it is by default: a team of hundreds is recorded with each of its leads.
    """

    model_config = ConfigDict(frozen=True)

    person: str
    team: str | None = Field(default=None, description="Where several were asked.")
    skipped: str | None = Field(default=None, description="A code: why not; null: could have had it.")
    weight: int = 1
    place: int | None = None
    owed: int = 0
    assigned_count: int = 0
    last_assigned_at: datetime | None = None
    was_away: bool = False
    open_leads: int = 0
    max_open_leads: int | None = None
    new_today: int = 0
    max_new_leads_per_day: int | None = None
    untouched: int = 0
    here_from: datetime | None = None
    skills: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _briefly(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        written: dict[str, Any] = write(self)
        return {name: value for name, value in written.items() if getattr(self, name) != fields[name].default}


class AssignCause(StrEnum):
    ROUTING = "routing"
    """The hand-off had no owner."""
    RUNG = "rung"
    """A rung of the ladder took it from the owner before."""
    CLAIM = "claim"
    """The owner took it."""
    ABSENCE = "absence"
    """The owner before is away."""
    LEFT = "left"
    """The owner before has left."""
    ACCOUNT = "account"
    """The lead's account has another owner now."""


class RecentOwner(BaseModel):
    """Who was given another lead of the same company not long ago, and in which team."""

    model_config = ConfigDict(frozen=True)

    person: str
    team: str


TAKEN_OVER = (AssignCause.ABSENCE, AssignCause.LEFT)
"""The owner before has gone, and nobody is to blame."""


class OwnerStanding(BaseModel):
    """How somebody stood in the roster when it was decided whether a lead stays theirs, or becomes it."""

    model_config = ConfigDict(frozen=True)

    person: str
    is_known: bool = Field(default=True, description="False: the roster has nobody of this id.")
    is_active: bool = True
    away_from: datetime | None = None
    away_until: datetime | None = Field(default=None, description="Null: is not away.")
    deputy: str | None = Field(default=None, description="The first who can stand in now, deputies of deputies too.")
    manager: str | None = Field(default=None, description="The first up the line who is here.")


class CompanyView(BaseModel):
    """Whom the company's leads go to, as it stood: everyone looked up, in their order, and whom it came to."""

    model_config = ConfigDict(frozen=True)

    asked: tuple[OwnerStanding, ...] = ()
    recent: RecentOwner | None = None
    chosen: str | None = Field(default=None, description="Why the owner came first: a code of the playbook's order.")


class Assigned(DecisionData):
    hand_off: str
    owner: str
    team: str
    cause: AssignCause
    clock: str | None = Field(default=None, description="With cause `rung`: the clock whose ladder climbed.")
    was: str | None = Field(default=None, description="The owner before; the premise that must still hold.")
    rule: str | None = Field(default=None, description="The rule of the playbook that said where it goes.")
    skills: tuple[str, ...] = Field(default=(), description="What it asked of whoever gets it.")
    territories: tuple[str, ...] = ()
    knows: str | None = Field(default=None, description="Why the owner came before others: a code of `leads.routing`.")
    method: str | None = Field(default=None, description="Whose turn it was was told so: by turn or by count.")
    place: int | None = Field(default=None, description="Where the turn puts the owner; null: it counts as none.")
    owed: int = Field(default=0, description="Turns that the owner is still owed.")
    candidates: tuple[Candidate, ...] = ()
    standing: OwnerStanding | None = Field(default=None, description="Of the owner before, away or gone.")
    company: CompanyView | None = Field(default=None, description="What was known of the company's own people.")


class Queued(DecisionData):
    """Nobody could take it; it waits where it can be seen and claimed."""

    hand_off: str
    queue: str
    team: str | None = Field(default=None, description="Whose queue it is; null: the team of the same name.")
    rule: str | None = Field(default=None, description="The rule of the playbook that said where it goes.")
    skills: tuple[str, ...] = Field(default=(), description="What it asked of whoever gets it.")
    territories: tuple[str, ...] = ()
    why: str
    clock: str | None = Field(default=None, description="Returned by a rung: the clock whose ladder climbed.")
    was: str | None = None
    retry_at: datetime | None = Field(default=None, description="When to look first for somebody, not knowing more.")
    looks: tuple[datetime, ...] = Field(default=(), description="When somebody is known to come, or another is asked.")
    candidates: tuple[Candidate, ...] = ()
    would_give: str | None = Field(default=None, description="In shadow: who would have got it.")
    company: CompanyView | None = Field(default=None, description="What was known of the company's own people.")
    standing: OwnerStanding | None = Field(default=None, description="Of the owner before, away or gone.")


class OwnerKept(DecisionData):
    """The lead stays with an owner of whom word came that they are away or have left."""

    hand_off: str
    owner: str
    why: str = Field(description="back, short, playbook, nobody, shadow or account.")
    standing: OwnerStanding | None = Field(default=None, description="Of the owner.")
    company: CompanyView | None = Field(default=None, description="Of whom the account has now; with `account`.")


class HoursTaken(DecisionData):
    """A promise runs in its owner's own hours: these, as the roster had them.

    It counts from the start of the promise, whenever the roster was asked; `recorded_at` says when that was.
    """

    clock: str
    person: str
    calendar: Calendar | None = Field(default=None, description="None: no hours of their own; the team's hold.")
    away: tuple[tuple[datetime, datetime], ...] = Field(default=(), description="Absences known, half-open.")


class TurnReturned(DecisionData):
    """A lead that was none costs nobody a turn."""

    hand_off: str
    owner: str
    team: str
    why: str
    cycle: str = Field(description="What gave the lead to the owner.")
    method: str | None = Field(description="How the team counts; null: what is counted has begun anew since.")


class Placed(DecisionData):
    """A decision that is counted: where, as it stood when it was decided."""

    team: str | None = None
    segment: str | None = None


class BreachAnnounced(Placed):
    clock: str
    due_at: datetime


class BreachRetracted(Placed):
    """A fact that came late proves the announced breach false."""

    clock: str
    due_at: datetime
    stopped_at: datetime | None = None


class RungAction(StrEnum):
    """What a rung did: it told somebody, or moved the lead."""

    NOTIFY = "notify"
    REASSIGN = "reassign"
    TO_QUEUE = "to_queue"


class RungFired(Placed):
    clock: str
    rung: str
    due_at: datetime = Field(description="When the rung came due; the tick says when it fired.")
    action: RungAction | None = None


class RungSkipped(Placed):
    clock: str
    rung: str
    due_at: datetime
    why: str
    would_give: str | None = Field(default=None, description="In shadow: to whom it would have moved the lead.")
    would_queue: bool = Field(default=False, description="In shadow: it would have gone back into the team's queue.")
    candidates: tuple[Candidate, ...] = ()


class IgnoredAnnounced(Placed):
    """The horizon passed without a real touch."""

    hand_off: str
    horizon_at: datetime


class IgnoredRetracted(Placed):
    """A fact that came late proves that it was looked after in time, or that it never was a lead."""

    hand_off: str
    horizon_at: datetime


class FeedbackAsked(DecisionData):
    """Sales is asked what came of a hand-off, beyond the reason."""

    hand_off: str
    owner: str
    asked_of_late: int = Field(description="How often this person had been asked in the 24 hours before.")


class FeedbackSpared(FeedbackAsked):
    """Not asked: this person has been asked often enough, or the team stands in shadow."""

    why: str = "asked_often"


class NoticeWithheld(DecisionData):
    """A notice that would have gone out, had the team's mode let it. It never does, also not when the mode changes."""

    template: str
    to: tuple[str, ...] = Field(description="Who would have heard.")
    about: str
    team: str | None
    why: str = Field(description="The mode.")
    rung: str | None = None
    owner: str | None = None


class NoticeIssued(DecisionData):
    """A notice to people. Recipients are roles (`owner:ana`, `manager:ana`, `team:sales`); resolved when it is sent."""

    template: str
    to: tuple[str, ...]
    about: str = Field(description="The clock, hand-off or decision it speaks of.")
    rung: str | None = None
    owner: str | None = None
    list: str | None = Field(default=None, description="The bulk list of the lead: told of together with others of it.")
    corrects: str | None = Field(default=None, description="The notice that this one puts right, in its thread.")
    was: str | None = Field(default=None, description="The owner before, who is away or has left.")


class NoticeWithdrawn(DecisionData):
    """A notice not yet sent that has become pointless."""

    notice: str
    why: str


DECISIONS: dict[str, type[DecisionData]] = {
    "nurtured": Nurtured,
    "qualified": Qualified,
    "assigned": Assigned,
    "queued": Queued,
    "hours_taken": HoursTaken,
    "owner_kept": OwnerKept,
    "turn_returned": TurnReturned,
    "breach_announced": BreachAnnounced,
    "breach_retracted": BreachRetracted,
    "rung_fired": RungFired,
    "rung_skipped": RungSkipped,
    "ignored_announced": IgnoredAnnounced,
    "ignored_retracted": IgnoredRetracted,
    "feedback_asked": FeedbackAsked,
    "feedback_spared": FeedbackSpared,
    "notice_issued": NoticeIssued,
    "notice_withdrawn": NoticeWithdrawn,
    "notice_withheld": NoticeWithheld,
}
"""Name → model."""
