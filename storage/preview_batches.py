"""Some leads of a preview at a time: decoded, weighed and summed up, in whichever process is given them.

A batch travels as text and comes back as sums, so that what passes between processes is small and holds no model. What
a lead's turn asks and no answer is known for yet goes back as a question.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from leads.accounts import AskAccount
from leads.entries import Entry
from leads.lifecycle import AskJournal, Question
from leads.own_hours import AskHours
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.routing import AskBurden, AskCompany, AskMembers, AskOwner, AskTaker
from leads.running import Running
from leads.state import Lead, load_state
from leads.what_if.effect import Effect, weigh
from leads.what_if.past import weigh_past
from leads.what_if.plan import Plan
from leads.what_if.tally import OpenSums, PastSums
from storage import team_rows
from storage.codec import to_entries


class RevisionText(NamedTuple):
    """A published revision, as its row says."""

    number: int
    in_force_from: datetime
    document: dict[str, Any]
    running: dict[str, Any] | None
    is_withheld: bool
    """Its rollout has been stopped: no lead adopts it."""

    def read(self) -> Revision:
        playbook, running = Playbook.model_validate(self.document), Running.model_validate(self.running or {})
        return Revision(self.number, self.in_force_from, playbook, running)


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan in a form that travels between processes."""

    revisions: tuple[RevisionText, ...]
    draft: dict[str, Any]
    at: datetime
    running: Running = field(default_factory=Running)
    since: datetime | None = None
    """From when on past hand-offs are asked about."""

    def read(self) -> Plan:
        shelf = Shelf(revision.read() for revision in self.revisions)
        withheld = {revision.number for revision in self.revisions if revision.is_withheld}
        adopts = frozenset(revision.number for revision in shelf.reaching) - withheld
        return Plan.of(shelf, Playbook.model_validate(self.draft), self.at, self.running, adopts)


@dataclass(frozen=True, slots=True)
class LeadText:
    """One lead as stored: its state and unread mail, or its journal where that is all that matters."""

    lead_id: str
    state: str | None = None
    mail: str | None = None
    journal: str | None = None


class TeamQuestion(NamedTuple):
    """`AskMembers` in a form that travels: who is in a team is read as rows, and made members where the hours are."""

    team: str
    at: datetime
    day_from: datetime
    segment: str | None
    with_hours: bool
    skills: tuple[str, ...]
    territories: tuple[str, ...]


Travelling = TeamQuestion | AskBurden | AskHours | AskOwner | AskTaker | AskAccount | AskCompany | AskJournal
"""A question as it goes from process to process."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Open leads, or past ones, with the answers known so far."""

    leads: list[LeadText]
    answers: Mapping[Travelling, Any] = field(default_factory=dict)
    is_past: bool = False


@dataclass(slots=True)
class Weighed:
    """What came of a batch."""

    open: OpenSums = field(default_factory=OpenSums)
    past: PastSums = field(default_factory=PastSums)
    questions: dict[str, Travelling] = field(default_factory=dict)
    """Lead → what its turn asks; such a lead is in no sum, and is to be given again with the answer."""
    failed: list[str] = field(default_factory=list)
    """Leads whose journal the core cannot digest."""


class Weigher:
    """Weighs batches under one plan."""

    def __init__(self, plan: PlanText) -> None:
        self._plan = plan.read()
        self._since = plan.since

    def weigh(self, batch: Batch) -> Weighed:
        weighed = Weighed()
        for lead in batch.leads:
            try:
                if batch.is_past:
                    self._weigh_past(lead, weighed)
                else:
                    self._weigh_open(lead, batch.answers, weighed)
            except Exception:  # noqa: BLE001  one lead's indigestible journal must not hide the others
                weighed.failed.append(lead.lead_id)
        return weighed

    def _weigh_open(self, lead: LeadText, answers: Mapping[Travelling, Any], weighed: Weighed) -> None:
        fresh = to_entries(lead.mail) if lead.mail else []

        def load() -> Lead:
            return load_state(lead.state) if lead.state else Lead(lead.lead_id)

        found = _answered(weigh(load, fresh, self._plan), lead, answers)
        if isinstance(found, Effect):
            weighed.open.count(found)
        else:
            weighed.questions[lead.lead_id] = found

    def _weigh_past(self, lead: LeadText, weighed: Weighed) -> None:
        journal = to_entries(lead.journal) if lead.journal else []
        weighed.past.count(weigh_past(lead.lead_id, journal, self._plan, self._since or self._plan.at))


def _answered(
    turn: Generator[Question, Any, Effect], lead: LeadText, answers: Mapping[Travelling, Any]
) -> Effect | Travelling:
    """The effect, or the first question without an answer."""
    stored: list[Entry] | None = None
    answer: Any = None
    while True:
        try:
            question = turn.send(answer)
        except StopIteration as done:
            effect: Effect = done.value
            return effect
        travelling = _travelling(question)
        if isinstance(question, AskJournal) and lead.journal is not None:
            stored = to_entries(lead.journal) if stored is None else stored
            answer = stored
        elif travelling not in answers:
            return travelling
        elif isinstance(question, AskMembers):
            answer = [team_rows.member(row, question) for row in answers[travelling]]
        else:
            answer = answers[travelling]


def _travelling(question: Question) -> Travelling:
    if not isinstance(question, AskMembers):
        return question
    return TeamQuestion(
        question.team, question.at, question.day_from, question.segment, question.hours is not None, question.skills,
        question.territories,
    )  # fmt: skip
