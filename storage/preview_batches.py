"""Some leads of a preview at a time: decoded, weighed and summed up, in whichever process is given them.

A batch travels as text and comes back as sums, so that what passes between processes is small and holds no model. What
a lead's turn asks and no answer is known for yet goes back as a question.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.entries import Entry
from leads.lifecycle import Answer, AskJournal, Question
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.running import Running
from leads.state import Lead, load_state
from leads.what_if.effect import Effect, weigh
from leads.what_if.past import weigh_past
from leads.what_if.plan import Plan
from leads.what_if.tally import OpenSums, PastSums
from storage.codec import to_entries


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan in a form that travels between processes."""

    revisions: tuple[tuple[int, datetime, dict[str, Any]], ...]
    """Number, in force from, document."""
    draft: dict[str, Any]
    at: datetime
    running: Running = field(default_factory=Running)
    since: datetime | None = None
    """From when on past hand-offs are asked about."""

    def read(self) -> Plan:
        shelf = Shelf(Revision(number, since, Playbook.model_validate(said)) for number, since, said in self.revisions)
        return Plan.of(shelf, Playbook.model_validate(self.draft), self.at, self.running)


@dataclass(frozen=True, slots=True)
class LeadText:
    """One lead as stored: its state and unread mail, or its journal where that is all that matters."""

    lead_id: str
    state: str | None = None
    mail: str | None = None
    journal: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Open leads, or past ones, with the answers known so far."""

    leads: list[LeadText]
    answers: Mapping[Question, Answer] = field(default_factory=dict)
    is_past: bool = False


@dataclass(slots=True)
class Weighed:
    """What came of a batch."""

    open: OpenSums = field(default_factory=OpenSums)
    past: PastSums = field(default_factory=PastSums)
    questions: dict[str, Question] = field(default_factory=dict)
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

    def _weigh_open(self, lead: LeadText, answers: Mapping[Question, Answer], weighed: Weighed) -> None:
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
    turn: Generator[Question, Any, Effect], lead: LeadText, answers: Mapping[Question, Answer]
) -> Effect | Question:
    """The effect, or the first question without an answer."""
    stored: list[Entry] | None = None
    answer: Any = None
    while True:
        try:
            question = turn.send(answer)
        except StopIteration as done:
            effect: Effect = done.value
            return effect
        if isinstance(question, AskJournal) and lead.journal is not None:
            stored = to_entries(lead.journal) if stored is None else stored
            answer = stored
        elif question in answers:
            answer = answers[question]
        else:
            return question
