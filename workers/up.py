"""`leadloop up`: everything on one machine, until Ctrl-C."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from rich.console import Console

from workers import welcome
from workers.local_stack import lock, ports, state
from workers.local_stack.binaries import find_postgres, find_temporal
from workers.local_stack.layout import DataFolder
from workers.local_stack.postgres import PostgresServer
from workers.local_stack.probe import answers_ok
from workers.local_stack.processes import trim_log
from workers.local_stack.program import ProgramService, leadloop_program
from workers.local_stack.service import Service, StopRequestedError
from workers.local_stack.supervisor import Supervisor
from workers.local_stack.temporal import TemporalServer
from workers.settings import Settings

STOP_WITHIN_SECONDS = {"api": 2.0, "observer": 0.5, "courier": 0.8, "worker": 3.0, "temporal": 2.0, "postgres": 1.5}
"""Together under ten seconds; the worker's own share is what it may finish in."""
DEFAULT_TEMPORAL_ADDRESS = "127.0.0.1:7233"
DEFAULT_NAMESPACE = "default"
_LOOK_EVERY_SECONDS = 0.2
_TRIM_EVERY_SECONDS = 60.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


@dataclass(frozen=True)
class Parts:
    """What `up` starts beyond the two servers, and does between them."""

    migrate: Callable[[str, str], object]
    ensure_key: Callable[[str, Path], Path]
    program: Callable[[str], list[str]] = leadloop_program
    worker_queue: str | None = None
    """The task queue a ready worker polls; None when the worker is ready once it runs."""


def run(settings: Settings) -> None:
    """Start all, serve until SIGINT, SIGTERM or SIGHUP, stop all within ten seconds. Raises `LocalStackError`."""
    run_parts(settings, _load_parts)


def _load_parts() -> Parts:
    from workers.keys import ensure_machine_key  # noqa: PLC0415  slow: loaded while the servers start
    from workers.migration import migrate  # noqa: PLC0415  same
    from workflows.front_door import TASK_QUEUE  # noqa: PLC0415  same

    return Parts(migrate=migrate, ensure_key=ensure_machine_key, worker_queue=TASK_QUEUE)


def run_parts(settings: Settings, load_parts: Callable[[], Parts]) -> None:
    """`run` with its parts given."""
    folder = DataFolder(settings.data_folder)
    folder.ensure()
    with lock.hold(folder.lock), _stop_signals() as stopped:
        stack = _Stack(settings, load_parts, folder, stopped)
        try:
            stack.start()
            stack.serve()
        except StopRequestedError:
            pass
        finally:
            stack.stop()


class _Stack:
    """The servers of one run of `up`, and what is told about them."""

    def __init__(self, settings: Settings, load_parts: Callable[[], Parts], folder: DataFolder, stopped: Event) -> None:
        self._settings = settings
        self._load_parts = load_parts
        self._folder = folder
        self._stopped = stopped
        self._console = Console(highlight=False)
        self._supervisor = Supervisor(tell=self._console.print, changed=self._write_state, stopped=stopped.is_set)
        self._postgres = self._make_postgres()
        self._temporal = self._make_temporal()
        self._urls = self._known_urls()

    def start(self) -> None:
        """Databases side by side, then the schema and the key, then our own processes."""
        began = time.monotonic()
        self._write_state()
        self._require_free_ports()
        servers: list[Service] = [server for server in (self._postgres, self._temporal) if server is not None]
        with self._console.status("Starting PostgreSQL and Temporal …"):
            self._supervisor.start(servers)
            parts = self._load_parts()
            self._supervisor.wait("postgres")
            database_url = self._urls["database"]
            parts.migrate(database_url, self._settings.timezone)
            key = parts.ensure_key(database_url, self._folder.root)
            self._supervisor.wait()
        with self._console.status("Starting courier, observer, worker and API …"):
            self._supervisor.start(self._programs(parts))
            self._supervisor.wait()
        welcome.show(self._console, self._urls, key=key, data=self._folder.root, seconds=time.monotonic() - began)

    def serve(self) -> None:
        """Restart what dies, until asked to stop."""
        next_trim = time.monotonic() + _TRIM_EVERY_SECONDS
        while not self._stopped.wait(_LOOK_EVERY_SECONDS):
            self._supervisor.look()
            if time.monotonic() >= next_trim:
                next_trim += _TRIM_EVERY_SECONDS
                for log in (self._folder.root / "logs").glob("*.log"):
                    trim_log(log)

    def stop(self) -> None:
        if not self._supervisor.states():
            return
        self._console.print("Stopping …")
        self._supervisor.stop(STOP_WITHIN_SECONDS)
        self._console.print("Stopped. The data stay in", str(self._folder.root), soft_wrap=True, markup=False)

    def _make_postgres(self) -> PostgresServer | None:
        if self._settings.database_url is not None:
            return None
        binaries = find_postgres(self._settings.postgres_bin)
        return PostgresServer(self._folder.postgres, binaries=binaries, log=self._folder.log("postgres"))

    def _make_temporal(self) -> TemporalServer | None:
        """None when the address lies elsewhere: then that server is used."""
        host, _, port = (self._settings.temporal_address or DEFAULT_TEMPORAL_ADDRESS).rpartition(":")
        if host not in _LOOPBACK:
            return None
        return TemporalServer(
            program=find_temporal(self._settings.temporal_bin),
            database=self._folder.temporal,
            host=host.strip("[]"),
            port=int(port),
            ui_port=self._settings.temporal_ui_port,
            namespace=self._settings.temporal_namespace or DEFAULT_NAMESPACE,
            log=self._folder.log("temporal"),
        )

    def _known_urls(self) -> dict[str, str]:
        settings = self._settings
        metrics_host = f"[{settings.metrics_host}]" if ":" in settings.metrics_host else settings.metrics_host
        urls = {
            "api": settings.local_url,
            "openapi": f"{settings.local_url}/openapi.json",
            "metrics": f"http://{metrics_host}:{settings.metrics_port}/metrics",
            "figures": f"http://{metrics_host}:{settings.metrics_port + 2}/metrics",
            "temporal": self._temporal.address if self._temporal else settings.temporal_address or "",
            "database": self._postgres.url() if self._postgres else settings.require_database_url(),
        }
        return urls | ({"temporal_ui": self._temporal.ui_url} if self._temporal else {})

    def _require_free_ports(self) -> None:
        settings = self._settings
        ports.require_free(settings.host, settings.port, of="The API", setting="LEADLOOP_PORT")
        for port in range(settings.metrics_port, settings.metrics_port + 3):
            ports.require_free(settings.metrics_host, port, of="Metrics", setting="LEADLOOP_METRICS_PORT")
        if self._temporal:
            self._temporal.require_free_ports()

    def _programs(self, parts: Parts) -> list[Service]:
        env = {
            **os.environ,
            "LEADLOOP_DATABASE_URL": self._urls["database"],
            "LEADLOOP_TEMPORAL_ADDRESS": self._urls["temporal"],
            "LEADLOOP_DATA_DIR": str(self._folder.root),
            "LEADLOOP_GRACEFUL_STOP_SECONDS": str(STOP_WITHIN_SECONDS["worker"] - 0.5),
            "LEADLOOP_LOG_FORMAT": self._settings.log_format or ("console" if self._console.is_terminal else "json"),
        }

        def metrics_on(place: int) -> dict[str, str]:
            return env | {"LEADLOOP_METRICS_PORT": str(self._settings.metrics_port + place)}

        def api_is_ready(_started: datetime) -> bool:
            return answers_ok(f"{self._settings.local_url}/readyz")

        def worker_is_ready(started: datetime) -> bool:
            if self._temporal is None or parts.worker_queue is None:
                return True
            return self._temporal.polled(parts.worker_queue, since=started)

        return [
            ProgramService("courier", parts.program("courier"), env=metrics_on(1)),
            ProgramService("observer", parts.program("observer"), env=metrics_on(2)),
            ProgramService("worker", parts.program("worker"), env=env, is_ready=worker_is_ready),
            ProgramService("api", parts.program("api"), env=env, is_ready=api_is_ready),
        ]

    def _write_state(self) -> None:
        """Other commands find us by this; a database that is not ours has its password in its URL and stays out."""
        urls = {name: url for name, url in self._urls.items() if name != "database" or self._postgres}
        state.write(self._folder.state, state.StackState(os.getpid(), urls, self._supervisor.states()))


@contextmanager
def _stop_signals() -> Iterator[Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set; former handlers come back at the end."""
    stopped = Event()
    caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {sign: signal.signal(sign, lambda _sign, _frame: stopped.set()) for sign in caught}
    try:
        yield stopped
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
