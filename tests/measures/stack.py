"""What measurements run against: servers and processes of their own, on disk, in a temporary folder each.

Start them from the main thread and nest them as needed::

    async with database() as db, temporal() as server, process("worker", db.variables | server.variables):
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.engine import create_engine
from storage.keys import KeyStore, Scope
from storage.migrate import upgrade
from tests.eventually import eventually
from workers.furnish import furnish
from workers.local_stack.binaries import find_postgres, find_temporal
from workers.local_stack.ports import free_port
from workers.local_stack.postgres import PostgresServer
from workers.local_stack.probe import answers_ok
from workers.local_stack.processes import Child, spawn
from workers.local_stack.service import wait_ready
from workers.local_stack.temporal import TemporalServer

READY_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Database:
    """A durable PostgreSQL (fsync on, as in production) with a migrated database, its playbook and its people."""

    url: str
    server: PostgresServer

    @property
    def variables(self) -> dict[str, str]:
        return {"LEADLOOP_DATABASE_URL": self.url}


@asynccontextmanager
async def database() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        home = Path(folder)
        server = PostgresServer(home / "pg", binaries=find_postgres(), log=home / "postgres.log", durable=True)
        server.start()
        try:
            await asyncio.to_thread(wait_ready, server, within_seconds=READY_WITHIN_SECONDS)
            await asyncio.to_thread(upgrade, server.url())
            await furnish(server.url(), datetime.now(UTC))
            yield Database(server.url(), server)
        finally:
            server.stop()


@dataclass(frozen=True)
class Temporal:
    """A Temporal dev server with its history in a file, set up as `leadloop up` does it."""

    server: TemporalServer
    history: Path
    """The SQLite file; with its `-wal` beside it."""

    @property
    def variables(self) -> dict[str, str]:
        return {"LEADLOOP_TEMPORAL_ADDRESS": self.server.address, "LEADLOOP_TEMPORAL_NAMESPACE": "default"}


@asynccontextmanager
async def temporal() -> AsyncIterator[Temporal]:
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        history = Path(folder) / "temporal.db"
        server = TemporalServer(
            program=find_temporal(), database=history, host="127.0.0.1", port=free_port(), ui_port=free_port(),
            namespace="default", log=Path(folder) / "temporal.log",
        )  # fmt: skip
        server.start()
        try:
            await asyncio.to_thread(wait_ready, server, within_seconds=READY_WITHIN_SECONDS)
            yield Temporal(server, history)
        finally:
            server.stop()


@asynccontextmanager
async def process(
    command: str, variables: Mapping[str, str], *, ready: Callable[[str], bool] = bool
) -> AsyncIterator[Child]:
    """One `leadloop` process, `worker` or `courier` say; here once `ready` is true of its log so far.

    Settings of whoever measures do not reach it. Raises RuntimeError with its log when it ends too early.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADLOOP_")}
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        log = Path(folder) / f"{command}.log"
        place = {"LEADLOOP_DATA_DIR": folder, "LEADLOOP_METRICS_PORT": str(free_port())}
        program = [sys.executable, "-m", "workers.cli", command]
        child = spawn(command, program, log=log, env=own | place | dict(variables))

        def works() -> bool:
            if child.exit_code() is not None:
                raise RuntimeError(f"leadloop {command} ended: {log.read_text('utf-8')}")
            return ready(log.read_text("utf-8"))

        try:
            await eventually(works, READY_WITHIN_SECONDS)
            yield child
        finally:
            child.stop(signal.SIGTERM, within_seconds=10)


@dataclass(frozen=True)
class Api:
    """A `leadloop api`, and a key that may do everything."""

    port: int
    secret: str
    process: Child

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@asynccontextmanager
async def api(db: Database, variables: Mapping[str, str] | None = None) -> AsyncIterator[Api]:
    engine = create_engine(db.url, pool_size=1)
    _, secret = await KeyStore(engine).create("measure", {Scope.ADMIN}, may_act_for_others=True)
    await engine.dispose()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = db.variables | {"LEADLOOP_PORT": str(port)} | dict(variables or {})
    async with process("api", settings, ready=lambda _log: answers_ok(f"{url}/readyz")) as child:
        yield Api(port, secret, child)
