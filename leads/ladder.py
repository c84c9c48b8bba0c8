"""When the rungs of a running clock come due.

A rung stands at a fraction of the target, at due, or at an offset from due in the clock's calendar. Rungs that alarm
anyone but the owner wait for late evidence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.clocks import binding_term
from leads.durations import parse_duration
from leads.life import Life
from leads.playbook import NoticeMode, Recipient, Rung
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
    playbook = life.shelf.number(clock.revision).playbook
    steps = [
        _step(life, clock, rung)
        for rung in playbook.ladders[clock.ladder]
        if f"{clock.key}/{rung.rung}" not in life.lead.rungs
    ]
    return sorted(steps, key=lambda step: step.due_at)


def _step(life: Life, clock: Clock, rung: Rung) -> Step:
    revision = life.shelf.number(clock.revision)
    term = binding_term(life, clock)
    length = length_of(term)
    needed = length * rung.fraction if rung.fraction is not None else max(length + rung.offset, timedelta())
    due_at = revision.run_out(term, needed, life.lead.pauses)
    lag = parse_duration(revision.playbook.evidence.lag) if rung.is_above_owner else timedelta()
    return Step(clock, rung, due_at, due_at + lag)


def hearers(rung: Rung, mode: NoticeMode) -> tuple[Recipient, ...]:
    """Who is told in the playbook's mode: nobody in shadow, at most the owner in `notify_owner`."""
    if mode is NoticeMode.FULL:
        return rung.notify
    return tuple(role for role in rung.notify if role is Recipient.OWNER and mode is NoticeMode.NOTIFY_OWNER)
