"""One turn of a lead's life: fold what is new, then decide, then say when to look again.

`advance` is the pure heart of the step. It is a generator: it may ask for the whole journal (a fact came that belongs
earlier) and for the members of a team; whoever drives it answers. Live steps, the import, the what-if preview and the
audit all drive the same one.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from leads.decide import Tick, announce_ignored, route, settle_marketing
from leads.entries import Entry
from leads.escalate import announce_breaches, climb_ladders, retract_breaches
from leads.fold import fits, fold, refold
from leads.life import Happening
from leads.notices import tell_overtaken, tell_owner, tell_unassigned, withdraw_pointless
from leads.revisions import Shelf
from leads.routing import AskMembers, Member
from leads.stages import Stage
from leads.state import Lead
from leads.wake import next_wake

RULES = (
    settle_marketing,
    route,
    announce_breaches,
    retract_breaches,
    climb_ladders,
    announce_ignored,
    tell_owner,
    tell_overtaken,
    tell_unassigned,
    withdraw_pointless,
)
"""In this order at every tick."""

_LEAST_STEP = timedelta(microseconds=1)


class Phase(StrEnum):
    """What the lead's workflow waits for."""

    CAPTURE = "capture"
    NURTURE = "nurture"
    HAND_OFF = "hand_off"
    FOLLOW_UP = "follow_up"
    CLOSE_LOOP = "close_loop"
    ENDED = "ended"


_PHASES = {
    Stage.PROVISIONAL: Phase.CAPTURE,
    Stage.CAPTURED: Phase.CAPTURE,
    Stage.NURTURING: Phase.NURTURE,
    Stage.QUALIFIED: Phase.HAND_OFF,
    Stage.ASSIGNED: Phase.FOLLOW_UP,
    Stage.ACCEPTED: Phase.FOLLOW_UP,
    Stage.WORKING: Phase.CLOSE_LOOP,
    Stage.OPPORTUNITY: Phase.CLOSE_LOOP,
}


def phase_of(lead: Lead) -> Phase:
    return _PHASES.get(lead.stage, Phase.ENDED)


@dataclass(frozen=True, slots=True)
class AskJournal:
    """The question for all entries of this lead, the fresh ones included."""


Question = AskJournal | AskMembers
Answer = list[Entry] | list[Member]


@dataclass(slots=True)
class Turn:
    """What a turn came to. Everything in it is to be written in one transaction, or not at all."""

    lead: Lead
    decisions: list[Entry]
    happenings: list[Happening]
    refolded: bool
    """The happenings are the whole timeline; what stands there and is not among them is to be corrected."""
    wake_at: datetime | None
    phase: Phase = field(init=False)

    def __post_init__(self) -> None:
        self.phase = phase_of(self.lead)


def advance(
    lead: Lead,
    fresh: list[Entry],
    now: datetime,
    shelf: Shelf,
    *,
    undone: frozenset[str] = frozenset(),
    may_decide: bool = True,
) -> Generator[Question, Any, Turn]:
    """Fold `fresh` entries into `lead` and decide at the tick, the later of `now` and just after the last tick.

    With `may_decide` false (more mail is unread) nothing is chosen, since a promise might have been kept in what is not
    read yet. Raises what a handler raises on an entry it cannot digest; nothing is then to be written.
    """
    at = now if lead.tick is None else max(now, lead.tick + _LEAST_STEP)
    lead, happenings, refolded = yield from _folded(lead, fresh, shelf)
    tick = Tick(lead, shelf, at, undone)
    if may_decide and lead.captured_at is not None:
        for rule in RULES:
            yield from rule(tick)
    if fresh or tick.decisions or refolded:
        lead.tick = at
    wake_at = next_wake(lead, shelf, at)
    return Turn(lead, tick.decisions, happenings + tick.told, refolded, wake_at)


def _folded(
    lead: Lead, fresh: list[Entry], shelf: Shelf
) -> Generator[Question, Any, tuple[Lead, list[Happening], bool]]:
    if fits(lead, fresh):
        return lead, fold(lead, fresh, shelf), False
    journal: list[Entry] = yield AskJournal()
    tick = lead.tick
    lead, happenings = refold(lead.lead_id, journal, shelf)
    lead.tick = tick
    return lead, happenings, True
