"""One turn of a lead's life: fold what is new, then decide, then say when to look again.

`advance` is the pure heart of the step. It is a generator: it may ask for the whole journal (a fact came that belongs
earlier), for the members of a team and for somebody's burden; whoever drives it answers. Live steps, the import, the
what-if preview and the audit all drive the same one.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from leads.account_match import met_account
from leads.account_owner import follow_account, give_to_known
from leads.accounts import AccountFacts, AskAccount
from leads.adopting import outstanding
from leads.ask_feedback import ask_feedback
from leads.claiming import no_room
from leads.commands import Claim, CommandData
from leads.decide import Tick, settle_marketing
from leads.decisions import OwnerStanding, RecentOwner
from leads.entries import Book, Entry, Kind
from leads.escalate import announce_breaches, climb_ladders, retract_breaches
from leads.fold import fits, fold, refold
from leads.granted import refusal
from leads.horizon import announce_ignored, retract_ignored
from leads.life import Happening
from leads.notices import tell_came_back, tell_overtaken, tell_owner, tell_unassigned
from leads.obeyed import effective_at
from leads.own_hours import AskHours
from leads.owner_gone import move_on
from leads.pointless import withdraw_pointless
from leads.posted import PLAYBOOK_SOURCE, PlaybookAdopted
from leads.revisions import Shelf
from leads.route import route
from leads.routing import AskBurden, AskCompany, AskMembers, AskOwner, AskTaker, Member
from leads.stages import Stage
from leads.state import RULES_VERSION, Lead, OwnHours
from leads.take_hours import hours_asked, take_hours
from leads.turns_back import give_turns_back
from leads.wake import next_wake

RULES = (
    settle_marketing,
    give_to_known,
    route,
    move_on,
    follow_account,
    take_hours,
    announce_breaches,
    retract_breaches,
    climb_ladders,
    announce_ignored,
    retract_ignored,
    give_turns_back,
    ask_feedback,
    take_hours,
    tell_owner,
    tell_came_back,
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


def phase_of(stage: Stage) -> Phase:
    return _PHASES.get(stage, Phase.ENDED)


def _phase(lead: Lead, wake_at: datetime | None) -> Phase:
    """By the stage; but a closer who was handed a lead owes a touch as a rep does, and a promise may outlive a lead."""
    hand_off, phase = lead.hand_off, phase_of(lead.stage)
    if hand_off is not None and hand_off.is_inside_sales and hand_off.looked_after_at is None:
        return Phase.FOLLOW_UP if hand_off.owner else Phase.HAND_OFF
    return Phase.CLOSE_LOOP if phase is Phase.ENDED and wake_at is not None else phase


@dataclass(frozen=True, slots=True)
class AskJournal:
    """The question for all entries of this lead that are stored."""


Question = AskJournal | AskMembers | AskBurden | AskHours | AskOwner | AskTaker | AskAccount | AskCompany
Answer = list[Entry] | list[Member] | int | OwnHours | OwnerStanding | AccountFacts | RecentOwner | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A command as it is given: by whom, under which id."""

    command_id: str
    command: CommandData
    actor: str
    manages: frozenset[str] = frozenset()
    """Those whose manager the actor is."""


@dataclass(slots=True)
class Turn:
    """What a turn came to. Everything in it is to be written in one transaction, or not at all."""

    lead: Lead
    entries: list[Entry]
    """To be appended to the lead's own book: revisions adopted, a granted command, then the decisions."""
    happenings: list[Happening]
    refolded: bool
    """The happenings are the whole timeline; what stands there and is not among them is to be corrected."""
    wake_at: datetime | None
    refusal: str | None = None
    """Why the command asked for was not granted."""
    phase: Phase = field(init=False)

    def __post_init__(self) -> None:
        self.phase = _phase(self.lead, self.wake_at)

    @property
    def decisions(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind is Kind.DECISION]


def advance(
    lead: Lead,
    fresh: list[Entry],
    now: datetime,
    shelf: Shelf,
    *,
    ask: Ask | None = None,
    undone: frozenset[str] = frozenset(),
    may_decide: bool = True,
    is_upgrade: bool = False,
    adopts: frozenset[int] = frozenset(),
) -> Generator[Question, Any, Turn]:
    """Fold `fresh` entries into `lead`, weigh a command, and decide at the tick: `now`, or just after the last tick.

    With `may_decide` false (more mail is unread) nothing is chosen, since a promise might have been kept in what is not
    read yet. `adopts` names revisions whose publication may reach this lead now: before anything is decided, what is
    under way is moved to them.

    Raises what a handler raises on an entry it cannot digest; nothing is then to be written.
    """
    is_upgrade = is_upgrade or lead.rules_version != RULES_VERSION
    met: Entry | None = yield from met_account(lead, fresh, shelf, AskJournal())
    entries, refused = [met] if met else [], None
    folded = yield from _fold_in(_Folded(lead, [], refolded=False), [*fresh, *entries], shelf)
    if may_decide and folded.lead.captured_at is not None:
        adopted = _adoptions(folded.lead, now, shelf, adopts)
        if adopted:
            entries += adopted
            folded = yield from _fold_in(folded, [*fresh, *entries], shelf, new=adopted)
    at = _tick(folded.lead, now)
    if ask is not None and may_decide:
        refused = refusal(folded.lead, ask.command, ask.actor, at, shelf, manages=ask.manages)
        if refused is None and isinstance(ask.command, Claim):
            refused = yield from no_room(Tick(folded.lead, shelf, at), ask.actor)
        if refused is None:
            granted = _granted(folded.lead, ask, at)
            entries.append(granted)
            folded = yield from _fold_in(folded, [*fresh, *entries], shelf, new=[granted])
    if may_decide:
        folded, hours = yield from _in_own_hours(folded, [*fresh, *entries], shelf, at)
        entries += hours
    tick = Tick(folded.lead, shelf, at, undone, is_upgrade)
    if may_decide and folded.lead.captured_at is not None:
        for rule in RULES:
            yield from rule(tick)
    entries += tick.decisions
    if fresh or entries or folded.refolded:
        folded.lead.tick = at
    wake_at = next_wake(folded.lead, shelf, at)
    return Turn(folded.lead, entries, folded.happenings + tick.told, folded.refolded, wake_at, refused)


def _tick(lead: Lead, now: datetime) -> datetime:
    """Now, but after the last tick and not before the last fact: a sender's clock may be ahead of ours."""
    after_tick = [lead.tick + _LEAST_STEP] if lead.tick is not None else []
    after_facts = [lead.last_key[0]] if lead.last_key is not None else []
    return max([now, *after_tick, *after_facts])


@dataclass(slots=True)
class _Folded:
    lead: Lead
    happenings: list[Happening]
    refolded: bool


def _fold_in(
    so_far: _Folded, fresh: list[Entry], shelf: Shelf, new: list[Entry] | None = None
) -> Generator[Question, Any, _Folded]:
    """Append `new` (all of `fresh` unless said otherwise), or fold the whole journal with `fresh` again."""
    added = fresh if new is None else new
    if fits(so_far.lead, added):
        return _Folded(so_far.lead, so_far.happenings + fold(so_far.lead, added, shelf), so_far.refolded)
    stored: list[Entry] = yield AskJournal()
    lead, happenings = refold(so_far.lead.lead_id, [*stored, *fresh], shelf)
    lead.tick = so_far.lead.tick
    return _Folded(lead, happenings, refolded=True)


def _adoptions(lead: Lead, now: datetime, shelf: Shelf, adopts: frozenset[int]) -> list[Entry]:
    """The journal's entries of revisions to be adopted: dated when they came into force, recorded now."""
    return [
        Entry(
            kind=Kind.FACT,
            type="playbook.adopted",
            effective_at=revision.in_force_from,
            source=PLAYBOOK_SOURCE,
            id=f"adopted:{revision.number}:{lead.lead_id}",
            data=PlaybookAdopted(revision=revision.number),
            recorded_at=now,
            book=Book.OWN,
            number=number,
        )
        for number, revision in enumerate(outstanding(lead, shelf, now, adopts), start=lead.own_number + 1)
    ]


def _in_own_hours(
    folded: _Folded, unread: list[Entry], shelf: Shelf, at: datetime
) -> Generator[Question, Any, tuple[_Folded, list[Entry]]]:
    """Learn the hours of the people in whose hours promises run.

    They count from the start of the promise: what has been folded since then is folded again in their light.
    """
    taken: list[Entry] = []
    while True:
        found = yield from hours_asked(Tick(folded.lead, shelf, at))
        new = [entry for entry in found if entry.id not in {earlier.id for earlier in taken}]
        if not new:
            return folded, taken
        taken += new
        folded = yield from _fold_in(folded, [*unread, *taken], shelf, new=new)


def _granted(lead: Lead, ask: Ask, at: datetime) -> Entry:
    """The journal's entry of a granted command. Its note stays with the command."""
    return Entry(
        kind=Kind.COMMAND,
        type=ask.command.command,
        effective_at=effective_at(ask.command, at),
        source="command",
        id=ask.command_id,
        data=ask.command.model_copy(update={"note": None}),
        recorded_at=at,
        book=Book.OWN,
        number=lead.own_number + 1,
        actor=ask.actor,
    )
