"""The harness: real servers, started on first use and shared by a test process; a pure test starts none.

- `database_url` (per test): a fresh, migrated database of a real PostgreSQL, as a `postgresql://` URL.
- `empty_database_url` (per test): the same without migrations.
- `cluster` (per process): `TestCluster`; `with cluster.database() as url:` for a second database.
- `temporal_env` (per process): `LeadTestEnv` with `.client`, `.client_with(converter)`, `.advance(handle, timedelta)`,
  `.now(handle)`: a real dev server with one movable clock per workflow. Use task queues and workflow ids of your own.
- `smtp_sink` (per test): `SmtpSink` with `.host`, `.port`, `.deliveries`, `.to(address)`, `.hang()`, `.refuse()`.
- `desk` (per test): `tests.desk.Desk`, people and the default playbook in a fresh database, for notices.
- `logging_restored` (per test): handlers, levels and hooks as they were before.
- `tests.eventually`: `await eventually(condition, within_seconds=10)`, `eventually_sync`.
"""

import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from tests.desk import Desk
    from tests.lead_test_env import LeadTestEnv
    from tests.postgres_cluster import TestCluster
    from tests.smtp_sink import SmtpSink


@pytest.fixture(scope="session")
def cluster() -> "Iterator[TestCluster]":
    from tests.postgres_cluster import running_cluster  # noqa: PLC0415  pure tests must not pay for the driver

    with running_cluster() as started:
        yield started


@pytest.fixture
def database_url(cluster: "TestCluster") -> Iterator[str]:
    with cluster.database() as url:
        yield url


@pytest.fixture
def empty_database_url(cluster: "TestCluster") -> Iterator[str]:
    with cluster.database(migrated=False) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_env() -> "AsyncIterator[LeadTestEnv]":
    from tests.lead_test_env import running_lead_test_env  # noqa: PLC0415  pure tests must not pay for the SDK

    async with running_lead_test_env() as started:
        yield started


@pytest.fixture
def smtp_sink() -> "Iterator[SmtpSink]":
    from tests.smtp_sink import running_smtp_sink  # noqa: PLC0415  only mail tests pay for it

    with running_smtp_sink() as sink:
        yield sink


@pytest_asyncio.fixture
async def desk(database_url: str) -> "AsyncIterator[Desk]":
    from storage.engine import create_engine  # noqa: PLC0415  pure tests must not pay for the driver
    from tests.desk import Desk  # noqa: PLC0415  as above

    engine = create_engine(database_url)
    opened = Desk(engine)
    await opened.open()
    yield opened
    await engine.dispose()


@pytest.fixture
def logging_restored() -> Iterator[None]:
    with logging_kept():
        yield


@contextmanager
def logging_kept() -> Iterator[None]:
    """Put handlers, levels and hooks back as they were; `configure_logs` sets them for a whole process."""
    import structlog  # noqa: PLC0415  few tests log

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
