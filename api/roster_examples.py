"""Examples of the roster for the OpenAPI document: to copy, and to put one's own people into."""

from typing import Any

from fastapi.openapi.models import Example

_OFFICE = {
    "timezone": "Europe/Berlin",
    "weekly": {
        day: [["09:00", "12:30"], ["13:30", "17:00"]] for day in ("mon", "tue", "wed", "thu")
    },
    "holidays": [{"country": "DE", "subdivision": "BY"}],
}  # fmt: skip

PERSON: dict[str, Any] = {
    "Ana, four days a week": {
        "name": "Ana Example", "email": "ana@example.com", "manager": "mira", "deputy": "ben", "calendar": _OFFICE,
        "timezone": "Europe/Berlin", "skills": ["de", "fr"], "territories": ["DE", "FR"], "max_open_leads": 40,
        "max_new_leads_per_day": 8,
    },
    "The least": {"name": "Ana Example", "email": "ana@example.com"},
}  # fmt: skip
PERSON_CHANGE: dict[str, Any] = {
    "Fewer new leads": {"max_new_leads_per_day": 4},
    "Another manager": {"manager": "mira"},
    "Back again": {"is_active": True},
}
TEAM: dict[str, Any] = {
    "Two people, one with twice the share": {
        "name": "Sales", "channel_email": "sales@example.com",
        "members": [{"person": "ana", "weight": 2}, {"person": "ben"}],
    },
}  # fmt: skip
TEAM_CHANGE: dict[str, Any] = {"Another channel": {"channel_email": "sales-alerts@example.com"}}
MEMBER: dict[str, Any] = {"With twice the share": {"weight": 2}, "Like the others": {}}
ABSENCE: dict[str, Any] = {
    "A week off, Cleo stands in": {
        "person": "ana", "from": "2026-12-21T00:00:00+01:00", "until": "2026-12-28T00:00:00+01:00", "deputy": "cleo",
    },
}  # fmt: skip


def examples(named: dict[str, Any]) -> dict[str, Example]:
    """As OpenAPI has the examples of a body."""
    return {summary: Example(summary=summary, value=value) for summary, value in named.items()}
