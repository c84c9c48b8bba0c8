"""The API on its fakes, served on a free port: what the command line talks to without a database."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from tests.api.fakes import ADMIN
from workers.http_server import listen, serve


@contextmanager
def served(app: ASGIApp, data_dir: Path) -> Iterator[dict[str, str]]:
    """The settings of a command that is to find it, with the admin's key."""
    listener, loop, stop = listen("127.0.0.1", 0), asyncio.new_event_loop(), asyncio.Event()
    # a socket that listens takes connections before anyone serves them
    port = str(listener.getsockname()[1])
    (data_dir / "admin.key").write_text(ADMIN)
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(app, listener, stop),))
    thread.start()
    try:
        yield {"LEADLOOP_PORT": port, "LEADLOOP_DATA_DIR": str(data_dir)}
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
