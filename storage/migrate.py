"""Brings the database's schema to where this code expects it. Safe to run from several processes at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from storage.engine import DatabaseAwayError, Patience, connect_arguments, dialect_url

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x1EAD_100B
"""The advisory lock under which one process at a time migrates."""


class SchemaTooNewError(Exception):
    """The database was migrated by a newer Leadloop than this one: run that version, or a newer one."""


def upgrade(database_url: str) -> None:
    """Run what is missing, in one transaction. Raises `DatabaseAwayError`, `SchemaTooNewError`."""
    config = _config()
    with _transaction(database_url) as connection:
        # waits for another process that migrates, more patiently than a migration waits for a table
        connection.execute(sa.text("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _refuse_newer(connection, config)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(database_url: str) -> str | None:
    """The revision the database stands at, None when it is empty. Raises `DatabaseAwayError`."""
    with _transaction(database_url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision this code expects."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError("no migration is shipped with this build")
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_newer(connection: sa.Connection, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        raise SchemaTooNewError(
            f"the database stands at {', '.join(sorted(unknown))}, which this version does not know:"
            " run the version that migrated it, or a newer one"
        )


@contextmanager
def _transaction(database_url: str) -> Iterator[sa.Connection]:
    """One transaction on one connection; what the driver raises leaves as `DatabaseAwayError`."""
    engine = sa.create_engine(
        dialect_url(database_url),
        poolclass=sa.NullPool,
        hide_parameters=True,
        connect_args=connect_arguments(patience=Patience(), behind_bouncer=True),
    )
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise DatabaseAwayError(_sentence(error)) from None


def _sentence(error: OperationalError) -> str:
    return f"the database is away or busy ({type(error.orig).__name__}): check LEADLOOP_DATABASE_URL and try again"
