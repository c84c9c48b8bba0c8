"""Every place of an event or a command that holds a text, found in its schema: a new field is in by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

Place = tuple[str | int, ...]
"""A path into the data; `KEY` at its end means that the text is a key there."""
KEY = "\0key"
FIRST_DAY = datetime(2026, 5, 1, tzinfo=UTC)


def places(model: type[BaseModel], *, is_open: bool) -> Iterator[Place]:
    """Where a text can stand. `is_open`: fields that nobody knows are kept, and so are places, too."""
    schema = model.model_json_schema(by_alias=True)
    for name, field in schema["properties"].items():
        if "const" not in field:
            yield from _within((name,), field, schema.get("$defs", {}))
    if is_open:
        yield from (("unknown",), ("unknown", "inner", 0), ("unknown", KEY), (KEY,))


def _within(path: Place, field: dict[str, Any], definitions: dict[str, Any]) -> Iterator[Place]:
    if "$ref" in field:
        field = definitions[field["$ref"].rpartition("/")[2]]
    for kind in field.get("anyOf", []):
        yield from _within(path, kind, definitions)
    match field.get("type"):
        case "string":
            yield path
        case "array":
            yield from _within((*path, 0), field["items"], definitions)
        case "object":
            yield from ((*path, "x"), (*path, KEY))


def sample(model: type[BaseModel]) -> dict[str, Any]:
    """The least that is valid."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})
    return {
        name: _value(schema["properties"][name], definitions, number)
        for number, name in enumerate(schema.get("required", []))
    }


def _value(field: dict[str, Any], definitions: dict[str, Any], number: int) -> Any:
    if "$ref" in field:
        field = definitions[field["$ref"].rpartition("/")[2]]
    if "const" in field:
        return field["const"]
    if "enum" in field:
        return field["enum"][0]
    if field.get("format") == "date-time":
        # later fields lie later: from comes before until
        return (FIRST_DAY + timedelta(days=number)).isoformat()
    return {"string": "x", "boolean": True, "integer": 1, "number": 1}[field["type"]]


def put(data: Any, place: Place, text: str) -> Any:
    """The data with the text at a place."""
    if not place:
        return text
    head, *rest = place
    if head == KEY:
        return {**(data or {}), text: "x"}
    if isinstance(head, int):
        return [put(None, tuple(rest), text)]
    data = dict(data or {})
    data[head] = put(data.get(head), tuple(rest), text)
    return data
