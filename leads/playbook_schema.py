"""The playbook's JSON Schema, for editors: completion, and the first mistakes while typing."""

from typing import Any

from leads.playbook import Playbook

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def playbook_schema() -> dict[str, Any]:
    """Draft 2020-12, of the document an admin writes."""
    return {"$schema": DIALECT, **Playbook.model_json_schema(by_alias=True, mode="validation")}
