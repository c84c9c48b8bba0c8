"""What Leadloop chooses at a tick, given everything folded so far.

Each rule is a generator: where it needs to know who is in a team it yields `AskMembers` and is sent the members. A
decision is folded as soon as it is made, so that the next rule sees it. No clock is read: the tick is given.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypedDict

from leads.decisions import SOURCE, DecisionData, Nurtured, Qualified
from leads.durations import parse_duration
from leads.entries import Book, Entry, Kind
from leads.fold import fold
from leads.life import Happening, Life
from leads.own_hours import AskHours
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.routing import AskBurden, AskCompany, AskMembers, AskOwner, AskTaker
from leads.stages import Stage
from leads.state import Lead

Asking = Generator[AskMembers | AskBurden | AskHours | AskOwner | AskTaker | AskCompany, Any, None]


class Premise(TypedDict):
    saw: int
    revision: int


@dataclass(slots=True)
class Tick:
    """One moment of deciding."""

    lead: Lead
    shelf: Shelf
    at: datetime
    undone: frozenset[str] = frozenset()
    """Notices issued earlier that have not gone out yet."""
    is_upgrade: bool = False
    """The rules have changed since the last tick: what would have been due before it alarms nobody."""
    decisions: list[Entry] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)

    @property
    def revision(self) -> Revision:
        return self.shelf.in_force(self.at)

    @property
    def playbook(self) -> Playbook:
        return self.revision.playbook

    @property
    def life(self) -> Life:
        return Life(self.lead, self.shelf, self.told)

    def make(self, data: DecisionData, name: str, *causes: object) -> str:
        """Make the decision `name`, named by what caused it, and fold it. Returns its id."""
        entry = self.entry(data, name, *causes)
        self.take(entry)
        return entry.id

    def take(self, entry: Entry) -> None:
        """Fold a decision at once, so that the next rule sees it."""
        self.decisions.append(entry)
        self.told.extend(fold(self.lead, [entry], self.shelf))

    def entry(
        self, data: DecisionData, name: str, *causes: object, counts_at: datetime | None = None, number: int = 1
    ) -> Entry:
        """The decision as the journal has it, the `number`th from here on; it counts at the tick or at `counts_at`."""
        return Entry(
            kind=Kind.DECISION,
            type=name,
            effective_at=counts_at or self.at,
            source=SOURCE,
            id=decision_name(name, *causes),
            data=data,
            recorded_at=self.at,
            book=Book.OWN,
            number=self.lead.own_number + number,
        )

    @property
    def premise(self) -> Premise:
        """What every decision records of its premise."""
        return {"saw": self.lead.read_to, "revision": self.revision.number}


def decision_name(name: str, *causes: object) -> str:
    """The id of a decision: its name and a digest of its causes, so that the same choice is never journalled twice."""
    digest = blake2b("\x1f".join(map(str, causes)).encode(), digest_size=10).hexdigest()
    return f"{name}:{digest}"


def settle_marketing(tick: Tick) -> Asking:
    """A lead that is with marketing qualifies by score, or is nurtured: at first, and again once its rest is over."""
    lead = tick.lead
    if lead.stage not in (Stage.CAPTURED, Stage.NURTURING) or lead.captured_at is None or lead.waits_in is not None:
        return
    threshold = tick.playbook.qualification.threshold
    is_resting = lead.rests_until is not None and tick.at < lead.rests_until
    if lead.score >= threshold and not is_resting:
        tick.make(
            Qualified(**tick.premise, score=lead.score, threshold=threshold), "qualified", lead.loops, lead.last_key
        )
        return
    due_at = nurture_at(lead, tick.playbook)
    if due_at is not None and tick.at >= due_at:
        wake_at = tick.at + parse_duration(tick.playbook.nurture.review_after)
        tick.make(Nurtured(**tick.premise, track=tick.playbook.nurture.track, wake_at=wake_at), "nurtured", due_at)
    return
    yield  # a rule that never asks is still a generator


def nurture_at(lead: Lead, playbook: Playbook) -> datetime | None:
    """When marketing takes the lead up, if nothing else happens."""
    if lead.stage is Stage.CAPTURED and lead.captured_at is not None:
        return lead.captured_at + parse_duration(playbook.qualification.nurture_after)
    return lead.recycled_until if lead.stage is Stage.NURTURING else None
