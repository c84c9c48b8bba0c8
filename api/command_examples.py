"""Examples of each command for the OpenAPI document: to copy, and to put one's own words and dates into."""

from typing import Any

from fastapi.openapi.models import Example

_NEXT_WEEK = "2026-12-07T10:00:00+01:00"
_EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "accept": ("Take the lead you were handed", {"command": "accept"}),
    "reject": (
        "Refuse it, with a reason of the playbook; here nothing is found out by a call",
        {"command": "reject", "reason": "wrong_territory", "note": "They buy through their office in Lyon."},
    ),
    "return": (
        "As a closer, give it back to the rep who passed it on",
        {"command": "return", "reason": "no_budget", "note": "Nothing before the next fiscal year."},
    ),
    "recycle": (
        "Give it back to marketing, until a date; without one the playbook's reason says until when",
        {"command": "recycle", "reason": "no_need", "wake_at": "2027-03-01T09:00:00+01:00"},
    ),
    "callback": (
        "Keep it, and reach out at the date agreed with the buyer",
        {"command": "callback", "at": _NEXT_WEEK, "reason": "bad_timing"},
    ),
    "reassign": ("Give it to a colleague", {"command": "reassign", "owner": "ben", "reason": "speaks Italian"}),
    "reassign to a queue": ("Put it into a team's queue, to be claimed", {"command": "reassign", "team": "sales"}),
    "reassign as a hand-off": (
        "Pass it on to a closer",
        {"command": "reassign", "owner": "dora", "team": "sales", "kind": "rep_to_closer"},
    ),
    "claim": ("Take a lead that waits in a queue, or that you have touched", {"command": "claim"}),
    "touch": (
        "A call of four minutes, with the next step agreed",
        {
            "command": "touch", "channel": "call", "connected": True, "duration_seconds": 240,
            "next_step_at": _NEXT_WEEK, "note": "Wants to see the routing.",
        },
    ),
    "snooze": (
        "Let the clocks rest until a date agreed with the buyer",
        {"command": "snooze", "until": _NEXT_WEEK, "reason": "on holiday"},
    ),
    "waive": (
        "As a manager, let a running promise go",
        {"command": "waive", "clock": "first_touch", "reason": "trade show"},
    ),
    "feedback": (
        "Tell marketing what came of it; quality goes from 1 (none) to 5",
        {
            "command": "feedback", "quality": 4, "reason": "no_budget", "message_used": "routing",
            "content_used": ["guide-to-routing"], "words": "Knew the product well, but nobody had asked for a budget.",
        },
    ),
    "disqualify": (
        "Rule it out; soft comes back by raising a hand",
        {"command": "disqualify", "kind": "soft", "reason": "no_fit"},
    ),
    "reopen": ("Bring an ended lead back", {"command": "reopen", "reason": "they called"}),
}  # fmt: skip
"""Name → what it asks for, the body. Any lead and any day: whether it is granted is not the example's."""


def command_examples() -> dict[str, Example]:
    """As OpenAPI has the examples of a body."""
    return {name: Example(summary=summary, value=body) for name, (summary, body) in _EXAMPLES.items()}
