"""Of thousands of odd lives everything is said in sentences: no code, no gap, no stutter."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from leads.entries import Entry
from leads.explain import Explanation, explain
from leads.telling.lines import line
from leads.telling.words import Names, Words
from tests.builders import MONDAY, Story
from tests.leads.generated import life

LIVES = 60
NAMES = Names({name: name.capitalize() for name in ("ana", "ben", "cleo", "carl", "mira")})
PROSE = {"sentence", "started", "due", "kept_by", "breach", "summary", "title", "real_touch", "stands"}
"""Fields for people."""
A_CODE = re.compile(r"[a-z]_[a-z]|None|[{}<>\[\]]|  |\.\.")


def lived(seed: int) -> tuple[Story, datetime]:
    shelf, beats = life(seed)
    story = Story(shelf, people=("ana", "ben", "cleo", "carl"))
    for beat in beats:
        story.sleep_until(beat.at - timedelta(seconds=1))
        story.step(beat.at, *beat.mail)
        if beat.command is not None:
            (name, data), actor = beat.command
            story.give(beat.at, name, actor, **data)
    return story, max(beats[-1].at, story.lead.tick or beats[-1].at)


def prose(part: Any) -> Iterator[str]:
    """Everything in an explanation that people read."""
    if isinstance(part, dict):
        yield from (text for name, text in part.items() if name in PROSE and isinstance(text, str))
        for inner in part.values():
            yield from prose(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from prose(inner)


def told(story: Story, now: datetime) -> Explanation:
    return explain(story.lead, story.journal, story.shelf, now, names=NAMES)


def lines(story: Story, now: datetime) -> Iterator[str]:
    words = Words(MONDAY.tzinfo or now.tzinfo, now, NAMES)  # type: ignore[arg-type]  # both are aware
    entries: dict[str, Entry] = {entry.ref: entry for entry in story.journal}
    for happening in story.timeline.values():
        is_entry = happening.kind in ("fact", "command", "decision")
        entry = entries.get(happening.key.partition(":")[2]) if is_entry else None
        yield line(happening.kind, happening.data, words, entry)


@pytest.mark.parametrize("seed", range(LIVES))
def test_no_code_slips_into_what_people_read(seed: int) -> None:
    story, now = lived(seed)
    said = [*prose(told(story, now).model_dump(mode="json")), *lines(story, now)]

    assert said
    slipped = [text for text in said if A_CODE.search(text.replace("America/New_York", "there"))]
    assert slipped == []


@pytest.mark.parametrize("seed", range(0, LIVES, 3))
def test_what_ended_says_how_and_what_runs_says_what_would_keep_it(seed: int) -> None:
    story, now = lived(seed)
    for promise in told(story, now).promises:
        assert (promise.kept_by is None) is (promise.ended_at is not None)
        assert promise.sentence.startswith(promise.title)
        said_of = {
            "met": "was kept", "met_late": "kept late", "breached": "was broken", "dodged": "was missed",
            "waived": "was waived", "running": "is due", "overdue": "late.",
        }  # fmt: skip
        assert said_of.get(promise.state, "before it was due") in promise.sentence or promise.state == "cancelled"


@pytest.mark.parametrize("seed", range(0, LIVES, 3))
def test_the_summary_counts_promises_as_they_came_out(seed: int) -> None:
    story, now = lived(seed)
    summary = told(story, now).summary
    ended = [c for c in story.lead.clocks.values() if c.outcome and c.clock != "stage"]
    kept = sum(c.outcome in ("met", "met_late") for c in ended)

    if not story.lead.is_counted:
        assert "counts in no number" in summary
        assert "kept" not in summary
    elif ended:
        counts_at_all = any(c.outcome not in ("cancelled", "waived") for c in ended)
        said = {0: "No promise kept", 1: "1 promise kept"}.get(kept, f"{kept} promises kept")
        assert said in summary or not counts_at_all
