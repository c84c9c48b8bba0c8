"""The events that are measured with, and the bare table they are inserted into."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.builders import event

Batch = list[dict[str, Any]]
LEADS = 5000
"""Alive at once; each has ten events, then another takes its place."""
_BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
BARE_TABLE = """
CREATE TABLE bare (
    source text, id text, type text NOT NULL, subject text NOT NULL, effective_at timestamptz NOT NULL,
    data jsonb NOT NULL, PRIMARY KEY (source, id)
)
"""
BARE_INSERT = "INSERT INTO bare (source, id, type, subject, effective_at, data) VALUES (%s, %s, %s, %s, %s, %s)"


def new_batch(first: int, size: int) -> Batch:
    """Events from number `first` on. After the first `LEADS`, one in ten is of a new lead."""
    return [_event(number) for number in range(first, first + size)]


def bare_row(made: dict[str, Any]) -> tuple[str, ...]:
    """The same event for `BARE_INSERT`."""
    return (*(made[name] for name in ("source", "id", "type", "subject", "time")), json.dumps(made["data"]))


def _event(number: int) -> dict[str, Any]:
    data = {"source": "website", "campaign": "autumn", "form": "demo", "phone": "+49 30 1234", "company": "Analytical"}
    round_, place = divmod(number, LEADS)
    at = (_BEGIN + timedelta(milliseconds=number)).isoformat(timespec="milliseconds")
    return event(id=f"form-{number}", subject=f"L-{place}-{(round_ + place) // 10}", time=at, data=data)
