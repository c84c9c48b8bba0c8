"""The JSON Schema for editors: every key is known, misspelt ones are marked, and forms are said where there are any."""

import re
from typing import Any

from leads.playbook_schema import playbook_schema
from tests.leads.test_playbook import document

SCHEMA = playbook_schema()
PARTS: dict[str, Any] = SCHEMA["$defs"]


def test_every_key_of_the_default_playbook_is_in_it_and_others_are_refused() -> None:
    assert set(document()) <= set(SCHEMA["properties"])
    assert SCHEMA["additionalProperties"] is False
    mappings = [name for name, part in PARTS.items() if part["type"] == "object"]
    assert {"Segment", "Promise", "Rung", "Calendar", "Reason", "Condition"} <= set(mappings)
    assert [name for name in mappings if PARTS[name]["additionalProperties"] is not False] == []


def test_durations_days_and_times_are_described() -> None:
    assert PARTS["Promise"]["properties"]["target"]["format"] == "duration"
    assert PARTS["Evidence"]["properties"]["lag"]["format"] == "duration"
    assert PARTS["Calendar"]["properties"]["weekly"]["propertyNames"]["enum"] == [
        *["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    ]
    quiet = PARTS["Notices"]["properties"]["quiet"]["anyOf"][0]["prefixItems"][0]["pattern"]
    assert [bool(re.search(quiet, written)) for written in ("20:00", "08:30:00", "8:00", "24:00")] == [
        True, True, False, False,
    ]  # fmt: skip
