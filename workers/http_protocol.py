"""HTTP/1.1 on a connection, with an end to what a stranger may send, or leave unread, without there being a request.

uvicorn's fast parser keeps request lines, headers and trailers of any length, for as long as they take to come. It goes
on with bodies nobody reads and waits for peers that do not read. It takes every offer of another protocol as accepted
and drops the body that comes with it; some clients make that offer with their first request. And it answers in plain
text.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httptools
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import BadHttp, HeadTooLarge, NoSuchMethod, Overloaded, Problem

_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=:%\[\]-]*")
"""A name or address with or without a port, or nothing, as RFC 9110 (7.2) has it; finer faults harm nobody here."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses long heads, hangs up on slow ones, drops trailers, stays with HTTP/1.1; every refusal is a problem."""

    max_head_bytes = 65_536
    """Request line and headers, give or take the packet they came in."""
    head_seconds = 15.0
    """From the connection, or from a further request's first byte, to the end of its headers."""
    linger_seconds = 5.0
    """From an answer to the end of a body that nobody reads any more."""
    write_seconds = 30.0
    """How long a peer may leave an answer unread, once more than a buffer of it waits."""
    most_of_an_address = 128
    """Connections one address may have open at once; 0: no end but that of all."""
    _in_head = True
    _in_body = False
    _is_offer = False
    """Whether the request at hand offers another protocol: it is read again without the offer."""
    _head_bytes = 0
    _data = b""

    def connection_made(self, transport: Any) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}
        super().connection_made(transport)
        if self._is_over_its_share():
            self._refuse(Overloaded("Too many connections from this address are open; close some, or keep one open."))
            return
        self._within("head", self.head_seconds, transport.close)

    def _is_over_its_share(self) -> bool:
        """Where one address has many, others are to get in."""
        if not self.most_of_an_address or self.client is None:
            return False
        address = self.client[0]
        clients = (getattr(other, "client", None) for other in self.connections)
        open_now: int = sum(client is not None and client[0] == address for client in clients)
        return open_now > self.most_of_an_address

    def connection_lost(self, exc: Exception | None) -> None:
        for what in [*self._timers]:
            self._is_done(what)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._data = data
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.max_head_bytes and not self.transport.is_closing():
                self._refuse(HeadTooLarge(f"A request line and its headers have at most {self.max_head_bytes} bytes."))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._within("head", self.head_seconds, self.transport.close)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        # a tunnel is no offer: the parser's refusal of its address stands
        self._is_offer = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if self._is_offer:
            return
        if not self._is_for_one_host():
            raise httptools.HttpParserError  # ends the parser; `send_400_response` answers
        self._is_done("head")
        self._in_head, self._in_body = False, True
        super().on_headers_complete()

    def _is_for_one_host(self) -> bool:
        """Whether the request says once whom it is for; only HTTP/1.0 may leave it out (RFC 9112, 3.2)."""
        hosts = [value for name, value in self.headers if name == b"host"]
        least = 0 if self.parser.get_http_version() == "1.0" else 1
        return least <= len(hosts) <= 1 and all(_HOST.fullmatch(host) for host in hosts)

    def on_message_complete(self) -> None:
        if self._is_offer:
            return
        self._in_body = False
        self._is_done("body")
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_body and self.cycle.response_complete and not self.transport.is_closing():
            self._within("body", self.linger_seconds, self.transport.close)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._within("write", self.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._is_done("write")
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        del msg
        if isinstance(sys.exc_info()[1], httptools.HttpParserInvalidMethodError):
            self._refuse(NoSuchMethod("Use a method of HTTP; GET /openapi.json says which are served where."))
        else:
            self._refuse(BadHttp("Send HTTP/1.1 as RFC 9112 has it."))

    def _unsupported_upgrade_warning(self) -> None:
        """Read the request again without the offer, as RFC 9110 (7.8) lets a server; called where the parser stops."""
        stopped = sys.exc_info()[1]
        rest = self._data[stopped.args[0] :] if isinstance(stopped, httptools.HttpParserUpgrade) else b""
        kept = (b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade")
        line = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        head = b"%b%b\r\n" % (line, b"".join(kept))
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        super()._start_asgi_task(cycle, _overloaded if app is service_unavailable else app)  # type: ignore[arg-type]  # ASGI by another name

    def _refuse(self, problem: Problem) -> None:
        """Answer in place of the app, and hang up."""
        answer = problem.response()
        lines = [b"HTTP/1.1 %d %b" % (answer.status_code, HTTPStatus(answer.status_code).phrase.encode())]
        lines += [b"%b: %b" % header for header in answer.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()

    def _within(self, what: str, seconds: float, otherwise: Callable[[], None]) -> None:
        if what not in self._timers:
            self._timers[what] = self.loop.call_later(seconds, otherwise)

    def _is_done(self, what: str) -> None:
        if timer := self._timers.pop(what, None):
            timer.cancel()


async def _overloaded(scope: Scope, receive: Receive, send: Send) -> None:
    """In place of uvicorn's plain text."""
    problem = Overloaded("Too many connections are open; send the same request again.")
    app: ASGIApp = problem.response()
    await app(scope, receive, send)
