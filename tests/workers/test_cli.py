"""The command line: one line for a mistake, no traceback, no value of anybody's."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from workers import cli
from workers.doctor import Check, examine
from workers.errors import CliError
from workers.settings import load_settings
from workers.welcome import capture_command

EMAIL = "anna.huber@example.com"


class Answer(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def leadloop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], logging_restored: None, tmp_path: Path
) -> Run:
    """Run the command in this process, with the settings given and none of this machine."""
    del logging_restored
    for name in [name for name in os.environ if name.startswith("LEADLOOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEADLOOP_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str, app: typer.Typer = cli.app, **variables: str) -> Answer:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(cli, "app", app)
        monkeypatch.setattr(sys, "argv", ["leadloop", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return Answer(int(end.value.code or 0), said.out, said.err)

    return run


def failing_with(error: Exception) -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise error

    return app


def test_help_names_each_command_and_a_wrong_one_is_exit_2(leadloop: Run) -> None:
    shown = leadloop("--help")
    assert shown.code == 0
    for command in ("up", "api", "worker", "courier", "migrate", "doctor", "sla"):
        assert f" {command} " in shown.out
    assert leadloop("upp").code == 2


@pytest.mark.parametrize("command", ["api", "worker", "courier", "migrate"])
def test_without_a_database_each_process_says_what_to_do(leadloop: Run, command: str) -> None:
    done = leadloop(command)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("leadloop: LEADLOOP_DATABASE_URL is not set")
    assert done.err.count("\n") == 1


def test_migrate_brings_a_database_up_to_date_twice(leadloop: Run, empty_database_url: str) -> None:
    for _ in range(2):
        done = leadloop("migrate", LEADLOOP_DATABASE_URL=empty_database_url)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("The database stands at ")


def test_a_database_that_is_away_is_one_line_without_its_password(leadloop: Run) -> None:
    done = leadloop("migrate", LEADLOOP_DATABASE_URL="postgresql://loop:hunter2@127.0.0.1:1/leads")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "hunter2" not in done.err


def test_an_error_of_a_person_s_is_its_message_and_exit_2(leadloop: Run) -> None:
    done = leadloop(app=failing_with(CliError("no such file:\n leads.csv")))
    assert done == Answer(2, "", "leadloop: no such file: leads.csv\n")


def test_an_unexpected_error_is_class_and_place_but_not_its_words(leadloop: Run) -> None:
    code, _, said = leadloop(app=failing_with(ValueError(f"Key (email)=({EMAIL})")))
    assert code == 1
    assert said.startswith("leadloop: unexpected builtins.ValueError at tests/workers/test_cli.py:")
    assert said.count("\n") == 1
    assert EMAIL not in said


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLOOP_DEBUG", "1")
    monkeypatch.setattr(cli, "app", failing_with(ValueError("why")))
    monkeypatch.setattr(sys, "argv", ["leadloop"])
    with pytest.raises(ValueError, match="why"):
        cli.main()


def test_a_reader_that_goes_away_is_no_error_of_ours() -> None:
    program = [sys.executable, "-m", "workers.cli", "--help"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603  our own command
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert b"Traceback" not in said


def test_doctor_finds_what_is_there_and_what_is_not(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEADLOOP_DATABASE_URL", database_url)
    monkeypatch.setenv("LEADLOOP_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("LEADLOOP_PORT", "1")
    monkeypatch.setenv("LEADLOOP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LEADLOOP_PROT", "8080")
    checks = {check.name: check for check in examine(load_settings())}
    assert checks["database"].verdict == "good"
    assert checks["postgres programs"].verdict == "good"
    assert checks["temporal"].verdict == "bad"
    assert checks["api"].verdict == "bad"
    assert checks["admin key"].verdict == "note"
    assert "LEADLOOP_PROT" in checks["environment"].finding


def test_doctor_answers_programs_in_json_and_exit_1_when_something_is_bad(leadloop: Run) -> None:
    done = leadloop("doctor", "--json", LEADLOOP_TEMPORAL_ADDRESS="127.0.0.1:1")
    checks = [Check(**found) for found in json.loads(done.out)]
    assert done.code == 1
    assert {check.name for check in checks if check.verdict == "bad"} >= {"database", "temporal"}


def test_the_printed_command_sends_two_events_of_a_new_lead() -> None:
    at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    command = capture_command("http://127.0.0.1:8080", Path("/data dir/admin.key"), at=at)
    assert command.startswith("curl -sS http://127.0.0.1:8080/v1/events ")
    assert "Bearer $(cat '/data dir/admin.key')" in command
    events = json.loads(command.split("-d '")[1].rstrip("'"))
    assert [event["type"] for event in events] == ["lead.captured", "lead.hand_raised"]
    assert len({event["id"] for event in events}) == 2
    assert {event["subject"] for event in events} == {"visitor-20261122T090000Z"}
    assert {event["time"] for event in events} == {"2026-11-22T09:00:00Z"}
