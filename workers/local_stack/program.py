"""One of our own processes as a service of the stack."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from workers.local_stack.processes import Child, last_line, spawn


class ProgramService:
    """A program that runs until it is asked to stop; it writes where the supervisor writes, or to a log.

    `is_ready` is told when this run of it began, so that traces of an earlier one don't count.
    """

    def __init__(
        self,
        name: str,
        program: Sequence[str],
        *,
        env: Mapping[str, str],
        is_ready: Callable[[datetime], bool] = lambda _started: True,
        log: Path | None = None,
    ) -> None:
        self.name = name
        self._program = list(program)
        self._env = dict(env)
        self._is_ready = is_ready
        self._log = log
        self._child: Child | None = None
        self._started = datetime.min.replace(tzinfo=UTC)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> None:
        self._started = datetime.now(UTC)
        self._child = spawn(self.name, self._program, env=self._env, log=self._log)

    def ready(self) -> bool:
        return self.exit_code() is None and self._is_ready(self._started)

    def exit_code(self) -> int | None:
        return self._child.exit_code() if self._child else None

    def why_ended(self) -> str:
        if self._log:
            return f"{last_line(self._log)} (log: {self._log})"
        code = self.exit_code()
        return "it still runs, but does not answer" if code is None else f"exit code {code}, see its output above"

    def stop(self, *, within_seconds: float) -> None:
        if self._child is not None:
            self._child.stop(signal.SIGTERM, within_seconds=within_seconds)
            self._child = None


def leadloop_program(command: str) -> list[str]:
    """`leadloop COMMAND` in this environment, found without any PATH."""
    return [sys.executable, "-m", "workers.cli", command]
