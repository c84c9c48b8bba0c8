from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from alembic import command

from storage import migrate
from storage.engine import DatabaseAwayError, DatabaseUrlError, dialect_url
from storage.migrate import SchemaTooNewError

OLDER_LIVES = """
INSERT INTO teams (team_id, name) VALUES ('sales', 'Sales');
INSERT INTO lead_states (lead_id, state)
SELECT lpad(n::text, 32, '0')::uuid, json_build_object('hand_offs', json_build_array(
    json_build_object('id', 'crm/first', 'team', 'closers', 'segment', 'named'),
    json_build_object('id', 'crm/r', 'team', CASE n WHEN 3 THEN 'gone' ELSE 'sales' END, 'segment', 'hot')
)) FROM generate_series(1, 3) AS n;
INSERT INTO clocks (lead_id, key, clock, team, segment, started_at)
SELECT lead_id, 'reply:crm/1', 'reply', 'sales', 'normal', now() FROM lead_states;
INSERT INTO journal (lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at)
SELECT lead_id, 'own', 1, 2, 'ignored_announced', now(), 'leadloop', 'a', '{"hand_off": "crm/r"}', now()
FROM lead_states;
INSERT INTO journal (lead_id, book, number, kind, type, effective_at, source, event_id, data, recorded_at)
SELECT lpad('1', 32, '0')::uuid, 'own', 1 + n, 2, 'breach_retracted', now(), 'leadloop', 'b' || n,
       jsonb_build_object('clock', 'reply:crm/' || n), now()
FROM generate_series(1, 2) AS n
"""


@contextmanager
def transaction(database_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(dialect_url(database_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection


def test_an_empty_database_is_brought_to_the_newest_revision(empty_database_url: str) -> None:
    assert migrate.current(empty_database_url) is None

    migrate.upgrade(empty_database_url)

    assert migrate.current(empty_database_url) == migrate.head()


def test_processes_that_migrate_at_once_take_turns(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [empty_database_url] * 4))

    assert migrate.current(empty_database_url) == migrate.head()


def test_the_migrations_build_what_the_tables_describe(database_url: str) -> None:
    config = migrate._config()
    with transaction(database_url) as connection:
        config.attributes["connection"] = connection
        command.check(config)  # raises when they differ
        found = sa.inspect(connection).get_table_names()

    assert "journal" in found


def test_leads_of_an_older_version_are_left_to_be_counted_from_their_beginning(empty_database_url: str) -> None:
    config = migrate._config()
    with transaction(empty_database_url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2026_11_25_letters")
        connection.execute(sa.text(OLDER_LIVES))
    migrate.upgrade(empty_database_url)

    with transaction(empty_database_url) as connection:
        waiting = connection.scalar(sa.text("SELECT count(DISTINCT lead_id) FROM tally_queue"))
        lives = connection.scalar(sa.text("SELECT count(*) FROM lead_states"))

    assert waiting == lives
    assert lives


def test_absences_told_before_they_had_ids_get_one_each(empty_database_url: str) -> None:
    config = migrate._config()
    with transaction(empty_database_url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2026_11_27_commands_stored")
        told = "INSERT INTO absences SELECT 'hr', n::text, 'ana', now(), now() FROM generate_series(1, 3) AS n"
        connection.execute(sa.text(told))
    migrate.upgrade(empty_database_url)

    with transaction(empty_database_url) as connection:
        assert connection.scalar(sa.text("SELECT count(DISTINCT absence_id) FROM absences")) == 3


def test_a_database_that_does_not_answer_is_said_to_be_away_without_its_password() -> None:
    with pytest.raises(DatabaseAwayError) as refused:
        migrate.upgrade("postgresql://someone:swordfish@127.0.0.1:1/leadloop")

    assert "swordfish" not in str(refused.value)


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    with transaction(database_url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '2999_01_01_from_the_future'"))

    with pytest.raises(SchemaTooNewError, match="2999_01_01_from_the_future"):
        migrate.upgrade(database_url)


@pytest.mark.parametrize("url", ["mysql://someone:swordfish@host/db", "not a url swordfish", "sqlite:///swordfish.db"])
def test_a_url_that_is_none_of_postgresql_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        dialect_url(url)

    assert "swordfish" not in str(refused.value)


def test_plain_urls_and_unix_sockets_are_understood() -> None:
    assert dialect_url("postgresql://me@db:5433/leads").drivername == "postgresql+psycopg"
    assert dialect_url("postgresql:///leads?host=/run/pg").query["host"] == "/run/pg"
