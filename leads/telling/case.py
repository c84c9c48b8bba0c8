"""What an explanation is drawn from: a lead, the entries behind it, and the words to speak of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from leads.clocks import standing_key
from leads.decisions import (
    Assigned,
    BreachAnnounced,
    BreachRetracted,
    DecisionData,
    Queued,
    RungFired,
    RungSkipped,
)
from leads.entries import Book, Entry
from leads.fold import refold
from leads.life import Happening, Life
from leads.playbook import Playbook
from leads.playbook_teams import NoticeMode
from leads.revisions import Revision, Shelf
from leads.state import HandOff, Lead, Term
from leads.telling.entries import clause
from leads.telling.words import Delivery, Names, Words

SHORT_PROMISE = timedelta(minutes=10)
"""Promises below this length are spoken of in seconds too."""
D = TypeVar("D", bound=DecisionData)
C = TypeVar("C", Assigned, Queued, BreachAnnounced, BreachRetracted, RungFired, RungSkipped)


class Told(BaseModel):
    """A piece of an explanation."""

    model_config = ConfigDict(frozen=True)


class Because(Told):
    """The entry of the journal that a sentence rests on."""

    kind: str = Field(description="fact, command or decision.")
    type: str
    id: str
    source: str
    at: datetime = Field(description="When it counts.")
    recorded_at: datetime = Field(description="When word of it came.")
    actor: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Case:
    """One lead as it is explained. `journal` holds only what the lead's state has read, in the order it counts."""

    lead: Lead
    shelf: Shelf
    words: Words
    journal: tuple[Entry, ...]
    happenings: tuple[Happening, ...]

    @property
    def now(self) -> datetime:
        return self.words.now

    @property
    def life(self) -> Life:
        """For the core's own arithmetic; nothing told to it is heard."""
        return Life(self.lead, self.shelf)

    @property
    def hand_off(self) -> HandOff | None:
        """The hand-off under way, else the last one."""
        return self.lead.hand_off or (self.lead.hand_offs[-1] if self.lead.hand_offs else None)

    @property
    def revision(self) -> Revision:
        """The playbook revision the hand-off runs under; without one, that in force now."""
        return self.shelf.number(self.hand_off.revision) if self.hand_off else self.shelf.in_force(self.now)

    @property
    def mode(self) -> NoticeMode:
        """How much is told of the lead's team now."""
        return self.shelf.in_force(self.now).playbook.mode_of(self.hand_off.team if self.hand_off else None)

    def speaking(self, zone: tzinfo, *, with_seconds: bool = False) -> "Case":
        """The same case told in another zone."""
        return replace(self, words=replace(self.words, zone=zone, with_seconds=with_seconds))

    def entry(self, ref: str | None) -> Entry | None:
        return next((entry for entry in reversed(self.journal) if entry.ref == ref), None)

    def entry_at(self, at: datetime | None, types: Iterable[str]) -> Entry | None:
        """An entry of one of these types that counts at exactly this instant."""
        wanted = frozenset(types)
        return next((e for e in reversed(self.journal) if e.effective_at == at and e.type in wanted), None)

    def last(self, kind: str, holds: Callable[[Happening], bool]) -> Happening | None:
        return next((h for h in reversed(self.happenings) if h.kind == kind and holds(h)), None)

    def decided(self, model: type[D]) -> Iterator[tuple[Entry, D]]:
        """All decisions of a kind, the earliest first."""
        for entry in self.journal:
            if type(entry.data) is model:
                yield entry, entry.data

    def decided_of(self, model: type[C], clock: str) -> list[tuple[Entry, C]]:
        """Decisions about a clock: those that name it, else those whose own clock goes under its name today."""
        named = [(e, d) for e, d in self.decided(model) if d.clock == clock]
        return named or [
            (e, d) for e, d in self.decided(model) if d.clock and standing_key(self.lead, d.clock) == clock
        ]

    def clause(self, entry: Entry | None, otherwise: str = "") -> str:
        return clause(entry, self.words) if entry else otherwise

    def because(self, entry: Entry | None) -> Because | None:
        if entry is None:
            return None
        return Because(
            kind=entry.kind.name.lower(), type=entry.type, id=entry.id, source=entry.source, at=entry.effective_at,
            recorded_at=entry.recorded_at, actor=entry.actor, sentence=clause(entry, self.words),
        )  # fmt: skip


def open_case(
    lead: Lead,
    journal: Iterable[Entry],
    shelf: Shelf,
    now: datetime,
    names: Names,
    *,
    deliveries: Mapping[str, Delivery] | None = None,
) -> Case:
    """Read the case: mail the lead's state has not read is left out."""
    read = [entry for entry in journal if entry.book is Book.OWN or entry.number <= lead.read_to]
    _, happenings = refold(lead.lead_id, read, shelf)
    last = lead.hand_offs[-1] if lead.hand_offs else None
    zone = zone_of_lead(shelf, last.revision if last else None, last.segment if last else None, now)
    words = Words(zone, now, names, deliveries=deliveries or {}, reasons=shelf.in_force(now).playbook.reasons)
    return Case(lead, shelf, words, tuple(sorted(read, key=lambda e: e.sort_key)), tuple(happenings))


def zone_of_lead(shelf: Shelf, revision: int | None, segment: str | None, now: datetime) -> ZoneInfo:
    """Where most of a lead's promises are kept: the zone of its segment's horizon, else of the playbook."""
    playbook = (shelf.number(revision) if revision is not None else shelf.in_force(now)).playbook
    return zone_of(playbook, playbook.segment(segment).ignored_after.calendar if segment else None)


def zone_of(playbook: Playbook, calendar: str | None) -> ZoneInfo:
    return playbook.calendars[calendar or playbook.calendar].zone


def zone_of_term(playbook: Playbook, term: Term) -> ZoneInfo:
    """The zone its hours are read in: the buyer's own, or the owner's, where that is agreed and known."""
    if term.own is not None and term.own.calendar is not None:
        return term.own.calendar.zone
    return ZoneInfo(term.zone) if term.zone else zone_of(playbook, term.calendar)


def ref_in(happening: Happening) -> str:
    """The reference of the entry that a happening's key names."""
    ref = happening.key.partition(":")[2]
    return ref.removesuffix(f":{happening.data['target']}") if happening.kind == "stage_moved" else ref
