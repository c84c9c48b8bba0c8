"""What is no request, or only the beginning of one: a problem or the end of the connection, in bounded time."""

import asyncio
import contextlib
import json

import pytest
from starlette.types import Receive, Scope, Send

from tests.api.builders import STRUCTURED, event
from tests.api.fakes import ADMIN, SENDER, Api
from tests.workers.raw_http import answer, connected
from workers.http_protocol import BoundedHttpProtocol
from workers.http_server import listen, serve, sharing

HOST = b"Host: x\r\n"
KEY = f"Authorization: Bearer {SENDER}\r\n".encode()
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BODY = json.dumps(event()).encode()
TYPED = f"Content-Type: {STRUCTURED['Content-Type']}\r\nContent-Length: {len(BODY)}\r\n".encode()
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
WEBSOCKET = b"Connection: upgrade\r\nUpgrade: websocket\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "name"),
    [
        (b"FOO /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 501, "no-such-method"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 501, "no-such-method"),  # TLS to a port without
        (b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad-http"),
        (b"GET http://x HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad-http"),
        (b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/3.0\r\n" + HOST + b"\r\n", 400, "bad-http"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\nX: a\rb\r\n\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\nX : a\r\n\r\n", 400, "bad-http"),
        # to whom is it?
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "bad-http"),
        (b"POST /v1/events HTTP/1.1\r\n" + KEY + TYPED + b"\r\n" + BODY, 400, "bad-http"),
        (b"POST /v1/events HTTP/1.1\r\n" + KEY + OFFER + TYPED + b"\r\n" + BODY, 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.0\r\n" + HOST + b"Host: y\r\n\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\nHost: x y\r\n\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\nHost: x/../y\r\n\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\nHost: ana@x\r\n\r\n", 400, "bad-http"),
        # what two parsers could read differently
        (b"POST /v1/events HTTP/1.1\r\n" + HOST + KEY + TYPED + CHUNKED + b"0\r\n\r\n", 400, "bad-http"),
        (b"POST /v1/events HTTP/1.1\r\n" + HOST + TYPED + b"Content-Length: 3\r\n\r\n" + BODY, 400, "bad-http"),
        (b"POST /v1/events HTTP/1.1\r\n" + HOST + b"Content-Length: -3\r\n\r\n", 400, "bad-http"),
        (b"POST /v1/events HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n", 400, "bad-http"),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 65_536, 431, "head-too-large"),
        (b"GET /healthz HTTP/1.1\r\n" + b"x: y\r\n" * 11_000, 431, "head-too-large"),
        (b"POST /v1/keys HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999999999999999\r\n\r\n", 413, "too-large"),
    ],
)  # fmt: skip
async def test_what_is_no_request_is_a_problem_and_the_connection_ends(sent: bytes, status: int, name: str) -> None:
    async with connected() as connection:
        got, headers, body = await answer(connection, sent)
        rest = await asyncio.wait_for(connection[0].read(), 10)
    assert (got, headers["content-type"], headers["connection"]) == (status, "application/problem+json", "close")
    assert json.loads(body)["type"] == f"urn:leadloop:problem:{name}"
    assert json.loads(body)["status"] == status
    assert rest == b""


@pytest.mark.parametrize(
    "request_line", [b"OPTIONS * HTTP/1.1\r\n", b"TRACE /healthz HTTP/1.1\r\n", b"GET /%00 HTTP/1.1\r\n"]
)
async def test_an_odd_request_is_a_problem_and_the_connection_goes_on(request_line: bytes) -> None:
    async with connected() as connection:
        for _ in range(2):
            got, headers, _body = await answer(connection, request_line + HOST + b"\r\n")
            assert (got in (404, 405), headers["content-type"]) == (True, "application/problem+json")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.0\r\n",
        b"GET /healthz HTTP/1.0\r\n" + OFFER,
        b"GET /healthz HTTP/1.1\r\nhOsT: \r\n",
        b"GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: xn--bcher-kva.example:8080\r\n",
    ],
)
async def test_a_request_that_says_whom_it_is_for_or_is_too_old_to_is_answered(head: bytes) -> None:
    async with connected() as connection:
        got, _, _ = await answer(connection, head + b"\r\n")
    assert got == 200


async def test_one_address_has_a_share_of_the_connections_and_others_get_in() -> None:
    listener, stop = listen("127.0.0.1", 0), asyncio.Event()
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve(Api().app, listener, stop, sharing(3)))
    ask = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    half_open = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    over = await asyncio.open_connection("127.0.0.1", port)
    refused, headers, body = await answer(over, b"")
    other = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
    elsewhere, _, _ = await answer(other, ask)
    first, _, _ = await answer(half_open[0], ask)
    stop.set()
    for _, writer in (*half_open, over, other):
        writer.close()
    await asyncio.wait_for(serving, 10)

    assert (refused, elsewhere, first, headers["connection"]) == (503, 200, 200, "close")
    assert json.loads(body)["type"] == "urn:leadloop:problem:overloaded"


async def test_an_offer_of_another_protocol_is_passed_over() -> None:
    # some clients make it with their first request, body and all
    posted = b"POST /v1/events HTTP/1.1\r\n" + HOST + KEY + OFFER + TYPED + b"\r\n" + BODY
    api = Api()
    async with connected(app=api.app) as connection:
        first = await answer(connection, posted)
        again = await answer(connection, b"GET /healthz HTTP/1.1\r\n" + HOST + OFFER + b"\r\n")
        socket = await answer(connection, b"GET /healthz HTTP/1.1\r\n" + HOST + WEBSOCKET + b"\r\n")
    assert [first[0], again[0], socket[0]] == [202, 200, 200]
    assert [fact.id for fact in api.journal.events] == [event()["id"]]


async def test_an_offer_that_comes_in_pieces_is_passed_over() -> None:
    posted = b"POST /v1/events HTTP/1.1\r\n" + HOST + KEY + OFFER + TYPED + b"\r\n" + BODY
    async with connected() as connection:
        for at in range(0, len(posted) - 20, 20):
            connection[1].write(posted[at : at + 20])
            await connection[1].drain()
            await asyncio.sleep(0)
        at += 20
        assert (await answer(connection, posted[at:]))[0] == 202


@pytest.mark.parametrize("key", [b"", KEY])
async def test_a_body_that_nobody_reads_holds_no_connection(key: bytes) -> None:
    class Impatient(BoundedHttpProtocol):
        linger_seconds = 0.05

    path = b"/v1/events" if not key else b"/v1/nothing"
    async with connected(Impatient) as connection:
        got, _, _ = await answer(connection, b"POST " + path + b" HTTP/1.1\r\n" + HOST + key + CHUNKED)
        assert got in (401, 404)
        await asyncio.wait_for(dripped(connection[1], b"1\r\na\r\n", connection[0]), 10)


async def test_what_is_left_of_a_body_may_still_come_and_the_connection_goes_on() -> None:
    async with connected() as connection:
        got, _, _ = await answer(connection, b"POST /v1/events HTTP/1.1\r\n" + HOST + CHUNKED)
        assert got == 401
        connection[1].write(b"1\r\na\r\n0\r\n\r\n")
        assert (await answer(connection, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"))[0] == 200


async def test_a_peer_that_does_not_read_is_hung_up_on() -> None:
    lost = asyncio.Event()

    class Impatient(BoundedHttpProtocol):
        write_seconds = 0.05

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    size = 200_000_000

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        for left in range(size // 1_000_000, 0, -1):
            await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": left > 1})

    async with connected(Impatient, large) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        await asyncio.wait_for(lost.wait(), 10)
        received = 0
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.wait_for(reader.read(1 << 20), 10):
                received += len(part)
        assert received < size


async def test_a_body_shorter_than_it_is_said_to_be_is_not_taken() -> None:
    api = Api()
    async with connected(app=api.app) as (reader, writer):
        writer.write(b"POST /v1/events HTTP/1.1\r\n" + HOST + KEY + TYPED + b"\r\n" + BODY[:-1])
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 10)
    assert api.journal.events == []


async def test_what_follows_a_body_is_another_request() -> None:
    more = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    async with connected() as connection:
        first = await answer(connection, b"POST /v1/events HTTP/1.1\r\n" + HOST + KEY + TYPED + b"\r\n" + BODY + more)
        second = await answer(connection, b"")
    assert (first[0], second[0]) == (202, 200)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"9" * 1_000_000,
        b'{"principal":' + b"9" * 400_000 + b"}",
        b'{"principal":1e400000}',
        b'{"principal":0.' + b"1" * 1_000_000 + b"}",
        b'"' + b"\\" * 1_000_000,
        b'{"' + b'a":1,"' * 200_000,
        b"{" + b",".join(b'"k%d":1' % number for number in range(80_000)) + b"}",
        b'{"principal":"' + b"\\ud800" * 100 + b'"}',
        b"NaN",
        b"",
        b"null",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: body[:14].decode("latin-1"),
)
@pytest.mark.parametrize("path", ["/v1/keys", "/v1/playbook/revisions", "/v1/events", "/v1/events/validate"])
async def test_json_that_is_a_bomb_is_refused_quickly(path: str, body: bytes) -> None:
    media_type = STRUCTURED["Content-Type"] if "events" in path else "application/json"
    loop = asyncio.get_running_loop()
    async with Api().client(ADMIN) as client:
        begun = loop.time()
        got = await client.post(path, content=body[:1_048_576], headers={"Content-Type": media_type})
        took = loop.time() - begun
    is_judgement = path.endswith("validate") and got.status_code == 200
    assert is_judgement or 400 <= got.status_code < 500
    assert len(got.content) < 20_000
    assert took < 20


async def dripped(writer: asyncio.StreamWriter, piece: bytes, reader: asyncio.StreamReader) -> None:
    """Returns once the other side has hung up, however long we would go on."""
    with contextlib.suppress(ConnectionError):
        while not reader.at_eof():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)  # slowly, as the attack has it
