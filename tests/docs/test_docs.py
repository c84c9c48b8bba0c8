"""What the documents name is there: links, files, settings, commands, queries."""

import re
from typing import Any

import psycopg
import pytest
import typer

from tests.docs import documents
from tests.docs.documents import ROOT, read
from workers.cli import app
from workers.local_stack.layout import DataFolder
from workers.settings import PREFIX, Settings

OPERATIONS = ROOT / "docs" / "operations.md"
NOT_OF_THE_REPOSITORY = {"stack.json", "up.lock", "name.txt", "name.html"}
"""Files of the data folder, and examples."""


def test_there_is_something_to_look_at() -> None:
    for found in (documents.links, documents.paths, documents.settings, documents.commands, documents.make_targets):
        assert len(list(found())) > 3, found


def test_every_relative_link_leads_somewhere() -> None:
    broken = []
    for document, target in documents.links():
        name, _, anchor = target.partition("#")
        file = (ROOT / document).parent / name if name else ROOT / document
        if not file.exists() or (anchor and anchor not in documents.anchors(file)):
            broken.append((document, target))
    assert broken == []


def test_every_file_named_is_there() -> None:
    missing = [
        (document, name)
        for document, name in documents.paths()
        if not (ROOT / name).exists() and name not in NOT_OF_THE_REPOSITORY
    ]
    assert missing == []


def test_every_variable_named_is_a_setting() -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = [found for found in documents.settings() if found.what not in known]
    assert unknown == []


def test_every_setting_stands_in_the_table_of_variables_with_its_default() -> None:
    told = {cells[0].strip("`"): cells[1].strip("`") for cells in documents.rows(read(OPERATIONS), "## Environment")}
    defaults = {
        f"{PREFIX}{name}".upper(): "unset" if field.default is None else str(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert told == defaults


def test_every_command_named_is_one() -> None:
    wrong = [found for found in documents.commands() if _fault_of(found.what.split())]
    assert wrong == []


def _fault_of(words: list[str]) -> str | None:
    """What is wrong with `leadloop WORDS…`, if anything."""
    command: Any = typer.main.get_command(app)
    for word in words:
        subcommands = getattr(command, "commands", {})
        if word.startswith("-"):
            options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
            if word not in options:
                return f"no option {word}"
        elif word in subcommands:
            command = subcommands[word]
        elif subcommands:
            return f"no command {word}"
    return None


def test_every_make_target_named_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    assert [found for found in documents.make_targets() if found.what not in targets] == []


def test_every_log_line_told_is_written_at_its_level() -> None:
    code = "\n".join(
        read(path) for room in ("storage", "activities", "workers") for path in (ROOT / room).rglob("*.py")
    )
    for event, level, _ in documents.rows(read(OPERATIONS), "## Log lines worth an alarm"):
        assert re.search(rf"log\.{level}\(\s*\"{event.strip('`')}\"", code), event


def test_the_data_folder_is_told_as_it_is() -> None:
    told = {part.strip("`/ ") for cells in documents.rows(read(OPERATIONS), "## The data folder")
            for part in cells[0].split(",")}  # fmt: skip
    folder = DataFolder(ROOT)
    made = {folder.postgres, folder.temporal.parent, folder.key, folder.log("x").parent, folder.state, folder.lock}
    assert {path.name for path in made} | {"run"} == told


@pytest.mark.parametrize("query", list(documents.blocks(read(OPERATIONS), "sql")))
def test_every_query_for_operators_runs_and_walks_no_whole_table(query: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(query.encode()).fetchall()
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {query}".encode()))
    assert "Seq Scan" not in plan, plan


def test_decisions_are_numbered_listed_and_say_what_they_must() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(folder.glob("[0-9]*.md"))
    index = read(folder / "README.md")
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = read(page)
        title = text.partition("\n")[0]
        assert title.startswith(f"# {page.name[:4]} ")
        assert f"| [{page.name[:4]}]({page.name}) | {title[7:]} |" in index
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Rejected"], page.name
