"""The folder of PostgreSQL's socket: owner-only, and short enough for the kernel."""

import hashlib
import os
import stat
from pathlib import Path

from workers.local_stack.errors import DataFolderError

PORT = 5432
"""Only a name here: nothing listens on the network."""

SOCKET_NAME = f".s.PGSQL.{PORT}"
PATH_LIMIT_BYTES = 103
"""macOS allows 104 bytes with the closing zero, Linux 108."""


def socket_folder(preferred: Path, *, runtime_root: Path | None = None) -> Path:
    """`preferred` if a socket path fits there, else a folder under the runtime directory named after it; 0700.

    Raises `DataFolderError` when the short folder belongs to someone else.
    """
    folder = preferred if _fits(preferred) else _short(preferred, runtime_root or _runtime_root())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or os.geteuid() not in (found.st_uid, 0):
        raise DataFolderError(f"{folder} is not a folder of ours; remove it or choose another LEADLOOP_DATA_DIR")
    folder.chmod(0o700)
    return folder


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= PATH_LIMIT_BYTES


def _short(preferred: Path, root: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    return root / f"leadloop-{os.geteuid()}-{digest}"


def _runtime_root() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and Path(runtime).is_dir() and _fits(Path(runtime) / "leadloop-0000000000-000000000000"):
        return Path(runtime)
    return Path("/tmp")  # noqa: S108  the folder made in it is 0700 and checked to be ours
