"""Who gets a lead: plain round robin among the people of a team, sticky to whoever already knows the buyer.

The core asks for the members, the step locks the team and answers, and `choose` decides without touching anything.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from leads.decisions import Candidate

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a team as the roster knows them at the tick."""

    person: str
    position: int
    is_active: bool = True
    is_absent: bool = False
    assigned_count: int = 0
    last_assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskMembers:
    """The question who is in a team."""

    team: str


@dataclass(frozen=True, slots=True)
class AskBurden:
    """The question how often a person was asked for feedback in the last 24 hours; answered by a number."""

    person: str


@dataclass(frozen=True, slots=True)
class AskOwner:
    """The question how an owner stands in the roster; answered by an `OwnerStanding`."""

    person: str


def choose(members: list[Member], *, without: list[str], prefer: list[str]) -> tuple[str | None, tuple[Candidate, ...]]:
    """The next in turn, and why each was skipped. People in `prefer` come first if they can; none in `without` can."""
    candidates = tuple(
        Candidate(person=m.person, skipped=_why_not(m, without), assigned_count=m.assigned_count) for m in members
    )
    free = [m for m, candidate in zip(members, candidates, strict=True) if candidate.skipped is None]
    if not free:
        return None, candidates
    preferred = [m for name in prefer for m in free if m.person == name]
    in_turn = min(free, key=lambda m: (m.last_assigned_at or _NEVER, m.position))
    return (preferred[0] if preferred else in_turn).person, candidates


def _why_not(member: Member, without: list[str]) -> str | None:
    if not member.is_active:
        return "left"
    if member.is_absent:
        return "absent"
    return "had it before" if member.person in without else None
