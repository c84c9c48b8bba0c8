"""Every exception becomes a problem: which one, and what is logged of it (its class, never its words)."""

from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Scope

from api.envelope import JSON_MEDIA_TYPE
from api.problems import (
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    OtherHttpProblem,
    Problem,
    StoreAway,
    UnsupportedMediaType,
)
from leads.commands import COMMANDS
from storage.engine import DatabaseAwayError

_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
_MAX_ERRORS = 20
_log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Answer every refusal of `app` with problem+json."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    for away in (DatabaseAwayError, *_AWAY, DBAPIError):
        app.add_exception_handler(away, _database_error)


async def _problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return error.response()


async def _database_error(request: Request, error: Exception) -> Response:
    """A database out of reach, overloaded or in recovery is 503; a mistake in our own SQL stays a 500."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if not lost and not isinstance(error, (DatabaseAwayError, *_AWAY)):
        raise error
    cause = getattr(error, "orig", None) or error
    _log.warning("store_away", error=type(cause).__name__, route=route_of(request.scope))
    return StoreAway().response()


async def _http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            problem: Problem = NotFound("No such resource; GET /openapi.json lists what there is.", headers=headers)
        case 405:
            if methods := _methods_at(request):
                headers["Allow"] = ", ".join(methods)
            problem = MethodNotAllowed("Use one of the methods named in the Allow header.", headers=headers)
        case 400:
            problem = InvalidRequest("The body could not be read as JSON in UTF-8.", headers=headers)
        case status:
            problem = OtherHttpProblem(status, "The request was refused.", headers)
    return problem.response()


def _methods_at(request: Request) -> list[str]:
    """What the path serves in all; the router names only the methods of the first route that fits."""
    methods: set[str] = set()
    for template, operations in request.app.openapi()["paths"].items():
        pattern, _, _ = compile_path(template)
        if pattern.match(request.url.path):
            methods |= {method.upper() for method in operations}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    # a body of another media type is left unread, and then described as no object
    if any(item["loc"] == ("body",) for item in error.errors()) and not _is_json(request):
        return UnsupportedMediaType("Send the body as application/json.").response()
    errors = [_place(item) for item in error.errors()[:_MAX_ERRORS]]
    return InvalidRequest("The request does not fit its description; errors says where.", errors=errors).response()


def _is_json(request: Request) -> bool:
    essence = request.headers.get("content-type", "").partition(";")[0]
    return JSON_MEDIA_TYPE.fullmatch(essence.strip().lower()) is not None


def _place(item: dict[str, Any]) -> dict[str, str]:
    """Where and why, without the value: it may be somebody's address."""
    location, *path = item["loc"]
    if path and path[0] in COMMANDS:
        path = path[1:]  # which command it was taken for is no place in the body
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return {"in": str(location), "pointer": pointer, "code": item["type"], "detail": _detail(item)}


def _detail(item: dict[str, Any]) -> str:
    match item["type"]:
        case "union_tag_not_found":
            return f"command is missing; one of {', '.join(COMMANDS)}"
        case "union_tag_invalid":
            return f"there is no such command; one of {', '.join(COMMANDS)}"
        case _:
            return str(item["msg"])


def route_of(scope: Scope) -> str:
    """Which handler was at work, without ids or query; for logs."""
    return getattr(scope.get("endpoint"), "__qualname__", "unmatched")
