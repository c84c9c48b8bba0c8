"""One lead looked at again from its journal alone: folded, compared with what is stored, its decisions re-taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leads.entries import Entry
from leads.fold import refold
from leads.horizon import ignored_hand_offs
from leads.ladder import climb
from leads.life import Life
from leads.revisions import Shelf
from leads.state import Lead, load_state
from leads.wake import next_wake
from storage.hand_off_rows import hand_off_rows
from tests.retaken import retaken

PATIENCE = timedelta(seconds=60)
"""What was due longer ago than this must have been settled, whatever was away meanwhile."""


@dataclass(frozen=True)
class Stored:
    """What the database holds of one lead."""

    row: Any
    """Of `leads` and `lead_states`."""
    clocks: Mapping[str, Any]
    hand_offs: Mapping[str, Any]
    lines: frozenset[str]
    """Keys of the timeline's lines that stand."""
    journal: list[Entry]


def examine(stored: Stored, shelf: Shelf, now: datetime) -> Iterator[str]:
    """Every way in which what is stored is not what the journal says."""
    lead_id: UUID = stored.row.lead_id
    lead, told = refold(str(lead_id), stored.journal, shelf)
    lead.tick = stored.row.tick
    yield from _state(lead, load_state(stored.row.state))
    yield from _row(lead, stored.row)
    yield from _clocks(lead, stored.clocks)
    yield from _hand_offs(lead, stored.hand_offs)
    lines = {happening.key for happening in told}
    yield from (f"the timeline lacks {key}" for key in sorted(lines - stored.lines))
    yield from (f"the timeline tells {key}, which does not hold" for key in sorted(stored.lines - lines))
    yield from _overdue(lead, shelf, now, stored.row.wake_at)
    yield from (found.difference for found in retaken(str(lead_id), stored.journal, shelf) if found.difference)


def _state(lead: Lead, kept: Lead) -> Iterator[str]:
    for field in fields(Lead):
        folded, stored = getattr(lead, field.name), getattr(kept, field.name)
        if folded != stored:
            yield f"the stored state's {field.name} is not what the journal folds to"
        elif isinstance(folded, dict) and field.name != "profile" and list(folded) != list(stored):
            yield f"the stored state's {field.name} stands in another order than the journal folds to"


def _row(lead: Lead, row: Any) -> Iterator[str]:
    ignored = next(ignored_hand_offs(lead, row.tick), None) if row.tick else None
    folded = {
        "stage": lead.stage, "is_open": lead.is_open, "is_counted": lead.is_counted, "captured_at": lead.captured_at,
        "ignored_at": ignored.ignored_at if ignored else None,
    }  # fmt: skip
    for name, value in folded.items():
        if getattr(row, name) != value:
            yield f"the lead's row says {name} {getattr(row, name)}, the journal {value}"


def _clocks(lead: Lead, kept: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"clock {key} is not in both" for key in sorted(lead.clocks.keys() ^ kept.keys()))
    for key in lead.clocks.keys() & kept.keys():
        for name in ("hand_off", "subject", "due_at", "ended_at", "outcome", "why", "owner", "team", "segment"):
            if getattr(lead.clocks[key], name) != getattr(kept[key], name):
                yield f"clock {key} has another {name} in its row"


def _hand_offs(lead: Lead, kept: Mapping[str, Any]) -> Iterator[str]:
    folded = hand_off_rows(lead, lead.tick) if lead.tick else {}
    yield from (f"hand-off {key} is not in both" for key in sorted(folded.keys() ^ kept.keys()))
    for key in folded.keys() & kept.keys():
        for name, value in folded[key].items():
            if getattr(kept[key], name) != value:
                yield f"hand-off {key} has another {name} in its row"


def _overdue(lead: Lead, shelf: Shelf, now: datetime, wake_at: datetime | None) -> Iterator[str]:
    """What came due long ago must be settled, and the next wake must not be later than what matters next."""
    for clock in lead.running():
        if clock.quiet:
            continue
        if clock.due_at < now - PATIENCE and not lead.breaches_announced.get(clock.key):
            yield f"the breach of {clock.key} is not announced"
        for step in climb(Life(lead, shelf), clock):
            if step.fires_at < now - PATIENCE:
                yield f"rung {step.key} is neither fired nor skipped"
    for hand_off in ignored_hand_offs(lead, now - PATIENCE):
        waits = hand_off.is_open and hand_off.looked_after_at is None and not hand_off.quiet
        said_at = hand_off.ignored_at + shelf.in_force(now).playbook.evidence.lag_of(hand_off.team)
        if waits and said_at < now - PATIENCE and not lead.ignored_announced.get(hand_off.id):
            yield f"hand-off {hand_off.id} is ignored, and nobody was told"
    due = next_wake(lead, shelf, now)
    if due is not None and (wake_at is None or wake_at > due):
        yield f"the lead wakes at {wake_at}, but {due} matters already"
