"""Drives bare lives on the server that Leadloop is measured on."""

import asyncio
import itertools
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import GrpcCompression

from tests.measures.bare_life import BARE_ALARM, BARE_LIFE, BARE_RING, TASK_QUEUE
from tests.measures.stack import Temporal
from workers.local_stack.processes import spawn

_numbers = itertools.count()


@dataclass
class Bare(asyncio.DatagramProtocol):
    """Bare lives, and what their steps said. Instants are of `perf_counter`."""

    client: Client
    steps_at: list[float] = field(default_factory=list)
    _coming: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        self.steps_at.append(perf_counter())
        coming = self._coming.pop(data.decode(), None)
        if coming is not None and not coming.done():
            coming.set_result(None)

    def step_of(self, key: str) -> asyncio.Future[None]:
        """Done with the next step of this life."""
        self._coming[key] = asyncio.get_running_loop().create_future()
        return self._coming[key]

    async def live(self, signals: int) -> None:
        """One life of so many signals, each sent when the last one's step was taken."""
        key = f"bare:{next(_numbers)}"
        for _ in range(signals):
            step = self.step_of(key)
            # as the courier rings, whether or not there is a workflow yet
            await self.client.start_workflow(
                BARE_LIFE, args=[key, signals], id=key, task_queue=TASK_QUEUE, start_signal=BARE_RING,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )  # fmt: skip
            await step

    async def set_alarm(self, at: float) -> None:
        """One timer at `at`, in seconds since the epoch."""
        key = f"alarm:{next(_numbers)}"
        await self.client.start_workflow(BARE_ALARM, args=[key, at], id=key, task_queue=TASK_QUEUE)


@asynccontextmanager
async def bare_lives(server: Temporal) -> AsyncIterator[Bare]:
    """With a worker process of their own."""
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        ear = Path(folder) / "ear"
        bare = Bare(await Client.connect(server.server.address, grpc_compression=GrpcCompression.NONE))
        ready = bare.step_of("ready")
        loop = asyncio.get_running_loop()
        hearing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        hearing.bind(str(ear))
        hearing.setblocking(False)  # noqa: FBT003  the standard library's own signature
        transport, _ = await loop.create_datagram_endpoint(lambda: bare, sock=hearing)
        program = [sys.executable, "-m", "tests.measures.bare_worker", server.server.address, str(ear)]
        child = spawn("bare worker", program)
        try:
            async with asyncio.timeout(60):
                await ready
            bare.steps_at.clear()
            yield bare
        finally:
            child.stop(signal.SIGTERM, within_seconds=10)
            transport.close()
