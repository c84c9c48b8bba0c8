"""The audit compares every column that the fold gives, a new one by itself."""

import psycopg
import pytest
from sqlalchemy import Boolean, DateTime, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables import clocks, hand_offs, lead_states, leads, timeline
from tests.faults.audit import audit
from tests.faults.oracle import NOT_FOLDED, folded_columns

COMPARED = [
    (table, name)
    for table in (leads, lead_states, clocks, hand_offs, timeline)
    for name in sorted(folded_columns(table) - {column.name for column in table.primary_key})
]
ALTERED = {
    Text: "coalesce({0}, '') || 'x'",
    DateTime: "coalesce({0}, now()) + interval '1 second'",
    Boolean: "NOT {0}",
    JSONB: "{0} || '{{\"altered\": 1}}'",
}
"""Of other types, which are numbers: one more."""


def altered(table: Table, name: str) -> str:
    """A statement that gives a column another value wherever there is a row."""
    pattern = next((to for kind, to in ALTERED.items() if isinstance(table.c[name].type, kind)), "coalesce({0}, 0) + 1")
    return f"UPDATE {table.name} SET {name} = {pattern.format(name)}"  # noqa: S608  names of our own tables


@pytest.mark.parametrize(("table", "name"), COMPARED, ids=[f"{table.name}.{name}" for table, name in COMPARED])
async def test_a_column_that_is_not_what_the_journal_folds_to_is_named(
    lead: str, database_url: str, table: Table, name: str
) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(altered(table, name)).rowcount > 0
    told = "which does not hold" if name == "key" else f"has another {name} in its row"
    assert any(told in difference for difference in (await audit(database_url)).differences), lead


def test_what_is_not_compared_is_named_and_little() -> None:
    for table, left_out in NOT_FOLDED.items():
        assert left_out < {column.name for column in table.columns}
    assert not any(isinstance(table.c[name].type, Uuid) for table, name in COMPARED)
    assert {("leads", "owner"), ("leads", "stage_since"), ("clocks", "announced_at"), ("timeline", "data")} <= {
        (table.name, name) for table, name in COMPARED
    }
