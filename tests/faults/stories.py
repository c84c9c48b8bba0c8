"""What senders have to tell: leads' stories from a seed, mixed with one another, singly and in batches."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SOURCE = "/faults"
PEOPLE = ("ana", "ben", "cleo")
_MOST_IN_A_BATCH = 12


@dataclass(frozen=True)
class Ahead:
    """An instant so many seconds after the event is first sent."""

    seconds: float


_LATER: list[tuple[int, str, dict[str, Any]]] = [
    (20, "lead.touched", {"channel": "call", "by": PEOPLE}),
    (8, "lead.touched", {"channel": "call", "by": PEOPLE, "connected": True}),
    (10, "lead.touched", {"channel": "email", "mode": "sequence_auto", "by": PEOPLE}),
    (16, "lead.engaged", {"kind": "page_viewed", "points": (5, 20, 60)}),
    (10, "lead.updated", {"company": ("Example Engines", "Sample Systems")}),
    (8, "lead.replied", {"channel": "email"}),
    (6, "lead.hand_raised", {"kind": ("demo", "pricing")}),
    (5, "lead.accepted", {"by": PEOPLE}),
    (4, "lead.assigned", {"owner": PEOPLE}),
    (4, "lead.assigned", {"owner": ("carl", "cora"), "team": "closers", "by": PEOPLE}),
    (3, "lead.returned", {"reason": ("no_fit", "no_budget"), "by": ("carl", "cora")}),
    (4, "lead.meeting_booked", {"at": Ahead(5), "ends_at": Ahead(6), "meeting": "m1", "by": PEOPLE}),
    (2, "lead.meeting_held", {"at": Ahead(-1), "meeting": "m1", "by": PEOPLE}),
    (2, "lead.meeting_missed", {"at": Ahead(-1), "meeting": "m1"}),
    (2, "lead.meeting_cancelled", {"at": Ahead(5), "meeting": "m1"}),
    (2, "lead.snoozed", {"until": Ahead(4)}),
    (2, "lead.feedback_given", {"quality": (1, 5), "by": PEOPLE}),
    (1, "lead.disqualified", {"kind": ("soft", "not_a_lead"), "reason": "no_fit"}),
    (1, "lead.reopened", {}),
    (4, "lead.rejected", {"reason": ("duplicate", "no_budget", "wrong_territory", "unable_to_reach"), "by": PEOPLE}),
    (3, "lead.recycled", {"reason": "bad_timing"}),
    (3, "lead.opportunity_opened", {"opportunity": "O-1"}),
    (3, "lead.won", {"amount": (100, 2500), "currency": "EUR"}),
    (2, "lead.lost", {"reason": "chose_other"}),
]
"""How often, what, and its data; of a tuple one is drawn."""


@dataclass(frozen=True)
class Told:
    """One event, still without its time."""

    id: str
    subject: str
    type: str
    data: dict[str, Any]
    late_by: timedelta
    """Its time lies this long before it is first sent."""

    def stamped(self, now: datetime) -> dict[str, Any]:
        """The CloudEvent, as it is sent now and at every repeat."""
        return {
            "specversion": "1.0",
            "source": SOURCE,
            "id": self.id,
            "type": self.type,
            "subject": self.subject,
            "time": (now - self.late_by).isoformat(),
            "data": {
                name: (now + timedelta(seconds=value.seconds)).isoformat() if isinstance(value, Ahead) else value
                for name, value in self.data.items()
            },
        }


def stories(rng: random.Random, events: int, *, per_lead: int = 5) -> list[Told]:
    """Exactly `events` of them, about `per_lead` for each lead, in the order they are to be sent."""
    placed: list[tuple[float, Told]] = []
    for number in range(events):
        lead, place = divmod(number, per_lead)
        at = _begin(rng, lead, events // per_lead) + place * rng.uniform(0.0, 0.12)
        placed.append((at, _tell(rng, number, lead, place)))
    return [told for _, told in sorted(placed, key=lambda item: item[0])]


def _begin(rng: random.Random, lead: int, leads: int) -> float:
    """When in the run a lead comes up; a little noise, so that some captures come after what they make known."""
    return lead / max(leads, 1) + rng.uniform(0.0, 0.02)


def _tell(rng: random.Random, number: int, lead: int, place: int) -> Told:
    late_by = timedelta(seconds=rng.choice([0, 0, 0, 0, 0.5, 3, 10]))
    if place == 0:
        data: dict[str, Any] = {"source": rng.choice(["website", "webinar"]), "email": f"buyer{lead}@example.com"}
        return Told(f"e{number}", f"lead-{lead}", "lead.captured", data, timedelta(seconds=1) + late_by)
    if place == 1 and rng.random() < 0.6:
        return Told(f"e{number}", f"lead-{lead}", "lead.hand_raised", {"kind": "demo", "words": "Soon?"}, late_by)
    weights = [weight for weight, _, _ in _LATER]
    _, type_, choices = rng.choices(_LATER, weights)[0]
    data = {name: rng.choice(value) if isinstance(value, tuple) else value for name, value in choices.items()}
    return Told(f"e{number}", f"lead-{lead}", type_, data, late_by)


def posts(rng: random.Random, told: list[Told]) -> list[list[Told]]:
    """Split into requests: half of them with a single event."""
    found: list[list[Told]] = []
    start = 0
    while start < len(told):
        size = 1 if rng.random() < 0.5 else rng.randint(2, _MOST_IN_A_BATCH)
        found.append(told[start : start + size])
        start += size
    return found
