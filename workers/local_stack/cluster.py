"""PostgreSQL's data folder: made once, whole or not at all, and checked before each start."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from workers.local_stack.errors import DataFolderError
from workers.local_stack.identity import hand_over
from workers.local_stack.processes import Identity, last_line, spawn

SUPERUSER = "leadloop"
CREATE_WITHIN_SECONDS = 60.0
_BUILTIN_LOCALE_SINCE = 17


def prepare(folder: Path, binaries: Path, *, identity: Identity, log: Path, durable: bool = True) -> None:
    """Make the data folder if it is new, and see that these binaries may run on it.

    Raises `DataFolderError` for a folder that holds something else, belongs to another version or can't be written.
    """
    try:
        if not (folder / "PG_VERSION").is_file():
            _create(folder, binaries, identity=identity, log=log, durable=durable)
        kept, ours = (folder / "PG_VERSION").read_text().strip(), _major_of(binaries)
        folder.chmod(0o700)
    except OSError as refusal:
        raise DataFolderError(f"{folder} can't be used: {refusal.strerror}; choose another LEADLOOP_DATA_DIR") from None
    if kept != str(ours):
        raise DataFolderError(
            f"{folder} was written by PostgreSQL {kept or '?'}, but {binaries} is version {ours};"
            " set LEADLOOP_POSTGRES_BIN to the former version, or dump and reload the data"
        )


def plain_env() -> dict[str, str]:
    """Our environment without PG* variables, which would steer the server, and with plain messages."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}


def _create(folder: Path, binaries: Path, *, identity: Identity, log: Path, durable: bool) -> None:
    """Make it beside its place and move it there, so that an interruption leaves no half of one."""
    if folder.exists() and any(folder.iterdir()):
        raise DataFolderError(
            f"{folder} is not empty, but holds no PostgreSQL data (PG_VERSION is missing);"
            " move it away or choose another LEADLOOP_DATA_DIR"
        )
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    hand_over(fresh, identity)
    _run_initdb(fresh, binaries, identity=identity, log=log, durable=durable)
    with contextlib.suppress(FileNotFoundError):
        folder.rmdir()
    fresh.rename(folder)


def _run_initdb(folder: Path, binaries: Path, *, identity: Identity, log: Path, durable: bool) -> None:
    program = [str(binaries / "initdb"), "--pgdata", str(folder), "--username", SUPERUSER, "--encoding", "UTF8"]
    program += ["--auth", "trust", *_locale_options(_major_of(binaries)), *([] if durable else ["--no-sync"])]
    child = spawn("initdb", program, log=log, env=plain_env(), identity=identity)
    if child.wait(within_seconds=CREATE_WITHIN_SECONDS) and child.exit_code() == 0:
        return
    child.stop(signal.SIGTERM, within_seconds=1.0)
    reason = last_line(log, marks=("initdb: error", "FATAL"))
    raise DataFolderError(f"PostgreSQL could not make its data folder {folder.parent}: {reason} (log: {log})")


def _locale_options(major: int) -> list[str]:
    """Unicode by code point, the same on every machine; the built-in provider asks no locale of the system."""
    if major >= _BUILTIN_LOCALE_SINCE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _major_of(binaries: Path) -> int:
    program = [str(binaries / "postgres"), "--version"]
    answer = subprocess.run(program, capture_output=True, text=True, check=False)  # noqa: S603  a program we located
    found = re.search(r"\) (\d+)", answer.stdout)
    if found is None:
        raise DataFolderError(f"{program[0]} does not tell its version; set LEADLOOP_POSTGRES_BIN to a working one")
    return int(found.group(1))
