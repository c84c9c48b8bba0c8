"""Requests read strictly, on every route alike: each parameter known and there once, JSON as events have it."""

from collections.abc import Callable, Collection, Coroutine
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.cloudevents import is_utf8
from api.envelope import JSON_MEDIA_TYPE
from api.json_text import JsonTextError, UnfitError, parse_fit
from api.problems import BadJson, InvalidRequest, UnsupportedMediaType

_MAX_ERRORS = 20
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route whose requests hold nothing that would be passed over, or that two parsers could read differently."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()
        known = _query_parameters(self.dependant)
        takes_body = self.body_field is not None

        async def handle_strictly(request: Request) -> Response:
            check_parameters(request, known)
            strict = _StrictRequest(request.scope, request.receive)
            if takes_body:
                await strict.read()
            return await handle(strict)

        return handle_strictly


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Raises `InvalidRequest` for a query parameter not known, or there twice: a filter misread finds all."""
    errors: list[dict[str, str]] = []
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            there_are = f"; there are: {', '.join(known)}" if known else ""
            errors.append(_error(name, "extra_forbidden", f"there is no such parameter here{there_are}"))
        elif name in seen:
            errors.append(_error(name, "repeated", "a parameter is given once"))
        seen.add(name)
    if errors:
        raise InvalidRequest(
            "The request does not fit its description; errors says where.", errors=errors[:_MAX_ERRORS]
        )


class _StrictRequest(Request):
    """Hands FastAPI what a strict reader made of the body."""

    _value: Any = None

    async def read(self) -> None:
        """Raises `BadJson`, and `UnsupportedMediaType` for text that says it is not UTF-8."""
        essence, _, parameters = self.headers.get("content-type", "").partition(";")
        body = await self.body()
        if not body or JSON_MEDIA_TYPE.fullmatch(essence.strip().lower()) is None:
            return
        if not is_utf8(parameters):
            raise UnsupportedMediaType("Send the body as application/json, in UTF-8.")
        try:
            self._value = parse_fit(body)
        except (JsonTextError, UnfitError) as refused:
            raise BadJson(f"The body is not JSON that can be taken: {refused}.") from None

    async def json(self) -> Any:
        return self._value


def _query_parameters(dependant: Dependant) -> dict[str, None]:
    """The names a query may hold, in their order; those of a model one by one."""
    names: dict[str, None] = {}
    for field in dependant.query_params:
        fields = getattr(field.field_info.annotation, "model_fields", None)
        names |= dict.fromkeys(fields or (field.alias,))
    for inner in dependant.dependencies:
        names |= _query_parameters(inner)
    return names


def _error(name: str, code: str, detail: str) -> dict[str, str]:
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return {"in": "query", "pointer": pointer, "code": code, "detail": detail}
