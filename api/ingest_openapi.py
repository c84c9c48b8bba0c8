"""What OpenAPI says of the ingest routes, which FastAPI does not see."""

from typing import Any

from pydantic import BaseModel

from api.cloudevents import BATCH, STRUCTURED
from api.envelope import CloudEvent
from api.ingest_models import Accepted, EventsProblem, EventTypes, Previewed
from api.problems import MEDIA_TYPE, UnsupportedMediaType, responses
from leads.events import EVENTS

MODELS: tuple[type[BaseModel], ...] = (
    CloudEvent,
    Accepted,
    Previewed,
    EventsProblem,
    EventTypes,
    *dict.fromkeys(EVENTS.values()),
)
REFERENCE = "#/components/schemas/{model}"
_SECURITY: list[dict[str, list[str]]] = [{"ApiKey": []}]
_TAG = ["events"]
_BINARY_ATTRIBUTES = {
    "specversion": "1.0",
    "id": "form-4711",
    "source": "/web/forms",
    "type": "lead.captured",
    "subject": "L-1001",
    "time": "2026-03-02T09:30:00Z",
}


def paths(max_events: int) -> dict[str, Any]:
    """The operations, by path and method; a batch has at most `max_events`."""
    return {
        "/v1/events": {"post": _accept(max_events)},
        "/v1/events/validate": {"post": _validate(max_events)},
        "/v1/event-types": {"get": _event_types()},
    }


def event_schemas() -> dict[str, Any]:
    """`Event`, any of the known ones, and the schema of each: the envelope with its type and the model of its data."""
    named = {f"{_camel(event_type)}Event": event_type for event_type in EVENTS}
    schemas: dict[str, Any] = {name: _event_schema(event_type) for name, event_type in named.items()}
    schemas["Event"] = {
        "oneOf": [{"$ref": REFERENCE.format(model=name)} for name in named],
        "discriminator": {
            "propertyName": "type",
            "mapping": {event_type: REFERENCE.format(model=name) for name, event_type in named.items()},
        },
    }
    return schemas


def _event_schema(event_type: str) -> dict[str, Any]:
    data = {"$ref": REFERENCE.format(model=EVENTS[event_type].__name__)}
    own = {"type": "object", "properties": {"type": {"const": event_type}, "data": data}}
    return {"title": event_type, "allOf": [{"$ref": REFERENCE.format(model="CloudEvent")}, own]}


def _camel(event_type: str) -> str:
    return "".join(part.capitalize() for part in event_type.replace(".", "_").split("_"))


def _accept(max_events: int) -> dict[str, Any]:
    partial = {
        "name": "partial",
        "in": "query",
        "schema": {"type": "boolean", "default": False},
        "description": "Store the valid events although others are not; those come back in `rejected`.",
    }
    return {
        "operationId": "accept_events",
        "summary": "Take events in",
        "description": (
            f"CloudEvents 1.0: one (structured or binary mode) or up to {max_events:,} (batch mode). "
            "All are stored or none, unless `partial=true`. A repeat of (source, id) with equal content changes "
            "nothing and counts as a duplicate; with other content it is a conflict."
        ),
        "tags": _TAG,
        "security": _SECURITY,
        "parameters": [partial, *_header_parameters()],
        "requestBody": _body(max_events),
        "responses": {
            "202": _json(Accepted, "What has become of each event."),
            "400": _events_problem("Unreadable, or some events are not valid; nothing was stored."),
            "403": _events_problem("The key lacks the scope, or may not speak for a source; nothing was stored."),
            "409": _events_problem("Some events were accepted before with other content; nothing was stored."),
            **_as_text(responses(UnsupportedMediaType)),
        },
    }


def _validate(max_events: int) -> dict[str, Any]:
    return {
        "operationId": "validate_events",
        "summary": "Say what sending these events would do",
        "tags": _TAG,
        "security": _SECURITY,
        "parameters": _header_parameters(),
        "requestBody": _body(max_events),
        "responses": {
            "200": _json(Previewed, "What would become of each event; nothing was stored."),
            **_as_text(responses(UnsupportedMediaType)),
        },
    }


def _event_types() -> dict[str, Any]:
    return {
        "operationId": "list_event_types",
        "summary": "The known event types with the JSON Schema of their data",
        "tags": _TAG,
        "security": _SECURITY,
        "responses": {"200": _json(EventTypes, "Every type.")},
    }


def _header_parameters() -> list[dict[str, Any]]:
    return [
        {
            "name": f"ce-{name}",
            "in": "header",
            "schema": {"type": "string"},
            "example": example,
            "description": "In binary mode only, where it is required: percent-encoded UTF-8.",
        }
        for name, example in _BINARY_ATTRIBUTES.items()
    ]


def _body(max_events: int) -> dict[str, Any]:
    event = {"$ref": REFERENCE.format(model="Event")}
    return {
        "required": True,
        "content": {
            STRUCTURED: {"schema": event},
            BATCH: {"schema": {"type": "array", "items": event, "maxItems": max_events}},
            "application/json": {
                "schema": {"type": "object", "description": "Binary mode: the event's data; attributes are headers."}
            },
        },
    }


def _json(model: type[BaseModel], description: str) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _events_problem(description: str) -> dict[str, Any]:
    choices = [{"$ref": REFERENCE.format(model=name)} for name in ("EventsProblem", "ProblemDetails")]
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"anyOf": choices}}}}


def _as_text(described: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    return {str(status): response for status, response in described.items()}
