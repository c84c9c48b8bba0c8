"""A real `leadloop api` on a free port, with a furnished database and this machine's key: what commands talk to."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.eventually import eventually_sync
from workers.furnish import furnish
from workers.http_server import listen
from workers.keys import ensure_machine_key
from workers.local_stack.probe import answers_ok


@contextmanager
def running_api(database_url: str, data_dir: Path) -> Iterator[dict[str, str]]:
    """The settings of a command that is to find it."""
    asyncio.run(furnish(database_url, datetime.now(UTC)))
    ensure_machine_key(database_url, data_dir)
    with closing(listen("127.0.0.1", 0)) as free, closing(listen("127.0.0.1", 0)) as other:
        port, metrics_port = str(free.getsockname()[1]), str(other.getsockname()[1])
    variables = {"LEADLOOP_DATABASE_URL": database_url, "LEADLOOP_PORT": port, "LEADLOOP_DATA_DIR": str(data_dir)}
    variables["LEADLOOP_METRICS_PORT"] = metrics_port
    log = (data_dir / "api.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.cli", "api"], env=os.environ | variables, stdout=log, stderr=log
    )
    try:
        eventually_sync(lambda: answers_ok(f"http://127.0.0.1:{port}/readyz"), 30)
        yield variables
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def leadloop(variables: dict[str, str], *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "workers.cli", *arguments],
        env=os.environ | variables, input=given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
