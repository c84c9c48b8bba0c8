"""Leads as the API shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leads.stages import Stage
from storage.queries import LeadDetail
from storage.timelines import TimelineLine


class LeadView(BaseModel):
    """Where a lead stands. Instants are RFC 3339; people and teams are named by their ids."""

    model_config = ConfigDict(from_attributes=True)

    lead_id: UUID
    stage: Stage
    stage_since: datetime | None
    is_open: bool
    segment: str | None
    team: str | None
    owner: str | None
    queue: str | None = Field(description="The team whose queue it waits in.")
    source: str | None
    captured_at: datetime | None = Field(description="Null: facts came in, but the capture has not.")
    due_at: datetime | None = Field(description="When the promise that is due first is due.")
    due_clock: str | None
    ignored_at: datetime | None = Field(description="Since when it counts as ignored.")
    untouched: bool
    wake_at: datetime | None = Field(description="When Leadloop looks at it again by itself.")
    stuck_since: datetime | None = Field(description="Since when an event of it cannot be read.")
    stuck_code: str | None
    score: int
    name: str | None
    company: str | None
    email: str | None
    phone: str | None
    created_at: datetime
    updated_at: datetime


class LeadPage(BaseModel):
    leads: list[LeadView] = Field(description="Newest first.")
    next: UUID | None = Field(description="`after` of the next page; null on the last.")


class ClockView(BaseModel):
    """A promise: running while `ended_at` is null, overdue when `due_at` has passed as well."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    clock: str
    owner: str | None
    team: str | None
    segment: str | None
    revision: int | None = Field(description="The playbook revision it runs under.")
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None = Field(description="met, met_late, breached, dodged, cancelled or waived.")
    why: str | None
    breached_at: datetime | None
    announced_at: datetime | None


class LeadDetailView(LeadView):
    revision: int | None = Field(description="The playbook revision of the hand-off.")
    unread: int = Field(description="Events that have come in and are not read yet.")
    clocks: list[ClockView]


class TimelineLineView(BaseModel):
    """One thing that happened, and what it says to people."""

    number: int
    at: datetime = Field(description="When it counts.")
    recorded_at: datetime = Field(description="When it was written into the timeline.")
    heard_at: datetime | None = Field(description="Of an event or command: when word of it came.")
    kind: str = Field(description="fact, command, decision, corrected, reinstated, or what follows from these.")
    type: str | None = Field(description="Of a fact, command or decision: which.")
    sentence: str
    actor: str | None
    stands: bool = Field(description="False: a later line takes it back.")
    corrects: int | None = Field(description="The number of the line that this one takes back, or lets stand again.")
    data: dict[str, Any]


class TimelineView(BaseModel):
    timezone: str = Field(description="The zone of wall times in the sentences.")
    lines: list[TimelineLineView] = Field(description="In the order in which they were written; `at` may jump back.")
    next: int | None = Field(description="`after` of the next page; null on the last.")


def lead_view(row: Any) -> LeadView:
    return LeadView.model_validate(row)


def detail_view(found: LeadDetail) -> LeadDetailView:
    return LeadDetailView(
        **lead_view(found.lead).model_dump(),
        revision=found.lead.revision,
        unread=found.last_sequence - found.read_to,
        clocks=[ClockView.model_validate(clock) for clock in found.clocks],
    )


def line_view(line: TimelineLine, sentence: str) -> TimelineLineView:
    entry = line.entry
    return TimelineLineView(
        number=line.number,
        at=line.at,
        recorded_at=line.recorded_at,
        heard_at=entry.recorded_at if entry else None,
        kind=line.kind,
        type=entry.type if entry else line.data.get("type"),
        sentence=sentence,
        actor=entry.actor if entry else None,
        stands=line.stands,
        corrects=line.original.number if line.original else None,
        data=entry.data.model_dump(mode="json", by_alias=True, exclude_none=True) if entry else line.data,
    )
