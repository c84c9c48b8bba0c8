"""Reading CSV: what is no CSV, what is too much, and files that are joined."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workers.importing.mapping import Join
from workers.importing.rows import MAX_FIELD, CsvFile, FileError, Joins, Line


def read(path: Path, content: bytes) -> tuple[list[str], list[Line]]:
    path = path / "leads.csv"
    path.write_bytes(content)
    with CsvFile(path) as file:
        return file.columns, list(file.lines())


def test_lines_come_with_their_numbers_and_the_bytes_read(tmp_path: Path) -> None:
    content = b"id,name\n1,Ada\n\n2,Bo\n"
    columns, lines = read(tmp_path, content)
    assert columns == ["id", "name"]
    assert [(line.number, line.row, line.fault) for line in lines] == [
        (2, {"id": "1", "name": "Ada"}, None),
        (4, {"id": "2", "name": "Bo"}, None),
    ]
    assert lines[-1].position == len(content)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"\xef\xbb\xbfid,name\r\n1,Ada\r\n", [{"id": "1", "name": "Ada"}]),
        (b'id,name\n1,"Ada\nLovelace, ""the"" first"', [{"id": "1", "name": 'Ada\nLovelace, "the" first'}]),
        ("id,name\n1,Zoë 🙂".encode(), [{"id": "1", "name": "Zoë 🙂"}]),
        (b"id,name\n1,\xff\xfe\n", [{"id": "1", "name": "\udcff\udcfe"}]),
        (b"id,name\n1,a\x00b\n", [{"id": "1", "name": "a\x00b"}]),
        (b"id,name\n", []),
    ],
)
def test_what_a_spreadsheet_writes_is_read_as_it_is(tmp_path: Path, content: bytes, rows: list[dict[str, str]]) -> None:
    assert [line.row for line in read(tmp_path, content)[1]] == rows


def test_a_wrong_number_of_fields_is_a_fault_of_that_row_only(tmp_path: Path) -> None:
    _, lines = read(tmp_path, b"id,name\n1\n2,Bo,extra\n3,Cy\n")
    assert [line.fault for line in lines] == [
        "1 fields where the header has 2",
        "3 fields where the header has 2",
        None,
    ]
    assert [line.cells for line in lines[:2]] == [["1"], ["2", "Bo", "extra"]]


def test_a_huge_field_is_a_fault_and_the_next_row_is_read(tmp_path: Path) -> None:
    _, lines = read(tmp_path, b"id,name\n1," + b"x" * (MAX_FIELD + 1) + b"\n2,Bo\n")
    assert [bool(line.fault) for line in lines] == [True, False]
    assert lines[0].cells == ["1," + "x" * (MAX_FIELD + 1)]
    assert lines[1].row == {"id": "2", "name": "Bo"}


def test_a_quote_that_never_closes_is_a_fault_and_reads_no_more_than_its_limit(tmp_path: Path) -> None:
    body = b'id,name\n1,"open\n' + b"2,Bo\n" * 300_000
    _, lines = read(tmp_path, body)
    assert "not CSV" in (lines[0].fault or "")
    # the field ends at its limit of 1 MiB, about 210,000 lines on; what follows is read again
    assert len(lines) > 50_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n1,2\n", "has no columns"),
        (b"id,name,id\n", "two columns have the same name"),
        (b'"id"x,name\n', "the header cannot be read"),
        (b"\xff\xfeid,name\n", "not UTF-8"),
        (b"i\x00d,name\n", "not UTF-8"),
        (b"x" * (MAX_FIELD + 1) + b"\n", "the header cannot be read"),
    ],
)
def test_a_bad_header_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        read(tmp_path, content)


@pytest.mark.parametrize(("name", "said"), [("gone.csv", "cannot be read"), (".", "is no file on disk")])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        CsvFile(tmp_path / name)


@contextmanager
def joined(tmp_path: Path, content: str, key: str = "lead") -> Iterator[Joins]:
    path = tmp_path / "deals.csv"
    path.write_text(content, encoding="utf-8")
    joins = Joins({"deals": Join(key=key, column="id")}, {"deals": path})
    try:
        yield joins
    finally:
        joins.close()


def test_a_row_gets_the_columns_of_its_partner(tmp_path: Path) -> None:
    with joined(tmp_path, "lead,amount\n1,100\n 2 ,200\n") as joins:
        assert joins.joined({"id": "2"}) == {"id": "2", "deals.lead": " 2 ", "deals.amount": "200"}
        assert joins.joined({"id": "3"}) == {"id": "3"}


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        ("lead,amount\n1,100\n1,200\n", "lead", "line 3: its key stands there twice"),
        ("lead,amount\n1,100\n", "id", "has no column 'id' to join on"),
        ("lead,amount\n1\n", "lead", "line 2: 1 fields where the header has 2"),
    ],
)
def test_a_file_that_cannot_be_joined_is_refused(tmp_path: Path, content: str, key: str, reason: str) -> None:
    with pytest.raises(FileError, match=reason), joined(tmp_path, content, key):
        pass


def test_a_join_s_file_must_be_given_and_a_given_file_must_be_a_join(tmp_path: Path) -> None:
    deals = Join(key="lead", column="id")
    with pytest.raises(FileError, match="give it as --join deals=FILE"):
        Joins({"deals": deals}, {})
    with pytest.raises(FileError, match="the mapping has no such join"):
        Joins({}, {"deals": tmp_path / "deals.csv"})


def test_undecodable_bytes_of_a_partner_are_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(b"lead,note\n1,\xff\n\xfe,x\n")
    joins = Joins({"deals": Join(key="lead", column="id")}, {"deals": path})
    try:
        assert joins.joined({"id": "1"})["deals.note"] == "\udcff"
        assert joins.joined({"id": "\udcfe"})["deals.note"] == "x"
    finally:
        joins.close()
