"""Turns given back: a lead that proves to be none, or none that could be worked, costs nobody a turn."""

from datetime import timedelta

from leads.decide import Asking, Tick
from leads.decisions import TurnReturned
from leads.events import DisqualifyKind
from leads.playbook_routing import Method, TurnsBack
from leads.state import HandOff
from leads.ways import period_from

RETURNED_WITHIN = timedelta(days=30)
"""A turn longer ago is not given back: the round has gone on."""
NOT_A_LEAD = "not_a_lead"
_GIVEN_BACK = ("rejected", "returned", "disqualified")


def give_turns_back(tick: Tick) -> Asking:
    """To whoever had the lead when it ended, once: only a turn that was counted can be given back."""
    if tick.is_upgrade or tick.playbook.routing.turns_back is TurnsBack.NEVER:
        return
    for hand_off in tick.lead.hand_offs:
        why = _why(tick, hand_off)
        if why is not None and hand_off.owner and hand_off.cycle:
            decision = TurnReturned(
                **tick.premise, hand_off=hand_off.id, owner=hand_off.owner, team=hand_off.team, why=why,
                cycle=hand_off.cycle, method=_method(tick, hand_off),
            )  # fmt: skip
            tick.make(decision, "turn_returned", hand_off.id, hand_off.cycle)
    return
    yield


def _why(tick: Tick, hand_off: HandOff) -> str | None:
    since = hand_off.owner_since
    is_taken = hand_off.took_turn and not hand_off.turn_returned
    if not is_taken or hand_off.ended_at is None or hand_off.quiet or since is None:
        return None
    if tick.at - since > RETURNED_WITHIN:
        return None
    if tick.lead.disqualified is DisqualifyKind.NOT_A_LEAD:
        return NOT_A_LEAD
    reason = tick.playbook.reasons.get(hand_off.reason or "")
    is_checkable = reason is not None and reason.checkable and hand_off.result in _GIVEN_BACK
    return hand_off.reason if is_checkable and tick.playbook.routing.turns_back is TurnsBack.CHECKABLE else None


def _method(tick: Tick, hand_off: HandOff) -> str | None:
    """By turn the next turn is theirs; by count one less counts, if it was of this period."""
    sharing = tick.playbook.sharing(hand_off.team)
    if sharing.method is Method.TURN:
        return Method.TURN
    is_of_period = hand_off.owner_since is not None and hand_off.owner_since >= period_from(tick, hand_off.team)
    return Method.COUNT if is_of_period else None
