"""Files from strangers: each row is taken or stands in the rejects file with its reason, whatever it holds."""

import csv
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.corpus import STRINGS
from tests.workers.importing import CAPTURED, COLUMNS, Folder, mapping, rejected, row
from workers.furnish import furnish
from workers.importing.mapping import MappingError, RowError, load_mapping
from workers.importing.rows import MAX_ROW, CsvFile, FileError, Line
from workers.importing.run import BATCH_ROWS

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of one."""
TYPED = CAPTURED | {
    "id": "{id}/{won}",
    "data": {
        "source": {"column": "origin", "map": {"paid": "ads"}, "default": "unspecified"},
        "email": {"column": "email"},
        "attributes.size": {"column": "won", "number": True},
        "attributes.name": {"template": "{email} {origin}"},
    },
}


@pytest_asyncio.fixture
async def folder(database_url: str, tmp_path: Path) -> AsyncIterator[Folder]:
    await furnish(database_url, datetime.now(UTC))
    made = Folder(tmp_path, database_url)
    yield made
    await made.engine.dispose()


def read(content: bytes) -> list[Line]:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        with CsvFile(Path(file.name)) as opened:
            return [*opened.lines()]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(st.sampled_from('",;\r\n\t ab\0é\ufeff\u2028'), max_size=60).map(str.encode)
    | st.text(max_size=30).map(lambda text: text.encode("utf-16"))
)
def test_any_bytes_are_rows_or_faults_or_no_file_of_ours(content: bytes) -> None:
    try:
        lines = read(b"id,origin\n" + content) + read(content)
    except FileError:
        return
    for line in lines:
        assert bool(line.fault) != bool(line.row)
        # what is wrong with a row is told in a line, and never begins a formula
        assert line.fault is None or (line.fault.isprintable() and not line.fault.startswith(FORMULA))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from([*STRINGS.values()]) | st.text(max_size=20), min_size=5, max_size=5))
def test_any_cells_become_events_or_a_reason(cells: list[str]) -> None:
    try:
        made = [*mapping(TYPED).events_of(dict(zip(COLUMNS, cells, strict=True)), backfill=False)]
    except RowError as refused:
        made = []
        assert len(str(refused)) < 300  # noqa: PT017  either end is a good one
    assert all(event["specversion"] == "1.0" for event in made)


async def test_each_row_is_taken_or_stands_among_the_rejected_as_it_was(folder: Folder) -> None:
    rows = [row(number, **{column: text}) for number, text in enumerate(STRINGS.values()) for column in COLUMNS]
    assert len(rows) < BATCH_ROWS
    file = folder.path / "leads.csv"
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened:
        writer = csv.writer(opened, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for cells in rows:
            writer.writerow([cell.encode("utf-8", "replace").decode() for cell in cells.values()])

    tally, rejects = await folder.bring_in(file, mapping(TYPED), backfill=False)

    reasons = {reason for _, reason, *_ in rejected(rejects)}
    assert tally.rows == len(rows)
    assert tally.rejected_rows == len(rejected(rejects)) == rejects.count > len(STRINGS)
    assert sum(tally.accepted.values()) + tally.duplicates == tally.rows - tally.rejected_rows > len(STRINGS)
    for reason in reasons:
        assert reason
        assert len(reason) < 1_000
        assert not reason.startswith(FORMULA)
    # the rest of a rejected row stands as it came, to be mended and imported again: no mark is put before a formula
    kept = {cell for _, _, *cells in rejected(rejects) for cell in cells}
    assert STRINGS["formula"] in kept | {cells["origin"] for cells in rows}


def test_a_row_without_end_is_cut_off_and_what_follows_is_read(tmp_path: Path) -> None:
    # each line break stands in quotes, so all lines are one row, until it is cut
    path = tmp_path / "leads.csv"
    line = '","' + "x" * 10_000 + "\n"
    path.write_text('id,origin\n"' + line * (MAX_ROW // len(line) + 20) + "L2,paid\n")

    with CsvFile(path) as opened:
        lines = [*opened.lines()]

    assert lines[0].fault == "not CSV: row larger than 16 MiB"
    assert MAX_ROW < lines[0].position < MAX_ROW + 2 * len(line)
    assert lines[-1].row == {"id": "L2", "origin": "paid"}


def test_a_mapping_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    levels = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
    path.write_text("\n".join(levels))
    with pytest.raises(MappingError, match="at most 50,000 values"):
        load_mapping(path)
