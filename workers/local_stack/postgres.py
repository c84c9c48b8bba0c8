"""A PostgreSQL of our own: one data folder, one owner-only socket, no network."""

import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from workers.local_stack import cluster, orphan
from workers.local_stack.identity import choose_identity, hand_over
from workers.local_stack.processes import Child, Identity, last_line, spawn
from workers.local_stack.sockets import PORT, socket_folder

DATABASE = "leadloop"
STOP_WITHIN_SECONDS = 5.0
_COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Error texts quote row values; the log keeps only what ends or stops the server.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """A supervised PostgreSQL: a `Service` that starts again on the same data and socket.

    The socket is the only way in, and only the owner reaches its folder: hence no password. `durable=False` gives up
    crash safety for speed and is for tests.
    """

    name = "postgres"

    def __init__(
        self,
        folder: Path,
        *,
        binaries: Path,
        log: Path,
        durable: bool = True,
        identify: Callable[[Path], tuple[Identity, Path]] = choose_identity,
    ) -> None:
        self._folder = folder.absolute()
        self._found_binaries = binaries
        self._log = log
        self._durable = durable
        self._identify = identify
        self._child: Child | None = None
        self._place: tuple[Identity, Path, Path] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def url(self, database: str = DATABASE) -> str:
        """A libpq and SQLAlchemy URL of one database, by the socket's folder."""
        _identity, _binaries, socket = self._settle()
        return f"postgresql://{cluster.SUPERUSER}@/{quote(database)}?host={quote(str(socket), safe='')}&port={PORT}"

    def start(self) -> None:
        """Start on the data folder, made first when it is new; does not wait.

        Raises `DataFolderError` for a folder that is damaged, of another version or out of reach.
        """
        identity, binaries, socket = self._settle()
        cluster.prepare(self._folder, binaries, identity=identity, log=self._log, durable=self._durable)
        self._folder.chmod(0o700)
        orphan.clear(self._folder)
        hand_over(self._folder, identity)
        hand_over(socket, identity)
        options = (
            _COMMON | {"port": str(PORT), "unix_socket_directories": str(socket)} | ({} if self._durable else _VOLATILE)
        )
        self._child = spawn(
            self.name,
            [
                str(binaries / "postgres"),
                "-D",
                str(self._folder),
                *(part for key, value in options.items() for part in ("-c", f"{key}={value}")),
            ],
            log=self._log,
            env=cluster.plain_env(),
            identity=identity,
            death_signal=signal.SIGINT,
        )

    def ready(self) -> bool:
        """Whether queries are answered; makes our database if it is missing."""
        try:
            self.create_database(DATABASE)
        except psycopg.OperationalError:
            return False
        return True

    def why_ended(self) -> str:
        reason = last_line(self._log, marks=("FATAL", "PANIC"))
        return (
            f"{reason} (log: {self._log}); if {self._folder} is damaged,"
            " move it away or choose another LEADLOOP_DATA_DIR"
        )

    def exit_code(self) -> int | None:
        """The exit code of a server that has ended; None while it runs or was never started."""
        return self._child.exit_code() if self._child else None

    def stop(self, *, within_seconds: float = STOP_WITHIN_SECONDS) -> None:
        """Fast shutdown; an immediate one when connections don't let go in time; then the end by force."""
        if self._child is None:
            return
        if not self._child.ask(signal.SIGINT, within_seconds=within_seconds):
            self._child.stop(signal.SIGQUIT, within_seconds=1.0)
        self._child.stop(signal.SIGINT, within_seconds=1.0)
        self._child = None

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database unless it is there, as a copy of `template` when one is named."""
        with psycopg.connect(self.url("postgres"), connect_timeout=2, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return
            copy = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copy)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending its connections."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _settle(self) -> tuple[Identity, Path, Path]:
        """Identity, binaries and socket folder: found out once, then fixed, so that a restart changes no URL."""
        if self._place is None:
            identity, binaries = self._identify(self._found_binaries)
            self._place = identity, binaries, socket_folder(self._folder.parent / "run")
        return self._place
