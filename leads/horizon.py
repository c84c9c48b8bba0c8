"""Ignored is a horizon, not a rung: a hand-off nobody looked after in time is ignored, whatever any ladder did.

It stays so in the books. Only a fact that came late takes it back: that somebody had reached out, or that it never was
a lead.
"""

from collections.abc import Iterator
from datetime import datetime

from leads.decide import Asking, Tick
from leads.decisions import IgnoredAnnounced, IgnoredRetracted
from leads.notices import tell_ignored, tell_not_ignored
from leads.state import HandOff, Lead, placed


def ignored_hand_offs(lead: Lead, at: datetime) -> Iterator[HandOff]:
    """Hand-offs whose horizon passed by `at` without a real touch. A later touch does not take one out."""
    return (hand_off for hand_off in lead.hand_offs if lead.is_counted and is_ignored(hand_off, at))


def is_ignored(hand_off: HandOff, at: datetime) -> bool:
    """Whether nobody had looked after it by its horizon, which has passed by `at`."""
    horizon = hand_off.ignored_at
    is_left = hand_off.looked_after_at is None or hand_off.looked_after_at > horizon
    return horizon <= at and is_left and (hand_off.ended_at is None or hand_off.ended_at > horizon)


def announce_ignored(tick: Tick) -> Asking:
    lead = tick.lead
    for hand_off in ignored_hand_offs(lead, tick.at):
        waits = tick.playbook.evidence.lag_of(hand_off.team)
        if hand_off.quiet or lead.ignored_announced.get(hand_off.id) or tick.at < hand_off.ignored_at + waits:
            continue
        decision = IgnoredAnnounced(
            **tick.premise, **placed(hand_off), hand_off=hand_off.id, horizon_at=hand_off.ignored_at
        )
        tick.make(decision, "ignored_announced", hand_off.id, lead.ignored_words.get(hand_off.id))
        if not tick.is_upgrade:
            tell_ignored(tick, hand_off)
    return
    yield


def retract_ignored(tick: Tick) -> Asking:
    """What late facts prove false is taken back, and whoever was told hears it once."""
    lead = tick.lead
    stand = {hand_off.id for hand_off in ignored_hand_offs(lead, tick.at)}
    for hand_off in lead.hand_offs:
        if lead.ignored_announced.get(hand_off.id) and hand_off.id not in stand:
            decision = IgnoredRetracted(
                **tick.premise, **placed(hand_off), hand_off=hand_off.id, horizon_at=hand_off.ignored_at
            )
            made = tick.make(decision, "ignored_retracted", hand_off.id, lead.ignored_words.get(hand_off.id))
            if lead.is_counted and not tick.is_upgrade:
                tell_not_ignored(tick, hand_off, made)
    return
    yield
