"""When the rungs of a running clock come due.

A rung stands at a fraction of the target, at due, or at an offset from due in the clock's calendar. Rungs that alarm
anyone but the owner wait for late evidence, and no place of a ladder comes sooner after the one before than the
playbook allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.clocks import binding_term, pauses_of
from leads.durations import parse_duration
from leads.life import Life
from leads.playbook_teams import NoticeMode
from leads.promises import Recipient, Rung
from leads.revisions import length_of
from leads.state import Clock


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of one clock: when it comes due, and when it may fire."""

    clock: Clock
    rung: Rung
    due_at: datetime
    fires_at: datetime
    """Later than `due_at` by the evidence lag where someone above the owner would hear of it."""

    @property
    def key(self) -> str:
        return f"{self.clock.key}/{self.rung.rung}"


def climb(life: Life, clock: Clock) -> list[Step]:
    """The rungs of a running clock not settled yet, lowest first."""
    if clock.ladder is None or not clock.is_running:
        return []
    rungs = life.shelf.number(clock.revision).rungs(clock)
    if all(f"{clock.key}/{rung.rung}" in life.lead.rungs for rung in rungs):
        return []
    return [step for step in steps(life, clock) if step.key not in life.lead.rungs]


def past_warnings(life: Life, clock: Clock, at: datetime) -> list[str]:
    """Rungs not settled that stand before due and would have come due by `at`."""
    return [step.rung.rung for step in climb(life, clock) if step.due_at <= at and step.rung.is_warning]


def steps(life: Life, clock: Clock) -> Iterator[Step]:
    """All rungs of a clock's ladder, settled or not. Those of one place go together; the next place waits its time."""
    if clock.ladder is None:
        return
    revision = life.shelf.number(clock.revision)
    playbook = revision.playbook
    apart, lag = parse_duration(playbook.notices.rungs_apart), playbook.evidence.lag_of(clock.team)
    places = sorted(((_due(life, clock, rung), rung) for rung in revision.rungs(clock)), key=lambda place: place[0])
    before: datetime | None = None
    floor: datetime | None = None
    for due_at, rung in places:
        if floor is None:
            floor = due_at
        elif due_at != before:
            floor = max(due_at, floor + apart)
        before = due_at
        yield Step(clock, rung, due_at, floor + (lag if rung.is_above_owner else timedelta()))


def _due(life: Life, clock: Clock, rung: Rung) -> datetime:
    term = binding_term(life, clock)
    length = length_of(term)
    needed = length * rung.fraction if rung.fraction is not None else max(length + rung.offset, timedelta())
    return life.shelf.number(clock.revision).run_out(term, needed, pauses_of(life.lead, clock))


def hearers(rung: Rung, mode: NoticeMode) -> tuple[Recipient, ...]:
    """Who is told in the playbook's mode: nobody in shadow, at most the owner in `notify_owner`."""
    if mode is NoticeMode.FULL:
        return rung.notify
    return tuple(role for role in rung.notify if role is Recipient.OWNER and mode is NoticeMode.NOTIFY_OWNER)
