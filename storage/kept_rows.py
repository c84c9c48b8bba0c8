"""The rows that follow a lead's state: its clocks, hand-offs and lists. Only those that changed are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from leads.companies import company_keys
from leads.state import Lead
from storage.clock_rows import clock_rows
from storage.hand_off_rows import hand_off_rows
from storage.listed_rows import listed_rows
from storage.tables import clocks, hand_offs

MATCHED = "matched:"
"""With an account's id: the lead is known to be of that account."""
Row = dict[str, Any]
Rows = dict[str, Row]
"""By what names them beside the lead."""


def _keep(table: Table) -> str:
    """Write whole rows, of any number of leads, that come as one JSON array; a row that is there is replaced."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy says no more of it
    types = ", ".join(f"{column.name} {column.type.compile(dialect)}" for column in table.columns)
    names = ", ".join(column.name for column in table.columns)
    key = ", ".join(column.name for column in table.primary_key.columns)
    rest = [column.name for column in table.columns if not column.primary_key]
    return f"""
        INSERT INTO {table.name} ({names})
        SELECT {names} FROM jsonb_to_recordset(%({table.name})s) AS r ({types})
        ON CONFLICT ({key}) DO UPDATE SET
            ({", ".join(rest)}) = ({", ".join(f"excluded.{name}" for name in rest)})
    """  # noqa: S608  names of our own tables


KEEP = f"WITH handed AS ({_keep(hand_offs)}) {_keep(clocks)}"
"""Both in one statement, since most steps that change one change the other."""
DROP_CLOCKS = "DELETE FROM clocks WHERE lead_id = %(lead_id)s AND key <> ALL (%(keys)s)"
DROP_HAND_OFFS = "DELETE FROM hand_offs WHERE lead_id = %(lead_id)s AND id <> ALL (%(keys)s)"


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows of one lead."""

    clocks: Rows
    hand_offs: Rows
    listed: Rows = field(default_factory=dict)
    companies: frozenset[str] = frozenset()
    """The keys its company goes by."""

    @classmethod
    def of(cls, lead: Lead, at: datetime) -> Self:
        """The rows as a step at `at`, or the last one, leaves them."""
        at = lead.tick or at
        return cls(clock_rows(lead, at), hand_off_rows(lead, at), listed_rows(lead), _companies(lead))

    def in_doubt(self) -> "Kept":
        """Rows that older rules wrote, or did not know of: whatever the state says of them is to be written."""
        return Kept(_blank(self.clocks), _blank(self.hand_offs), _blank(self.listed))


def _blank(rows: Rows) -> Rows:
    return {key: {} for key in rows}


def _companies(lead: Lead) -> frozenset[str]:
    """Mail providers too, since the playbook's list of them may change; nobody ever looks for those."""
    matched = [f"{MATCHED}{lead.account.account}"] if lead.account else []
    return frozenset([*company_keys(lead.profile, ()), *matched])


def changed(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[Row]:
    return [row for key, row in after.items() if before.get(key) != row]


def freed(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    """Whose load has become less: leads that left their hands, or that they have touched. Rows in doubt say nothing."""
    people = {
        row["owner"]
        for key, row in before.items()
        if row.get("owner") and row["ended_at"] is None and _is_lighter(row, after.get(key))
    }
    return sorted(people)


def _is_lighter(before: Row, after: Row | None) -> bool:
    if after is None or after["ended_at"] is not None or after["owner"] != before["owner"]:
        return True
    return before["touched_at"] is None and after["touched_at"] is not None
