"""A raw connection to the app, for what no HTTP client would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from tests.api.fakes import Api
from workers.http_protocol import BoundedHttpProtocol
from workers.http_server import listen, serve

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(
    protocol: type[BoundedHttpProtocol] = BoundedHttpProtocol, app: ASGIApp | None = None
) -> AsyncIterator[Connection]:
    """A connection to `app`, the API on its fakes unless said otherwise, served with `protocol`."""
    listener, stop = listen("127.0.0.1", 0), asyncio.Event()
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve(app or Api().app, listener, stop, protocol))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        stop.set()
        await asyncio.wait_for(serving, 10)


async def answer(connection: Connection, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer to what is sent."""
    reader, writer = connection
    writer.write(sent)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    status, *lines = head.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(status.split()[1]), headers, await reader.readexactly(int(headers.get("content-length", 0)))
