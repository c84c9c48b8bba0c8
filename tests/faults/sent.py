"""What the senders of a trial were told: the audit holds the database to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

EventId = tuple[str, str]
"""(source, id)."""
Place = tuple[str, int]
"""Lead and sequence, as the answer to the sender named them."""


@dataclass(frozen=True)
class Said:
    """What an event tells, and of whom."""

    subject: str
    type: str
    at: datetime
    data: dict[str, Any]

    @classmethod
    def by(cls, event: dict[str, Any]) -> Self:
        """Of a CloudEvent."""
        return cls(event["subject"], event["type"], datetime.fromisoformat(event["time"]), event["data"])


@dataclass
class Sent:
    """Every request, by how it was answered."""

    accepted: dict[EventId, Place] = field(default_factory=dict)
    posted: dict[EventId, Said] = field(default_factory=dict)
    """All that was to be accepted, whether it was answered or not."""
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
    _fresh: set[EventId] = field(default_factory=set)
    """Events that an answer called no duplicate."""

    def post(self, events: Sequence[dict[str, Any]]) -> None:
        """Note CloudEvents that are about to be sent, until they are accepted."""
        self.posted |= {event_id(event): Said.by(event) for event in events}

    def note(self, events: Sequence[dict[str, Any]], answer: dict[str, Any], *, is_repeat: bool) -> None:
        """Hold a 202 against the request: each event is named, in the order sent, and never elsewhere than before."""
        posted, answered = ([event["id"] for event in told] for told in (events, answer["events"]))
        if answered != posted:
            self.wrong.append(f"a request of {posted} was answered with {answered}")
        doubled = sum(told["duplicate"] for told in answer["events"])
        if (answer["accepted"], answer["duplicates"]) != (len(answered) - doubled, doubled):
            self.wrong.append(f"a request of {posted} was answered with wrong sums")
        keys = {event["id"]: event_id(event) for event in events}
        for told in answer["events"]:
            if told["id"] in keys:
                self._note_one(keys[told["id"]], told, is_repeat=is_repeat)

    def _note_one(self, key: EventId, told: dict[str, Any], *, is_repeat: bool) -> None:
        place = (told["lead_id"], told["sequence"])
        if not told["duplicate"]:
            if is_repeat or key in self._fresh:
                self.wrong.append(f"{told['id']} was taken twice")
            self._fresh.add(key)
        if self.accepted.setdefault(key, place) != place:
            self.wrong.append(f"{told['id']} was answered {place} after {self.accepted[key]}")


def event_id(event: dict[str, Any]) -> EventId:
    """Of a CloudEvent."""
    return event["source"], event["id"]


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
