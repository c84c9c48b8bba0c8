"""The OpenAPI 3.1 document: what FastAPI knows of its routes, the hand-written rest, and every refusal of each."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.auth import ACTOR_HEADER, MAX_ACTOR
from api.dependencies import Limits
from api.ingest_openapi import MODELS, REFERENCE, event_schemas, paths
from api.playbook_preview import PreviewLine
from api.problems import (
    BadJson,
    Forbidden,
    InternalError,
    InvalidRequest,
    Problem,
    ProblemDetails,
    SlowBody,
    StoreAway,
    TooLarge,
    TooManyFailures,
    Unauthenticated,
    UnsupportedMediaType,
    responses,
)

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})
_DESCRIPTION = """Keeps every sales lead alive, from capture to feedback.

Errors are problem+json (RFC 9457); `type` is a stable URN to switch on."""


def document(app: FastAPI, limits: Limits) -> Callable[[], dict[str, Any]]:
    """A stand-in for `app.openapi` that builds the document once."""
    built: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not built:
            built.update(_build(app, limits))
        return built

    return openapi


def _build(app: FastAPI, limits: Limits) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", description=_DESCRIPTION, routes=app.routes
    )
    made["paths"].update(paths(limits.max_events))
    described: list[type[BaseModel]] = [*MODELS, PreviewLine, ProblemDetails]
    _, definitions = models_json_schema([(model, "validation") for model in described], ref_template=REFERENCE)
    components = made.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in {**definitions.get("$defs", {}), **event_schemas()}.items():
        schemas.setdefault(name, schema)
    components.setdefault("securitySchemes", {})["ApiKey"] = {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key.",
    }
    for path in made["paths"].values():
        for method, operation in path.items():
            if method in _METHODS:
                _add_actor(operation)
                _add_refusals(operation)
    return made


def _add_actor(operation: dict[str, Any]) -> None:
    """The header that any keyed request may carry."""
    if operation.get("security"):
        operation.setdefault("parameters", []).append(
            {
                "name": ACTOR_HEADER,
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": MAX_ACTOR, "pattern": "^[ -~]+$"},
                "description": "The id of the person this is done for, with a key that may act for others.",
            }
        )


def _add_refusals(operation: dict[str, Any]) -> None:
    """Those that the shell, the gate and the reading of parameters give; a route names its own."""
    given: dict[str, Any] = operation["responses"]
    given.pop("422", None)
    general: list[type[Problem]] = [InternalError, InvalidRequest]
    if operation.get("security"):
        general += [Unauthenticated, Forbidden, TooManyFailures, StoreAway]
    if operation.get("requestBody"):
        general += [BadJson, UnsupportedMediaType]
    # a body too large is refused before anyone asks whether the route takes one
    general += [TooLarge, SlowBody]
    described: Mapping[int | str, Any] = responses(*general)
    for status, response in described.items():
        given.setdefault(str(status), response)
    operation["responses"] = dict(sorted(given.items()))
