"""PostgreSQL on one machine: starts, comes back with its data, and says what is wrong when it can't."""

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.eventually import eventually_sync
from workers.local_stack.binaries import find_postgres
from workers.local_stack.errors import BinaryMissingError, DataFolderError, LocalStackError, NotReadyError
from workers.local_stack.identity import choose_identity, copy_for_all, hand_over
from workers.local_stack.postgres import PostgresServer
from workers.local_stack.service import wait_ready
from workers.local_stack.sockets import PATH_LIMIT_BYTES, SOCKET_NAME, socket_folder

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes who it is")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped server's folder with one row in it, to be copied."""
    home = tmp_path_factory.mktemp("kept")
    with running(home) as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    return home


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Path:
    """A copy of the kept folder for one test to spoil."""
    shutil.copytree(kept / "postgres", tmp_path / "postgres")
    return tmp_path


def server_on(home: Path) -> PostgresServer:
    return PostgresServer(home / "postgres", binaries=find_postgres(), log=home / "postgres.log", durable=False)


@contextmanager
def running(home: Path) -> Iterator[PostgresServer]:
    server = server_on(home)
    server.start()
    try:
        wait_ready(server, within_seconds=30)
        yield server
    finally:
        server.stop()


def answer(server: PostgresServer) -> object:
    with psycopg.connect(server.url()) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone()


def test_data_survive_a_stop_and_only_the_owner_reaches_socket_data_and_log(home: Path) -> None:
    with running(home) as server:
        assert answer(server) == (42,)
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        for path in (home / "postgres", home / "run", home / "postgres.log"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_killed_server_starts_again_with_its_data(home: Path) -> None:
    with running(home) as server:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert eventually_sync(server.exit_code) == -signal.SIGKILL
        assert (home / "postgres" / "postmaster.pid").exists()
        server.start()
        wait_ready(server, within_seconds=30)
        assert answer(server) == (42,)


def test_a_lock_file_that_names_a_stranger_stops_nothing(home: Path) -> None:
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'postgres'}\n")
    with running(home) as server:
        assert answer(server) == (42,)


def test_a_server_left_behind_is_ended_before_the_next_starts(home: Path) -> None:
    left_behind = server_on(home)
    left_behind.start()
    wait_ready(left_behind, within_seconds=30)
    with running(home) as server:
        assert left_behind.exit_code() is not None
        assert answer(server) == (42,)


def spoil_with_other_files(home: Path) -> None:
    (home / "postgres" / "PG_VERSION").unlink()


def spoil_the_version(home: Path) -> None:
    (home / "postgres" / "PG_VERSION").write_text("9\n")


def spoil_by_a_file_in_its_place(home: Path) -> None:
    shutil.rmtree(home / "postgres")
    (home / "postgres").write_text("not a folder")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_with_other_files, "PG_VERSION is missing"),
        (spoil_the_version, "was written by PostgreSQL 9"),
        (spoil_by_a_file_in_its_place, "choose another LEADLOOP_DATA_DIR"),
    ],
)
def test_a_spoilt_folder_is_refused_in_one_line_and_left_alone(home: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    spoil(home)
    with pytest.raises(DataFolderError) as refusal:
        server_on(home).start()
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_damaged_folder_ends_the_start_with_the_server_s_reason(home: Path) -> None:
    (home / "postgres" / "global" / "pg_control").unlink()
    server = server_on(home)
    server.start()
    with pytest.raises(NotReadyError, match=r"pg_control.*move it away or choose another LEADLOOP_DATA_DIR"):
        wait_ready(server, within_seconds=30)


def test_a_missing_program_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BinaryMissingError, match="LEADLOOP_POSTGRES_BIN"):
        find_postgres(tmp_path)
    assert (find_postgres() / "initdb").is_file()


@pytest.fixture
def runtime_root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield Path(folder)


def test_a_deep_folder_gets_a_short_socket_path_of_its_own(tmp_path: Path, runtime_root: Path) -> None:
    deep = tmp_path.joinpath(*["deeper" * 4] * 6)
    folder = socket_folder(deep, runtime_root=runtime_root)
    assert len(str(folder / SOCKET_NAME)) <= PATH_LIMIT_BYTES
    assert folder.parent == runtime_root
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert socket_folder(deep, runtime_root=runtime_root) == folder
    assert socket_folder(deep / "other", runtime_root=runtime_root) != folder


def test_a_socket_folder_planted_by_a_link_is_refused(tmp_path: Path, runtime_root: Path) -> None:
    deep = tmp_path.joinpath(*["deeper" * 4] * 6)
    planted = socket_folder(deep, runtime_root=runtime_root)
    planted.rmdir()
    planted.symlink_to(tmp_path)
    with pytest.raises(DataFolderError, match="is not a folder of ours"):
        socket_folder(deep, runtime_root=runtime_root)


@root_only
def test_root_passes_as_nobody_where_user_namespaces_are_forbidden_and_back_again(home: Path) -> None:
    with tempfile.TemporaryDirectory() as open_folder:
        Path(open_folder).chmod(0o711)
        binaries = copy_for_all(find_postgres(), Path(open_folder))
        folder, log = Path(open_folder) / "postgres", home / "nobody.log"
        shutil.copytree(home / "postgres", folder)
        for identify in (lambda found: ("nobody", found), choose_identity):
            server = PostgresServer(folder, binaries=binaries, log=log, durable=False, identify=identify)
            server.start()
            try:
                wait_ready(server, within_seconds=30)
                assert answer(server) == (42,)
            finally:
                server.stop()


@root_only
def test_a_folder_nobody_can_reach_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "closed" / "inner").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    with pytest.raises(DataFolderError, match="LEADLOOP_DATA_DIR"):
        hand_over(tmp_path / "closed" / "inner", "nobody")


def test_a_refusal_is_for_people() -> None:
    assert LocalStackError("x").exit_code == 2
