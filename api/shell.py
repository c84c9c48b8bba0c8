"""The outermost layer of the app: limits on every body, headers on every answer, no traceback to anyone."""

import asyncio
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_handlers import route_of
from api.problems import InternalError, Problem, SlowBody, TooLarge, UnsupportedMediaType

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""Set where the route has not set its own."""
_LENGTH_DIGITS = 20
"""Of a declared length that are looked at: more than any body has."""
_log = structlog.get_logger()


class _BodyRefusedError(Exception):
    """Ends the reading of a body; the shell answers in place of the app."""


class Shell:
    """ASGI middleware. `max_body_bytes` holds for declared and for chunked bodies, `body_seconds` for slow ones."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, body_seconds: float) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # the headers of a GET; what it would say stays here
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        exchange = _Exchange(scope, receive, send, self._max_body_bytes, self._body_seconds)
        await exchange.run(self._app)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body_bytes: int, body_seconds: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._left = self._max_body_bytes = max_body_bytes
        self._body_seconds = body_seconds
        self._deadline: float | None = None
        self._body_complete = False
        self._refusal: Problem | None = None
        self._started = False

    async def run(self, app: ASGIApp) -> None:
        if refusal := self._refusal_at_once():
            await self._answer(refusal)
            return
        try:
            await app(self._scope, self.receive, self.send)
        except (_BodyRefusedError, ClientDisconnect):
            pass
        except Exception as error:  # noqa: BLE001  the last catch: what leaves here would be logged with its words
            if self._refusal is None:
                await self._fail(error)
        if self._refusal and not self._started:
            await self._answer(self._refusal)

    async def receive(self) -> Message:
        if self._body_complete:
            return await self._receive()
        message = await self._next()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise self._refuse(self._too_large())
            self._body_complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self._refusal:
            # the app answers because its reading failed; `run` gives the true reason
            return
        if message["type"] == "http.response.start":
            self._started = True
            message = {**message, "headers": _with_headers(message.get("headers", ()))}
        await self._send(message)

    async def _next(self) -> Message:
        loop = asyncio.get_running_loop()
        if self._deadline is None:
            self._deadline = loop.time() + self._body_seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            raise self._refuse(SlowBody(f"Send the whole body within {self._body_seconds:g} seconds.")) from None

    def _refuse(self, problem: Problem) -> _BodyRefusedError:
        self._refusal = problem
        return _BodyRefusedError()

    def _refusal_at_once(self) -> Problem | None:
        """Of what the headers say of the body, before any of it is read."""
        for name, value in self._scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:_LENGTH_DIGITS]) > self._max_body_bytes:
                return self._too_large()
            if name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
                # what is packed small may unfold to anything
                accepted = {"Accept-Encoding": "identity"}
                return UnsupportedMediaType("Send the body without Content-Encoding.", headers=accepted)
        return None

    def _too_large(self) -> TooLarge:
        return TooLarge(f"A body has at most {self._max_body_bytes} bytes; send several requests.")

    async def _answer(self, problem: Problem) -> None:
        # a body left unread would be taken for the next request
        problem.headers["Connection"] = "close"
        self._refusal = None
        await problem.response()(self._scope, self._receive, self.send)

    async def _fail(self, error: Exception) -> None:
        incident = str(uuid4())
        # the class only: the words of an exception may quote an address
        _log.error("request_failed", incident=incident, error=type(error).__name__, route=route_of(self._scope))
        if not self._started:
            detail = "Send it again; if it fails again, report the incident."
            problem = InternalError(detail, instance=f"urn:uuid:{incident}")
            await problem.response()(self._scope, self._receive, self.send)


def _without_body(send: Send) -> Send:
    async def sent(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sent


def _with_headers(given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    headers = list(given)
    names = {name.lower() for name, _ in headers}
    headers.extend(header for header in _HEADERS if header[0] not in names)
    return headers
