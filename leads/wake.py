"""When a lead must be looked at again. An open lead always has such an instant."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from leads.decide import next_look, nurture_at
from leads.durations import parse_duration
from leads.ladder import climb
from leads.life import Life
from leads.revisions import Shelf
from leads.stages import Stage
from leads.state import Lead

REVIEW_EVERY = timedelta(days=30)
"""An open lead for which nothing else is due is looked at this often all the same."""


def next_wake(lead: Lead, shelf: Shelf, at: datetime) -> datetime | None:
    """The earliest instant after `at` that matters; None once the lead has ended."""
    if not lead.is_open:
        return None
    return min((instant for instant in _instants(lead, shelf, at) if instant > at), default=at + REVIEW_EVERY)


def _instants(lead: Lead, shelf: Shelf, at: datetime) -> Iterator[datetime]:
    playbook = shelf.in_force(at).playbook
    if lead.stage is not Stage.PROVISIONAL:
        yield from filter(None, (nurture_at(lead, playbook), lead.wake_at))
    life = Life(lead, shelf)
    for clock in lead.running():
        if not clock.quiet:
            yield clock.due_at
            yield from (step.fires_at for step in climb(life, clock))
    hand_off = lead.hand_off
    if hand_off is None:
        return
    look = next_look(hand_off, at)
    if look is not None:
        yield look
    if hand_off.touched_at is None and not hand_off.quiet:
        yield hand_off.ignored_at + parse_duration(playbook.evidence.lag)
