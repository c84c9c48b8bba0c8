"""What counts as a touch, and when word of it came too late."""

from dataclasses import dataclass
from datetime import datetime

from leads.durations import parse_working_duration
from leads.events import Channel, Direction, EvidenceClass, LeadTouched
from leads.playbook_touch import RealTouch
from leads.revisions import Revision


@dataclass(frozen=True, slots=True)
class Contact:
    """A real touch, as the clocks see it; or whatever else stops them."""

    at: datetime
    by: str | None = None
    late_at: datetime | None = None
    """When a self-report was written down, if that was over the allowed working time later."""
    channel: Channel | None = None
    is_attempt: bool = False
    """Sales reached out."""
    is_conversation: bool = False
    """The buyer was reached."""
    next_step_at: datetime | None = None
    """The date agreed."""


def contact_of(touch: LeadTouched, at: datetime, revision: Revision) -> Contact:
    """A touch as the clocks see it. Who answers a buyer, or meets one, has a conversation."""
    is_outbound = touch.direction is Direction.OUT
    return Contact(
        at=at,
        by=touch.by,
        late_at=late_at(touch, at, revision),
        channel=touch.channel,
        is_attempt=is_outbound,
        is_conversation=touch.connected or not is_outbound or touch.channel is Channel.MEETING,
        next_step_at=touch.next_step_at,
    )


def is_real(touch: LeadTouched, rule: RealTouch) -> bool:
    """Whether a touch counts by the playbook's rule. A call of unknown length counts."""
    if touch.mode not in rule.modes or touch.direction not in rule.directions or touch.channel not in rule.channels:
        return False
    is_call = touch.channel is Channel.CALL
    return not (is_call and touch.duration_seconds is not None and touch.duration_seconds < rule.min_call_seconds)


def late_at(touch: LeadTouched, at: datetime, revision: Revision) -> datetime | None:
    """When a self-report was written down, if later than the playbook's `late_after` working time; else None."""
    if touch.evidence is not EvidenceClass.SELF_REPORTED or touch.logged_at is None:
        return None
    allowed = parse_working_duration(revision.playbook.evidence.late_after)
    latest = revision.hours("working").due(at, allowed)
    return touch.logged_at if touch.logged_at > latest else None
