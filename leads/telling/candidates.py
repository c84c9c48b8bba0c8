"""Who was weighed for a lead, and why each did not get it."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import Field

from leads.decisions import Assigned, Candidate, Queued
from leads.playbook_routing import Method
from leads.routing import (
    ABSENT,
    ELSEWHERE,
    FULL,
    FULL_TODAY,
    HAD_IT,
    LACKS_SKILL,
    LEFT,
    NOT_AT_WORK,
    TOO_LATE,
    UNTOUCHED,
)
from leads.telling.case import Told
from leads.telling.words import Words, counted, listed, plain, quoted, sentence

OWED = "was owed a turn, for a lead given back or turns that were missed"
IN_TURN = "was next in turn"
FEWEST = "had been given no more than the others, by weight"
KNOWS = {
    "touched": "had already reached out",
    "former_owner": "had the lead before and was in touch not long ago",
}


class CandidateStory(Told):
    """Somebody who could have had the lead."""

    person: str
    team: str | None = Field(description="The team that was asked.")
    chosen: bool
    skipped: str | None = Field(description="A code: why not; null for who was free.")
    sentence: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """A candidate as a decision weighed them."""

    candidate: Candidate
    decision: Assigned | Queued
    words: Words

    def until(self, before: str) -> str:
        here_from = self.candidate.here_from
        return f"{before} until {self.words.at(here_from)}" if here_from else before


_SKIPPED: dict[str, Callable[[_Seen], str]] = {
    LEFT: lambda _: "has left the team",
    ABSENT: lambda s: s.until("was absent"),
    HAD_IT: lambda _: "had it before",
    LACKS_SKILL: lambda s: f"does not have the skill {_missing(s)}",
    ELSEWHERE: lambda s: f"does not cover {listed(map(quoted, s.decision.territories), 'or')}",
    FULL: lambda s: f"had {_of(s.candidate.open_leads, s.candidate.max_open_leads, 'open lead')}",
    FULL_TODAY: lambda s: (
        f"had been given {_of(s.candidate.new_today, s.candidate.max_new_leads_per_day, 'lead')} that day"
    ),
    UNTOUCHED: lambda s: f"had {counted(s.candidate.untouched, 'lead')} like this to reach out to first",
    NOT_AT_WORK: lambda s: s.until("was not at work"),
    TOO_LATE: lambda s: s.until("would have been too late for the first touch: not at work"),
}


def _of(has: int, most: int | None, unit: str) -> str:
    return f"{counted(has, unit)} already, and {most} are the most"


def _missing(seen: _Seen) -> str:
    has = set(seen.candidate.skills)
    return listed((quoted(skill) for skill in seen.decision.skills if skill not in has), "or")


def why_first(decision: Assigned) -> str | None:
    """Why the owner came before the others who were free, as the decision recorded it; None for one of old."""
    if decision.knows is not None:
        return KNOWS.get(decision.knows, f"came first: {plain(decision.knows)}")
    if decision.method is None:
        return None
    owner = next((c for c in decision.candidates if c.person == decision.owner), None)
    if owner is not None and owner.owed > decision.owed:
        return OWED
    return FEWEST if decision.method == Method.COUNT else IN_TURN


def candidates_of(decision: Assigned | Queued, words: Words, *, is_by_turn: bool) -> tuple[CandidateStory, ...]:
    """Everyone once, by the last word on them. `is_by_turn`: the turn decided among those who were free."""
    last = {candidate.person: candidate for candidate in decision.candidates}
    return tuple(_story(_Seen(candidate, decision, words), is_by_turn=is_by_turn) for candidate in last.values())


def _story(seen: _Seen, *, is_by_turn: bool) -> CandidateStory:
    candidate, decision = seen.candidate, seen.decision
    name = seen.words.person(candidate.person)
    of_team = f" of {seen.words.team(candidate.team)}" if candidate.team else ""
    chosen = isinstance(decision, Assigned) and candidate.person == decision.owner
    if chosen:
        said = "was chosen"
    elif candidate.skipped is None:
        said = f"was free too{_not_first(decision) if is_by_turn else ''}"
    else:
        say = _SKIPPED.get(candidate.skipped)
        said = say(seen) if say else f"was passed over: {plain(candidate.skipped)}"
    return CandidateStory(
        person=candidate.person, team=candidate.team or decision.team, chosen=chosen, skipped=candidate.skipped,
        sentence=sentence(f"{name}{of_team} {said}"),
    )  # fmt: skip


def _not_first(decision: Assigned | Queued) -> str:
    is_counted = isinstance(decision, Assigned) and decision.method == Method.COUNT
    return ", but had been given as many or more, by weight" if is_counted else ", but it was not their turn"
