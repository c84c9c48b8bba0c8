"""Make things go wrong while the system works, and see each part come back."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.eventually import eventually
from tests.faults.schedule import Fault, Kind, Lane
from tests.smtp_sink import SmtpSink
from tests.workers.running_up import Up

BACK_WITHIN_SECONDS = 120.0
_APPLICATION = "leadloop"


@dataclass(frozen=True)
class Suffered:
    """A fault as it came about: how far into the run, and how soon all it hit did its work again."""

    fault: Fault
    at_seconds: float
    back_after_seconds: float

    def __str__(self) -> str:
        return f"{self.at_seconds:6.1f} s  {self.fault}, back after {self.back_after_seconds:.1f} s"


class Chaos:
    """Brings faults over a running system."""

    def __init__(self, up: Up, sink: SmtpSink) -> None:
        self.suffered: list[Suffered] = []
        self._up = up
        self._sink = sink
        self._database_url: str = up.state()["urls"]["database"]

    async def run(self, lanes: Sequence[Lane], *, seconds: float) -> None:
        """Run the lanes side by side, no fault of them beginning after `seconds`; everything is back at the end."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for lane in lanes:
                tasks.create_task(self._run_lane(lane, began, seconds))
        self.suffered.sort(key=lambda suffered: suffered.at_seconds)

    async def _run_lane(self, lane: Lane, began: float, seconds: float) -> None:
        for fault, rest in zip(lane.faults, lane.rests_seconds, strict=True):
            await asyncio.sleep(rest)
            at = time.monotonic() - began
            if at >= seconds:
                return
            await self.suffer(fault)
            self.suffered.append(Suffered(fault, at, time.monotonic() - began - at))

    async def suffer(self, fault: Fault) -> None:
        """Bring one fault about; returns once it is over, and all it hit is up."""
        match fault.kind:
            case Kind.KILL:
                await asyncio.gather(*(self._kill(part) for part in fault.parts))
            case Kind.PAUSE:
                await asyncio.gather(*(self._pause(part, fault.seconds) for part in fault.parts))
            case Kind.CROWD:
                await self._crowd(fault.seconds)
            case _:
                await self._spoil_mail(fault)

    async def _kill(self, part: str) -> None:
        pid = await self._pid(part)
        with contextlib.suppress(ProcessLookupError):  # the other lane was faster
            os.kill(pid, signal.SIGKILL)
        await eventually(lambda: self._is_up(part, other_than=pid), BACK_WITHIN_SECONDS)

    async def _pid(self, part: str) -> int:
        """Of the part's process; a part that is being started has one soon."""
        found = await eventually(lambda: int(self._up.service(part).get("pid") or 0), BACK_WITHIN_SECONDS)
        return int(found)

    def _is_up(self, part: str, *, other_than: int = 0) -> bool:
        return self._up.health(part) == "up" and bool(self._up.service(part)["pid"] != other_than)

    async def _pause(self, part: str, seconds: float) -> None:
        pid = await self._pid(part)
        stopped = _stop(pid)
        try:
            await asyncio.sleep(seconds)
        finally:
            for process in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)
        await eventually(lambda: self._is_up(part), BACK_WITHIN_SECONDS)

    async def _crowd(self, seconds: float) -> None:
        """Take every connection the server has, those of our own processes too, and sit on them in a transaction."""
        until = time.monotonic() + seconds
        async with contextlib.AsyncExitStack() as held:
            evicted = False
            first: psycopg.AsyncConnection | None = None
            while time.monotonic() < until:
                try:
                    one = await psycopg.AsyncConnection.connect(self._database_url, connect_timeout=2)
                    held.push_async_callback(one.close)
                    await one.execute("SELECT 1")  # and no commit
                    first = first or one
                except psycopg.OperationalError:
                    if first is not None and not evicted:
                        evicted = await _evict(first)
                    await asyncio.sleep(0.05)

    async def _spoil_mail(self, fault: Fault) -> None:
        spoil = {
            Kind.MAIL_AWAY: self._sink.go_away,
            Kind.MAIL_HANGS: self._sink.hang,
            Kind.MAIL_HANGS_OVER_DATA: self._sink.hang_over_data,
            Kind.MAIL_LOSES_ANSWERS: self._sink.lose_answers,
            Kind.MAIL_REFUSES: self._sink.refuse,
        }
        spoil[fault.kind]()
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self._sink.accept()


async def _evict(connection: psycopg.AsyncConnection) -> bool:
    """End the connections of our own processes: they stand in the queue like everybody."""
    with contextlib.suppress(psycopg.OperationalError):
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (_APPLICATION,)
        )
        return True
    return False


def _stop(pid: int) -> list[int]:
    """SIGSTOP a process and all it has started; what it starts meanwhile is stopped as well."""
    stopped: list[int] = []
    while fresh := [process for process in _family(pid) if process not in stopped]:
        for process in fresh:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
            stopped.append(process)
    return stopped


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _family(int(child))
