"""Where a hand-off without an owner goes: to somebody of a team, or into a queue.

Each team that is to be asked is asked in turn: where somebody knows the buyer, then the team that the playbook's rules
name, then the fallback once it is its hour.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from leads.decide import Asking, Tick
from leads.decisions import AssignCause, Assigned, Candidate, Queued
from leads.durations import parse_duration
from leads.modes import quietest
from leads.playbook_routing import Assigning, Present
from leads.playbook_teams import NoticeMode
from leads.preferred import team_to_ask_first, who_knows
from leads.routing import FOR_GOOD, AskBurden, AskMembers, Choice, Knows, Member, Wanted, choose, free_at, in_team
from leads.state import HandOff
from leads.waiting import FIRST_LOOK_AFTER, MOST_LOOKS
from leads.ways import Way, wanted_of, way_of

NOBODY_FREE, CRM_ASSIGNS, BY_RULE = "nobody_free", "crm_assigns", "rule"
Answered = Generator[AskMembers | AskBurden, Any, Choice]


@dataclass(slots=True)
class _Round:
    """Teams asked one after the other, and everyone who was weighed."""

    knows: list[Knows]
    asked: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    hours: set[datetime] = field(default_factory=set)
    """When somebody of them is known to be free."""
    is_all_known: bool = True
    """Whether of everyone who cannot have it now it is known when they can, or that they never can."""

    def note(self, team: str, choice: Choice, wanted: Wanted) -> None:
        self.asked.append(team)
        self.candidates += in_team(choice.candidates, team)
        for candidate in choice.candidates:
            hour = free_at(candidate, wanted)
            if hour is not None and hour > wanted.at:
                self.hours.add(hour)
            elif candidate.skipped not in FOR_GOOD:
                self.is_all_known = False

    def looks(self, at: datetime) -> dict[str, Any]:
        """When to look again, for a decision to record: by the hours known, else now and then."""
        hours = sorted(self.hours)[:MOST_LOOKS]
        is_known = hours and self.is_all_known
        retry_at = None if is_known else at + FIRST_LOOK_AFTER
        return {"retry_at": retry_at, "looks": tuple(hours), "candidates": self.recorded}

    @property
    def recorded(self) -> tuple[Candidate, ...]:
        """Everyone who was weighed; with their team where there were several."""
        if len(self.asked) > 1:
            return tuple(self.candidates)
        return tuple(candidate.model_copy(update={"team": None}) for candidate in self.candidates)


def route(tick: Tick) -> Asking:
    """A hand-off without an owner gets one, or waits in a queue."""
    hand_off = tick.lead.hand_off
    if hand_off is not None and hand_off.held is not None and hand_off.owner is not None:
        tick.make(_confirmed(tick, hand_off, hand_off.owner), "assigned", hand_off.id, hand_off.held)
    if hand_off is None or hand_off.owner is not None:
        return
    if hand_off.quiet:
        if hand_off.queue is None:
            _queue(tick, hand_off, Queued(**tick.premise, hand_off=hand_off.id, queue=hand_off.team, why="backfill"))
        return
    way = way_of(tick, hand_off)
    is_watched = way.sharing.assign is Assigning.BY_CRM
    if hand_off.queue is not None and not _is_looked_for(tick, hand_off, is_watched=is_watched):
        return
    if is_watched or (way.rule is not None and way.rule.queue is not None):
        _queue(tick, hand_off, _sent_to_queue(tick, hand_off, way, CRM_ASSIGNS if is_watched else BY_RULE))
        return
    yield from _give_out(tick, hand_off, way)


def _is_looked_for(tick: Tick, hand_off: HandOff, *, is_watched: bool) -> bool:
    """Whether a lead in a queue still waits for Leadloop to find somebody, and not for a person or the CRM."""
    match hand_off.queue_why:
        case _ if is_watched:
            return False
        case NoticeMode.SHADOW:
            return not _stays_in_shadow(tick, hand_off)
        case _:
            return hand_off.queue_why == CRM_ASSIGNS or hand_off.is_looked_for


def is_in_shadow(tick: Tick, team: str) -> bool:
    return tick.playbook.mode_of(team) is NoticeMode.SHADOW


def _stays_in_shadow(tick: Tick, hand_off: HandOff) -> bool:
    """Whether it waits where shadow left it, for the CRM or a person to say whose it is.

    What came just before the shadow lifted is given out: its team was out of shadow at the first look.
    """
    look = hand_off.retry_at
    return look is None or tick.at < look or quietest(tick.shelf, hand_off.team, tick.at, look) is NoticeMode.SHADOW


def _sent_to_queue(tick: Tick, hand_off: HandOff, way: Way, why: str) -> Queued:
    queue = way.rule.queue if way.rule is not None and way.rule.queue and why == BY_RULE else way.team
    return Queued(
        **tick.premise, hand_off=hand_off.id, queue=queue, team=way.team, rule=way.rule_name, why=why,
    )  # fmt: skip


def _queue(tick: Tick, hand_off: HandOff, decision: Queued) -> None:
    tick.make(decision, "queued", hand_off.id, hand_off.cycle, decision.why)


def _give_out(tick: Tick, hand_off: HandOff, way: Way) -> Asking:
    """To somebody who can take it; in shadow it is noted who that would have been; else it waits."""
    round_ = _Round(who_knows(tick, hand_off))
    team, choice = yield from _ask_all(tick, hand_off, way, round_)
    if is_in_shadow(tick, way.team):
        _queue(tick, hand_off, _spared(tick, hand_off, way, round_, choice.person))
    elif choice.person is not None:
        decision = Assigned(
            **tick.premise, hand_off=hand_off.id, owner=choice.person, team=team, cause=AssignCause.ROUTING,
            rule=way.rule_name, skills=way.skills, territories=way.territories, knows=choice.knows,
            method=tick.playbook.sharing(team).method, place=choice.place, owed=choice.owed,
            candidates=round_.recorded,
        )  # fmt: skip
        tick.make(decision, "assigned", hand_off.id, hand_off.cycle)
    elif not hand_off.is_looked_for:
        _queue(tick, hand_off, _waits(tick, hand_off, way, round_))


def _ask_all(
    tick: Tick, hand_off: HandOff, way: Way, round_: _Round
) -> Generator[AskMembers | AskBurden, Any, tuple[str, Choice]]:
    """The first choice that comes to somebody, with the team; else the last."""
    found = way.team, Choice(None, ())
    for team in _teams_to_ask(tick, hand_off, way, round_.knows):
        found = team, (yield from _ask_one(tick, hand_off, way, team, round_))
        if found[1].person is not None:
            break
    return found


def _spared(tick: Tick, hand_off: HandOff, way: Way, round_: _Round, person: str | None) -> Queued:
    """In shadow it is noted who would have got it; one look more, for what came just before the shadow lifts."""
    return Queued(
        **tick.premise, hand_off=hand_off.id, queue=way.team, team=way.team, why=NoticeMode.SHADOW,
        rule=way.rule_name, skills=way.skills, territories=way.territories, would_give=person,
        retry_at=tick.at + FIRST_LOOK_AFTER, candidates=round_.recorded,
    )  # fmt: skip


def _teams_to_ask(tick: Tick, hand_off: HandOff, way: Way, knows: list[Knows]) -> list[str]:
    """The team of who knows the buyer, the one the lead is for, and the fallback once the lead has waited for it."""
    at_first = team_to_ask_first(hand_off, way.team, knows)
    teams = list(dict.fromkeys([at_first, way.team]))
    hour = fallback_at(hand_off, way, tick.at)
    if way.fallback is not None and hour is not None and hour <= tick.at:
        teams.append(way.fallback)
    return [team for team in teams if team == way.team or gives_out(tick, team)]


def gives_out(tick: Tick, team: str) -> bool:
    """Whose leads are in shadow, or given out by the CRM, is given none by Leadloop from elsewhere."""
    return not is_in_shadow(tick, team) and tick.playbook.sharing(team).assign is Assigning.BY_LEADLOOP


def fallback_at(hand_off: HandOff, way: Way, now: datetime) -> datetime | None:
    """When the fallback is asked: at once, or after so long in the queue."""
    if way.fallback is None:
        return None
    hold = way.nobody_free.hold
    return (hand_off.queued_at or now) + parse_duration(hold) if hold else now


def _ask_one(tick: Tick, hand_off: HandOff, way: Way, team: str, round_: _Round) -> Answered:
    """The next of the team a lead is for, or of the fallback; of another team only who knows the buyer."""
    is_own = team == way.team and team not in round_.asked
    asked = way if is_own else Way(team, tick.playbook.sharing(team))
    wanted, question = wanted_of(tick, hand_off, asked)
    members: list[Member] = yield question
    prefer = [known for known in round_.knows if team in (way.team, known.team)]
    choice = choose(members, wanted, without=hand_off.past_owners, prefer=prefer)
    round_.note(team, choice, wanted)
    is_for_all = is_own or team == way.fallback
    return choice if is_for_all or choice.knows is not None else Choice(None, choice.candidates)


def _waits(tick: Tick, hand_off: HandOff, way: Way, round_: _Round) -> Queued:
    """It waits for who is known to come and for the fallback's hour."""
    hour = fallback_at(hand_off, way, tick.at)
    if hour is not None and hour > tick.at:
        round_.hours.add(hour)
    return Queued(
        **tick.premise, hand_off=hand_off.id, queue=way.team, team=way.team, why=NOBODY_FREE,
        rule=way.rule_name, skills=way.skills, territories=way.territories, **round_.looks(tick.at),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Next:
    """Who is next in turn in a team; and when to look again, with everyone who was weighed, where nobody is."""

    choice: Choice
    looks: dict[str, Any]


def next_in_turn(
    tick: Tick, hand_off: HandOff, without: Sequence[str], *, at_work: bool = False
) -> Generator[AskMembers | AskBurden, Any, Next]:
    """Somebody else of the hand-off's own team, for a lead that moves on. `at_work`: who is there now."""
    way = way_of(tick, hand_off)
    if way.team != hand_off.team:
        way = Way(hand_off.team, tick.playbook.sharing(hand_off.team))
    if at_work:
        way = replace(way, sharing=way.sharing.model_copy(update={"present": Present.AT_WORK}))
    wanted, question = wanted_of(tick, hand_off, way)
    members: list[Member] = yield question
    choice, round_ = choose(members, wanted, without=without), _Round([])
    round_.note(way.team, choice, wanted)
    return Next(choice, round_.looks(tick.at))


def _confirmed(tick: Tick, hand_off: HandOff, owner: str) -> Assigned:
    """Who stayed the owner though the decision was overtaken promises anew. That is no turn."""
    return Assigned(
        **tick.premise, hand_off=hand_off.id, owner=owner, team=hand_off.team, cause=AssignCause.ROUTING, was=owner
    )
