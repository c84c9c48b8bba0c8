"""Leads as the API shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leads.events import HandOffKind
from leads.playbook_teams import NoticeMode
from leads.stages import Stage
from storage.queries import LeadDetail, Modes
from storage.timelines import TimelineLine


class LeadView(BaseModel):
    """Where a lead stands. Instants are RFC 3339; people and teams are named by their ids."""

    model_config = ConfigDict(from_attributes=True)

    lead_id: UUID
    stage: Stage
    stage_since: datetime | None
    is_open: bool
    is_counted: bool = Field(description="False: it never was a lead, or is one with another; it is in no number.")
    segment: str | None
    team: str | None
    mode: NoticeMode = Field(description="How much its team is told now: shadow, notify_owner or full.")
    owner: str | None
    queue: str | None = Field(description="The team whose queue it waits in.")
    source: str | None
    captured_at: datetime | None = Field(description="Null: facts came in, but the capture has not.")
    due_at: datetime | None = Field(description="When the promise that is due first is due.")
    due_clock: str | None
    ignored_at: datetime | None = Field(description="Since when it counts as ignored.")
    untouched: bool = Field(description="Nobody has looked after it since it was last handed to sales.")
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
    hand_off: str | None = Field(description="The id of the hand-off it hangs on; null: it is of the lead itself.")
    subject: str | None = Field(description="What exactly is promised: the stage to leave, the meeting to tell of.")
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


class HandOffView(BaseModel):
    """One passing of the baton; under way while `ended_at` is null."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int = Field(description="Its place in the lead's life, from 1.")
    kind: HandOffKind
    giver: str | None = Field(description="Who in sales passed it on; null: marketing, or the buyer.")
    sourced_by: str | None = Field(description="The hand-off from marketing that it came of; null: this one.")
    segment: str
    revision: int = Field(description="The playbook revision it was opened under.")
    team: str
    owner: str | None
    queue: str | None = Field(description="The team whose queue it waits in.")
    opened_at: datetime
    raised_at: datetime | None = Field(description="When the buyer asked for contact.")
    owner_since: datetime | None
    accepted_at: datetime | None
    touched_at: datetime | None = Field(description="The first real touch, by anyone in sales.")
    touched_by: str | None
    conversed_at: datetime | None = Field(description="The first conversation.")
    opportunity_at: datetime | None
    attempts: int = Field(description="To reach the buyer, since the last silence that was too long.")
    hops: int = Field(description="How often a ladder has moved it.")
    horizon_at: datetime = Field(description="Without a real touch by then it is ignored.")
    is_ignored: bool = Field(description="It was not looked after by its horizon; a later touch does not change that.")
    ended_at: datetime | None
    ended_by: str | None
    result: str | None
    reason: str | None
    is_under_worked: bool = Field(description="Given up as unreachable before the agreed effort.")
    quiet: bool = Field(description="Out of history brought in later: nobody was alarmed by it.")


class LeadDetailView(LeadView):
    revision: int | None = Field(description="The playbook revision of the hand-off.")
    unread: int = Field(description="Events that have come in and are not read yet.")
    hand_offs: list[HandOffView] = Field(description="The oldest first.")
    clocks: list[ClockView]


class TimelineLineView(BaseModel):
    """One thing that happened, and what it says to people."""

    number: int
    at: datetime = Field(description="When it counts.")
    recorded_at: datetime = Field(description="When it was written into the timeline.")
    heard_at: datetime | None = Field(description="Of an event or command: when word of it came.")
    kind: str = Field(
        description="fact, command, decision, corrected, reinstated, amended, or what follows from these."
    )
    type: str | None = Field(description="Of a fact, command or decision: which.")
    sentence: str
    actor: str | None
    stands: bool = Field(description="False: a later line takes it back, or puts it right.")
    corrects: int | None = Field(
        description="The number of the line that this one takes back, lets stand again or puts right."
    )
    data: dict[str, Any]


class TimelineView(BaseModel):
    timezone: str = Field(description="The zone of wall times in the sentences.")
    lines: list[TimelineLineView] = Field(description="In the order in which they were written; `at` may jump back.")
    next: int | None = Field(description="`after` of the next page; null on the last.")


def lead_view(row: Any, modes: Modes) -> LeadView:
    fields = {name: getattr(row, name) for name in LeadView.model_fields if name != "mode"}
    return LeadView(mode=modes(row.team), **fields)


def detail_view(found: LeadDetail, modes: Modes) -> LeadDetailView:
    return LeadDetailView(
        **lead_view(found.lead, modes).model_dump(),
        revision=found.lead.revision,
        unread=found.last_sequence - found.read_to,
        hand_offs=[HandOffView.model_validate(hand_off) for hand_off in found.hand_offs],
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
