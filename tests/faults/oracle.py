"""One lead looked at again from its journal alone: folded, compared with what is stored, its decisions re-taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from leads.entries import Entry
from leads.fold import refold
from leads.horizon import ignored_hand_offs
from leads.ladder import climb
from leads.life import Happening, Life
from leads.lifecycle import Turn
from leads.revisions import Shelf
from leads.state import Lead, load_state
from leads.wake import next_wake
from storage.kept_rows import Kept, Rows
from storage.tables import clocks, hand_offs, lead_states, leads, timeline
from storage.turn_rows import standing, timeline_rows
from tests.retaken import retaken

PATIENCE = timedelta(seconds=60)
"""What was due longer ago than this must have been settled, whatever was away meanwhile."""
NOT_FOLDED: Mapping[Table, set[str]] = {
    leads: {"created_at", "updated_at", "wake_at", "stuck_since", "stuck_code", "gone_told"},
    lead_states: {"state", "tick", "rules_version"},
    clocks: set(),
    hand_offs: set(),
    timeline: {"lead_id", "number", "recorded_at"},
}
"""Columns that follow from when, how often and by which build a lead was looked at, not from its journal.

What they must hold is asked elsewhere: of `wake_at` and `state` below; what is stuck, how lines are numbered and by
which rules a state was folded in `audit_sql`.
"""


@dataclass(frozen=True)
class Stored:
    """What the database holds of one lead."""

    row: Any
    """Of `leads` and `lead_states`."""
    clocks: Mapping[str, Any]
    hand_offs: Mapping[str, Any]
    lines: Mapping[str, Any]
    """The timeline's lines that stand, by key, as they were put last."""
    journal: list[Entry]


def examine(stored: Stored, shelf: Shelf, now: datetime) -> Iterator[str]:
    """Every way in which what is stored is not what the journal says."""
    lead_id: UUID = stored.row.lead_id
    lead, told = refold(str(lead_id), stored.journal, shelf)
    lead.tick = stored.row.tick
    yield from _state(lead, load_state(stored.row.state))
    yield from _row(lead, stored.row)
    rows = Kept.of(lead, now)
    yield from _rows("clock", clocks, rows.clocks, stored.clocks)
    yield from _rows("hand-off", hand_offs, rows.hand_offs, stored.hand_offs)
    yield from _lines(told, stored.lines)
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
    turn = Turn(lead, [], [], refolded=False, wake_at=row.wake_at)
    folded = standing(row.lead_id, turn, now=row.updated_at, wake_at=row.wake_at)
    for name in sorted(folded_columns(leads) | folded_columns(lead_states)):
        if getattr(row, name) != folded[name]:
            yield f"the lead has another {name} in its row"


def _rows(what: str, table: Table, folded: Rows, kept: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{what} {key} is not in both" for key in sorted(folded.keys() ^ kept.keys()))
    yield from _unequal(what, folded_columns(table), folded, kept)


def _lines(told: list[Happening], kept: Mapping[str, Any]) -> Iterator[str]:
    """Lines as the fold tells them: each of them, at its instant and in its words."""
    folded = {line["key"]: line for line in timeline_rows(told)}
    yield from (f"the timeline lacks {key}" for key in sorted(folded.keys() - kept.keys()))
    yield from (f"the timeline tells {key}, which does not hold" for key in sorted(kept.keys() - folded.keys()))
    yield from _unequal("line", folded_columns(timeline), folded, kept)


def _unequal(what: str, names: set[str], folded: Rows, kept: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(folded.keys() & kept.keys()):
        for name in sorted(names):
            if getattr(kept[key], name) != folded[key][name]:
                yield f"{what} {key} has another {name} in its row"


def folded_columns(table: Table) -> set[str]:
    """All that a row holds, a new column by itself, but for what is named as no matter of the fold."""
    return {column.name for column in table.columns} - NOT_FOLDED[table]


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
