"""What the supervisor asks of a server, whatever it is."""

import time
from collections.abc import Callable
from typing import Protocol

from workers.local_stack.errors import LocalStackError, NotReadyError

_POLL_SECONDS = 0.03


class Service(Protocol):
    """A server that can be started again on the same place after it ended."""

    @property
    def name(self) -> str: ...

    @property
    def pid(self) -> int | None: ...

    def start(self) -> None:
        """Start without waiting. Raises `LocalStackError` when that can't succeed."""

    def ready(self) -> bool:
        """Whether it does its work now; a quick look, never a wait."""

    def exit_code(self) -> int | None:
        """The exit code once it has ended, negative for a signal; None while it runs."""

    def why_ended(self) -> str:
        """What its log says about the end, and what to do."""

    def stop(self, *, within_seconds: float) -> None:
        """Ask it to end, end it by force after the deadline; nothing if it does not run."""


class StopRequestedError(LocalStackError):
    """Whoever started the stack asked it to stop before it was up."""


def wait_ready(service: Service, *, within_seconds: float, stopped: Callable[[], bool] = lambda: False) -> None:
    """Wait until a started service does its work.

    Raises `NotReadyError` when it ends or takes too long, `StopRequestedError` as soon as `stopped` says so.
    """
    deadline = time.monotonic() + within_seconds
    while not service.ready():
        if service.exit_code() is not None:
            raise NotReadyError(f"{service.name} ended while starting: {service.why_ended()}")
        if stopped():
            raise StopRequestedError("Stopped while starting")
        if time.monotonic() > deadline:
            raise NotReadyError(f"{service.name} was not ready within {within_seconds:.0f} s: {service.why_ended()}")
        time.sleep(_POLL_SECONDS)
