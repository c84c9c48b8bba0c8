"""How often what was announced, counted in the transaction that journals it: each once, whatever restarts.

A count never falls. What is taken back is counted on its own.
"""

from typing import Any

from leads.decisions import BreachRetracted, IgnoredAnnounced, IgnoredRetracted
from leads.lifecycle import Turn
from leads.roster import TAKEN_TEAM
from leads.state import Lead

OTHER = TAKEN_TEAM
"""A team that is not in the roster: events may name any. A team or segment of which late facts have left no trace."""

COUNT_ANNOUNCED = f"""
INSERT INTO announced AS a (kind, team, segment, total)
SELECT r.kind, coalesce(t.team_id, '{OTHER}'), r.segment, count(*)
FROM jsonb_to_recordset(%(rows)s) AS r (kind text, team text, segment text) LEFT JOIN teams t ON t.team_id = r.team
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (kind, team, segment) DO UPDATE SET total = a.total + excluded.total
"""  # noqa: S608  a word of this module
"""In order, so that two steps which count the same things do not wait for each other in a circle."""


def announced_rows(turn: Turn) -> list[dict[str, Any]]:
    """What a turn announced or took back, as far as it is counted; the kind is the decision's type."""
    found = ((decision.type, _place(turn.lead, decision.data)) for decision in turn.decisions)
    return [{"kind": kind, "team": place[0], "segment": place[1]} for kind, place in found if place is not None]


def _place(lead: Lead, data: object) -> tuple[str, str] | None:
    """The team and the segment it concerns."""
    match data:
        case IgnoredAnnounced() | IgnoredRetracted():
            hand_off = next((h for h in lead.hand_offs if h.id == data.hand_off), None)
            return (hand_off.team, hand_off.segment) if hand_off else (OTHER, OTHER)
        case BreachRetracted():
            clock = lead.clocks.get(data.clock)
            return (clock.team or OTHER, clock.segment) if clock else (OTHER, OTHER)
    return None
