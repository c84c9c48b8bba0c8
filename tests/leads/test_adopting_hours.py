"""An edit of the playbook on a promise that runs in its owner's own hours, or in the team's.

The office works 09:00 to 18:00 UTC, Ana 14:00 to 18:00; the edit comes into force at 15:00, after an hour of hers.
"""

from datetime import datetime
from typing import Any

import pytest

from leads.revisions import Revision, Shelf
from leads.running import Choice, Running
from leads.state import OwnHours
from tests.builders import Story, at, captured, fact
from tests.leads.editions import book, clock, edited, reached
from tests.leads.test_own_hours import AFTERNOONS, calendar, june

EDITED_AT = at(hours=6)
OWN, OFFICE = {"hours": "owner"}, {"hours": "calendar"}


@pytest.mark.parametrize(
    ("choice", "before", "after", "due"),
    [
        # of 3 h one is used at 15:00
        (Choice.CARRY, OWN, OWN | {"target": "PT2H"}, june(1, 16)),
        (Choice.RESTART, OWN, OWN | {"target": "PT2H"}, june(1, 17)),
        (Choice.KEEP, OWN, OWN | {"target": "PT2H"}, june(1, 17)),
        (Choice.CARRY, OWN, OFFICE | {"target": "PT5H"}, june(2, 10)),  # 1 used, 3 to 18:00, 1 on Tuesday
        # an edit puts no promise that runs into somebody's own hours: 6 h of the office's are used, 3 are left
        (Choice.CARRY, OFFICE | {"target": "PT8H"}, OWN | {"target": "PT9H"}, june(1, 18)),
    ],
)
def test_what_was_used_stays_used_in_the_hours_it_was_used_in(
    choice: Choice, before: dict[str, Any], after: dict[str, Any], due: datetime
) -> None:
    first = Revision(1, at(days=-9), book({"target": "PT3H"} | before))
    story = Story(Shelf([first, Revision(2, EDITED_AT, book(after), Running(default=choice))]), ("ana",))
    story.hours = {"ana": AFTERNOONS}
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="ana"))
    story.hours = {"ana": OwnHours(calendar("09:00", "10:00"))}  # of no matter to what runs

    reached(story, EDITED_AT)

    assert clock(story).due_at == due
    assert story.lead == story.refolded_with_tick()


def test_a_promise_that_an_edit_begins_runs_in_the_calendar_of_the_team() -> None:
    more = {"calendars": {"office": calendar("09:00", "18:00"), "late": calendar("12:00", "20:00")}}
    teams = {"teams": {"sales": {"calendar": "late"}}}
    story = Story(edited(book(None, **more), book({"target": "PT4H", "hours": "team"}, **more, **teams)), ("ana",))
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="ana"))

    reached(story)

    assert clock(story).due_at == june(1, 16)
