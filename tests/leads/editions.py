"""Playbooks edited while a lead is under way: a first touch, and what else a test names, before and after the edit."""

from datetime import UTC, datetime
from typing import Any

from leads.clocks import standing_name
from leads.revisions import Revision, Shelf
from leads.running import Choice, Running
from leads.state import Clock
from tests.builders import Story, at, captured, fact, playbook

EDITED_AT = at(hours=2)
"""11:00: when the edit comes into force, unless said otherwise."""
LADDER = [
    {"rung": "half", "at": "50%", "notify": ["owner"]},
    {"rung": "due", "at": "due", "notify": ["owner"]},
    {"rung": "manager", "at": "due+PT1H", "notify": ["manager"]},
]


def book(first_touch: str | dict[str, Any] | None = "PT4H", **changes: Any) -> Any:
    """A first touch within so long, in one segment; `promises` adds to it."""
    touch = {"target": first_touch, "ladder": "one"} if isinstance(first_touch, str) else first_touch
    promises = ({"first_touch": touch} if touch else {}) | changes.pop("promises", {})
    segment = {"name": "all", "team": "sales", "ignored_after": {"target": "PT90H"}, "promises": promises}
    return playbook(**{"segments": [segment], "ladders": {"one": LADDER}, "stages": {}} | changes)


def edited(before: Any, *edits: Any, choice: Choice | Running = Choice.CARRY) -> Shelf:
    """Edits one hour apart, the first at `EDITED_AT`; each is a playbook, or one with its own choice."""
    revisions = [Revision(1, datetime(2020, 1, 1, tzinfo=UTC), before)]
    for number, edit in enumerate(edits, start=2):
        said, chosen = edit if isinstance(edit, tuple) else (edit, choice)
        running = chosen if isinstance(chosen, Running) else Running(default=chosen)
        revisions.append(Revision(number, at(hours=number), said, running))
    return Shelf(revisions)


def begun(on: Shelf, people: tuple[str, ...] = ("ana", "ben")) -> Story:
    """Ana has had the lead since 09:00."""
    story = Story(on, people)
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="ana"))
    return story


def reached(story: Story, when: datetime = EDITED_AT, *revisions: int) -> Story:
    """The rollout reaches the lead then."""
    story.sleep_until(when)
    story.adopts = story.adopts | {*(revisions or range(2, story.shelf.latest + 1))}
    story.step(when)
    return story


def clock(story: Story, name: str = "first_touch") -> Clock:
    """The latest clock of a name."""
    return [found for found in story.lead.clocks.values() if found.clock == name][-1]


def notices(story: Story, name: str = "first_touch") -> list[tuple[str, str | None]]:
    """Template and rung of what was said of a clock."""
    return [
        (e.data.template, e.data.rung)  # type: ignore[attr-defined]  # by type
        for e in story.decided("notice_issued")
        if standing_name(story.lead, e.data.about).startswith(f"{name}:")  # type: ignore[attr-defined]
    ]
