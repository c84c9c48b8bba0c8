"""uvicorn inside one of our processes: binds first, logs through our logs, stops when asked."""

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from workers.errors import CliError
from workers.http_protocol import BoundedHttpProtocol

_BACKLOG = 2048
_MAX_CONNECTIONS = 512
"""At once; further ones get 503. Bounds what bodies under way can hold in memory."""
_STOP_SECONDS = 20
"""Requests under way have this long to end."""


class ListenError(CliError):
    """The address can't be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes any free one. Raises `ListenError` in one line that says what to do."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise ListenError(f"{host} is no address of this machine: set LEADLOOP_HOST") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(_sentence(error, host, port)) from None
    listener.setblocking(False)  # noqa: FBT003  the standard library's own switch
    return listener


def sharing(most_of_an_address: int) -> type[BoundedHttpProtocol]:
    """The protocol, where one address may have so many connections at once; 0: as many as all."""
    return type("SharedHttpProtocol", (BoundedHttpProtocol,), {"most_of_an_address": most_of_an_address})


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    stop: asyncio.Event | None = None,
    protocol: type[BoundedHttpProtocol] = BoundedHttpProtocol,
) -> None:
    """Serve until `stop` is set, or without one until SIGINT or SIGTERM; requests under way may end."""
    config = uvicorn.Config(
        app,
        loop="none",
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    stop = stop or _stop_on_signal(loop)

    async def watch() -> None:
        await stop.wait()
        server.should_exit = True

    watcher = asyncio.create_task(watch(), name="http-stop")
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()
        listener.close()


class _Server(uvicorn.Server):
    """Leaves signals to the process that runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _stop_on_signal(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _sentence(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use by another program: stop it, or set LEADLOOP_PORT"
        case errno.EACCES:
            return f"port {port} may not be used by this user: set LEADLOOP_PORT to one above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine: set LEADLOOP_HOST"
        case _:
            return f"cannot listen on {host} port {port} ({errno.errorcode.get(error.errno or 0, 'unknown')})"
