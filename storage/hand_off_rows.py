"""Hand-offs as rows of their table."""

from datetime import datetime
from typing import Any
from uuid import UUID

from leads.horizon import ignored_hand_offs
from leads.state import HandOff, Lead

_AS_IN_THE_STATE = (
    "id", "kind", "giver", "sourced_by", "segment", "revision", "team", "owner", "queue", "opened_at", "raised_at",
    "owner_since", "accepted_at", "touched_at", "touched_by", "conversed_at", "opportunity_at", "hops", "ended_at",
    "ended_by", "result", "reason", "is_under_worked", "quiet",
)  # fmt: skip


def hand_off_rows(lead: Lead, at: datetime) -> dict[str, dict[str, Any]]:
    """By id, the oldest first; `at` says which of them are ignored by then."""
    ignored = {hand_off.id for hand_off in ignored_hand_offs(lead, at)}
    lead_id = UUID(lead.lead_id)
    return {
        hand_off.id: _row(lead_id, number, hand_off, is_ignored=hand_off.id in ignored)
        for number, hand_off in enumerate(lead.hand_offs, start=1)
    }


def _row(lead_id: UUID, number: int, hand_off: HandOff, *, is_ignored: bool) -> dict[str, Any]:
    return {name: getattr(hand_off, name) for name in _AS_IN_THE_STATE} | {
        "lead_id": lead_id,
        "number": number,
        "waits_since": hand_off.queued_at if hand_off.is_looked_for else None,
        "attempts": hand_off.effort.attempts if hand_off.effort else 0,
        "horizon_at": hand_off.ignored_at,
        "is_ignored": is_ignored,
    }
