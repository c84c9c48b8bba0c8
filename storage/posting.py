"""What one batch of events will write: duplicates found, subjects resolved, mail counted. No I/O.

Everything that locks is sorted (identities by key, mailboxes by lead, and only then receipts by event), so that two
batches in opposite order cannot deadlock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

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


@dataclass(slots=True)
class Post:
    """A fresh event with the entity it goes to and its place among the batch's mail for it, from 1."""

    event: NewEvent
    entity_id: UUID
    place: int


@dataclass(slots=True)
class Plan:
    """The writes of a batch."""

    verdicts: list[Verdict]
    fresh: dict[EventKey, Post] = field(default_factory=dict)
    new_identities: dict[EntityKey, UUID] = field(default_factory=dict)
    new_leads: list[UUID] = field(default_factory=list)
    mail: dict[UUID, int] = field(default_factory=dict)
    """Fresh events per lead."""
    asides: dict[UUID, int] = field(default_factory=dict)
    """Fresh events per account or person."""


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
        counts = made.mail if event.stream == "lead" else made.asides
        counts[entity_id] = place = counts.get(entity_id, 0) + 1
        made.fresh[event.key] = Post(event, entity_id, place)
    return made


def receipts_of(
    events: Sequence[NewEvent], made: Plan, known: Known, last_numbers: Mapping[UUID, int]
) -> list[Receipt]:
    """The answer to the sender, once the batch is written and each entity's last number is known."""
    answers = []
    for event, verdict in zip(events, made.verdicts, strict=True):
        post = made.fresh.get(event.key)
        if post is None:
            _, lead_id, sequence = known.receipts[event.key]
        else:
            counts = made.mail if post.event.stream == "lead" else made.asides
            lead_id = post.entity_id if post.event.stream == "lead" else None
            sequence = last_numbers[post.entity_id] - counts[post.entity_id] + post.place
        answers.append(Receipt(event.source, event.id, lead_id, sequence, verdict is not Verdict.NEW))
    return answers
