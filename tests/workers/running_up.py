"""One `leadloop up` as a process, on a data folder and ports of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg

from tests.eventually import eventually_sync
from workers.local_stack.ports import free_port
from workers.local_stack.probe import answers_ok

REPOSITORY = Path(__file__).parents[2]


class Up:
    """One `leadloop up` on a data folder and ports of its own."""

    def __init__(self, data: Path, *, program: Sequence[str], **variables: str) -> None:
        self.data = data
        self.program = [sys.executable, *program]
        self.port = free_port()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("LEADLOOP_")} | {
            "PYTHONPATH": str(REPOSITORY),
            "LEADLOOP_DATA_DIR": str(data),
            "LEADLOOP_PORT": str(self.port),
            "LEADLOOP_METRICS_PORT": str(free_port()),
            "LEADLOOP_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
            "LEADLOOP_TEMPORAL_UI_PORT": str(free_port()),
            **variables,
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self, *, output: IO[str] | None = None, within_seconds: float = 30) -> "Up":
        """Start, and wait until all is up. What it says goes to `output`, else it is returned by `end`."""
        self.process = subprocess.Popen(  # noqa: S603  our own script
            self.program,
            env=self.env,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        process = self.process
        eventually_sync(lambda: self.is_up(process.pid) or process.poll() is not None, within_seconds)
        assert answers_ok(f"http://127.0.0.1:{self.port}/readyz")
        return self

    @contextmanager
    def another(self, part: str, *, output: IO[str]) -> "Iterator[subprocess.Popen[str]]":
        """One more process of a part, which nobody watches, until the end of the context."""
        urls = self.state()["urls"]
        env = self.env | {"LEADLOOP_DATABASE_URL": urls["database"], "LEADLOOP_TEMPORAL_ADDRESS": urls["temporal"]}
        program = [sys.executable, "-m", "workers.cli", part]
        process = subprocess.Popen(program, env=env, stdout=output, stderr=subprocess.STDOUT, text=True)  # noqa: S603
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)

    def refused(self) -> str:
        """What it says when it can't start: one line, exit code 2."""
        done = subprocess.run(  # noqa: S603  our own script
            self.program, env=self.env, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("leadloop: ")
        assert done.stderr.count("\n") == 1
        return done.stderr

    def says(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """What a command beside it says."""
        program = [sys.executable, "-m", "workers.cli", *command]
        return subprocess.run(  # noqa: S603  our own program
            program, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def end(self, sign: signal.Signals) -> tuple[int, float, str]:
        """Send a signal: exit code, seconds it took, and all it had said."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(sign)
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, time.monotonic() - began, output or ""

    def is_up(self, pid: int) -> bool:
        return bool(self.state().get("pid") == pid and self.health("api") == "up")

    def state(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.data / "stack.json").read_text()))
        except (OSError, ValueError):
            return {}

    def service(self, name: str) -> dict[str, Any]:
        return next((service for service in self.state().get("services", []) if service["name"] == name), {})

    def health(self, name: str) -> str:
        return str(self.service(name).get("health", ""))

    def is_back(self, name: str) -> bool:
        return self.health(name) == "up" and bool(self.service(name)["restarts"] == 1)

    def starts(self) -> int:
        """How often this data folder was migrated, kept in its database."""
        with psycopg.connect(self.state()["urls"]["database"]) as connection:
            row = connection.execute("SELECT count(*) FROM starts").fetchone()
            assert row
            return int(row[0])

    def left_running(self) -> list[str]:
        """Processes that work in this data folder or were started for it."""
        return [process.name for process in Path("/proc").glob("[0-9]*") if self._is_ours(process)]

    def _is_ours(self, process: Path) -> bool:
        mark = str(self.data)
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            zombie = " Z " in (process / "stat").read_text()
            return not zombie and (mark.encode() in told or mark in str((process / "cwd").readlink()))
        except OSError:
            return False
