import asyncio
import contextlib
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.api.builders import BATCH, batch, event
from tests.api.fakes import SENDER, Api
from tests.eventually import eventually
from tests.workers.raw_http import connected
from workers.http_protocol import BoundedHttpProtocol
from workers.http_server import ListenError, listen, serve


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def taken_port() -> Iterator[int]:
    with closing(listen("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_in_use_is_one_line_that_says_what_to_do() -> None:
    with taken_port() as port, pytest.raises(ListenError) as refused:
        listen("127.0.0.1", port)
    assert str(refused.value) == (
        f"port {port} on 127.0.0.1 is in use by another program: stop it, or set LEADLOOP_PORT"
    )
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_a_host_that_is_not_ours_is_one_line_that_names_the_setting(host: str) -> None:
    with pytest.raises(ListenError, match="set LEADLOOP_HOST"):
        listen(host, 0)


async def test_the_app_is_served_without_naming_its_server_and_stops_when_asked() -> None:
    listener, stop = listen("127.0.0.1", 0), asyncio.Event()
    base = address(listener)
    serving = asyncio.create_task(serve(Api().app, listener, stop))
    async with httpx2.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {SENDER}"}) as client:
        answer = await client.post("/v1/events", content=batch(event()), headers=BATCH)
    stop.set()
    await asyncio.wait_for(serving, 10)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert "server" not in answer.headers


async def test_a_request_under_way_is_answered_before_the_server_stops() -> None:
    arrived, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        arrived.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    listener = listen("127.0.0.1", 0)
    serving = asyncio.create_task(serve(slow, listener, stop))
    async with httpx2.AsyncClient(base_url=address(listener)) as client:
        asking = asyncio.create_task(client.get("/"))
        await asyncio.wait_for(arrived.wait(), 10)
        stop.set()
        await eventually(lambda: listener.fileno() == -1 or refused(listener), within_seconds=10)
        go_on.set()
        assert (await asyncio.wait_for(asking, 10)).status_code == 204
    await asyncio.wait_for(serving, 10)


@pytest.mark.parametrize(
    ("head", "endless"),
    [
        (b"GET /", b"a" * 1000),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ", b"a" * 1000),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"x: y\r\n" * 100),
    ],
)
async def test_a_head_without_end_is_cut_off(head: bytes, endless: bytes) -> None:
    async with connected(BoundedHttpProtocol) as (reader, writer):
        writer.write(head)
        sent = 0
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof() and sent < 10_000_000:
                writer.write(endless)
                sent += len(endless)
                await writer.drain()
                await asyncio.sleep(0)
        # what the sockets hold on the way is not ours to bound
        assert BoundedHttpProtocol.max_head_bytes < sent < 10_000_000


async def test_a_head_that_is_too_long_is_answered() -> None:
    async with connected(BoundedHttpProtocol) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nX-Long: " + b"a" * BoundedHttpProtocol.max_head_bytes)
        assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("head", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
async def test_a_head_that_never_ends_is_not_waited_for(head: bytes) -> None:
    class Impatient(BoundedHttpProtocol):
        head_seconds = 0.05

    async with connected(Impatient) as (reader, writer):
        writer.write(head)
        assert await asyncio.wait_for(reader.read(), 10) == b""


async def test_a_connection_serves_several_requests_and_drops_trailers() -> None:
    body = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Late: 1\r\n\r\n"
    async with connected(BoundedHttpProtocol) as (reader, writer):
        for _ in range(3):
            writer.write(body)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert head.startswith(b"HTTP/1.1 405 ")
            assert len(await reader.readexactly(length)) == length


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def refused(listener: socket.socket) -> bool:
    """Whether new connections are turned away."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(listener.getsockname()) != 0
