"""The statements that multiply a mould's rows, made from what the tables are: a new column needs no line here."""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import Uuid

from storage.tables import identities, metadata, tally_queue

TABLES = [
    table
    for table in metadata.sorted_tables
    if ("lead_id" in table.c or table is identities) and table is not tally_queue
]
_MARKS = (("p.word", "p.new_word"), ("p.phone", "p.new_phone"), ("p.mould::text", "p.lead_id::text"))
"""What names a lead wherever it stands in a mould's rows, and what names its copy there."""


def copying(connection: psycopg.Connection[Any], table: Table) -> str | None:
    """The statement that pours a portion into one table; None where no mould has rows."""
    key = _key(table)
    connection.execute(
        f"CREATE UNLOGGED TABLE crowd.{table.name} AS"  # noqa: S608  names of our own tables
        f" SELECT t.* FROM {table.name} t JOIN crowd.pour p ON p.mould = t.{key}"
    )
    connection.execute(f"ANALYZE crowd.{table.name}")
    marked = [
        f"coalesce(bool_or(strpos(t.{column.name}::text, {old}) > 0), false)"
        for column in table.columns
        for old, _new in _MARKS
    ]
    found = connection.execute(
        f"SELECT count(*), {', '.join(marked)} FROM crowd.{table.name} t"  # noqa: S608  as above
        f" JOIN crowd.pour p ON p.mould = t.{key}"
    ).fetchone()
    if found is None or not found[0]:
        return None
    width = len(_MARKS)
    values = [
        f"{_value(column, key, found[1 + width * place : 1 + width * (place + 1)])} AS {column.name}"
        for place, column in enumerate(table.columns)
    ]
    names = ", ".join(column.name for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)}"  # noqa: S608  as above
        f" FROM crowd.pour p JOIN crowd.{table.name} t ON t.{key} = p.mould"
        " WHERE p.place > %(first)s AND p.place <= %(last)s ORDER BY p.place"
    )


def _key(table: Table) -> str:
    return "entity_id" if table is identities else "lead_id"


def _value(column: Column[Any], key: str, marked: Sequence[bool]) -> str:
    """A column of the copy, in SQL."""
    name = f"t.{column.name}"
    if column.name == key:
        return "p.lead_id"
    if isinstance(column.type, Uuid):
        return f"md5(p.lead_id::text || {name})::uuid"
    value = name
    for (old, new), is_marked in zip(_MARKS, marked, strict=True):
        value = f"replace({value}{'::text' if value == name else ''}, {old}, {new})" if is_marked else value
    if value == name:
        return name
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy says no more of it
    return f"{value}::{column.type.compile(dialect)}"
