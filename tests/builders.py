"""Builders: facts, leads and playbooks in a line each, so that a test says only what matters to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from leads.accounts import AccountFacts, AskAccount
from leads.commands import COMMANDS
from leads.decisions import OwnerStanding, RecentOwner
from leads.entries import Book, Entry, Kind
from leads.fold import refold
from leads.life import Happening
from leads.lifecycle import Answer, Ask, AskJournal, Question, Turn, advance
from leads.own_hours import AskHours
from leads.playbook import Playbook
from leads.posted import FACT_DATA
from leads.revisions import Revision, Shelf
from leads.routing import AskBurden, AskCompany, AskMembers, AskOwner, AskTaker, Member
from leads.state import Lead, OwnHours

MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
"""A Monday at opening time of the default calendar."""


TO_REACH = frozenset({"speed_to_lead", "assign", "accept", "first_touch"})
"""The promises until the buyer has been reached out to."""


def at(minutes: float = 0, *, hours: float = 0, days: float = 0) -> datetime:
    """An instant after Monday 09:00."""
    return MONDAY + timedelta(minutes=minutes, hours=hours, days=days)


def fact(type_: str, when: datetime, *, id_: str | None = None, sender: str = "crm", backfill: bool = False,
         recorded_at: datetime | None = None, **data: Any) -> Entry:  # fmt: skip
    return Entry(
        kind=Kind.FACT,
        type=type_,
        effective_at=when,
        source=sender,
        id=id_ or f"{type_}@{when.isoformat()}",
        data=FACT_DATA[type_].model_validate(data),
        recorded_at=recorded_at or when,
        backfill=backfill,
    )


def captured(when: datetime = MONDAY, **data: Any) -> Entry:
    return fact("lead.captured", when, **({"source": "website"} | data))


def raised(when: datetime, kind: str = "demo", **data: Any) -> Entry:
    return fact("lead.hand_raised", when, kind=kind, **data)


def touched(when: datetime, by: str = "ana", channel: str = "call", **data: Any) -> Entry:
    return fact("lead.touched", when, by=by, channel=channel, **data)


def playbook(**changes: Any) -> Playbook:
    """The default playbook; evidence lag zero unless said otherwise, so that rungs stand at their own instants.

    Ladders given are added to its own.
    """
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    document["evidence"]["lag"] = "PT0S"
    changes["ladders"] = document["ladders"] | changes.get("ladders", {})
    return Playbook.model_validate(document | changes)


def shelf(*playbooks: Playbook) -> Shelf:
    """Revisions in force from the beginning, one hour apart."""
    since = datetime(2020, 1, 1, tzinfo=UTC)
    return Shelf(
        Revision(number, since + timedelta(hours=number), book)
        for number, book in enumerate(playbooks or (playbook(),), start=1)
    )


class Story:
    """One lead whose mail is read step by step: drives `advance` and answers its questions from memory."""

    def __init__(self, shelf_: Shelf | None = None, people: tuple[str, ...] = ("ana", "ben", "cleo")) -> None:
        self.shelf = shelf_ or shelf()
        self.lead = Lead("lead-1")
        self.journal: list[Entry] = []
        self.timeline: dict[str, Happening] = {}
        self.people = list(people)
        self.absent: set[str] = set()
        self.burden: dict[str, int] = {}
        """How often each was asked for feedback in the last 24 hours."""
        self.hours: dict[str, OwnHours] = {}
        """When each works, of whom the roster knows more than the team."""
        self.standings: dict[str, OwnerStanding] = {}
        """How owners stand in the roster, as far as they are not simply there."""
        self.accounts: dict[str, AccountFacts] = {}
        """By the key it is found by."""
        self.recent_owner: RecentOwner | None = None
        """Of another lead of the same company."""
        self.last_assigned: dict[str, datetime] = {}
        self.asleep_until: dict[str, datetime] = {}
        """Who is not at work, until then; everybody else is."""
        self.roster: dict[str, dict[str, Any]] = {}
        """What else the roster says of somebody: fields of `Member`."""
        self.undone: frozenset[str] = frozenset()
        self.adopts: frozenset[int] = frozenset()
        """Revisions whose publication reaches this lead."""
        self.turn: Turn | None = None

    def mail(self, *entries: Entry) -> list[Entry]:
        """Number entries as mail, and let the journal take them in."""
        first = 1 + max((e.number for e in self.journal if e.book is Book.MAIL), default=0)
        numbered = [_numbered(entry, first + i) for i, entry in enumerate(entries)]
        self.journal += numbered
        return numbered

    def step(self, now: datetime, *entries: Entry, ask: Ask | None = None, may_decide: bool = True) -> Turn:
        """One turn of the life at `now`, after this mail came in."""
        fresh = self.mail(*entries)
        life = advance(
            self.lead, fresh, now, self.shelf, ask=ask, undone=self.undone, may_decide=may_decide, adopts=self.adopts
        )
        turn = self._drive(life)
        self.journal += turn.entries
        self.lead, self.turn = turn.lead, turn
        for decision in turn.entries:
            given = getattr(decision.data, "owner" if decision.type == "assigned" else "would_give", None)
            if decision.type in ("assigned", "queued") and given:
                self.last_assigned[given] = decision.effective_at
        self.timeline |= {happening.key: happening for happening in turn.happenings}
        return turn

    def give(self, now: datetime, name: str, actor: str = "ana", **data: Any) -> Turn:
        """A step that weighs a command. Mira is everyone's manager."""
        asked = COMMANDS[name].model_validate({"command": name} | data)
        managed = frozenset(self.people) if actor == "mira" else frozenset()
        return self.step(now, ask=Ask(f"{name}@{now.isoformat()}", asked, actor, managed))

    def sleep_until(self, end: datetime) -> list[Entry]:
        """Wake at every instant the lead asks for until `end`; all decisions on the way."""
        made: list[Entry] = []
        while self.turn is not None and self.turn.wake_at is not None and self.turn.wake_at <= end:
            made += self.step(self.turn.wake_at).decisions
        return made

    def outcomes(self) -> dict[str, str | None]:
        """Clock → how it ended, of the promises until the buyer has been reached out to; the latest of a name."""
        return {str(c.clock): c.outcome for c in self.lead.clocks.values() if c.clock in TO_REACH}

    def refolded(self) -> Lead:
        """The state that the whole journal folds to."""
        return refold(self.lead.lead_id, self.journal, self.shelf)[0]

    def refolded_with_tick(self) -> Lead:
        """The same with the tick as it stands: what `lead` must equal after any step."""
        folded = self.refolded()
        folded.tick = self.lead.tick
        return folded

    def decided(self, name: str) -> list[Entry]:
        return [entry for entry in self.journal if entry.type == name]

    def notices(self) -> list[tuple[str, tuple[str, ...]]]:
        """Templates and recipients, in the order issued."""
        return [(e.data.template, e.data.to) for e in self.decided("notice_issued")]  # type: ignore[attr-defined]  # by type

    def withheld(self) -> list[tuple[str, tuple[str, ...]]]:
        """Templates and recipients of what a team's mode held back."""
        return [(e.data.template, e.data.to) for e in self.decided("notice_withheld")]  # type: ignore[attr-defined]  # by type

    def _drive(self, life: Any) -> Turn:
        answer: Any = None
        while True:
            try:
                question = life.send(answer)
            except StopIteration as done:
                turn: Turn = done.value
                return turn
            answer = self._answer(question)

    def _answer(self, question: Question) -> Answer:
        match question:
            case AskJournal():
                return list(self.journal)
            case AskBurden():
                return self.burden.get(question.person, 0)
            case AskHours():
                return self.hours.get(question.person, OwnHours())
            case AskOwner() | AskTaker() | AskAccount() | AskCompany():
                return self._looked_up(question)
        return self.members(question, self.people)

    def _looked_up(self, question: AskOwner | AskTaker | AskAccount | AskCompany) -> Answer:
        match question:
            case AskAccount():
                return next((self.accounts[key] for key in question.keys if key in self.accounts), None)
            case AskCompany():
                return self.recent_owner
        return self.standings.get(question.person, OwnerStanding(person=question.person))

    def members(self, question: AskMembers, people: Iterable[str]) -> list[Member]:
        """A team of these people, as a step would answer."""
        return [self._member(question, person, position) for position, person in enumerate(people)]

    def _member(self, question: AskMembers, person: str, position: int) -> Member:
        told = {"last_assigned_at": self.last_assigned.get(person)} | self.roster.get(person, {})
        if question.hours is not None:
            told["here_from"] = max(question.at, self.asleep_until.get(person, question.at))
        told |= {name: _of(told.get(name, ()), getattr(question, name)) for name in ("skills", "territories")}
        return Member(person, position, is_absent=person in self.absent, **told)


def _of(has: Iterable[str], asked: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in asked if name in has)


def _numbered(entry: Entry, number: int) -> Entry:
    return Entry(
        kind=entry.kind, type=entry.type, effective_at=entry.effective_at, source=entry.source, id=entry.id,
        data=entry.data, recorded_at=entry.recorded_at, book=entry.book, number=number, actor=entry.actor,
        backfill=entry.backfill,
    )  # fmt: skip
