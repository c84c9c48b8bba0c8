"""`leadloop up` with trivial processes in place of ours: run as a script by the tests of the local stack.

Usage: `stack_program.py up`, or `stack_program.py api|worker|courier|observer` for one of the trivial processes.
"""

import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg

from workers import cli
from workers.settings import load_settings
from workers.up import Parts, run_parts


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        del format, args


def migrate(database_url: str, _timezone: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO starts DEFAULT VALUES")


def ensure_key(_database_url: str, data_dir: Path) -> Path:
    key = data_dir / "admin.key"
    key.write_text("secret")
    key.chmod(0o600)
    return key


def program(command: str) -> list[str]:
    return [sys.executable, str(Path(__file__)), command]


def idle() -> None:
    """Work until asked to stop; a stubborn worker does not listen."""
    stop = threading.Event()
    if not os.environ.get("STUBBORN"):
        signal.signal(signal.SIGTERM, lambda _sign, _frame: stop.set())
    else:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stop.wait()


def api() -> None:
    signal.signal(signal.SIGTERM, lambda _sign, _frame: sys.exit(0))
    HTTPServer(("127.0.0.1", load_settings().port), Ready).serve_forever()


@cli.app.command("trivial-up")
def trivial_up() -> None:
    run_parts(load_settings(), lambda: Parts(migrate=migrate, ensure_key=ensure_key, program=program))


if __name__ == "__main__":
    if sys.argv[1] == "up":
        sys.argv[1] = "trivial-up"
        cli.main()
    else:
        {"api": api, "worker": idle, "courier": idle, "observer": idle}[sys.argv[1]]()
