"""What one batch of events will write: duplicates found, subjects resolved, mail counted. No I/O.

Everything that locks is sorted (identities by key, mailboxes by lead, and only then receipts by event), so that two
batches in opposite order cannot deadlock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import msgspec

from storage.new_event import ID_LIMIT, SYSTEM_LIMIT, EntityKey, EventKey, NewEvent, Receipt

OldReceipt = tuple[bytes, UUID | None, int]
"""(digest, lead id, sequence)"""


class Verdict(StrEnum):
    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Known:
    """What the database already holds of a batch."""

    entities: dict[EntityKey, UUID]
    receipts: dict[EventKey, OldReceipt]


class Box(msgspec.Struct):
    """What a batch brings for one entity."""

    entity_id: UUID
    is_lead: bool
    mail: int = 0
    """Fresh events."""
    last: int = 0
    """The number of the last of them, once they are written."""
    place: int = 0
    """Among the batch's boxes in the order of their locks, from 1, once they are written."""


class Post(msgspec.Struct):
    """A fresh event with the box it goes to and its place in there, from 1."""

    event: NewEvent
    box: Box
    place: int


@dataclass(slots=True)
class Plan:
    """The writes of a batch."""

    verdicts: list[Verdict]
    fresh: dict[EventKey, Post] = field(default_factory=dict)
    new_identities: dict[EntityKey, UUID] = field(default_factory=dict)
    new_leads: list[UUID] = field(default_factory=list)
    boxes: dict[UUID, Box] = field(default_factory=dict)
    """By entity."""


def linked_keys(event: NewEvent) -> list[EntityKey]:
    """The keys of other systems that a `lead.linked` brings."""
    if event.type != "lead.linked":
        return []
    keys = event.data.get("keys")
    if not isinstance(keys, dict):
        return []
    return [
        ("lead", system, key)
        for system, key in keys.items()
        if isinstance(key, str) and 0 < len(system) <= SYSTEM_LIMIT and 0 < len(key) <= ID_LIMIT
    ]


def judge(events: Sequence[NewEvent], receipts: Mapping[EventKey, OldReceipt]) -> list[Verdict]:
    """New, duplicate or conflict, event by event; a repeat inside the batch counts like one of an earlier batch."""
    digests = {key: old[0] for key, old in receipts.items()}
    verdicts = []
    for event in events:
        digest = digests.get(event.key)
        if digest is None:
            digests[event.key] = event.digest
            verdicts.append(Verdict.NEW)
        else:
            verdicts.append(Verdict.DUPLICATE if digest == event.digest else Verdict.CONFLICT)
    return verdicts


def plan(events: Sequence[NewEvent], known: Known, new_id: Callable[[], UUID]) -> Plan:
    """Resolve the subjects of the fresh events in their order, so that a link counts for what follows it."""
    made = Plan(judge(events, known.receipts))
    entities = dict(known.entities)
    boxes = made.boxes

    for event, verdict in zip(events, made.verdicts, strict=True):
        if verdict is not Verdict.NEW:
            continue
        subject = event.entity_key
        entity_id = entities.get(subject)
        if entity_id is None:
            entity_id = entities[subject] = made.new_identities[subject] = new_id()
            if event.stream == "lead":
                made.new_leads.append(entity_id)
        for linked in linked_keys(event):
            if linked not in entities:  # a key that is taken stays with its lead
                entities[linked] = made.new_identities[linked] = entity_id
        box = boxes.get(entity_id)
        if box is None:
            box = boxes[entity_id] = Box(entity_id, is_lead=event.stream == "lead")
        box.mail += 1
        made.fresh[event.key] = Post(event, box, box.mail)
    return made


def receipts_of(events: Sequence[NewEvent], made: Plan, known: Known) -> list[Receipt]:
    """The answer to the sender, once the batch is written and each box's last number is known."""
    answers = []
    for event, verdict in zip(events, made.verdicts, strict=True):
        post = made.fresh.get(event.key)
        if post is None:
            _, lead_id, sequence = known.receipts[event.key]
        else:
            box = post.box
            lead_id = box.entity_id if box.is_lead else None
            sequence = box.last - box.mail + post.place
        answers.append(Receipt(event.source, event.id, lead_id, sequence, verdict is not Verdict.NEW))
    return answers
