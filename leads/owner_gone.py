"""The owner has gone away, or left: whether the lead moves, and to whom, by the playbook's `absences` and `leavers`.

Word comes as a fact; how the owner stands now is asked when it is decided, so that nothing moves of somebody who is
back by then. Promises go on as the clock table says of a swap inside the team: an absence never stretches one.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.decide import Asking, Tick
from leads.decisions import AssignCause, Assigned, OwnerKept, OwnerStanding, Queued
from leads.durations import parse_duration
from leads.playbook import Playbook
from leads.playbook_teams import NoticeMode
from leads.route import CRM_ASSIGNS, gives_out, is_in_shadow, next_in_turn
from leads.routing import AskBurden, AskMembers, AskOwner
from leads.state import Gone, HandOff, Lead

BACK, SHORT, PLAYBOOK, NOBODY = "back", "short", "playbook", "nobody"
"""Why a lead stays with its owner."""
QUEUED_WHY = {AssignCause.ABSENCE: "owner_away", AssignCause.LEFT: "owner_left"}


@dataclass(frozen=True, slots=True)
class _Move:
    """What the playbook wants of one lead: to whom it goes first, and why."""

    cause: AssignCause
    takers: tuple[str, ...]
    """Before anybody of the team."""
    goes_round: bool
    """To the next in turn where no taker can, and into the queue where nobody can."""


def move_on(tick: Tick) -> Asking:
    """A lead of an owner who is away or has left moves as the playbook says, or stays for a reason that is kept."""
    hand_off = tick.lead.hand_off
    gone = hand_off.gone if hand_off is not None else None
    if hand_off is None or hand_off.owner is None or gone is None or not _is_undecided(tick, hand_off, gone):
        return
    standing: OwnerStanding = yield AskOwner(hand_off.owner)
    wanted = _wanted(tick, hand_off, standing)
    move = wanted if isinstance(wanted, str) else (yield from _moved(tick, hand_off, standing, wanted))
    if isinstance(move, Assigned | Queued):
        tick.make(move, "assigned" if isinstance(move, Assigned) else "queued", hand_off.id, gone.word)
    elif gone.kept is None:
        stays = OwnerKept(
            **tick.premise, hand_off=hand_off.id, owner=standing.person, why=move or NOBODY, standing=standing
        )
        tick.make(stays, "owner_kept", hand_off.id, gone.word)


def _is_undecided(tick: Tick, hand_off: HandOff, gone: Gone) -> bool:
    """Whether anything is left to decide; it is again where a new promise cannot wait for a short absence to end."""
    if hand_off.quiet and gone.until is not None:
        return False  # nobody waits for what history brought in
    if gone.kept == SHORT and gone.until is not None and tick.at < gone.until:
        return tick.playbook.absences.in_time and _is_due_before(tick.lead, hand_off, gone.until)
    return gone.kept is None


def _wanted(tick: Tick, hand_off: HandOff, standing: OwnerStanding) -> _Move | str:
    """What the playbook wants; or why the lead stays."""
    is_worked = hand_off.looked_after_at is not None
    if not gives_out(tick, hand_off.team):
        return NoticeMode.SHADOW if is_in_shadow(tick, hand_off.team) else CRM_ASSIGNS
    if not standing.is_active:
        return _of_leaver(tick.playbook, standing, is_worked=is_worked)
    until = standing.away_until
    if until is None or until <= tick.at:
        return BACK
    way = tick.playbook.absences.touched if is_worked else tick.playbook.absences.untouched
    if way == "keep":
        return PLAYBOOK
    if _can_wait(tick, hand_off, standing.away_from or tick.at, until):
        return SHORT
    takers = (standing.deputy,) if way == "deputy" and standing.deputy else ()
    return _Move(AssignCause.ABSENCE, takers, goes_round=not is_worked)


def _of_leaver(playbook: Playbook, standing: OwnerStanding, *, is_worked: bool) -> _Move:
    way = playbook.leavers.touched if is_worked else playbook.leavers.untouched
    named = {"deputy": (standing.deputy, standing.manager), "manager": (standing.manager,), "reassign": ()}
    return _Move(AssignCause.LEFT, tuple(person for person in named[way] if person), goes_round=True)


def _can_wait(tick: Tick, hand_off: HandOff, since: datetime, until: datetime) -> bool:
    """Whether the owner is back soon enough; what is left of an absence counts where the lead came in the middle."""
    policy = tick.playbook.absences
    length = until - max(since, hand_off.owner_since or since)
    is_short = length < parse_duration(policy.shortest)
    return is_short and not (policy.in_time and _is_due_before(tick.lead, hand_off, until))


def _is_due_before(lead: Lead, hand_off: HandOff, until: datetime) -> bool:
    return any(clock.due_at < until for clock in lead.running() if clock.hand_off == hand_off.id)


def _moved(
    tick: Tick, hand_off: HandOff, standing: OwnerStanding, wanted: _Move
) -> Generator[AskMembers | AskBurden, Any, Assigned | Queued | None]:
    """To the first taker who has not had it; else to the next in turn; else into the queue, where others see it.

    History that nobody has worked waits in the queue, so that nobody is surprised by it.
    """
    given: dict[str, Any] = {**tick.premise, "hand_off": hand_off.id, "was": standing.person, "standing": standing}
    is_old = hand_off.quiet and hand_off.looked_after_at is None
    able = [person for person in wanted.takers if person not in hand_off.past_owners]
    if able and not is_old:
        return Assigned(**given, owner=able[0], team=hand_off.team, cause=wanted.cause)
    if not wanted.goes_round:
        return None
    waits = Queued(**given, queue=hand_off.team, why=QUEUED_WHY[wanted.cause])
    if hand_off.quiet:
        return waits
    found = yield from next_in_turn(tick, hand_off, [*hand_off.past_owners, standing.person])
    choice = found.choice
    if choice.person is None:
        return waits.model_copy(update=found.looks)
    return Assigned(
        **given, owner=choice.person, team=hand_off.team, cause=wanted.cause, candidates=choice.candidates,
        method=tick.playbook.sharing(hand_off.team).method, place=choice.place, owed=choice.owed,
    )  # fmt: skip
