"""Who of a team gets a lead: by turn or by count, with weights, within limits, among those who are there.

The core asks for the members, the step locks the team and answers, and `choose` decides without touching anything.

A member's `place` says how far ahead they are: a lead takes `TURN` divided by their weight, and the lowest place is
next. So whoever has twice the weight gets twice the leads, spread evenly (stride scheduling, Waldspurger and Weihl
1995).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from leads.business_time import BusinessTime
from leads.decisions import Candidate
from leads.playbook_routing import Fairness, Method, Present, Sharing

TURN = 1_000_000
"""What a lead takes at weight 1."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a team as the roster knows them at the tick, with what they have in hand."""

    person: str
    position: int
    is_active: bool = True
    is_absent: bool = False
    weight: int = 1
    place: int | None = None
    """How far ahead they are in the round; None: never had a turn that was counted."""
    owed: int = 0
    """Turns to be had before all others: given back, or to be caught up."""
    assigned_count: int = 0
    last_assigned_at: datetime | None = None
    was_away: bool = False
    """Absent at some time since the last turn."""
    open_leads: int = 0
    """In hand now, as far as there is a limit; so for the next two."""
    max_open_leads: int | None = None
    new_today: int = 0
    max_new_leads_per_day: int | None = None
    untouched: int = 0
    """In hand, of the segment asked about, and not touched yet."""
    here_from: datetime | None = None
    """Since or from when they are there, as far as that was asked; None: not known."""
    skills: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    """Of those asked about, what they have."""

    @property
    def stride(self) -> int:
        """How far one lead takes them."""
        return TURN // self.weight

    @property
    def is_new(self) -> bool:
        """Whether they have never had a turn in this team."""
        return self.place is None and self.last_assigned_at is None


@dataclass(frozen=True, slots=True)
class AskMembers:
    """The question who is in a team, and what each has in hand. The team is locked until the answer is used."""

    team: str
    at: datetime
    day_from: datetime
    """Leads given since then are today's."""
    segment: str | None = None
    """Untouched leads of this segment are counted."""
    hours: BusinessTime | None = None
    """The team's working hours, for those without their own; None: nobody's hours matter."""
    skills: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskBurden:
    """The question how often a person was asked for feedback in the last 24 hours; answered by a number."""

    person: str


@dataclass(frozen=True, slots=True)
class AskOwner:
    """The question how an owner stands in the roster; answered by an `OwnerStanding`."""

    person: str


@dataclass(frozen=True, slots=True)
class AskTaker:
    """The question how somebody stands whom the lead should go to; answered by an `OwnerStanding`."""

    person: str


@dataclass(frozen=True, slots=True)
class AskCompany:
    """The question who was first given another lead of this company since an instant: a `RecentOwner`, or None.

    Until the answer is used, no other lead of the company is given out.
    """

    keys: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Knows:
    """Somebody who is to get the lead before all others, if they can, and why."""

    person: str
    team: str
    why: str
    """A code: touched, former_owner."""
    is_firm: bool = False
    """Gets it though they are full or not at work: the work on it is theirs already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a lead asks of whoever gets it."""

    at: datetime
    sharing: Sharing = field(default_factory=Sharing)
    period_from: datetime = _NEVER
    """With method count: leads given since then count."""
    next_day: datetime | None = None
    """When today is over, and nobody has been given any."""
    due_at: datetime | None = None
    """By when they must be there, where that is enough."""
    skills: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    most_untouched: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead, if anyone can, and why each of the others does not."""

    person: str | None
    candidates: tuple[Candidate, ...]
    knows: str | None = None
    """Why this one came before the others: how they know the buyer."""
    place: int | None = None
    """Where the turn puts them."""
    owed: int = 0
    """Turns still owed to them after this one."""


def choose(
    members: Sequence[Member], wanted: Wanted, *, without: Sequence[str] = (), prefer: Sequence[Knows] = ()
) -> Choice:
    """Who gets the lead. People in `prefer` come first if they can; none in `without` can."""
    candidates = tuple(candidate_of(member, why_not(member, wanted, without)) for member in members)
    free = [m for m, candidate in zip(members, candidates, strict=True) if candidate.skipped is None]
    standing = [m for m, c in zip(members, candidates, strict=True) if c.skipped not in _NOT_EVEN_FIRM]
    known = next(
        ((m, knows) for knows in prefer for m in (standing if knows.is_firm else free) if m.person == knows.person),
        None,
    )
    if known is not None:
        member, knows = known
        return _chosen(member, free, wanted, candidates, knows.why)
    if not free:
        return Choice(None, candidates)
    return _chosen(min(free, key=lambda m: _order(m, free, wanted)), free, wanted, candidates)


def _chosen(
    member: Member, free: Sequence[Member], wanted: Wanted, candidates: tuple[Candidate, ...], knows: str | None = None
) -> Choice:
    """`member` with what the turn costs. A turn that was owed costs nothing more."""
    level, behind = _level(member, free, wanted)
    is_counted = wanted.sharing.method is Method.COUNT
    owed = member.owed + behind
    if owed and knows is None:
        return Choice(member.person, candidates, knows, level + (member.stride if is_counted else 0), owed - 1)
    return Choice(member.person, candidates, knows, level + member.stride, owed)


def _order(member: Member, free: Sequence[Member], wanted: Wanted) -> tuple[bool, int, datetime, int]:
    level, behind = _level(member, free, wanted)
    return not (member.owed or behind), level, member.last_assigned_at or _NEVER, member.position


def _level(member: Member, free: Sequence[Member], wanted: Wanted) -> tuple[int, int]:
    """The place of a member among those who are free, and how many turns they are to catch up.

    By turn, whoever has always been there is never further back than one lead of each other; who is was away, new, off
    work or full meanwhile, and is brought up to that. By count, only who was away or new is brought up, and only where
    the playbook says that they keep their place; all others are behind because they were given fewer.
    """
    others = [other for other in free if other.person != member.person and not other.is_new]
    own = _own(member, wanted)
    catches_up = _catches_up(member, wanted.sharing)
    if wanted.sharing.method is Method.COUNT:
        steady = [_own(other, wanted) or 0 for other in others if not other.was_away]
        is_back = member.is_new or member.was_away
        return max([own or 0, *([min(steady)] if is_back and steady and not catches_up else [])]), 0
    floor = max(((_own(other, wanted) or 0) - other.stride for other in others), default=own or 0)
    if own is not None and own >= floor:
        return own, 0
    most = wanted.sharing.most_to_catch_up
    missed = most if own is None else min(most, (floor - own) // member.stride)
    return floor, missed if catches_up and others else 0


def _own(member: Member, wanted: Wanted) -> int | None:
    """The place as it is kept; None for who is new. By count it starts anew with each period."""
    if member.is_new:
        return None
    is_over = (member.last_assigned_at or _NEVER) < wanted.period_from
    return 0 if wanted.sharing.method is Method.COUNT and is_over else member.place or 0


def _catches_up(member: Member, sharing: Sharing) -> bool:
    if member.is_new:
        return sharing.joiners is Fairness.CATCH_UP
    return member.was_away and sharing.after_absence is Fairness.CATCH_UP


LEFT, ABSENT, HAD_IT = "left", "absent", "had it before"
LACKS_SKILL, ELSEWHERE = "lacks_skill", "other_territory"
FULL, FULL_TODAY, UNTOUCHED = "full", "full_today", "enough_untouched"
NOT_AT_WORK, TOO_LATE = "not_at_work", "too_late"
FOR_GOOD = (LEFT, HAD_IT, LACKS_SKILL, ELSEWHERE)
"""Nobody who is skipped so will have this lead later on, unless the roster or the lead changes."""
_NOT_EVEN_FIRM = (LEFT, ABSENT, HAD_IT)


def why_not(member: Member, wanted: Wanted, without: Sequence[str] = ()) -> str | None:
    """Why a member cannot have the lead, as a code; None if they can."""
    if not member.is_active:
        return LEFT
    if member.is_absent:
        return ABSENT
    if member.person in without:
        return HAD_IT
    if set(wanted.skills) - set(member.skills):
        return LACKS_SKILL
    if wanted.territories and not set(wanted.territories) & set(member.territories):
        return ELSEWHERE
    return over_limit(member, wanted) or _not_there(member, wanted)


def over_limit(member: Member, wanted: Wanted) -> str | None:
    """Which limit of theirs stands against one more lead."""
    if member.max_open_leads is not None and member.open_leads >= member.max_open_leads:
        return FULL
    if member.max_new_leads_per_day is not None and member.new_today >= member.max_new_leads_per_day:
        return FULL_TODAY
    is_capped = wanted.most_untouched is not None and member.untouched >= wanted.most_untouched
    return UNTOUCHED if is_capped else None


def _not_there(member: Member, wanted: Wanted) -> str | None:
    match wanted.sharing.present:
        case Present.AT_WORK if member.here_from is None or member.here_from > wanted.at:
            return NOT_AT_WORK
        case Present.IN_TIME if wanted.due_at is not None:
            is_in_time = member.here_from is not None and (
                member.here_from <= wanted.at or member.here_from < wanted.due_at
            )
            return None if is_in_time else TOO_LATE
    return None


_RECORDED = ("is_active", "is_absent", "position")
"""What a candidate says otherwise: by the reason, or by its place in the list."""


def candidate_of(member: Member, skipped: str | None) -> Candidate:
    """The member as a decision records them."""
    return Candidate(
        **{name: value for name, value in asdict(member).items() if name not in _RECORDED}, skipped=skipped
    )


def member_of(candidate: Candidate, position: int) -> Member:
    """The member as the decision saw them."""
    known: dict[str, Any] = candidate.model_dump(exclude={"skipped", "team"})
    known |= {"is_active": candidate.skipped != LEFT, "is_absent": candidate.skipped == ABSENT}
    return Member(position=position, **known)


def in_team(candidates: Sequence[Candidate], team: str) -> tuple[Candidate, ...]:
    """Candidates with the team that was asked."""
    return tuple(candidate.model_copy(update={"team": team}) for candidate in candidates)


def free_at(candidate: Candidate, wanted: Wanted) -> datetime | None:
    """When somebody who cannot have it now may have it, as far as an hour decides that, and it is known."""
    match candidate.skipped:
        case "absent" | "not_at_work" | "too_late":
            return candidate.here_from
        case "full_today" if wanted.next_day is not None:
            return max(wanted.next_day, candidate.here_from or wanted.next_day)
        case _:
            return None
