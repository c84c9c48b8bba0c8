"""Living a script on paper: the pure core alone, from an instant of one's choice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leads.entries import Entry, Kind
from leads.life import Happening
from leads.lifecycle import Answer, Ask, Question, Turn
from leads.revisions import Shelf
from leads.routing import AskMembers
from tests.builders import Story, fact
from tests.scripts import Beat, Look, Script

TEAMS = {"sales": ("ana", "ben", "cleo"), "closers": ("carl", "cora")}
MANAGED = frozenset(person for team in TEAMS.values() for person in team)
_DATE = re.compile(r"\+(\d+)d (\d+)h")


@dataclass(frozen=True)
class Line:
    """One line of the timeline as it was written; `corrects` is the one that it takes back."""

    happening: Happening
    written_at: datetime
    entry: Entry | None = None
    corrects: "Line | None" = None


@dataclass
class PaperStory(Story):
    """A story with teams, that keeps its timeline in the order written."""

    shelf_: Shelf

    lines: list[Line] = field(default_factory=list)
    fallen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(self.shelf_)

    def step(self, now: datetime, *entries: Entry, ask: Ask | None = None, may_decide: bool = True) -> Turn:
        known = dict(self.timeline)
        turn = super().step(now, *entries, ask=ask, may_decide=may_decide)
        written = {line.happening.key: line for line in self.lines if line.corrects is None}
        by_ref = {entry.ref: entry for entry in self.journal}
        for happening in turn.happenings:
            if happening.key not in known:
                is_entry = happening.kind in ("fact", "command", "decision")
                entry = by_ref.get(happening.key.partition(":")[2]) if is_entry else None
                self.lines.append(Line(happening, now, entry))
        if turn.refolded:
            gone = known.keys() - {happening.key for happening in turn.happenings} - self.fallen
            for line in sorted((written[key] for key in gone), key=self.lines.index):
                if line.entry is None:
                    self.fallen.add(line.happening.key)
                    self.lines.append(Line(line.happening, now, corrects=line))
        return turn

    def _answer(self, question: Question) -> Answer:
        if isinstance(question, AskMembers):
            return self.members(question, TEAMS.get(question.team, ()))
        return super()._answer(question)


def dated(data: dict[str, Any], begin: datetime) -> dict[str, Any]:
    """The script's own dates, `+2d 1h` from its beginning, as instants."""
    return {name: _instant(value, begin) for name, value in data.items()}


def _instant(value: Any, begin: datetime) -> Any:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    return (begin + timedelta(days=int(match[1]), hours=int(match[2]))).isoformat() if match else value


def moments(script: Script) -> Iterator[tuple[timedelta, list[Beat], list[Look]]]:
    """The script by the instants at which word comes in or somebody looks."""
    instants = sorted({beat.arrives for beat in script.beats} | {look.after for look in script.looks})
    for after in instants:
        yield (
            after,
            [beat for beat in script.beats if beat.arrives == after],
            [look for look in script.looks if look.after == after],
        )


def live(story: PaperStory, beats: list[Beat], begin: datetime) -> None:
    """What comes in at one instant: facts together, then the command."""
    at = begin + beats[0].arrives if beats else begin
    story.sleep_until(at)
    facts = [
        fact(beat.name, begin + beat.after, recorded_at=at, sender="crm", **dated(beat.data, begin))
        for beat in beats
        if beat.actor is None
    ]
    if facts:
        story.step(at, *facts)
    for beat in beats:
        if beat.actor is not None:
            turn = story.give(at, beat.name, beat.actor, **dated(beat.data, begin))
            assert (turn.refusal is not None) is beat.is_refused, turn.refusal


def lived(script: Script, shelf: Shelf, begin: datetime) -> PaperStory:
    """The whole script, lived to its end."""
    story = PaperStory(shelf)
    for _, beats, _ in moments(script):
        live(story, beats, begin)
    story.sleep_until(begin + script.ends_after)
    return story


def came_to(lead: Any) -> dict[str, Any]:
    """What a life came to: stage, hand-offs with their results, and how each promise ended."""
    return {
        "stage": str(lead.stage),
        "loops": lead.loops,
        "hand_offs": [(str(h.kind), h.owner, h.result, h.reason, h.is_under_worked) for h in lead.hand_offs],
        "promises": sorted(
            (str(c.clock), c.owner or "", str(c.outcome), c.why or "") for c in lead.clocks.values()
        ),
    }  # fmt: skip


def decided(journal: list[Entry]) -> list[str]:
    return [entry.type for entry in journal if entry.kind is Kind.DECISION]
