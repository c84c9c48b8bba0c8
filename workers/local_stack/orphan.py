"""A server left behind on our data folder, or the lock file of one that was killed."""

import os
import signal
import subprocess
import time
from pathlib import Path

from workers.local_stack.errors import DataFolderError

_STOP_WITHIN_SECONDS = 10.0


def clear(folder: Path) -> None:
    """Make way on a data folder whose lock we hold: end a left-over server, remove a stale `postmaster.pid`.

    A number in a lock file proves nothing after `kill -9` or a reboot: another program may bear it by now. Only a
    process whose command line names this folder is the server. Raises `DataFolderError` when it will not end.
    """
    lock = folder / "postmaster.pid"
    try:
        pid = int(lock.read_text().splitlines()[0])
    except FileNotFoundError:
        return
    except (ValueError, IndexError):
        lock.unlink(missing_ok=True)
        return
    if _serves(pid, folder):
        _end(pid, folder)
    lock.unlink(missing_ok=True)


def _end(pid: int, folder: Path) -> None:
    for sign in (signal.SIGINT, signal.SIGQUIT):
        os.kill(pid, sign)
        deadline = time.monotonic() + _STOP_WITHIN_SECONDS / 2
        while time.monotonic() < deadline:
            if not _serves(pid, folder):
                return
            time.sleep(0.05)
    raise DataFolderError(f"PostgreSQL (process {pid}) still runs on {folder}; end it and start again")


def _serves(pid: int, folder: Path) -> bool:
    return str(folder) in _command_line(pid)


def _command_line(pid: int) -> str:
    """How a running process was started; empty when there is none or it is not ours to look at."""
    proc = Path(f"/proc/{pid}/cmdline")
    try:
        return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(  # noqa: S603  a number, nothing else
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()
