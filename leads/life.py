"""What a fold works on: one lead, the playbooks it may look at, and what there is to tell of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from leads.entries import Entry, Kind
from leads.promises import ClockName
from leads.revisions import Revision, Shelf
from leads.stages import Stage, may_move
from leads.state import Lead


class Happening(NamedTuple):
    """One line of the lead's timeline. Its key names its cause, so that each is told once."""

    key: str
    kind: str
    at: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class Life:
    """The working context of one fold."""

    lead: Lead
    shelf: Shelf
    told: list[Happening] = field(default_factory=list)
    named: frozenset[str] = frozenset()
    """Causes, each with its namespace, that decisions further on in the journal go by."""

    def tell(self, kind: str, at: datetime, key: str, **data: Any) -> None:
        self.told.append(Happening(key, kind, at, data))

    def promised(self, at: datetime, clock: ClockName | None = None) -> Revision:
        """Under which revision a promise to this lead starts."""
        return self.shelf.promised(at, self.lead.captured_at, clock)

    def anomaly(self, entry: Entry, why: str) -> None:
        """A contradiction: recorded, counted, nothing else."""
        self.lead.anomalies += 1
        self.tell("anomaly", entry.effective_at, f"anomaly:{entry.ref}", type=entry.type, why=why)

    def alias(self, namespace: str, later: str, standing: str) -> None:
        """Let a later cause go under the name of the one that stands.

        Kept only where a decision goes by the later name, so that a buyer who asks a thousand times fills no state.
        """
        name = f"{namespace} {later}"
        if later != standing and name in self.named:
            self.lead.aliases[name] = standing

    def overtake(self, entry: Entry, person: str = "") -> None:
        """A decision whose premise is gone: what was sent stays sent, but it moves nothing. `person` is told."""
        self.lead.overtaken[entry.id] = person
        self.tell("overtaken", entry.effective_at, f"overtaken:{entry.ref}", decision=entry.type, id=entry.id)

    def move(self, entry: Entry, target: Stage) -> bool:
        """Move to `target` if the table allows it, else note an anomaly. Returns whether the lead stands there now."""
        lead = self.lead
        if lead.stage is target:
            return True
        if not may_move(lead.stage, target):
            self.anomaly(entry, f"{lead.stage} cannot become {target}")
            return False
        self.tell(
            "stage_moved", entry.effective_at, f"stage:{entry.ref}:{target}",
            origin=lead.stage, target=target, source=lead.source_original, quiet=is_history(self, entry),
        )  # fmt: skip
        lead.stage, lead.stage_since = target, entry.effective_at
        return True


def is_history(life: Life, entry: Entry) -> bool:
    """Whether what follows from an entry is history brought in later, by which nobody is alarmed."""
    return entry.backfill or (entry.kind is Kind.DECISION and life.lead.is_history)
