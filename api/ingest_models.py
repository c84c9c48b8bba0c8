"""The answers of ingest, as their readers see them."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.decode import EventProblem
from api.problems import ProblemDetails
from leads.events import EventStream


class AcceptedEvent(BaseModel):
    id: str
    lead_id: UUID | None = Field(description="Null for an event of an account or a person.")
    sequence: int = Field(description="Its number in the lead's mail, counted from 1 without gaps.")
    duplicate: bool = Field(description="It was accepted before; this time nothing changed.")


class Accepted(BaseModel):
    """What has become of the events of a request."""

    accepted: int = Field(description="Events stored now.")
    duplicates: int = Field(description="Events stored before, with the same content.")
    events: list[AcceptedEvent] = Field(description="In the order sent.")
    rejected: list[EventProblem] | None = Field(
        default=None, description="With `partial=true`: why the other events were not stored."
    )


class PreviewedEvent(BaseModel):
    index: int
    id: str | None
    outcome: Literal["new", "duplicate", "conflict", "invalid"] = Field(
        description="What sending it now would do: store it, change nothing, or have it refused."
    )
    lead_id: UUID | None = Field(description="The lead it would go to; null for a new lead, an account or a person.")
    problems: list[EventProblem]


class Previewed(BaseModel):
    """What would happen to the events of a request; nothing has."""

    new: int
    duplicates: int
    conflicts: int
    invalid: int
    events: list[PreviewedEvent]


class EventsProblem(ProblemDetails):
    """A refusal that says why, event by event."""

    events: list[EventProblem]


class EventType(BaseModel):
    stream: EventStream = Field(description="Whom events of this type speak of.")
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema 2020-12 of the event's data.")


class EventTypes(BaseModel):
    event_types: dict[str, EventType]
