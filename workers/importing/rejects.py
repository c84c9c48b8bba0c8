"""What could not be taken: the row as it was, with the line and the reason, in a file only its owner can read.

To be mended and imported again. So nothing is put before a cell that a spreadsheet would take for a formula: whoever
opens the file in one has opened what came in. A reason never begins one.
"""

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from workers.errors import CliError
from workers.importing.rows import Line


class RejectsError(CliError):
    """The file of rejected rows cannot be written."""


class Rejects:
    """`FILE.rejected.csv`, made when the first row is rejected. A file of an earlier run is replaced."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self.path = path.with_name(f"{path.name.removesuffix('.csv')}.rejected.csv")
        self.count = 0
        self._columns = columns
        self._file: TextIO | None = None
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise RejectsError(f"{self.path} is in the way of rejected rows: {error.strerror}; move it") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, line: Line, reason: str) -> None:
        if self._file is None:
            self._file = self._open()
            csv.writer(self._file).writerow(["_line", "_reason", *self._columns])
        csv.writer(self._file).writerow([line.number, reason, *line.cells])
        self.count += 1

    def _open(self) -> TextIO:
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            message = f"Rejected rows cannot be written to {self.path}: {error.strerror}; then import again"
            raise RejectsError(message) from None
        return os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="")
