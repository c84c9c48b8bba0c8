"""How much is told of a team's leads: as its mode says, and no more than it said when something came due.

So a team that leaves shadow is not alarmed by what happened there.
"""

from datetime import datetime

from leads.ladder import Step
from leads.playbook_teams import NoticeMode
from leads.revisions import Shelf

_QUIETEST_FIRST = (NoticeMode.SHADOW, NoticeMode.NOTIFY_OWNER, NoticeMode.FULL)


def quietest(shelf: Shelf, team: str | None, *instants: datetime) -> NoticeMode:
    """The quietest mode in which a team was at any of these instants."""
    return min((shelf.in_force(at).playbook.mode_of(team) for at in instants), key=_QUIETEST_FIRST.index)


def mode_of_step(shelf: Shelf, team: str | None, step: Step, at: datetime) -> NoticeMode:
    """How much a rung may tell that fires at `at`.

    A promise that was broken in shadow stays there: what its ladder still has above due is no news afterwards.
    """
    due_at = step.clock.due_at
    return quietest(shelf, team, at, step.due_at, min(due_at, step.due_at))
