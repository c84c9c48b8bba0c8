"""What Leadloop chooses at a tick, given everything folded so far.

Each rule is a generator: where it needs to know who is in a team it yields `AskMembers` and is sent the members. A
decision is folded as soon as it is made, so that the next rule sees it. No clock is read: the tick is given.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, TypedDict

from leads.decisions import (
    SOURCE,
    AssignCause,
    Assigned,
    Candidate,
    DecisionData,
    Nurtured,
    Qualified,
    Queued,
)
from leads.durations import parse_duration
from leads.entries import Book, Entry, Kind
from leads.fold import fold
from leads.life import Happening, Life
from leads.modes import quietest
from leads.own_hours import AskHours
from leads.playbook import Playbook
from leads.playbook_teams import NoticeMode
from leads.revisions import Revision, Shelf
from leads.routing import AskBurden, AskMembers, AskOwner, Member, choose
from leads.stages import Stage
from leads.state import HandOff, Lead

Asking = Generator[AskMembers | AskBurden | AskHours | AskOwner, Any, None]

FIRST_LOOK_AFTER = timedelta(minutes=15)
"""How soon to look again for someone free, at first."""
LONGEST_WAIT = timedelta(days=1)


class Premise(TypedDict):
    saw: int
    revision: int


@dataclass(slots=True)
class Tick:
    """One moment of deciding."""

    lead: Lead
    shelf: Shelf
    at: datetime
    undone: frozenset[str] = frozenset()
    """Notices issued earlier that have not gone out yet."""
    is_upgrade: bool = False
    """The rules have changed since the last tick: what would have been due before it alarms nobody."""
    decisions: list[Entry] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)

    @property
    def revision(self) -> Revision:
        return self.shelf.in_force(self.at)

    @property
    def playbook(self) -> Playbook:
        return self.revision.playbook

    @property
    def life(self) -> Life:
        return Life(self.lead, self.shelf, self.told)

    def make(self, data: DecisionData, name: str, *causes: object) -> str:
        """Make the decision `name`, named by what caused it, and fold it. Returns its id."""
        entry = self.entry(data, name, *causes)
        self.take(entry)
        return entry.id

    def take(self, entry: Entry) -> None:
        """Fold a decision at once, so that the next rule sees it."""
        self.decisions.append(entry)
        self.told.extend(fold(self.lead, [entry], self.shelf))

    def entry(
        self, data: DecisionData, name: str, *causes: object, counts_at: datetime | None = None, number: int = 1
    ) -> Entry:
        """The decision as the journal has it, the `number`th from here on; it counts at the tick or at `counts_at`."""
        return Entry(
            kind=Kind.DECISION,
            type=name,
            effective_at=counts_at or self.at,
            source=SOURCE,
            id=decision_name(name, *causes),
            data=data,
            recorded_at=self.at,
            book=Book.OWN,
            number=self.lead.own_number + number,
        )

    @property
    def premise(self) -> Premise:
        """What every decision records of its premise."""
        return {"saw": self.lead.read_to, "revision": self.revision.number}


def decision_name(name: str, *causes: object) -> str:
    """The id of a decision: its name and a digest of its causes, so that the same choice is never journalled twice."""
    digest = blake2b("\x1f".join(map(str, causes)).encode(), digest_size=10).hexdigest()
    return f"{name}:{digest}"


def settle_marketing(tick: Tick) -> Asking:
    """A lead that is with marketing qualifies by score, or is nurtured: at first, and again once its rest is over."""
    lead = tick.lead
    if lead.stage not in (Stage.CAPTURED, Stage.NURTURING) or lead.captured_at is None:
        return
    threshold = tick.playbook.qualification.threshold
    is_resting = lead.rests_until is not None and tick.at < lead.rests_until
    if lead.score >= threshold and not is_resting:
        tick.make(
            Qualified(**tick.premise, score=lead.score, threshold=threshold), "qualified", lead.loops, lead.last_key
        )
        return
    due_at = nurture_at(lead, tick.playbook)
    if due_at is not None and tick.at >= due_at:
        wake_at = tick.at + parse_duration(tick.playbook.nurture.review_after)
        tick.make(Nurtured(**tick.premise, track=tick.playbook.nurture.track, wake_at=wake_at), "nurtured", due_at)
    return
    yield  # a rule that never asks is still a generator


def nurture_at(lead: Lead, playbook: Playbook) -> datetime | None:
    """When marketing takes the lead up, if nothing else happens."""
    if lead.stage is Stage.CAPTURED and lead.captured_at is not None:
        return lead.captured_at + parse_duration(playbook.qualification.nurture_after)
    return lead.recycled_until if lead.stage is Stage.NURTURING else None


def route(tick: Tick) -> Asking:
    """A hand-off without an owner gets one, or waits in a queue."""
    hand_off = tick.lead.hand_off
    if hand_off is not None and hand_off.held is not None and hand_off.owner is not None:
        tick.make(_assigned(tick, hand_off, hand_off.owner, was=hand_off.owner), "assigned", hand_off.id, hand_off.held)
    if hand_off is None or hand_off.owner is not None:
        return
    is_waiting = hand_off.queue is not None
    if is_waiting and (hand_off.retry_at is None or tick.at < hand_off.retry_at or stays_in_shadow(tick, hand_off)):
        return
    if hand_off.quiet:
        tick.make(_queued(tick, hand_off, "backfill"), "queued", hand_off.id, hand_off.cycle, "backfill")
        return
    yield from _give_out(tick, hand_off)


def _give_out(tick: Tick, hand_off: HandOff) -> Asking:
    """To the next in turn; in shadow it is noted who that would have been."""
    known = _who_knows(tick, hand_off)
    team = _where_known(hand_off, known)
    if is_in_shadow(tick, team):
        team = hand_off.team  # whose leads are in shadow gets them by the CRM alone
    chosen, candidates = yield from _ask_the_team(hand_off, team, known)
    if chosen is None and team != hand_off.team:
        team = hand_off.team
        chosen, candidates = yield from _ask_the_team(hand_off, team, known)
    look_again = {"retry_at": tick.at + FIRST_LOOK_AFTER, "candidates": candidates}
    if is_in_shadow(tick, hand_off.team):
        waits = _queued(tick, hand_off, NoticeMode.SHADOW).model_copy(update=look_again | {"would_give": chosen})
        tick.make(waits, "queued", hand_off.id, hand_off.cycle, NoticeMode.SHADOW)
    elif chosen is not None:
        decision = _assigned(tick, hand_off, chosen, team=team, candidates=candidates)
        tick.make(decision, "assigned", hand_off.id, hand_off.cycle)
    elif hand_off.queue_why in (None, NoticeMode.SHADOW):
        waits = _queued(tick, hand_off, "nobody_free").model_copy(update=look_again)
        tick.make(waits, "queued", hand_off.id, hand_off.cycle, "nobody_free")


def is_in_shadow(tick: Tick, team: str) -> bool:
    return tick.playbook.mode_of(team) is NoticeMode.SHADOW


def stays_in_shadow(tick: Tick, hand_off: HandOff) -> bool:
    """Whether it waits where shadow left it, for the CRM or a person to say whose it is.

    What came just before the shadow lifted is given out: its team was out of shadow at the first look.
    """
    if hand_off.queue_why != NoticeMode.SHADOW:
        return False
    return quietest(tick.shelf, hand_off.team, tick.at, hand_off.retry_at or tick.at) is NoticeMode.SHADOW


def next_look(hand_off: HandOff, at: datetime) -> datetime | None:
    """When to look again for someone free, after `at`: each wait twice the one before, a day at most.

    A look that finds nobody decides nothing, so that a team on leave fills no journal. Out of shadow one look decides.
    """
    look, wait = hand_off.retry_at, FIRST_LOOK_AFTER
    if look is None or (hand_off.queue_why == NoticeMode.SHADOW and look <= at):
        return None
    while look <= at and wait < LONGEST_WAIT:
        wait = min(2 * wait, LONGEST_WAIT)
        look += wait
    missed = (at - look) // LONGEST_WAIT + 1 if look <= at else 0
    return look + missed * LONGEST_WAIT


def _assigned(
    tick: Tick,
    hand_off: HandOff,
    owner: str,
    *,
    team: str | None = None,
    was: str | None = None,
    candidates: tuple[Candidate, ...] = (),
) -> Assigned:
    return Assigned(
        **tick.premise, hand_off=hand_off.id, owner=owner, team=team or hand_off.team, cause=AssignCause.ROUTING,
        was=was, candidates=candidates,
    )  # fmt: skip


def _queued(tick: Tick, hand_off: HandOff, why: str) -> Queued:
    return Queued(**tick.premise, hand_off=hand_off.id, queue=hand_off.team, why=why)


def _who_knows(tick: Tick, hand_off: HandOff) -> list[tuple[str, str]]:
    """Whoever touched this hand-off already, then the former owner while the memory is fresh; each with the team.

    A deal lost not long ago goes back to its closer, touched or not.
    """
    lead, memory = tick.lead, parse_duration(tick.playbook.former_owner_for)
    former = [(h, h.owner) for h in reversed(lead.hand_offs) if h is not hand_off and h.owner]
    known = [(hand_off.touched_by, hand_off.team)] if hand_off.touched_by else []
    last = former[0][0] if former else None
    is_lost_lately = last is not None and last.result == "lost" and last.ended_at and tick.at - last.ended_at <= memory
    is_touched_lately = lead.last_touch_at is not None and tick.at - lead.last_touch_at <= memory
    if is_touched_lately or is_lost_lately:
        known += [(owner, h.team) for h, owner in (former if is_touched_lately else former[:1])]
    return known


def _where_known(hand_off: HandOff, known: list[tuple[str, str]]) -> str:
    """The team to ask first: a closer who knows the buyer is not in the team of the reps.

    What is passed on inside sales goes to the team it is passed on to.
    """
    at_first = known[0][1] if known else hand_off.team
    return hand_off.team if hand_off.is_inside_sales else at_first


def _ask_the_team(
    hand_off: HandOff, team: str, known: list[tuple[str, str]]
) -> Generator[AskMembers, Any, tuple[str | None, tuple[Candidate, ...]]]:
    """The next in turn of its own team; of another one only who had the lead there."""
    is_own = team == hand_off.team
    prefer = [person for person, where in known if is_own or where == team]
    members: list[Member] = yield AskMembers(team)
    chosen, candidates = choose(members, without=hand_off.past_owners, prefer=prefer)
    return (chosen if is_own or chosen in prefer else None), candidates
