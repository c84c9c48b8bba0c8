"""A preview as it is answered, for the OpenAPI document: lists are cut to their first row."""

from typing import Any

PREVIEW_EXAMPLE: dict[str, Any] = {
    "at": "2026-06-01T09:12:00Z",
    "base": 1,
    "running": {"default": "carry", "clocks": {}},
    "summary": [
        "14 of 40 open leads are touched.",
        "10 promises move, by 5 minutes earlier.",
        (
            "4 promises would be broken by the edit itself: 4 first touch. They are held until somebody confirms "
            "it; then 8 notices would go out."
        ),
        "Nobody would be told anything more or less at once.",
        (
            "Since 2026-05-31, in 40 hand-offs: 6.7% of the promises would have been missed (4 of 60) instead of "
            "0.0% (0 of 56)."
        ),
        "4 promises not missed before would have been missed.",
        (
            "For 6.7% of the promises instead of 0.0% somebody above the owner would have been alarmed, or the lead "
            "taken away."
        ),
    ],
    "open": {
        "looked": {"leads": 40, "of": 40, "is_sample": False, "unread": 0, "unreadable": 0, "too_long": 0},
        "touched": 14,
        "running": 84,
        "moved": 10,
        "earlier": 10,
        "later": 0,
        "shift": {"least": -300, "p10": -300, "median": -300, "p90": -300, "most": -300},
        "ended": 0,
        "started": 0,
        "promises": [
            {
                "clock": "assign",
                "running": 2,
                "moved": 0,
                "earlier": 0,
                "later": 0,
                "shift": None,
                "ended": 0,
                "started": 0,
            }
        ],
        "shifts": [{"from_seconds": -900, "to_seconds": 0, "promises": 10}],
        "breaches": [],
        "leads_breached": 0,
        "held": {
            "promises": 4,
            "leads": 4,
            "by_clock": {"first_touch": 4},
            "breaches": 4,
            "notices": [{"template": "breach", "rung": "due", "role": "owner", "old": 0, "new": 4}],
        },
        "retractions": 0,
        "notices": [{"template": "warning", "rung": "half", "role": "owner", "old": 1, "new": 1}],
        "leads_notified": 0,
        "decisions": [],
        "segments": [],
        "teams": [],
        "by_segment": [
            {
                "name": "hot",
                "leads": 40,
                "touched": 14,
                "old": {"promises": 84, "broken": 0, "escalated": 0, "broken_share": 0.0, "escalated_share": 0.0},
                "new": {"promises": 84, "broken": 0, "escalated": 0, "broken_share": 0.0, "escalated_share": 0.0},
            }
        ],
        "by_team": [
            {
                "name": "sales",
                "leads": 40,
                "touched": 14,
                "old": {"promises": 84, "broken": 0, "escalated": 0, "broken_share": 0.0, "escalated_share": 0.0},
                "new": {"promises": 84, "broken": 0, "escalated": 0, "broken_share": 0.0, "escalated_share": 0.0},
            }
        ],
        "examples": [
            {
                "kind": "held",
                "lead_id": "01a216a5-3e25-7200-a714-00000000000b",
                "clock": "first_touch",
                "old_due_at": "2026-06-01T09:17:00Z",
                "new_due_at": "2026-06-01T09:12:00.000001Z",
            }
        ],
    },
    "past": {
        "since": "2026-05-31T23:00:00Z",
        "looked": {"leads": 40, "of": 40, "is_sample": False, "unread": 0, "unreadable": 0, "too_long": 0},
        "touched": 5,
        "newly_missed": 4,
        "newly_kept": 0,
        "whole": {
            "name": "all",
            "old": {
                "hand_offs": 40,
                "ignored": 0,
                "promises": 56,
                "met": 56,
                "met_late": 0,
                "breached": 0,
                "dodged": 0,
                "escalated": 0,
                "missed_share": 0.0,
                "escalated_share": 0.0,
            },
            "new": {
                "hand_offs": 40,
                "ignored": 0,
                "promises": 60,
                "met": 56,
                "met_late": 0,
                "breached": 4,
                "dodged": 0,
                "escalated": 4,
                "missed_share": 0.0667,
                "escalated_share": 0.0667,
            },
        },
        "by_clock": [
            {
                "name": "assign",
                "old": {
                    "hand_offs": 0,
                    "ignored": 0,
                    "promises": 40,
                    "met": 40,
                    "met_late": 0,
                    "breached": 0,
                    "dodged": 0,
                    "escalated": 0,
                    "missed_share": 0.0,
                    "escalated_share": 0.0,
                },
                "new": {
                    "hand_offs": 0,
                    "ignored": 0,
                    "promises": 40,
                    "met": 40,
                    "met_late": 0,
                    "breached": 0,
                    "dodged": 0,
                    "escalated": 0,
                    "missed_share": 0.0,
                    "escalated_share": 0.0,
                },
            }
        ],
        "by_segment": [
            {
                "name": "hot",
                "old": {
                    "hand_offs": 40,
                    "ignored": 0,
                    "promises": 56,
                    "met": 56,
                    "met_late": 0,
                    "breached": 0,
                    "dodged": 0,
                    "escalated": 0,
                    "missed_share": 0.0,
                    "escalated_share": 0.0,
                },
                "new": {
                    "hand_offs": 40,
                    "ignored": 0,
                    "promises": 60,
                    "met": 56,
                    "met_late": 0,
                    "breached": 4,
                    "dodged": 0,
                    "escalated": 4,
                    "missed_share": 0.0667,
                    "escalated_share": 0.0667,
                },
            }
        ],
        "by_team": [
            {
                "name": "sales",
                "old": {
                    "hand_offs": 40,
                    "ignored": 0,
                    "promises": 56,
                    "met": 56,
                    "met_late": 0,
                    "breached": 0,
                    "dodged": 0,
                    "escalated": 0,
                    "missed_share": 0.0,
                    "escalated_share": 0.0,
                },
                "new": {
                    "hand_offs": 40,
                    "ignored": 0,
                    "promises": 60,
                    "met": 56,
                    "met_late": 0,
                    "breached": 4,
                    "dodged": 0,
                    "escalated": 4,
                    "missed_share": 0.0667,
                    "escalated_share": 0.0667,
                },
            }
        ],
        "segments": [],
        "teams": [],
        "rungs": [{"clock": "first_touch", "rung": "due", "old": 0, "new": 4}],
        "examples": [
            {
                "kind": "missed",
                "lead_id": "01a216a5-3e25-7200-a714-00000000000b",
                "clock": "first_touch",
                "old_due_at": None,
                "new_due_at": None,
            }
        ],
    },
}
