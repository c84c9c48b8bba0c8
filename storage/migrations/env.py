"""Runs the migrations on the connection `storage.migrate` hands in; `alembic` on the command line opens its own."""

import os

import sqlalchemy as sa
from alembic import context

from storage.engine import dialect_url
from storage.tables import metadata


def run(connection: sa.Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
    with context.begin_transaction():
        # a migration that waits for a table blocks everyone behind it: give up instead, and be run again
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    engine = sa.create_engine(dialect_url(os.environ["LEADLOOP_DATABASE_URL"]), poolclass=sa.NullPool)
    with engine.connect() as own:
        run(own)
