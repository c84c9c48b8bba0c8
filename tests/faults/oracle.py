"""One lead looked at again from its journal alone: folded, compared with what is stored, its decisions re-taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leads.decisions import Assigned, DecisionData, FeedbackAsked, NoticeWithdrawn, Queued
from leads.entries import Book, Entry, Kind
from leads.fold import refold
from leads.horizon import ignored_hand_offs
from leads.ladder import climb
from leads.life import Life
from leads.lifecycle import AskJournal, Turn, advance
from leads.revisions import Shelf
from leads.routing import AskBurden, AskMembers, Member
from leads.state import Lead, load_state
from leads.wake import next_wake
from storage.hand_off_rows import hand_off_rows

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
    yield from _retaken(str(lead_id), stored.journal, shelf)


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


def _retaken(lead_id: str, journal: list[Entry], shelf: Shelf) -> Iterator[str]:
    """Every decision, taken again at its tick from what it saw, must come out the same."""
    for made in _by_tick(journal):
        saw = made[0].data.saw if isinstance(made[0].data, DecisionData) else 0
        known = [
            entry
            for entry in journal
            if entry.number <= (saw if entry.book is Book.MAIL else made[0].number - 1)
        ]  # fmt: skip
        lead, _ = refold(lead_id, known, shelf)
        undone = frozenset(entry.data.notice for entry in made if isinstance(entry.data, NoticeWithdrawn))
        turn = _take_again(lead, made, shelf, undone)
        again = [(entry.type, entry.id, entry.data) for entry in turn.decisions]
        if again != [(entry.type, entry.id, entry.data) for entry in made]:
            yield (
                f"at {made[0].effective_at} it decided {[entry.type for entry in made]},"
                f" but the facts it saw say {[entry.type for entry in turn.decisions]}"
            )


def _by_tick(journal: list[Entry]) -> Iterator[list[Entry]]:
    """Decisions in the order they were made, those of one tick together."""
    made: list[Entry] = []
    for entry in sorted((e for e in journal if e.kind is Kind.DECISION), key=lambda e: e.number):
        if made and made[-1].effective_at != entry.effective_at:
            yield made
            made = []
        made.append(entry)
    if made:
        yield made


def _take_again(lead: Lead, made: list[Entry], shelf: Shelf, undone: frozenset[str]) -> Turn:
    chosen = iter([entry.data for entry in made if isinstance(entry.data, Assigned | Queued) and entry.data.candidates])
    burdens = iter([entry.data.asked_of_late for entry in made if isinstance(entry.data, FeedbackAsked)])
    life = advance(lead, [], made[0].effective_at, shelf, undone=undone)
    answer: Any = None
    while True:
        try:
            question = life.send(answer)
        except StopIteration as done:
            turn: Turn = done.value
            return turn
        match question:
            case AskMembers():
                answer = _members(next(chosen, None))
            case AskBurden():
                answer = next(burdens, 0)
            case AskJournal():
                answer = []


def _members(chosen: Assigned | Queued | None) -> list[Member]:
    """The team as the decision recorded it. Whose turn it was is not kept, so the one chosen is the next in turn."""
    if chosen is None:
        return []
    owner = chosen.owner if isinstance(chosen, Assigned) else None
    return [
        Member(
            person=candidate.person,
            position=0 if candidate.person == owner else place,
            is_active=candidate.skipped != "left",
            is_absent=candidate.skipped == "absent",
            assigned_count=candidate.assigned_count,
        )
        for place, candidate in enumerate(chosen.candidates, start=1)
    ]
