"""Whom PostgreSQL runs as: it refuses root, so root is mapped to an ordinary user, or gives its rights up."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from workers.local_stack.errors import DataFolderError, LocalStackError
from workers.local_stack.launch import NOBODY
from workers.local_stack.processes import LAUNCH_SCRIPT, Identity

_SHARED_COPY = Path("/var/tmp")  # noqa: S108  readable by all on purpose; made root's own and checked below
_PROBE_SECONDS = 20


def choose_identity(binaries: Path) -> tuple[Identity, Path]:
    """The identity PostgreSQL can run as here, and the folder its binaries are reachable in under it.

    An ordinary user runs it plainly. Root prefers a user namespace; where those are forbidden (many containers), it
    becomes `nobody`, and binaries that lie where nobody may not look are copied once to where all may read.
    """
    if os.geteuid() != 0:
        return "same", binaries
    if can_run(binaries, "namespace"):
        return "namespace", binaries
    if can_run(binaries, "nobody"):
        return "nobody", binaries
    copy = copy_for_all(binaries, _SHARED_COPY)
    if can_run(copy, "nobody"):
        return "nobody", copy
    raise LocalStackError("PostgreSQL can't run as root on this machine; run leadloop up as an ordinary user")


def can_run(binaries: Path, identity: Identity) -> bool:
    """Whether `postgres` starts at all under this identity."""
    return _launch(identity, str(binaries / "postgres"), "--version")


def hand_over(folder: Path, identity: Identity) -> None:
    """Give a folder and all in it to the identity that will use it, when it is another's: only root can and need.

    Raises `DataFolderError` when a folder above keeps nobody out.
    """
    if os.geteuid() != 0:
        return
    owner = NOBODY if identity == "nobody" else 0
    if folder.stat().st_uid != owner:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)
    if identity == "nobody" and not _launch(identity, "/bin/ls", str(folder)):
        raise DataFolderError(
            f"{folder} can't be reached by the unprivileged user PostgreSQL needs here;"
            " set LEADLOOP_DATA_DIR to a folder such as /var/lib/leadloop, or run as an ordinary user"
        )


def copy_for_all(binaries: Path, parent: Path) -> Path:
    """Copy a PostgreSQL installation to where every user may read it, once; returns its `bin` folder."""
    installation = binaries.parent
    stamp = int((binaries / "postgres").stat().st_mtime)
    target = parent / f"leadloop-postgres-{stamp}"
    if not target.exists():
        fresh = parent / f"leadloop-postgres-{stamp}.{os.getpid()}"
        shutil.copytree(installation, fresh, symlinks=True)
        fresh.chmod(0o755)
        fresh.rename(target)
    if target.is_symlink() or target.stat().st_uid != os.geteuid():
        raise LocalStackError(f"{target} belongs to someone else; remove it")
    return target / "bin"


def _launch(identity: Identity, *program: str) -> bool:
    options = ["--parent", str(os.getpid()), "--identity", identity]
    probe = subprocess.run(  # noqa: S603  our own launcher and a program we located
        [sys.executable, "-I", "-S", str(LAUNCH_SCRIPT), *options, "--", *program],
        capture_output=True,
        check=False,
        cwd="/",
        timeout=_PROBE_SECONDS,
    )
    return probe.returncode == 0
