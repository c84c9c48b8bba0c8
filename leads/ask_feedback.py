"""Whom Leadloop asks what came of a hand-off. A rep's burden is bounded: nobody is asked too often in a day."""

from leads.decide import Asking, Tick
from leads.decisions import FeedbackAsked, FeedbackSpared
from leads.feedback import ASKED_WITHIN, wants_feedback
from leads.modes import quietest
from leads.notices import tell_feedback_asked
from leads.playbook_teams import NoticeMode
from leads.promises import ClockName
from leads.routing import AskBurden
from leads.segments import segment_of
from leads.state import HandOff

_LOOKED_AT = 5
"""Only the latest hand-offs can have ended within a day."""


def ask_feedback(tick: Tick) -> Asking:
    """Once a hand-off has ended in a way the playbook asks about."""
    for hand_off in [h for h in tick.lead.hand_offs[-_LOOKED_AT:] if _is_to_be_asked(tick, h)]:
        owner = hand_off.owner or ""
        asked: int = yield AskBurden(owner)
        premise = tick.premise
        if asked >= tick.playbook.feedback.most_a_day:
            spared = FeedbackSpared(**premise, hand_off=hand_off.id, owner=owner, asked_of_late=asked)
            tick.make(spared, "feedback_spared", hand_off.id)
            continue
        mode = quietest(tick.shelf, hand_off.team, tick.at, hand_off.ended_at or tick.at)
        if mode is NoticeMode.SHADOW:
            spared = FeedbackSpared(**premise, hand_off=hand_off.id, owner=owner, asked_of_late=asked, why=mode)
            tick.make(spared, "feedback_spared", hand_off.id)
        else:
            decision = FeedbackAsked(**premise, hand_off=hand_off.id, owner=owner, asked_of_late=asked)
            tick.make(decision, "feedback_asked", hand_off.id)
        tell_feedback_asked(tick, hand_off, mode)


def _is_to_be_asked(tick: Tick, hand_off: HandOff) -> bool:
    lead, revision = tick.lead, tick.revision
    if hand_off.ended_at is None or hand_off.owner is None or hand_off.quiet or hand_off.id in lead.feedback_asked:
        return False
    is_promised = ClockName.FEEDBACK in revision.terms(hand_off, segment_of(lead, revision, hand_off)).promises
    is_fresh = tick.at - hand_off.ended_at <= ASKED_WITHIN
    return is_promised and is_fresh and not tick.is_upgrade and wants_feedback(tick.playbook, hand_off)
