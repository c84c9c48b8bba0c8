"""The core is pure: it imports the standard library and pydantic, reads no clock, draws no lots, touches nothing."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

LEADS = Path(__file__).parents[2] / "leads"
FILES = sorted(LEADS.rglob("*.py"))
MAY_IMPORT = {"pydantic", "pydantic_core"}
BANNED = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time",
    "random", "secrets", "uuid.uuid4", "uuid.uuid1", "os", "pathlib",
}  # fmt: skip
SIDE_EFFECTS = {
    "asyncio",
    "io",
    "logging",
    "multiprocessing",
    "socket",
    "subprocess",
    "threading",
    "tempfile",
    "urllib",
}


def test_the_core_imports_pydantic_and_the_standard_library_and_nothing_else() -> None:
    graph = grimp.build_graph("leads", include_external_packages=True)
    outside = {module for module in graph.modules if module.partition(".")[0] != "leads"}

    assert outside - sys.stdlib_module_names == MAY_IMPORT
    assert not outside & (SIDE_EFFECTS | {name for name in BANNED if "." not in name})


def banned_uses(source: str) -> Iterator[str]:
    """Clock and chance, however they are imported."""
    names: dict[str, str] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    yield from (name for name in names.values() if name in BANNED or name.partition(".")[0] in BANNED)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            head, _, tail = ast.unparse(node).partition(".")
            full = f"{names.get(head, head)}.{tail}"
            if full in BANNED:
                yield full
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "print", "input", "exec", "eval"):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_of_the_core_reads_a_clock_draws_lots_or_touches_the_world(file: Path) -> None:
    assert list(banned_uses(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from datetime import datetime\nat = datetime.now()", "datetime.datetime.now"),
        ("import datetime as dt\nat = dt.datetime.now(dt.UTC)", "datetime.datetime.now"),
        ("from datetime import date as d\nat = d.today()", "datetime.date.today"),
        ("from datetime import datetime\nmake = datetime.utcnow", "datetime.datetime.utcnow"),
        ("import random", "random"),
        ("from random import choice", "random.choice"),
        ("from time import monotonic", "time.monotonic"),
        ("import uuid\nid = uuid.uuid4()", "uuid.uuid4"),
        ("from uuid import uuid4 as new", "uuid.uuid4"),
        ("from os import environ", "os.environ"),
        ("text = open('x').read()", "open"),
    ],
)
def test_each_way_around_would_be_seen(source: str, found: str) -> None:
    assert found in list(banned_uses(source))


def test_the_linter_refuses_the_same() -> None:
    config = tomllib.loads((LEADS / "ruff.toml").read_text(encoding="utf-8"))

    assert config["lint"]["flake8-tidy-imports"]["banned-api"].keys() == BANNED
