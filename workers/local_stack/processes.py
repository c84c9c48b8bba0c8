"""A child process that outlives neither its supervisor nor its stop deadline."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Literal

from workers.local_stack.errors import LocalStackError

Identity = Literal["same", "namespace", "nobody"]
"""Whom a program runs as: `namespace` and `nobody` are for root only (see `launch`)."""

LAUNCH_SCRIPT = Path(__file__).with_name("launch.py")
LOG_LIMIT_BYTES = 20 * 1024 * 1024
_KILL_WAIT_SECONDS = 5.0


class Child:
    """A running program, started in a process group of its own so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], lifeline: int | None = None) -> None:
        self.name = name
        self._popen = popen
        self._lifeline = lifeline

    @property
    def pid(self) -> int:
        return self._popen.pid

    def exit_code(self) -> int | None:
        """The exit code once the program has ended, negative for a signal; None while it runs."""
        return self._popen.poll()

    def stop(self, ask: signal.Signals, *, within_seconds: float) -> bool:
        """Ask the program to end, kill it after the deadline; True when it went by itself."""
        went = self.ask(ask, within_seconds=within_seconds)
        if not went:
            self._popen.kill()
            self._popen.wait(_KILL_WAIT_SECONDS)
        self._close()
        return went

    def ask(self, sign: signal.Signals, *, within_seconds: float) -> bool:
        """Send a signal and wait; True when the program has ended."""
        if self.exit_code() is None:
            with contextlib.suppress(ProcessLookupError):
                self._popen.send_signal(sign)
        return self.wait(within_seconds=within_seconds)

    def wait(self, *, within_seconds: float) -> bool:
        """Wait for the end; True when the program has ended."""
        try:
            self._popen.wait(within_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _close(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def spawn(
    name: str,
    program: Sequence[str],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    identity: Identity = "same",
    death_signal: signal.Signals = signal.SIGTERM,
    watch: bool = sys.platform != "linux",
) -> Child:
    """Start a program that dies with this process, also when this process is killed.

    `log` is appended to, owner-only; without it the program writes where we write. `watch` uses a pipe instead of the
    kernel's parent-death signal, which only Linux has. Raises `LocalStackError` outside the main thread, because the
    kernel's signal follows the thread that forked.
    """
    if threading.current_thread() is not threading.main_thread():
        raise LocalStackError(f"{name} must be started from the main thread")
    options = ["--parent", str(os.getpid()), "--death-signal", str(int(death_signal)), "--identity", identity]
    read_end = lifeline = None
    if watch:
        read_end, lifeline = os.pipe()
        options += ["--watch-fd", str(read_end)]
    with contextlib.ExitStack() as closing:
        if read_end is not None:
            closing.callback(os.close, read_end)
        output = closing.enter_context(open_log(log)) if log else None
        popen = subprocess.Popen(  # noqa: S603  the program and its arguments are our own
            [sys.executable, "-I", "-S", str(LAUNCH_SCRIPT), *options, "--", *program],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if env is None else dict(env),
            cwd="/" if identity != "same" else None,
            process_group=0,
            pass_fds=() if read_end is None else (read_end,),
        )
    return Child(name, popen, lifeline)


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, readable by its owner only; begun anew once it has passed `LOG_LIMIT_BYTES`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    trim_log(path)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def trim_log(path: Path) -> None:
    """Begin a log anew once it has passed `LOG_LIMIT_BYTES`; its writer appends, so it goes on at the start."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT_BYTES:
            os.truncate(path, 0)


def last_line(log: Path, *, marks: Sequence[str] = ()) -> str:
    """The last line of a log, preferring one that holds one of the marks; empty when there is nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    marked = [line for line in lines if any(mark in line for mark in marks)]
    return (marked or lines or [""])[-1].strip()
