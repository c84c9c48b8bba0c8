"""One `leadloop up` to a data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.local_stack.errors import AlreadyRunningError


@contextmanager
def hold(lock: Path) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it when this process ends, however it ends.

    Raises `AlreadyRunningError`, naming the holder's process. The descriptor is not inherited by children.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise AlreadyRunningError(
            f"leadloop up already runs on {lock.parent} (process {holder});"
            " stop it first, or set LEADLOOP_DATA_DIR to another folder"
        ) from None
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def is_held(lock: Path) -> bool:
    """Whether some process holds the lock now; the file alone, left by `kill -9`, says nothing."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
