"""Servers that die with their parent, come back when they die, and stop when asked."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from tests.eventually import eventually, eventually_sync
from workers.local_stack import lock, ports, state
from workers.local_stack.binaries import find_temporal
from workers.local_stack.errors import AlreadyRunningError, BinaryMissingError, NotReadyError, PortInUseError
from workers.local_stack.processes import LOG_LIMIT_BYTES, last_line, spawn, trim_log
from workers.local_stack.program import ProgramService
from workers.local_stack.service import StopRequestedError, wait_ready
from workers.local_stack.supervisor import Supervisor
from workers.local_stack.temporal import TemporalServer

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]
PARENT = """
import sys, time
from pathlib import Path
from workers.local_stack.processes import spawn
child = spawn("child", sys.argv[2:], watch=sys.argv[1] == "watch", log=Path("/dev/null"))
print(child.pid, flush=True)
time.sleep(600)
"""


@workflow.defn(sandboxed=False)
class Nothing:
    @workflow.run
    async def run(self) -> None: ...


def lives(pid: int) -> bool:
    """Whether a process runs; a zombie waiting for its parent does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return shown.stdout.strip()[:1] not in ("", "Z")


def never(_started: datetime) -> bool:
    return False


def temporal_in(home: Path) -> TemporalServer:
    return TemporalServer(
        program=find_temporal(),
        database=home / "temporal" / "temporal.db",
        host="127.0.0.1",
        port=ports.free_port(),
        ui_port=ports.free_port(),
        namespace="leads",
        log=home / "temporal.log",
    )


@pytest.mark.parametrize("way", ["kernel", "watch"])
def test_a_child_goes_when_its_parent_is_killed(way: str) -> None:
    if way == "kernel" and sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    parent = subprocess.Popen([sys.executable, "-c", PARENT, way, *FOREVER], stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert lives(child)
        parent.kill()
        parent.wait()
        eventually_sync(lambda: not lives(child), within_seconds=5)
    finally:
        parent.kill()
        parent.communicate()


def test_a_child_that_does_not_listen_is_killed_after_the_deadline(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"
    child = spawn("stubborn", STUBBORN, log=log)
    eventually_sync(lambda: last_line(log) == "deaf")
    began = time.monotonic()
    assert not child.stop(signal.SIGTERM, within_seconds=0.3)
    assert 0.3 <= time.monotonic() - began < 3
    assert child.exit_code() == -signal.SIGKILL


def test_a_program_that_is_not_there_ends_with_a_reason(tmp_path: Path) -> None:
    service = ProgramService("worker", [str(tmp_path / "none")], env={}, is_ready=never, log=tmp_path / "log")
    service.start()
    with pytest.raises(NotReadyError, match=r"worker ended while starting: .*No such file"):
        wait_ready(service, within_seconds=10)


def test_a_dead_service_is_started_again_after_growing_pauses() -> None:
    said: list[str] = []
    supervisor = Supervisor(tell=said.append)
    failing = ProgramService("worker", [sys.executable, "-c", "raise SystemExit(3)"], env={}, is_ready=never)
    supervisor.start([failing])

    def restarts() -> int:
        supervisor.look()
        return supervisor.states()[0].restarts

    eventually_sync(lambda: restarts() == 2, within_seconds=10)
    supervisor.stop({})
    assert said[:2] == [
        "worker ended (exit code 3); starting it again in 0.5 s",
        "worker ended (exit code 3); starting it again in 1 s",
    ]
    assert supervisor.states()[0].health == "stopped"


def test_a_killed_service_is_back_and_told_so() -> None:
    said: list[str] = []
    supervisor = Supervisor(tell=said.append)
    supervisor.start([ProgramService("courier", FOREVER, env={})])
    supervisor.wait()
    first = supervisor.states()[0].pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    def health() -> str:
        supervisor.look()
        return supervisor.states()[0].health

    eventually_sync(lambda: health() == "down")
    eventually_sync(lambda: health() == "up")
    second = supervisor.states()[0].pid
    supervisor.stop({})
    assert said == ["courier ended (signal 9); starting it again in 0.5 s", "courier is back"]
    assert second not in (first, None)


def test_a_stop_asked_for_while_starting_is_heard() -> None:
    waiting = ProgramService("api", FOREVER, env={}, is_ready=never)
    waiting.start()
    with pytest.raises(StopRequestedError):
        wait_ready(waiting, within_seconds=30, stopped=lambda: True)
    waiting.stop(within_seconds=1)


def test_temporal_comes_back_after_a_kill_on_the_same_port_with_its_namespace(tmp_path: Path) -> None:
    server = temporal_in(tmp_path)
    server.require_free_ports()
    try:
        server.start()
        wait_ready(server, within_seconds=30)
        with pytest.raises(PortInUseError, match="LEADLOOP_TEMPORAL_ADDRESS"):
            server.require_free_ports()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        eventually_sync(lambda: server.exit_code() is not None)
        server.start()
        wait_ready(server, within_seconds=30)
    finally:
        server.stop()
    assert not ports.answers("127.0.0.1", int(server.address.rpartition(":")[2]))


async def test_a_worker_is_known_by_its_polling(tmp_path: Path) -> None:
    server = temporal_in(tmp_path)
    server.start()
    try:
        wait_ready(server, within_seconds=30)
        before = datetime.now(UTC)
        assert not server.polled("leads", since=before)
        client = await Client.connect(server.address, namespace="leads")
        async with Worker(client, task_queue="leads", workflows=[Nothing], build_id="test"):
            await eventually(lambda: server.polled("leads", since=before))
            assert not server.polled("leads", since=before + timedelta(hours=1))
    finally:
        server.stop()


def test_a_damaged_temporal_file_ends_the_start_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "temporal").mkdir()
    (tmp_path / "temporal" / "temporal.db").write_bytes(b"no database " * 1000)
    server = temporal_in(tmp_path)
    server.start()
    with pytest.raises(NotReadyError, match=r"temporal ended while starting: .*temporal\.db is damaged, move it away"):
        wait_ready(server, within_seconds=30)


def test_a_missing_temporal_program_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BinaryMissingError, match="LEADLOOP_TEMPORAL_BIN"):
        find_temporal(tmp_path / "temporal")


def test_a_folder_has_one_holder_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "up.lock"
    assert not lock.is_held(file)
    with lock.hold(file):
        assert lock.is_held(file)
        with pytest.raises(AlreadyRunningError, match=rf"process {os.getpid()}\); stop it first"), lock.hold(file):
            pass
    assert not lock.is_held(file)


def test_the_state_file_is_ours_alone_and_an_unreadable_one_is_none(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    written = state.StackState(7, {"api": "http://x"}, [state.ServiceState("api", "up", 8, 0, state.now())])
    state.write(file, written)
    assert file.stat().st_mode & 0o777 == 0o600
    assert state.read(file) == written
    file.write_text("{")
    assert state.read(file) is None


def test_a_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.touch()
    os.truncate(log, LOG_LIMIT_BYTES + 1)
    trim_log(log)
    assert log.stat().st_size == 0
