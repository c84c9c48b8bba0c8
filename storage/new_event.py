"""What ingest hands to the journal, what it gets back, and why it may be refused."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from leads.events import EventStream

SOURCE_LIMIT = 300
ID_LIMIT = 300
SYSTEM_LIMIT = 100
SUBJECT_LIMIT = 500
"""Characters. Longer keys would not fit an index entry of PostgreSQL when every character takes four bytes."""

EventKey = tuple[str, str]
"""(source, id), unique for all time."""
EntityKey = tuple[EventStream, str, str]
"""(stream, system, key): whom an event speaks of, in the words of the sender's system."""


# structs, since a request makes a thousand of each: made in less time than dataclasses, and the collector lets them be
class NewEvent(msgspec.Struct, gc=False):
    """A validated event on its way in. Raises ValueError on a naive time, a key too long or a bad digest."""

    source: str
    id: str
    type: str
    stream: EventStream
    system: str
    """The namespace of the subject, `default` where the sender names none."""
    subject: str
    effective_at: datetime
    data: dict[str, Any]
    """The event's data as JSON; validated by the model of its type."""
    digest: bytes
    """SHA-256 of the content: a repeat with the same is a success, with another a conflict."""
    actor: str | None = None
    backfill: bool = False
    text: bytes | None = None
    """`data` as JSON text, where whoever made the event has it already."""
    key: EventKey = ("", "")
    """(source, id); set from these."""
    entity_key: EntityKey = ("lead", "", "")
    """(stream, system, subject); set from these."""

    def __post_init__(self) -> None:
        if self.effective_at.tzinfo is not UTC and self.effective_at.utcoffset() is None:
            raise ValueError("effective_at needs a time zone")
        if len(self.digest) != 32:  # noqa: PLR2004 the length of a SHA-256
            raise ValueError("digest must be the 32 bytes of a SHA-256")
        source, event_id, system, subject = self.source, self.id, self.system, self.subject
        if not (0 < len(source) <= SOURCE_LIMIT and 0 < len(event_id) <= ID_LIMIT):
            raise ValueError(f"source and id must have 1 to {SOURCE_LIMIT} characters")
        if not (0 < len(system) <= SYSTEM_LIMIT and 0 < len(subject) <= SUBJECT_LIMIT):
            raise ValueError(f"system must have 1 to {SYSTEM_LIMIT} characters, subject 1 to {SUBJECT_LIMIT}")
        self.key = (source, event_id)
        self.entity_key = (self.stream, system, subject)


class Receipt(msgspec.Struct, gc=False):
    source: str
    id: str
    lead_id: UUID | None
    """The lead; None for an event of an account's or a person's stream."""
    sequence: int
    """Its number in the lead's (account's, person's) mail; counts up from 1 without gaps."""
    duplicate: bool


class EventConflict(Exception):  # noqa: N818 the field's word for it
    """An id came again with other content. Nothing of the call was stored; `events` names them: send a new id."""

    def __init__(self, events: Sequence[EventKey]) -> None:
        super().__init__(f"{len(events)} event(s) came again with other content: a changed event needs a new id")
        self.events = list(events)


class UnstorableEventError(ValueError):
    """Content PostgreSQL cannot hold: a NUL character, half a surrogate pair, NaN or Infinity. `events` names them."""

    def __init__(self, events: Sequence[EventKey]) -> None:
        super().__init__(
            f"{len(events)} event(s) hold a NUL character, a lone surrogate, NaN or Infinity: leave it out"
        )
        self.events = list(events)


def unstorable(events: Sequence[NewEvent]) -> list[EventKey]:
    """The events whose content PostgreSQL cannot hold; all, when none can be told apart (a number too large)."""
    return [event.key for event in events if not _is_storable(event)] or [event.key for event in events]


def _is_storable(event: NewEvent) -> bool:
    words = [event.source, event.id, event.system, event.subject, event.actor or ""]
    try:
        json.dumps([words, event.data], ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):
        return False
    return not any(_holds_nul(part) for part in (words, event.data))


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)
