"""`leadloop sla calc` as a program: a real process, real pipes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leads.calendar_fields import WEEKDAYS

PROGRAM = [sys.executable, "-c", "from workers.cli_sla import sla_app; sla_app()", "calc"]
OFFICE = {"timezone": "Europe/Berlin", "weekly": {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}}
DUE = {"op": "due", "start": "2026-03-27T16:30:00+01:00", "target": "PT2H"}
MONDAY = {"result": "2026-03-30T10:30:00+02:00"}


def run(text: str | bytes, *options: str | Path) -> subprocess.CompletedProcess[bytes]:
    content = text.encode() if isinstance(text, str) else text
    return subprocess.run([*PROGRAM, *map(str, options)], input=content, capture_output=True, timeout=60, check=False)  # noqa: S603


def answers(text: str | bytes, *options: str | Path) -> list[Any]:
    """What each line was answered, of a run that went well."""
    done = run(text, *options)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def code(answer: Any) -> str:
    return str(answer["error"]["code"])


@pytest.fixture
def calendar_file(tmp_path: Path) -> Path:
    path = tmp_path / "office.json"
    path.write_text(json.dumps(OFFICE))
    return path


def test_each_line_is_answered_by_one_line_and_a_bad_one_stops_nothing() -> None:
    good = json.dumps({**DUE, "calendar": OFFICE})
    lines = [good, "{", "", "[]", '{"op":"due","op":"due"}', '{"op":NaN}', "[" * 100_000, "9" * 5_000, "   ", good]

    found = answers("\n".join(lines))

    assert found[0] == found[-1] == MONDAY
    assert [code(answer) for answer in found[1:-1]] == ["bad_json", "bad_request", *["bad_json"] * 4]


def test_without_an_input_it_says_so_in_one_line() -> None:
    closed = ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *PROGRAM]

    done = subprocess.run(closed, capture_output=True, timeout=60, check=False)  # noqa: S603

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"leadloop: standard input is closed: pipe in what is to be read\n"


def test_bytes_that_are_no_text_and_lines_without_end_are_answered_too() -> None:
    good = json.dumps({**DUE, "calendar": OFFICE}).encode()

    found = answers(
        b"\xef\xbb\xbf" + good + b"\r\n\xff\xfe\n" + b"x" * 3_000_000 + b"\n" + good + b"\n" + b"y" * 1_048_577
    )

    assert found[0] == found[3] == MONDAY
    assert [code(found[i]) for i in (1, 2, 4)] == ["bad_json", "bad_request", "bad_request"]


def test_a_calendar_file_serves_lines_without_one(calendar_file: Path, tmp_path: Path) -> None:
    as_yaml = tmp_path / "office.yaml"
    as_yaml.write_text(
        "timezone: Europe/Berlin\n"
        "weekly: {mon: &day [['09:00', '17:00']], fri: *day}\n"
        "holidays: [2026-12-25, {country: DE}]\n"
        "date_overrides: {2026-12-24: []}\n"
    )

    assert answers(json.dumps(DUE), "--calendar", calendar_file) == [MONDAY]
    assert answers(json.dumps(DUE), "--calendar", as_yaml) == [MONDAY]
    assert code(answers(json.dumps(DUE))[0]) == "missing_calendar"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.yaml", None, "No such file"),
        ("broken.json", "{", "as JSON"),
        ("twice.json", '{"timezone":"UTC","timezone":"UTC"}', "twice"),
        ("twice.yaml", "timezone: UTC\ntimezone: UTC\n", "twice"),
        ("key.yaml", "? [a]\n: 1\n", "as YAML"),
        ("unsafe.yaml", "!!python/object/apply:os.getcwd []", "as YAML"),
        ("binary.yaml", b"\xff\xfe\x00", "as YAML"),
        ("empty.yaml", "", "must be an object"),
        ("itself.yaml", "&a {timezone: UTC, weekly: *a}", "an alias stands within what it names"),
        ("bare.yaml", "timezone: UTC\nweekly: {mon: [[13:30, 17:00]]}\n", "in quotes"),
        ("norway.yaml", "timezone: UTC\nweekly: {mon: [['09:00', '17:00']]}\nholidays: [{country: NO}]\n", "in quotes"),
        ("country.yaml", "timezone: UTC\nweekly: {mon: [['09:00', '17:00']]}\nholidays: [{country: XX}]\n", "ISO 3166"),
        ("huge.yaml", "#" * 2_000_000, "larger than"),
    ],
)
def test_an_unusable_calendar_file_is_one_line_and_exit_code_2(
    tmp_path: Path, name: str, content: str | bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    done = run("", "--calendar", path)

    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()
    assert name in done.stderr.decode()


@pytest.fixture
def conversation(calendar_file: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [*PROGRAM, "--calendar", str(calendar_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:  # noqa: S603
        yield program
        program.kill()


def test_an_answer_comes_before_the_next_question(conversation: subprocess.Popen[bytes]) -> None:
    assert conversation.stdin is not None
    assert conversation.stdout is not None
    for _ in range(3):
        conversation.stdin.write(json.dumps(DUE).encode() + b"\n")
        conversation.stdin.flush()
        assert json.loads(conversation.stdout.readline()) == MONDAY


def test_a_reader_that_leaves_ends_it_quietly(conversation: subprocess.Popen[bytes]) -> None:
    assert conversation.stdin is not None
    assert conversation.stdout is not None
    assert conversation.stderr is not None
    conversation.stdin.write(json.dumps(DUE).encode() + b"\n")
    conversation.stdin.flush()
    conversation.stdout.readline()
    conversation.stdout.close()
    conversation.stdin.write(json.dumps(DUE).encode() + b"\n")
    conversation.stdin.close()

    assert conversation.wait(timeout=60) == 0
    assert conversation.stderr.read() == b""
