"""Kill one part after the other while the system works, and see each come back."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass

from tests.eventually import eventually
from tests.workers.running_up import Up

BACK_WITHIN_SECONDS = 90.0


@dataclass(frozen=True)
class Fault:
    """A part, how far into the run it was killed, and how soon it did its work again."""

    part: str
    at_seconds: float
    back_after_seconds: float

    def __str__(self) -> str:
        return f"{self.part} at {self.at_seconds:.1f} s, back after {self.back_after_seconds:.1f} s"


async def kill_in_turn(up: Up, parts: list[str], *, over_seconds: float) -> list[Fault]:
    """`kill -9` each, evenly over a span, the next only after the last is back."""
    began = time.monotonic()
    faults: list[Fault] = []
    for number, part in enumerate(parts):
        await asyncio.sleep(max(0.0, began + (number + 0.5) * over_seconds / len(parts) - time.monotonic()))
        killed_at = time.monotonic()
        await _kill(up, part)
        faults.append(Fault(part, killed_at - began, time.monotonic() - killed_at))
    return faults


async def _kill(up: Up, part: str) -> None:
    """Returns once another process does the part's work."""
    pid = up.service(part)["pid"]
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: up.health(part) == "up" and up.service(part)["pid"] != pid, BACK_WITHIN_SECONDS)
