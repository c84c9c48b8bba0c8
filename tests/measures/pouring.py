"""Pouring moulds into leads, by SQL: the rows of a life with a fresh id, fresh keys and fresh words, as often as asked.

Instants stay: every lead of one mould stands where the mould stands, so that its state is what its journal folds to.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from tests.measures.copying import TABLES, copying
from tests.measures.moulds import Mould, phone_of

PORTION = 10_000
"""Leads in one statement, so that what it sorts fits into memory."""
AT_ONCE = 3
"""Connections that pour."""
_SETTINGS = "SET synchronous_commit = off; SET work_mem = '256MB'; SET statement_timeout = 0"
_PREPARE = """
CREATE SCHEMA crowd;
CREATE UNLOGGED TABLE crowd.pour (
    place bigint PRIMARY KEY, mould uuid, lead_id uuid, word text, new_word text, phone text, new_phone text
)
"""
# UUIDv7 with a time in the six hours after the mould's: leads of many lives stand side by side
_POUR = """
INSERT INTO crowd.pour
SELECT %(filled)s + row_number() OVER (ORDER BY id), mould, id, word, new_word, phone, new_phone
FROM (
    SELECT m.lead_id AS mould, m.word, m.phone, left(m.word, -7) || lpad(n::text, 7, '0') AS new_word,
           left(m.phone, -7) || lpad(n::text, 7, '0') AS new_phone,
           (lpad(to_hex(('x' || left(replace(m.lead_id::text, '-', ''), 12))::bit(48)::bigint
                        + (('x' || left(h, 8))::bit(32)::bigint * 21600000 >> 32)), 12, '0')
            || '7' || substr(h, 9, 3) || 'a' || substr(h, 12, 15))::uuid AS id
    FROM unnest(%(leads)s::uuid[], %(words)s::text[], %(phones)s::text[], %(first)s::bigint[], %(last)s::bigint[])
         AS m (lead_id, word, phone, first, last)
    CROSS JOIN LATERAL generate_series(m.first, m.last) AS n
    CROSS JOIN LATERAL md5(m.word || n) AS h
) AS copies
"""


class Pourer:
    """Fills a database from its moulds; each is the first lead of its kind. Leaves no connection open between calls."""

    def __init__(self, database_url: str, moulds: Sequence[Mould]) -> None:
        self._url = database_url
        self._moulds = moulds
        self._copies = [1] * len(moulds)
        self._statements: list[str] = []

    @property
    def leads(self) -> int:
        return sum(self._copies)

    def open(self) -> None:
        """Set the moulds' rows aside."""
        self._run(_PREPARE)
        self._pour([0] * len(self._moulds), [1] * len(self._moulds), 0)
        with psycopg.connect(self._url) as connection:
            self._statements = [made for table in TABLES if (made := copying(connection, table)) is not None]
        self._run("TRUNCATE crowd.pour")

    def fill(self, leads: int) -> None:
        """Pour until there are about so many; what is there stays."""
        before, filled = self._copies, self.leads
        self._copies = [
            max(copies, round(mould.share * leads)) for mould, copies in zip(self._moulds, before, strict=True)
        ]
        self._pour(before, self._copies, filled)
        portions = range(filled, self.leads, PORTION)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._fill_portion, portions))
        self._run("VACUUM (ANALYZE)")  # as autovacuum would in the minutes after

    def close(self) -> None:
        self._run("DROP SCHEMA crowd CASCADE")

    def _fill_portion(self, first: int) -> None:
        """In one transaction on a connection of its own."""
        with psycopg.connect(self._url) as connection:
            connection.execute(_SETTINGS)
            for statement in self._statements:
                connection.execute(statement.encode(), {"first": first, "last": min(first + PORTION, self.leads)})

    def _pour(self, before: list[int], copies: list[int], filled: int) -> None:
        numbers = range(len(self._moulds))
        self._run(_POUR, {
            "filled": filled, "leads": [mould.lead_id for mould in self._moulds],
            "words": [mould.word for mould in self._moulds], "phones": [phone_of(number, 0) for number in numbers],
            "first": before, "last": [count - 1 for count in copies],
        })  # fmt: skip
        self._run("ANALYZE crowd.pour")

    def _run(self, statement: str, params: dict[str, Any] | None = None) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(_SETTINGS)
            connection.execute(statement.encode(), params)
