"""A CSV file of people, read row by row: what each row says of a person, or why it says nothing."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_ROWS = 5_000
COLUMNS = (
    *("person_id", "name", "email", "manager", "deputy", "is_active", "timezone", "calendar", "skills"),
    *("territories", "max_open_leads", "max_new_leads_per_day", "teams"),
)
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_LONGEST_QUOTE = 40
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""As files end lines. Other signs that count as line ends in texts stay within their row."""


class RosterFileError(ValueError):
    """A file that cannot be read at all; the message says what to do."""


@dataclass(slots=True)
class RosterRow:
    """What one row says. A column the file lacks says nothing; an empty cell empties its field."""

    line: int
    """Of the line the row ends on, the header being line 1."""
    person: str
    fields: dict[str, Any] = field(default_factory=dict)
    """Those of a `leads.roster.PersonEntry`."""
    teams: dict[str, int | None] | None = None
    """All teams of the person, each with the weight where one is given; None: as they are."""
    reasons: list[str] = field(default_factory=list)
    """Why the row is refused; empty where it can be taken."""


def read_roster_file(content: bytes) -> list[RosterRow]:
    """The rows of a CSV file in UTF-8 with a header of `COLUMNS`. Raises RosterFileError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterFileError("the file is not UTF-8 text: save it as CSV in UTF-8") from None
    reader = csv.reader(_LINES.findall(text), strict=True)
    try:
        columns = _header(next(reader, []))
        rows = [*_rows(reader, columns)]
    except csv.Error as error:
        raise RosterFileError(f"line {reader.line_num} is no CSV: {error}") from None
    first: dict[str, int] = {}
    for row in rows:
        line = first.setdefault(row.person, row.line)
        if row.person and line != row.line:
            row.reasons.append(f"person_id: line {line} has this person already")
    return rows


def _header(cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    known = ", ".join(COLUMNS)
    if "person_id" not in columns:
        raise RosterFileError(f"the first line names the columns, person_id among them; known are {known}")
    if unknown := [column for column in columns if column not in COLUMNS]:
        raise RosterFileError(f"there is no column {unknown[0][:_LONGEST_QUOTE]!r}; known are {known}")
    if len(set(columns)) < len(columns):
        raise RosterFileError("two columns have the same name")
    return columns


def _rows(reader: Any, columns: list[str]) -> Iterator[RosterRow]:
    for count, cells in enumerate((cells for cells in reader if any(map(str.strip, cells))), 1):
        if count > MOST_ROWS:
            raise RosterFileError(f"a file has at most {MOST_ROWS:,} rows: split it")
        if len(cells) != len(columns):
            reason = f"has {len(cells)} fields where the header has {len(columns)}"
            yield RosterRow(reader.line_num, "", reasons=[reason])
            continue
        yield _row(reader.line_num, dict(zip(columns, map(str.strip, cells), strict=True)))


def _row(line: int, cells: Mapping[str, str]) -> RosterRow:
    row = RosterRow(line, cells["person_id"])
    for column, cell in cells.items():
        try:
            if column == "teams":
                row.teams = _teams(cell)
            elif column != "person_id":
                row.fields[column] = _READ.get(column, _text)(cell)
        except ValueError as error:
            row.reasons.append(f"{column}: {error}")
    return row


def _text(cell: str) -> str | None:
    return cell or None


def _needed(cell: str) -> str:
    if not cell:
        raise ValueError("must not be empty")
    return cell


def _flag(cell: str) -> bool:
    if cell.lower() not in (*_YES, *_NO, ""):
        raise ValueError("write yes or no")
    return cell.lower() not in _NO


def _count(cell: str) -> int | None:
    if cell and not (cell.isascii() and cell.isdecimal() and len(cell) < 10):  # noqa: PLR2004  no one has more
        raise ValueError("write a whole number, or leave it empty for no limit")
    return int(cell) if cell else None


def _list(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _calendar(cell: str) -> Any:
    try:
        return json.loads(cell) if cell else None
    except (ValueError, RecursionError):
        raise ValueError("write the calendar as JSON, in the form of the playbook") from None


def _teams(cell: str) -> dict[str, int | None]:
    teams: dict[str, int | None] = {}
    for part in _list(cell):
        name, given, weight = part.partition("=")
        if given and not (weight.strip().isascii() and weight.strip().isdecimal() and len(weight) < 10):  # noqa: PLR2004
            raise ValueError("write team or team=weight, several with ; between them")
        teams[name.strip()] = int(weight) if given else None
    return teams


_READ: dict[str, Callable[[str], Any]] = {
    "name": _needed,
    "email": _needed,
    "is_active": _flag,
    "calendar": _calendar,
    "skills": _list,
    "territories": _list,
    "max_open_leads": _count,
    "max_new_leads_per_day": _count,
}
"""How the cell of a column is read; the others are texts."""
