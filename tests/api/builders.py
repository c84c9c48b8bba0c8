"""Events as senders write them."""

import json
from typing import Any

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


def event(**changes: Any) -> dict[str, Any]:
    """A valid `lead.captured` in structured form, with attributes replaced; a change to `...` takes one away."""
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": "form-1",
        "source": "/web/forms",
        "type": "lead.captured",
        "subject": "L-1001",
        "time": "2026-03-02T09:00:00Z",
        "data": {"source": "website", "email": "ada@example.com"},
    }
    made.update(changes)
    return {name: value for name, value in made.items() if value is not ...}


def batch(*events: dict[str, Any]) -> bytes:
    return json.dumps(events).encode()


def numbered(count: int) -> list[dict[str, Any]]:
    """Valid events, each of its own id, about ten leads."""
    return [event(id=f"form-{number}", subject=f"L-{number % 10}") for number in range(count)]
