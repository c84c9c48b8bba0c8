"""Promises as rows of the table `clocks`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from leads.state import Clock, Lead, Outcome


def clock_rows(lead: Lead, at: datetime) -> dict[str, dict[str, Any]]:
    """By key; `at` says which of those running are overdue by then."""
    lead_id = UUID(lead.lead_id)
    return {key: _row(lead_id, lead, clock, at) for key, clock in lead.clocks.items()}


def _row(lead_id: UUID, lead: Lead, clock: Clock, at: datetime) -> dict[str, Any]:
    is_missed = clock.outcome is Outcome.BREACHED or (clock.is_running and clock.due_at <= at)
    return {
        "lead_id": lead_id,
        "key": clock.key,
        "clock": clock.clock,
        "hand_off": clock.hand_off,
        "subject": clock.subject,
        "owner": clock.owner,
        "team": clock.team,
        "segment": clock.segment,
        "revision": clock.revision,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "ended_at": clock.ended_at,
        "outcome": clock.outcome,
        "why": clock.why,
        "breached_at": clock.due_at if is_missed else None,
        "announced_at": clock.due_at if lead.breaches_announced.get(clock.key) else None,
        "held_revision": clock.hold.revision if clock.hold else None,
        "held_due_at": clock.hold.due_at if clock.hold else None,
    }
