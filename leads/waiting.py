"""When a lead that waits in a queue is looked at again."""

from datetime import datetime, timedelta

from leads.playbook_teams import NoticeMode
from leads.state import HandOff

FIRST_LOOK_AFTER = timedelta(minutes=15)
"""How soon to look again for someone free, at first, where it is not known when somebody will be."""
LONGEST_WAIT = timedelta(days=1)
MOST_LOOKS = 20
"""Instants kept at which somebody is known to come; the later ones are found by looking."""


def next_look(hand_off: HandOff, at: datetime) -> datetime | None:
    """When to look again for someone free, after `at`: when somebody is known to come, or the fallback is asked.

    Where more is not known each wait is twice the one before, a day at most. A look that finds nobody decides nothing,
    so that a team on leave fills no journal. Out of shadow one look decides.
    """
    known = [look for look in hand_off.looks if look > at]
    since = hand_off.retry_at
    if hand_off.queue_why == NoticeMode.SHADOW and (since is None or since <= at):
        return None
    if since is None:
        if known or not hand_off.looks:
            return min(known, default=None)
        since = hand_off.looks[-1] + FIRST_LOOK_AFTER
    return min([*known, _wait_on(since, at)])


def _wait_on(look: datetime, at: datetime) -> datetime:
    wait = FIRST_LOOK_AFTER
    while look <= at and wait < LONGEST_WAIT:
        wait = min(2 * wait, LONGEST_WAIT)
        look += wait
    missed = (at - look) // LONGEST_WAIT + 1 if look <= at else 0
    return look + missed * LONGEST_WAIT
