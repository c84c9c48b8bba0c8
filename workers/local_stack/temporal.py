"""A Temporal dev server of our own, with its history in a file."""

import signal
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from workers.local_stack import ports
from workers.local_stack.probe import get_json
from workers.local_stack.processes import Child, last_line, spawn

SEARCH_ATTRIBUTES = {"LeadStage": "Keyword"}
STOP_WITHIN_SECONDS = 4.0


class TemporalServer:
    """A supervised `temporal server start-dev`: a `Service` that starts again on the same ports."""

    name = "temporal"

    def __init__(
        self, *, program: Path, database: Path, host: str, port: int, ui_port: int, namespace: str, log: Path
    ) -> None:
        self._program = program
        self._database = database
        self._host = host
        self._port = port
        self._ui_port = ui_port
        self._namespace = namespace
        self._log = log
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    @property
    def ui_url(self) -> str:
        return f"http://{self._host}:{self._ui_port}"

    def require_free_ports(self) -> None:
        """Raise `PortInUseError` when another program has one of ours."""
        ports.require_free(self._host, self._port, of="Temporal", setting="LEADLOOP_TEMPORAL_ADDRESS")
        ports.require_free(self._host, self._ui_port, of="The Temporal UI", setting="LEADLOOP_TEMPORAL_UI_PORT")

    def start(self) -> None:
        """Start on the history file, made when new; does not wait."""
        self._database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = {
            "--db-filename": [str(self._database)],
            # Twice the speed of the defaults; a crash of the machine may lose the last instants, which the courier's
            # sweep heals from the journal.
            "--sqlite-pragma": ["journal_mode=wal", "synchronous=normal"],
            "--ip": [self._host],
            "--port": [str(self._port)],
            "--ui-port": [str(self._ui_port)],
            "--namespace": [self._namespace],
            "--search-attribute": [f"{name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()],
            "--log-level": ["error"],
        }
        arguments = [part for option, values in options.items() for value in values for part in (option, value)]
        self._child = spawn(
            self.name, [str(self._program), "server", "start-dev", "--ui-disable-news-fetch", *arguments], log=self._log
        )

    def ready(self) -> bool:
        """Whether our namespace and the search attributes are served: asked through the UI, so that works too."""
        known = get_json(f"{self.ui_url}/api/v1/namespaces/{self._namespace}/search-attributes")
        return isinstance(known, dict) and SEARCH_ATTRIBUTES.keys() <= known.get("customAttributes", {}).keys()

    def polled(self, task_queue: str, *, since: datetime) -> bool:
        """Whether a worker has asked for workflow tasks of this queue at or after `since`."""
        found = get_json(f"{self.ui_url}/api/v1/namespaces/{self._namespace}/task-queues/{quote(task_queue, safe='')}")
        pollers = found.get("pollers", []) if isinstance(found, dict) else []
        return any(_instant(poller.get("lastAccessTime", "")) >= since for poller in pollers)

    def why_ended(self) -> str:
        return (
            f"{last_line(self._log, marks=('rror',))} (log: {self._log}); if {self._database} is damaged,"
            " move it away: open leads are woken again from the journal"
        )

    def exit_code(self) -> int | None:
        """The exit code of a server that has ended; None while it runs or was never started."""
        return self._child.exit_code() if self._child else None

    def stop(self, *, within_seconds: float = STOP_WITHIN_SECONDS) -> None:
        """Ask it to end, and end it by force after the deadline; the history file takes either."""
        if self._child is not None:
            self._child.stop(signal.SIGTERM, within_seconds=within_seconds)
            self._child = None


def _instant(text: str) -> datetime:
    """RFC 3339 in UTC with more digits than Python reads; nothing is long ago."""
    seconds = text.removesuffix("Z").partition(".")[0]
    fraction = text.removesuffix("Z").partition(".")[2][:6]
    return datetime.fromisoformat(f"{seconds or '0001-01-01T00:00:00'}.{fraction or '0'}+00:00")
