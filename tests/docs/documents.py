"""The documents of the project, taken apart: what they link to, name and quote."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SETTING = re.compile(r"LEADLOOP_[A-Z0-9_]*[A-Z0-9]")
_COMMAND = re.compile(r"(?:^|[\s;|(`])leadloop ((?:-{0,2}[a-z][a-z-]*)(?: -{0,2}[a-z][a-z-]*)*)")
_SUFFIXES = (".py", ".md", ".toml", ".yaml", ".yml", ".lock", ".mako", ".txt", ".html", ".json")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Found(NamedTuple):
    """Something a document says, and where."""

    document: str
    what: str


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def spans(text: str) -> Iterator[str]:
    """What stands in backticks outside of code blocks."""
    yield from _SPAN.findall(_FENCE.sub("", text))


def blocks(text: str, language: str) -> Iterator[str]:
    """The code blocks in a language."""
    yield from (body for found, body in _FENCE.findall(text) if found == language)


def links() -> Iterator[Found]:
    """Relative links, with their anchors."""
    for path in DOCUMENTS:
        for target in _LINK.findall(_FENCE.sub("", read(path))):
            if "://" not in target and not target.startswith("mailto:"):
                yield Found(name_of(path), target)


def anchors(path: Path) -> set[str]:
    """The names of a document's headings, as they are linked to."""
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(_FENCE.sub("", read(path))))
    return {heading.strip().replace(" ", "-") for heading in words}


def paths() -> Iterator[Found]:
    """What in backticks is a file or folder of ours: it begins with one of our folders, or ends like a file."""
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for path in DOCUMENTS:
        for span in spans(read(path)):
            is_inside = "/" in span and span.split("/")[0] in folders
            if re.fullmatch(r"[\w.\-/]+", span) and (is_inside or span.endswith(_SUFFIXES)):
                yield Found(name_of(path), span)


def settings() -> Iterator[Found]:
    for path in DOCUMENTS:
        for name in _SETTING.findall(read(path)):
            yield Found(name_of(path), name)


def commands() -> Iterator[Found]:
    """The words after `leadloop`, in backticks and in shell blocks; arguments in capitals and quotes end them."""
    for path in DOCUMENTS:
        text = read(path)
        for code in (*spans(text), *blocks(text, "sh"), *blocks(text, "console")):
            for words in _COMMAND.findall(code):
                yield Found(name_of(path), words)


def make_targets() -> Iterator[Found]:
    for path in DOCUMENTS:
        text = read(path)
        for code in (*spans(text), *blocks(text, "sh"), *blocks(text, "console")):
            for target in re.findall(r"(?:^|\s)make ([a-z]+)", code):
                yield Found(name_of(path), target)


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    section = text.split(f"{heading}\n", 1)[1]
    table = section[section.index("\n|") :].lstrip("\n").split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
