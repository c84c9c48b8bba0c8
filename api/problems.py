"""Refusals over HTTP: problem+json as RFC 9457 has it, one class per refusal.

A problem's `type` is a stable URN that a client may switch on; its detail says what to do and quotes nothing that was
sent. Other rooms of the API derive their own refusals from `Problem`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:leadloop:problem:"


class ProblemDetails(BaseModel):
    """An error as RFC 9457 describes it. Some types carry further members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="A stable URN that names the refusal.")
    title: str = Field(description="The refusal in words, the same for every occurrence.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was wrong this time and what to do.")


class Problem(Exception):  # noqa: N818  RFC 9457's word for it
    """A refusal. Subclasses fix status, name and title; the raiser says what to do about it.

    `members` are further members of the document; they hold no value the sender gave beyond ids.
    """

    status: ClassVar[int] = 400
    name: ClassVar[str] = "invalid-request"
    title: ClassVar[str] = "The request is not valid"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(self.name)
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def document(self) -> dict[str, Any]:
        return {
            "type": TYPE_PREFIX + self.name,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }

    def response(self) -> Response:
        return Response(to_json(self.document()), self.status, self.headers, MEDIA_TYPE)


class InvalidRequest(Problem):
    """Parameters or a body that don't fit their description; `errors` says where."""


class BadHttp(Problem):
    """Bytes that are no request of HTTP/1.1; the connection ends."""

    name = "bad-http"
    title = "This is no HTTP request"


class BadJson(Problem):
    name = "bad-json"
    title = "The body is not valid JSON"


class InvalidEvents(Problem):
    """One event or more is not valid; `events` has the reasons, nothing was stored."""

    name = "invalid-events"
    title = "Some events are not valid"


class Unauthenticated(Problem):
    status = 401
    name = "unauthenticated"
    title = "A valid API key is needed"


class Forbidden(Problem):
    status = 403
    name = "forbidden"
    title = "The API key may not do this"


class EventsForbidden(Forbidden):
    """The key may not speak for the sources of some events; nothing was stored."""

    name = "source-not-allowed"
    title = "The API key may not speak for these sources"


class NotFound(Problem):
    status = 404
    name = "not-found"
    title = "There is nothing here"


class MethodNotAllowed(Problem):
    status = 405
    name = "method-not-allowed"
    title = "This method is not served here"


class SlowBody(Problem):
    status = 408
    name = "slow-body"
    title = "The body took too long to arrive"


class Conflict(Problem):
    """What was asked contradicts what is stored."""

    status = 409
    name = "conflict"
    title = "This contradicts what is stored"


class EventsConflict(Conflict):
    """Events known under the same (source, id) with other content; `events` names them, nothing was stored."""

    name = "events-conflict"
    title = "Some events were accepted before with other content"


class TooLarge(Problem):
    status = 413
    name = "too-large"
    title = "The request is too large"


class UnsupportedMediaType(Problem):
    status = 415
    name = "unsupported-media-type"
    title = "This media type is not served here"


class TooManyFailures(Problem):
    status = 429
    name = "too-many-failures"
    title = "Too many wrong API keys from this address"


class HeadTooLarge(Problem):
    status = 431
    name = "head-too-large"
    title = "The request line and headers are too large"


class InternalError(Problem):
    status = 500
    name = "internal-error"
    title = "Something went wrong on our side"


class NoSuchMethod(Problem):
    status = 501
    name = "no-such-method"
    title = "HTTP has no such method"


class Overloaded(Problem):
    """More connections than this process serves at once; nothing of the request was read."""

    status = 503
    name = "overloaded"
    title = "Too many requests at once"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1", "Connection": "close"})


class StoreAway(Problem):
    """The database can't be reached or is too slow; nothing is known to have been stored, so send again."""

    status = 503
    name = "store-away"
    title = "The store is away"

    def __init__(self, detail: str = "The database gave no answer; send the same request again.") -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


class OtherHttpProblem(Problem):
    """An HTTP error that has no class of its own."""

    name = "http-error"
    title = "The request was refused"

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers=headers)
        self.__dict__["status"] = status


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses` argument of a FastAPI route for the refusals it can give."""
    by_status: dict[int, list[str]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem.title)
    return {status: answer(titles) for status, titles in by_status.items()}


def answer(titles: Sequence[str]) -> dict[str, Any]:
    """One problem response, as OpenAPI describes it."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": "; ".join(titles), "content": {MEDIA_TYPE: {"schema": schema}}}
