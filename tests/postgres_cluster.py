"""A real PostgreSQL for tests: one cluster per test process, one fresh copy of the migrated database per test."""

import importlib.util
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.local_stack.binaries import find_postgres
from workers.local_stack.postgres import PostgresServer
from workers.local_stack.service import wait_ready

TEMPLATE = "leadloop_template"


class TestCluster:
    """Hands out databases; each is dropped by the one who took it."""

    __test__ = False

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        self._migrated = False

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a new database, migrated or empty; dropped with its connections afterwards."""
        name = f"test_{next(self._numbers)}"
        self.server.create_database(name, template=self._template() if migrated else None)
        try:
            yield self.server.url(name)
        finally:
            self.server.drop_database(name)

    def _template(self) -> str:
        """The migrated database every test gets a copy of; migrations run once per process."""
        if not self._migrated:
            self.server.create_database(TEMPLATE)
            if importlib.util.find_spec("storage.migrate"):
                from storage.migrate import upgrade  # noqa: PLC0415  pure tests must not pay for it

                upgrade(self.server.url(TEMPLATE))
            self._migrated = True
        return TEMPLATE


@contextmanager
def running_cluster() -> Iterator[TestCluster]:
    """Start a cluster in a temporary folder, without crash safety."""
    with tempfile.TemporaryDirectory(prefix="leadloop-") as folder:
        home = Path(folder)
        server = PostgresServer(home / "pg", binaries=find_postgres(), log=home / "postgres.log", durable=False)
        server.start()
        try:
            wait_ready(server, within_seconds=60)
            yield TestCluster(server)
        finally:
            server.stop()
