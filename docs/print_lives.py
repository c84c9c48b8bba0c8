# ruff: noqa: INP001  (run with -m from the root; the documents are no package)
"""Prints three lives as Leadloop tells them, under the playbook it starts with: `python -m docs.print_lives`."""

import textwrap
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import yaml

from leads.explain import explain
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.telling.lines import corrected, line
from leads.telling.words import Delivery, Names, Words
from storage.playbooks import default_text
from tests.paper import Line, PaperStory, live, moments
from tests.scripts import SCRIPTS, Beat, Script
from workers import lead_story

LIVES = Path(__file__).with_name("lives.md")
BEGIN = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
"""A Monday, at opening."""
NAMES = Names(
    {"ana": "Ana", "ben": "Ben", "cleo": "Cleo", "mira": "Mira", "carl": "Carl", "cora": "Cora"},
    {"sales": "Sales", "closers": "Closers"},
)
WIDTH = 110
HEAD = """# Three lives

What becomes of a lead is best read once from beginning to end. These three are lived by the code itself under the
[playbook it starts with](../storage/default_playbook.yaml), and printed as `leadloop lead timeline` tells them. At some
moments somebody asks `leadloop lead explain`; the answer stands in between, shortened to what it says first.

The scripts stand in [tests/scripts.py](../tests/scripts.py). The tests live them on a real database and a real Temporal
as well, and this page is checked to be what `python -m docs.print_lives` prints. The words are in the
[glossary](glossary.md).
"""


def printed() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_life(script) for script in SCRIPTS)])


def _life(script: Script) -> str:
    parts, story, told = [f"## {script.title}\n", f"{_wrapped(script.about)}\n"], PaperStory(_default()), 0
    for after, beats, looks in moments(script):
        now = BEGIN + after
        if beats:
            live(story, beats, BEGIN)
        refused = [_refusal(story, beat, now) for beat in beats if beat.is_refused]
        if looks or refused:
            story.sleep_until(now)
            parts.append(_timeline(story, story.lines[told:], now))
            told = len(story.lines)
        parts += refused
        parts += [_why(story, now) for _ in looks]
    story.sleep_until(BEGIN + script.ends_after)
    if story.lines[told:]:
        parts.append(_timeline(story, story.lines[told:], BEGIN + script.ends_after))
    return "\n".join(parts)


def _default() -> Shelf:
    return Shelf([Revision(1, BEGIN - timedelta(days=365), Playbook.model_validate(yaml.safe_load(default_text())))])


def _timeline(story: PaperStory, lines: list[Line], now: datetime) -> str:
    reasons = story.shelf.in_force(now).playbook.reasons
    words = Words(UTC, now, NAMES, deliveries=_delivered(story), reasons=reasons)
    found = {"name": None, "company": None, "lead_id": "", "updated_at": now.isoformat()}
    told = {"timezone": "UTC", "next": None, "lines": [_as_served(story, one, words) for one in lines]}
    page = StringIO()
    with redirect_stdout(page):
        lead_story.tell(found, told)
    body = "\n".join(part for text in page.getvalue().split("\n")[2:-3] for part in _hung(text)).strip("\n")
    return f"```text\n{body}\n```\n"


def _delivered(story: PaperStory) -> dict[str, Delivery]:
    """On paper every letter arrives."""
    return {entry.id: Delivery("done") for entry in story.decided("notice_issued")}


def _as_served(story: PaperStory, one: Line, words: Words) -> dict[str, object]:
    """The line as the API serves it."""
    happening, entry = one.happening, one.entry
    sentence = line(happening.kind, happening.data, words, entry)
    return {
        "number": story.lines.index(one) + 1,
        "corrects": story.lines.index(one.corrects) + 1 if one.corrects else None,
        "kind": "corrected" if one.corrects else happening.kind,
        "type": entry.type if entry else happening.data.get("type"),
        "sentence": corrected("corrected", sentence) if one.corrects else sentence,
        "at": happening.at.isoformat(),
        "recorded_at": one.written_at.isoformat(),
        "heard_at": entry.recorded_at.isoformat() if entry else None,
        "data": happening.data,
        "stands": one.corrects is not None or happening.key not in story.fallen,
    }


def _why(story: PaperStory, now: datetime) -> str:
    told = explain(story.lead, story.journal, story.shelf, now, names=NAMES, deliveries=_delivered(story))
    said = [f"**{now:%a} {now.day} {now:%b %H:%M}, why?** {told.summary}", told.owner.sentence]
    said += [f"Next: {told.coming[0].sentence}"] if told.coming else []
    return _quoted(" ".join(said))


def _refusal(story: PaperStory, beat: Beat, now: datetime) -> str:
    why = story.turn.refusal if story.turn else None
    who = NAMES.people[beat.actor or ""]
    return _quoted(f"**{now:%a} {now.day} {now:%b %H:%M}, refused:** {who} asks to {beat.name} it: {why}.")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 120))


def _quoted(text: str) -> str:
    return "\n".join(f"> {part}" for part in textwrap.wrap(text, 118)) + "\n"


def _hung(text: str) -> Iterator[str]:
    """A line of the page; what wraps stays under the sentence."""
    indent = 13 if text.startswith(" ") else 11
    yield from textwrap.wrap(text, WIDTH, subsequent_indent=" " * indent) or [""]


if __name__ == "__main__":
    LIVES.write_text(printed(), encoding="utf-8")
