"""What the senders of a trial were told: the audit holds the database to it."""

from collections import Counter
from dataclasses import dataclass, field

EventId = tuple[str, str]
"""(source, id)."""
Place = tuple[str, int]
"""Lead and sequence, as the answer to the sender named them."""


@dataclass
class Sent:
    """Every request, by how it was answered."""

    accepted: dict[EventId, Place] = field(default_factory=dict)
    refused: list[EventId] = field(default_factory=list)
    """Of requests answered 400 or 409: nothing of them may be there."""
    unanswered: list[list[EventId]] = field(default_factory=list)
    """Requests that were never answered 202 and not sent again: each is there whole, or not at all."""
    answers: Counter[str] = field(default_factory=Counter)
    """Status codes, and the names of errors of the connection."""
    repeats: Counter[str] = field(default_factory=Counter)
    """Requests sent more often than once though nobody asked for it, by how."""
    wrong: list[str] = field(default_factory=list)
    """Answers no sender should get."""
    longest_wait_seconds: float = 0.0
    """Of one request, from its first try to its 202."""


@dataclass
class Asked:
    """One command as whoever gave it knows it."""

    lead_id: str
    name: str
    answers: set[str] = field(default_factory=set)
    """granted, refused, expired; none of them where no answer came."""


@dataclass
class Commanded:
    """Every command of a trial."""

    asked: dict[str, Asked] = field(default_factory=dict)
    """By command id."""
    seen_over: set[str] = field(default_factory=set)
    """Found in the database without an answer after its time: it may never be granted."""
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
