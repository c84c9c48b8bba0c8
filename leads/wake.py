"""When a lead must be looked at again. An open lead always has such an instant."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from leads.decide import nurture_at
from leads.ladder import climb
from leads.life import Life
from leads.revisions import Shelf
from leads.stages import Stage
from leads.state import Lead
from leads.waiting import next_look

REVIEW_EVERY = timedelta(days=30)
"""An open lead for which nothing else is due is looked at this often all the same."""


def next_wake(lead: Lead, shelf: Shelf, at: datetime) -> datetime | None:
    """The earliest instant after `at` that matters; None once the lead has ended and nothing more comes due."""
    review = at + REVIEW_EVERY if lead.is_open else None
    return min((instant for instant in _instants(lead, shelf, at) if instant > at), default=review)


def _instants(lead: Lead, shelf: Shelf, at: datetime) -> Iterator[datetime]:
    playbook = shelf.in_force(at).playbook
    if lead.stage in (Stage.CAPTURED, Stage.NURTURING) and lead.waits_in is None:
        yield from filter(None, (nurture_at(lead, playbook), lead.wake_at))
        if lead.rests_until is not None and lead.score >= playbook.qualification.threshold:
            yield lead.rests_until
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
    if hand_off.looked_after_at is None and not hand_off.quiet:
        yield hand_off.ignored_at + playbook.evidence.lag_of(hand_off.team)
