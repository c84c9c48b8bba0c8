"""`leadloop up` as a person meets it: real servers, trivial processes of ours in between (see `stack_program`)."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.eventually import eventually_sync
from workers.local_stack.ports import free_port
from workers.local_stack.probe import answers_ok

PROGRAM = Path(__file__).with_name("stack_program.py")
REPOSITORY = PROGRAM.parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for what is left running in /proc")


class Up:
    """One `leadloop up` on a data folder and ports of its own."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data = data
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

    def start(self) -> "Up":
        self.process = subprocess.Popen(  # noqa: S603  our own script
            [sys.executable, str(PROGRAM), "up"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        process = self.process
        eventually_sync(lambda: self.is_up(process.pid) or process.poll() is not None, within_seconds=30)
        assert answers_ok(f"http://127.0.0.1:{self.port}/readyz")
        return self

    def refused(self) -> str:
        """What it says when it can't start: one line, exit code 2."""
        done = subprocess.run(  # noqa: S603  our own script
            [sys.executable, str(PROGRAM), "up"], env=self.env, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("leadloop: ")
        assert done.stderr.count("\n") == 1
        return done.stderr

    def end(self, sign: signal.Signals) -> tuple[int, float, str]:
        """Send a signal: exit code, seconds it took, and all it had said."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(sign)
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, time.monotonic() - began, output

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


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    stack = Up(tmp_path / "data")
    yield stack
    if stack.process and stack.process.poll() is None:
        stack.end(signal.SIGKILL)


def test_up_serves_survives_the_death_of_each_part_and_finds_its_data_again(up: Up) -> None:
    up.start()
    assert "leadloop up already runs on" in up.refused()
    parts = ["postgres", "temporal", "courier", "worker", "api"]
    for name in parts:
        os.kill(up.service(name)["pid"], signal.SIGKILL)
    eventually_sync(lambda: all(up.is_back(name) for name in parts), within_seconds=30)
    assert up.starts() == 1
    assert up.left_running()

    code, seconds, output = up.end(signal.SIGTERM)
    assert (code, seconds < 10) == (0, True)
    assert up.left_running() == []
    assert sorted(re.findall(r"(\w+) ended \(signal 9\)", output)) == sorted(parts)
    assert re.search(r'Bearer \$\(cat \S+/admin\.key\)"', output)
    assert "secret" not in output

    up.start()
    assert up.starts() == 2
    assert up.end(signal.SIGINT)[0] == 0
    assert up.left_running() == []


def test_nothing_is_left_when_up_itself_is_killed_and_the_next_one_starts(up: Up) -> None:
    up.start()
    up.end(signal.SIGKILL)
    eventually_sync(lambda: up.left_running() == [], within_seconds=10)
    up.start()
    assert up.starts() == 2


def test_a_worker_that_will_not_stop_does_not_hold_up_the_end(tmp_path: Path) -> None:
    up = Up(tmp_path / "data", STUBBORN="1").start()
    code, seconds, _ = up.end(signal.SIGTERM)
    assert (code, seconds < 10) == (0, True)
    assert up.left_running() == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LEADLOOP_TEMPORAL_BIN": "/nowhere/temporal"}, "LEADLOOP_TEMPORAL_BIN=/nowhere/temporal is not there"),
        ({"LEADLOOP_POSTGRES_BIN": "/nowhere"}, "LEADLOOP_POSTGRES_BIN=/nowhere holds no initdb"),
        ({"LEADLOOP_PORT": "web"}, "LEADLOOP_PORT: Input should be a valid integer"),
        ({"LEADLOOP_DATA_DIR": "/dev/null/data"}, "The data folder /dev/null/data can't be used"),
    ],
)
def test_what_is_missing_or_wrong_is_one_line(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    up = Up(tmp_path / "data", **variables)
    assert said in up.refused()
    assert up.left_running() == []


def test_a_port_in_use_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = Up(tmp_path / "data", LEADLOOP_PORT=str(port)).refused()
    assert said.startswith(f"leadloop: The API can't listen on 127.0.0.1:{port}")
    assert "LEADLOOP_PORT" in said


def test_a_spoilt_data_folder_is_one_line_and_nothing_is_left_running(tmp_path: Path) -> None:
    up = Up(tmp_path / "data")
    (up.data / "postgres").mkdir(parents=True)
    (up.data / "postgres" / "notes.txt").write_text("mine")
    assert "PG_VERSION is missing" in up.refused()
    assert up.left_running() == []
