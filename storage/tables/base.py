"""What all tables share: one metadata, named constraints, and short words for the column types.

Instants are `timestamptz`, words are `text`; a column that may be empty says so by `maybe_…`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    }
)

UPDATED_OFTEN = {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02}
"""Room on the page for a row's next version, and vacuum before the dead rows are a tenth of a large table."""


def word_key() -> Column[str]:
    return Column(Text, primary_key=True)


def uuid_key() -> Column[UUID]:
    return Column(Uuid, primary_key=True)


def big_key() -> Column[int]:
    return Column(BigInteger, primary_key=True, autoincrement=False)


def word(starts_as: str | None = None) -> Column[str]:
    """Text that is always there; `starts_as` is what a row begins with."""
    return Column(Text, nullable=False, server_default=starts_as)


def maybe_word() -> Column[str | None]:
    return Column(Text, nullable=True)


def words() -> Column[list[str]]:
    """A list of texts that starts empty."""
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))


def uuid() -> Column[UUID]:
    return Column(Uuid, nullable=False)


def maybe_uuid() -> Column[UUID | None]:
    return Column(Uuid, nullable=True)


def instant() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False)


def stored_instant() -> Column[datetime]:
    """When the row was stored, by the database's clock."""
    return Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))


def maybe_instant() -> Column[datetime | None]:
    return Column(DateTime(timezone=True), nullable=True)


def count() -> Column[int]:
    """An integer that starts at 0."""
    return Column(Integer, nullable=False, server_default=text("0"))


def small_count() -> Column[int]:
    return Column(SmallInteger, nullable=False, server_default=text("0"))


def big_count() -> Column[int]:
    return Column(BigInteger, nullable=False, server_default=text("0"))


def maybe_number() -> Column[int | None]:
    return Column(Integer, nullable=True)


def flag(*, starts: bool = False) -> Column[bool]:
    return Column(Boolean, nullable=False, server_default=true() if starts else false())


def document() -> Column[dict[str, Any]]:
    return Column(JSONB, nullable=False)


def ordered_document() -> Column[dict[str, Any]]:
    """A document kept as it was written: jsonb puts an object's keys in an order of its own."""
    return Column(JSON, nullable=False)


def maybe_document() -> Column[dict[str, Any] | None]:
    return Column(JSONB(none_as_null=True), nullable=True)
