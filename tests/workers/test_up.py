"""`leadloop up` as a person meets it: real servers, trivial processes of ours in between (see `stack_program`)."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.eventually import eventually_sync
from tests.workers.running_up import Up

PROGRAM = Path(__file__).with_name("stack_program.py")

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for what is left running in /proc")


def _up(data: Path, **variables: str) -> Up:
    return Up(data, program=[str(PROGRAM), "up"], **variables)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    stack = _up(tmp_path / "data")
    yield stack
    if stack.process and stack.process.poll() is None:
        stack.end(signal.SIGKILL)


def test_up_serves_survives_the_death_of_each_part_and_finds_its_data_again(up: Up) -> None:
    up.start()
    assert "leadloop up already runs on" in up.refused()
    parts = ["postgres", "temporal", "courier", "observer", "worker", "api"]
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
    up = _up(tmp_path / "data", STUBBORN="1").start()
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
    up = _up(tmp_path / "data", **variables)
    assert said in up.refused()
    assert up.left_running() == []


def test_a_port_in_use_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = _up(tmp_path / "data", LEADLOOP_PORT=str(port)).refused()
    assert said.startswith(f"leadloop: The API can't listen on 127.0.0.1:{port}")
    assert "LEADLOOP_PORT" in said


def test_a_spoilt_data_folder_is_one_line_and_nothing_is_left_running(tmp_path: Path) -> None:
    up = _up(tmp_path / "data")
    (up.data / "postgres").mkdir(parents=True)
    (up.data / "postgres" / "notes.txt").write_text("mine")
    assert "PG_VERSION is missing" in up.refused()
    assert up.left_running() == []
