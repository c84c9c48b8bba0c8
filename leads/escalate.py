"""Truth before alarm: announcing breaches, taking false ones back, and climbing the ladders.

These rules run only when all mail accepted for the lead has been read. After an outage only the highest due rung of a
clock fires; the lower ones are recorded as skipped.
"""

from collections.abc import Generator
from typing import Any

from leads.decide import Asking, Tick
from leads.decisions import (
    AssignCause,
    Assigned,
    BreachAnnounced,
    BreachRetracted,
    Queued,
    RungAction,
    RungFired,
    RungSkipped,
)
from leads.ladder import Step, climb
from leads.modes import mode_of_step
from leads.notices import correct_breach, tell_rung, whose
from leads.playbook_routing import Assigning
from leads.playbook_teams import NoticeMode
from leads.route import CRM_ASSIGNS, next_in_turn
from leads.routing import AskBurden, AskMembers
from leads.state import Clock, Outcome, placed


def announce_breaches(tick: Tick) -> Asking:
    """A promise broken is said once; the breach instant is the due instant."""
    lead = tick.lead
    for clock in list(lead.clocks.values()):
        if is_breached(clock, tick) and not clock.quiet and not lead.breaches_announced.get(clock.key):
            tick.make(
                BreachAnnounced(**tick.premise, **placed(clock), clock=clock.key, due_at=clock.due_at),
                "breach_announced", clock.key, clock.due_at, lead.breach_words.get(clock.key),
            )  # fmt: skip
    return
    yield


def is_breached(clock: Clock, tick: Tick) -> bool:
    """Whether it was not kept in time; nothing is promised to what never was a lead."""
    if not tick.lead.is_counted:
        return False
    if clock.is_running:
        return clock.due_at <= tick.at
    return clock.outcome is Outcome.BREACHED


def is_still_missed(clock: Clock, tick: Tick) -> bool:
    """Whether a breach announced stands: late word, a way out or a manager who waives it do not take it back."""
    is_over = clock.outcome in (Outcome.MET_LATE, Outcome.DODGED, Outcome.WAIVED)
    return is_breached(clock, tick) or (is_over and tick.lead.is_counted)


def retract_breaches(tick: Tick) -> Asking:
    """A breach announced that late facts prove false is taken back, and those who were told are told so once."""
    lead = tick.lead
    for key, stands in list(lead.breaches_announced.items()):
        clock = lead.clocks.get(key)
        if not stands or (clock is not None and is_still_missed(clock, tick)):
            continue
        stopped_at = clock.ended_at if clock else None
        due_at = clock.due_at if clock else tick.at
        decision = tick.make(
            BreachRetracted(**tick.premise, **placed(clock), clock=key, due_at=due_at, stopped_at=stopped_at),
            "breach_retracted", key, lead.breach_words.get(key),
        )  # fmt: skip
        if lead.is_counted and not tick.is_upgrade:
            correct_breach(tick, key, decision)
    return
    yield


def climb_ladders(tick: Tick) -> Asking:
    """Fire the highest due rung of each running clock."""
    for key in list(tick.lead.clocks):
        clock = tick.lead.clocks[key]
        for step in climb(tick.life, clock) if clock.put_past else ():
            if step.rung.rung in clock.put_past:
                _skip(tick, step, "rollout")
        due = [step for step in climb(tick.life, clock) if step.fires_at <= tick.at and not clock.quiet]
        highest = max((step.due_at for step in due), default=None)
        for step in due:
            if tick.is_upgrade or step.due_at != highest:
                _skip(tick, step, "upgrade" if tick.is_upgrade else "outage")
        for step in due:
            if not tick.is_upgrade and step.due_at == highest and clock.is_running:
                yield from _fire(tick, step)
    for clock in list(tick.lead.clocks.values()):
        for step in climb(tick.life, clock) if clock.quiet else ():
            _skip(tick, step, "backfill")


def _fire(tick: Tick, step: Step) -> Asking:
    """Tell and move; in shadow, note what would have been told and moved."""
    clock, rung = step.clock, step.rung
    move: Assigned | Queued | None = None
    is_watched = tick.playbook.sharing(clock.team or "").assign is Assigning.BY_CRM
    if is_watched and (rung.reassign or rung.to_queue):
        if not rung.notify:
            _skip(tick, step, CRM_ASSIGNS)
            return
    elif rung.reassign:
        move = yield from _reassigned(tick, step)
        if move is None and not rung.notify:
            _skip(tick, step, "nobody_left")
            return
    elif rung.to_queue:
        move = _returned(tick, step)
    mode = mode_of_step(tick.shelf, whose(tick.lead, clock)[1], step, tick.at)
    if mode is NoticeMode.SHADOW:
        _skip(tick, step, mode, move)
        tell_rung(tick, step, mode)
        return
    fired = RungFired(
        **tick.premise, **placed(clock), clock=clock.key, rung=rung.rung, due_at=step.due_at, action=_action(move)
    )
    tick.make(fired, "rung_fired", step.key)
    tell_rung(tick, step, mode)
    if move is not None:
        tick.make(move, "assigned" if isinstance(move, Assigned) else "queued", step.key)


def _reassigned(tick: Tick, step: Step) -> Generator[AskMembers | AskBurden, Any, Assigned | None]:
    """To someone at work who has not had it before, while hops are left."""
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.id != step.clock.hand_off or hand_off.owner is None:
        return None
    if hand_off.hops >= step.rung.max_hops:
        return None
    found = yield from next_in_turn(tick, hand_off, [*hand_off.past_owners, hand_off.owner], at_work=True)
    choice = found.choice
    if choice.person is None:
        return None
    return Assigned(
        **tick.premise, hand_off=hand_off.id, owner=choice.person, team=hand_off.team, cause=AssignCause.RUNG,
        clock=step.clock.key, was=hand_off.owner, method=tick.playbook.sharing(hand_off.team).method,
        place=choice.place, owed=choice.owed, candidates=choice.candidates,
    )  # fmt: skip


def _returned(tick: Tick, step: Step) -> Queued | None:
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.id != step.clock.hand_off or hand_off.owner is None:
        return None
    return Queued(
        **tick.premise, hand_off=hand_off.id, queue=hand_off.team, why="untouched", clock=step.clock.key,
        was=hand_off.owner,
    )  # fmt: skip


def _action(move: Assigned | Queued | None) -> RungAction:
    match move:
        case Assigned():
            return RungAction.REASSIGN
        case Queued():
            return RungAction.TO_QUEUE
    return RungAction.NOTIFY


def _skip(tick: Tick, step: Step, why: str, spared: Assigned | Queued | None = None) -> None:
    """`spared` is the move that does not come about."""
    clock, rung = step.clock, step.rung
    skipped = RungSkipped(**tick.premise, **placed(clock), clock=clock.key, rung=rung.rung, due_at=step.due_at, why=why)
    if why == NoticeMode.SHADOW:
        would = {
            "team": whose(tick.lead, clock)[1],
            "would_give": spared.owner if isinstance(spared, Assigned) else None,
            "would_queue": isinstance(spared, Queued),
            "candidates": spared.candidates if spared else (),
        }
        skipped = skipped.model_copy(update=would)
    tick.make(skipped, "rung_skipped", step.key)
