"""A command line that cannot be obeyed: one line that says why, exit code 2, whichever command it is."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from storage.playbooks import default_text
from tests.api.fakes import Api
from tests.hostile.corpus import SHORT
from tests.workers.served_api import served
from workers import cli


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def leadloop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], logging_restored: None, tmp_path: Path
) -> Run:
    """Run the command in this process, in a folder without anything."""
    del logging_restored
    for name in [name for name in os.environ if name.startswith("LEADLOOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LEADLOOP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **variables: str) -> Said:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["leadloop", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return Said(int(end.value.code or 0), said.out, said.err)

    return run


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the program with the words that call it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, child in inner.items():
        yield from commands(child, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(cli.app)))
GROUPS = sorted({path[:-1] for path in COMMANDS if len(path) > 1})
OPTIONS = [
    (path, parameter.opts[0])
    for path, command in COMMANDS.items()
    for parameter in command.params
    if parameter.param_type_name == "option" and not parameter.is_flag
]


def filled(path: tuple[str, ...], leave_out: str = "") -> list[str]:
    """The words of a command with something for all it requires."""
    words = [*path]
    for parameter in COMMANDS[path].params:
        if parameter.required and parameter.opts[0] != leave_out:
            words += ["x"] if parameter.param_type_name == "argument" else [parameter.opts[0], "x"]
    return words


def assert_one_line(said: Said) -> None:
    assert (said.code, said.out) == (2, ""), said
    assert said.err.startswith("leadloop: ")
    assert said.err.endswith("\n")
    assert said.err[:-1].isprintable()


def test_all_commands_are_looked_at() -> None:
    assert {("up",), ("import",), ("lead", "touch"), ("playbook", "publish"), ("sla", "calc")} <= set(COMMANDS)
    assert (("lead", "touch"), "--channel") in OPTIONS


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_option_that_does_not_exist_is_one_line(leadloop: Run, path: tuple[str, ...]) -> None:
    said = leadloop(*path, "--no-such-option\x1b[31m")
    assert_one_line(said)
    assert f"leadloop {' '.join(path)} --help says more" in said.err


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_words_too_many_are_one_line(leadloop: Run, path: tuple[str, ...]) -> None:
    assert_one_line(leadloop(*filled(path), *["\x1b[31mmore\n"] * 9))


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_a_command_that_does_not_exist_is_one_line(leadloop: Run, path: tuple[str, ...]) -> None:
    assert_one_line(leadloop(*path, "no-such-command"))
    assert_one_line(leadloop("no-such-command"))


@pytest.mark.parametrize(
    ("path", "option"), OPTIONS, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_an_option_without_its_value_or_with_a_wild_one_is_one_line(
    leadloop: Run, path: tuple[str, ...], option: str
) -> None:
    assert_one_line(leadloop(*filled(path, option), option))
    # where any text will do, the command goes on and finds neither file nor Leadloop
    assert_one_line(leadloop(*filled(path, option), option, "\x1b]0;wild\x07\n\u202e"))


@pytest.mark.parametrize("path", [(), *GROUPS], ids=lambda path: " ".join(path) or "leadloop")
def test_without_a_command_the_help_is_shown(leadloop: Run, path: tuple[str, ...]) -> None:
    said = leadloop(*path)
    assert said.code == 2
    assert "Usage: " in said.out + said.err


@pytest.fixture
def api(tmp_path: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "data").mkdir()
    with served(Api().app, tmp_path / "data") as variables:
        yield variables


SAMPLES = (
    "lone surrogate", "every control", "line separators", "right to left", "only unseen", "header", "log line",
    "ansi title", "ansi clear", "markup", "markup behind a backslash", "path", "id",
)  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_a_nasty_name_of_a_lead_is_one_line(leadloop: Run, api: dict[str, str], name: str) -> None:
    text = SHORT[name]
    assert_one_line(leadloop("lead", "show", text, **api))
    assert_one_line(leadloop("lead", "accept", "x", "--system", text, "--as", "ana", "--note", text, **api))


def test_faults_of_a_playbook_and_a_mapping_steer_no_terminal(leadloop: Run, tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mplaybook.yaml"
    path.write_text('"\\e[31mred\\x9b2J\\u202e": 1\nplaybook: "\\e]0;x\\a"\n')
    said = leadloop("playbook", "validate", str(path))
    assert said.code == 1
    assert said.out.replace("\n", "").isprintable()
    for command in (["import", str(path), "--mapping", str(path)], ["sla", "calc", "--calendar", str(path)]):
        assert_one_line(leadloop(*command))


def test_a_revision_s_comment_is_shown_and_not_obeyed(leadloop: Run, api: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "playbook.yaml").write_text(default_text())
    for name in SAMPLES[3:-1]:
        if name != "only unseen":
            assert leadloop("playbook", "publish", "playbook.yaml", "--comment", SHORT[name], **api).code == 0
    said = leadloop("playbook", "history", "--limit", "200", COLUMNS="300", **api)
    assert said.code == 0
    assert said.out.replace("\n", "").isprintable()
    assert "[bold red]QZX[/]" in said.out
    assert "\\[bold]QZX\\\\[/bold]\\" in said.out
