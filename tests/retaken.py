"""The audit of decisions: each taken again at its tick, from what it saw, must come out as it was journalled."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leads.accounts import AskAccount
from leads.decisions import (
    Assigned,
    DecisionData,
    FeedbackAsked,
    HoursTaken,
    NoticeWithdrawn,
    OwnerKept,
    OwnerStanding,
    Queued,
    RungSkipped,
)
from leads.entries import Book, Entry, Kind
from leads.fold import refold
from leads.lifecycle import AskJournal, Turn, advance
from leads.own_hours import AskHours
from leads.revisions import Shelf
from leads.routing import AskBurden, AskCompany, AskMembers, AskOwner, AskTaker, Member, member_of
from leads.state import Lead, OwnHours


@dataclass(frozen=True)
class Retaken:
    """The decisions of one tick: as the journal has them, and as they come out again."""

    made: list[Entry]
    again: list[Entry]

    @property
    def difference(self) -> str | None:
        """What to say where the two do not agree. Names no person."""
        if _told(self.made) == _told(self.again):
            return None
        made, again = ([entry.type for entry in entries] for entries in (self.made, self.again))
        return f"at {self.made[0].effective_at} it decided {made}, but the facts it saw say {again}"


def _told(entries: list[Entry]) -> list[tuple[Any, ...]]:
    return [(entry.type, entry.id, entry.effective_at, entry.data) for entry in entries]


def retaken(lead_id: str, journal: list[Entry], shelf: Shelf) -> Iterator[Retaken]:
    """Take every decision of a lead again, tick by tick: from the mail it saw and its own book as it stood then."""
    for made in _by_tick(journal):
        saw = made[0].data.saw if isinstance(made[0].data, DecisionData) else 0
        known = [
            entry
            for entry in journal
            if entry.number <= (saw if entry.book is Book.MAIL else made[0].number - 1)
        ]  # fmt: skip
        lead, _ = refold(lead_id, known, shelf)
        yield Retaken(made, _take_again(lead, known, made, shelf).decisions)


def _by_tick(journal: list[Entry]) -> Iterator[list[Entry]]:
    """Decisions in the order they were made, those of one tick together."""
    made: list[Entry] = []
    for entry in sorted((e for e in journal if e.kind is Kind.DECISION), key=lambda e: e.number):
        if made and made[-1].recorded_at != entry.recorded_at:
            yield made
            made = []
        made.append(entry)
    if made:
        yield made


def _take_again(lead: Lead, known: list[Entry], made: list[Entry], shelf: Shelf) -> Turn:
    """Decide at the tick, and answer what is asked from what the decisions recorded.

    A team that was asked and had nobody to give leaves no record, and is answered with nobody.
    """
    data = [entry.data for entry in made]
    weighed = deque(
        group
        for decision in data
        if isinstance(decision, Assigned | Queued | RungSkipped)
        for group in _asked(decision)
    )
    burdens = iter([decision.asked_of_late for decision in data if isinstance(decision, FeedbackAsked)])
    looked_up = _LookedUp(data)
    undone = frozenset(decision.notice for decision in data if isinstance(decision, NoticeWithdrawn))
    hours = iter([decision for decision in data if isinstance(decision, HoursTaken)])
    life = advance(lead, [], made[0].recorded_at, shelf, undone=undone)
    answer: Any = None
    while True:
        try:
            question = life.send(answer)
        except StopIteration as done:
            turn: Turn = done.value
            return turn
        match question:
            case AskMembers():
                answer = weighed.popleft()[1] if weighed and weighed[0][0] == question.team else []
            case AskBurden():
                answer = next(burdens, 0)
            case AskHours():
                answer = _hours(next(hours, None))
            case AskAccount() | AskTaker() | AskCompany() | AskOwner():
                answer = looked_up.answer(question)
            case AskJournal():
                answer = known


class _LookedUp:
    """How people stood in the roster, and who had a company's leads, as the decisions recorded it."""

    def __init__(self, made: list[Any]) -> None:
        companies = [d.company for d in made if isinstance(d, Assigned | Queued | OwnerKept) and d.company]
        self._takers = iter([standing for company in companies for standing in company.asked])
        self._recent = iter([company.recent for company in companies if company.recent])
        self._owners = iter([d.standing for d in made if isinstance(d, Assigned | Queued | OwnerKept) and d.standing])

    def answer(self, question: AskAccount | AskTaker | AskCompany | AskOwner) -> Any:
        """What is not recorded led to nothing."""
        match question:
            case AskTaker():
                return next(self._takers, OwnerStanding(person=question.person, is_known=False))
            case AskCompany():
                return next(self._recent, None)
            case AskOwner():
                return next(self._owners, OwnerStanding(person=question.person))
        return None


def _hours(taken: HoursTaken | None) -> OwnHours:
    return OwnHours(taken.calendar, taken.away) if taken else OwnHours()


def _asked(decision: Assigned | Queued | RungSkipped) -> Iterator[tuple[str, list[Member]]]:
    """Each team that was asked, in turn, as the decision saw it."""
    own = decision.team or (decision.queue if isinstance(decision, Queued) else "")
    team, members = None, list[Member]()
    for candidate in decision.candidates:
        asked = candidate.team or own
        if members and (asked != team or any(member.person == candidate.person for member in members)):
            yield team or "", members
            members = []
        team = asked
        members.append(member_of(candidate, len(members)))
    if members:
        yield team or "", members
