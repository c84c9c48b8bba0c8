"""Reading rows: one CSV streamed, others joined to it from a scratch database on disk, so that size costs no memory."""

import csv
import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import BinaryIO, Self

from workers.errors import CliError
from workers.importing.mapping import Join

MAX_FIELD = 1 << 20
"""Characters of one field; longer ones are rejected with their row."""
MAX_LINE = 8 << 20
"""Bytes of one line."""
MAX_ROW = 16 << 20
"""Characters of one row; quoted line breaks can make it any number of lines long."""


class FileError(CliError):
    """A file that cannot be read as CSV with a header."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file, or why it could not be read."""

    number: int
    """Of the line the row ends on, the header being line 1."""
    cells: list[str]
    """As they stand in the file; of what is no CSV its text in one piece."""
    row: dict[str, str]
    fault: str | None
    position: int
    """Bytes read so far, for a progress bar."""


class _Lines:
    """Physical lines; one that is far too long comes in pieces, which make no good rows and fill no memory.

    No generator: that would end at its first error, and the file with it.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._row: list[str] = []
        self._length = 0
        self._is_first = True

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self._length > MAX_ROW:
            raise csv.Error(f"row larger than {MAX_ROW >> 20} MiB")
        line = self._raw.readline(MAX_LINE).decode("utf-8", "surrogateescape")
        if not line:
            raise StopIteration
        if self._is_first:
            line = line.removeprefix("\ufeff")
            self._is_first = False
        self._row.append(line)
        self._length += len(line)
        return line

    def begin_row(self) -> None:
        self._row.clear()
        self._length = 0

    @property
    def row_text(self) -> str:
        """Of the row being read, as it stands in the file."""
        return "".join(self._row)


class CsvFile:
    """A CSV file with a header, in UTF-8; bytes that are none are kept as such and rejected where they are used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw, self.size = _opened(path)
        csv.field_size_limit(MAX_FIELD)
        self._lines = _Lines(self._raw)
        self._reader = csv.reader(self._lines, strict=True)
        try:
            self.columns = self._header()
        except FileError:
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._raw.close()

    def _header(self) -> list[str]:
        try:
            columns = next(self._reader)
        except StopIteration:
            raise FileError(f"{self.path} is empty; it needs a header line") from None
        except csv.Error as error:
            raise FileError(f"{self.path}: the header cannot be read: {error}") from None
        if not columns:
            raise FileError(f"{self.path} has no columns in its first line; it needs a header there")
        if len(set(columns)) != len(columns):
            raise FileError(f"{self.path}: two columns have the same name")
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in "".join(columns)):
            raise FileError(f"{self.path}: the header is not UTF-8 text; save the file as CSV in UTF-8")
        return columns

    def lines(self) -> Iterator[Line]:
        while True:
            fault = None
            cells: list[str] = []
            self._lines.begin_row()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                fault = f"not CSV: {error}"
                cells = [self._lines.row_text.rstrip("\r\n")]
            if not cells and fault is None:
                continue  # a blank line
            if fault is None and len(cells) != len(self.columns):
                fault = f"{len(cells)} fields where the header has {len(self.columns)}"
            row = {} if fault else dict(zip(self.columns, cells, strict=True))
            yield Line(self._reader.line_num, cells, row, fault, self._raw.tell())


def _opened(path: Path) -> tuple[BinaryIO, int]:
    """A file on disk and its bytes. A pipe or a device is refused unread: it may never come to an end, or begin."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise FileError(f"{path} is no file on disk: write what comes from there into one, and import that")
    return os.fdopen(handle, "rb"), status.st_size


class Joins:
    """Files joined to the main one, looked up by key."""

    def __init__(self, joins: dict[str, Join], files: dict[str, Path]) -> None:
        for name in sorted(joins.keys() ^ files.keys()):
            where = "the mapping has no such join" if name in files else f"give it as --join {name}=FILE"
            raise FileError(f"join {name}: {where}")
        self._joins = joins
        self._folder = TemporaryDirectory(prefix="leadloop-import-")
        self._scratch = sqlite3.connect(Path(self._folder.name) / "joins.db")
        self._scratch.execute("PRAGMA journal_mode = OFF")
        self._scratch.execute("CREATE TABLE rows (name, key, cells, PRIMARY KEY (name, key)) WITHOUT ROWID")
        try:
            for name, path in files.items():
                self._load(name, path)
        except BaseException:
            self.close()
            raise

    def _load(self, name: str, path: Path) -> None:
        with CsvFile(path) as file:
            if self._joins[name].key not in file.columns:
                raise FileError(f"{path} has no column {self._joins[name].key!r} to join on")
            for line in file.lines():
                if line.fault is not None:
                    raise FileError(f"{path}, line {line.number}: {line.fault}")
                key = _key(line.row[self._joins[name].key])
                cells = json.dumps({f"{name}.{column}": cell for column, cell in line.row.items()})
                try:
                    self._scratch.execute("INSERT INTO rows VALUES (?, ?, ?)", (name, key, cells))
                except sqlite3.IntegrityError:
                    raise FileError(f"{path}, line {line.number}: its key stands there twice") from None
        self._scratch.commit()

    def joined(self, row: dict[str, str]) -> dict[str, str]:
        """The row with the columns of its partners, named `join.column`."""
        whole = dict(row)
        for name, join in self._joins.items():
            key = _key(row.get(join.column, ""))
            found = self._scratch.execute("SELECT cells FROM rows WHERE name = ? AND key = ?", (name, key)).fetchone()
            if found:
                whole |= json.loads(found[0])
        return whole

    def close(self) -> None:
        self._scratch.close()
        self._folder.cleanup()


def _key(cell: str) -> bytes:
    """Bytes, since a cell may hold what is no UTF-8."""
    return cell.strip().encode("utf-8", "surrogateescape")
