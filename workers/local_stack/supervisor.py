"""Start servers in order, restart what dies, stop in the opposite order."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workers.local_stack import state
from workers.local_stack.errors import LocalStackError
from workers.local_stack.service import Service, wait_ready
from workers.local_stack.state import Health, ServiceState

READY_WITHIN_SECONDS = 60.0
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 30.0
_STEADY_AFTER_SECONDS = 60.0


@dataclass
class _Watched:
    service: Service
    health: Health = "starting"
    since: str = ""
    restarts: int = 0
    tries_in_a_row: int = 0
    started: float = 0.0
    next_try: float = 0.0

    def turn(self, health: Health) -> None:
        self.health, self.since = health, state.now()


class Supervisor:
    """Keeps services alive. Everything happens in the caller's thread, which must be the main one.

    `tell` gets one line when something ends or comes back; `changed` is called whenever `states()` changes.
    """

    def __init__(
        self,
        *,
        tell: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tell = tell
        self._changed = changed
        self._stopped = stopped
        self._watched: list[_Watched] = []

    def start(self, services: Sequence[Service]) -> None:
        """Start these together. They are watched from now on, and stopped after those started later."""
        for service in services:
            watched = _Watched(service, started=time.monotonic())
            watched.turn("starting")
            self._watched.append(watched)
            service.start()
        self._changed()

    def wait(self, *names: str, within_seconds: float = READY_WITHIN_SECONDS) -> None:
        """Wait until these, or all that were started, are ready. Raises `NotReadyError` or `StopRequestedError`."""
        for watched in self._watched:
            if watched.health != "up" and (not names or watched.service.name in names):
                wait_ready(watched.service, within_seconds=within_seconds, stopped=self._stopped)
                watched.turn("up")
        self._changed()

    def look(self) -> None:
        """One round: notice ends, restart after a growing pause (0.5 s to 30 s), notice recoveries."""
        for watched in self._watched:
            before = watched.health, watched.restarts
            if watched.health == "down":
                if time.monotonic() >= watched.next_try:
                    self._restart(watched)
            elif (code := watched.service.exit_code()) is not None:
                self._put_down(watched, f"ended ({_spell(code)})")
            elif watched.health == "starting" and watched.service.ready():
                watched.turn("up")
                self._tell(f"{watched.service.name} is back")
            if (watched.health, watched.restarts) != before:
                self._changed()

    def stop(self, within_seconds: Mapping[str, float], *, otherwise: float = 2.0) -> None:
        """Stop all, the last started first, each within its own time, then by force."""
        for watched in reversed(self._watched):
            watched.service.stop(within_seconds=within_seconds.get(watched.service.name, otherwise))
            watched.turn("stopped")
        self._changed()

    def states(self) -> list[ServiceState]:
        return [
            ServiceState(watched.service.name, watched.health, watched.service.pid, watched.restarts, watched.since)
            for watched in self._watched
        ]

    def _put_down(self, watched: _Watched, how: str) -> None:
        if time.monotonic() - watched.started > _STEADY_AFTER_SECONDS:
            watched.tries_in_a_row = 0
        pause = min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2**watched.tries_in_a_row)
        watched.tries_in_a_row += 1
        watched.next_try = time.monotonic() + pause
        watched.turn("down")
        self._tell(f"{watched.service.name} {how}; starting it again in {pause:g} s")

    def _restart(self, watched: _Watched) -> None:
        watched.restarts += 1
        watched.started = time.monotonic()
        try:
            watched.service.start()
        except LocalStackError as refusal:
            self._put_down(watched, f"could not be started: {refusal}")
        else:
            watched.turn("starting")


def _spell(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
