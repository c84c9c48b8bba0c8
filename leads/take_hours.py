"""Promises in their owner's own hours: the roster is asked once for each, and what it says is kept with it.

Whoever owns the lead, by a decision or by a fact of the CRM, the promise runs in the hours seen then. A later absence,
an edit of the roster and a swap inside the team leave it where it is; the next owner's promises run in theirs.
"""

from collections.abc import Generator
from typing import Any

from leads.clocks import is_unsettled
from leads.decide import Asking, Tick
from leads.decisions import HoursTaken
from leads.entries import Entry
from leads.own_hours import AskHours, kept_with
from leads.state import OwnHours

_NAME = "hours_taken"


def take_hours(tick: Tick) -> Asking:
    """For promises that this tick has started."""
    for entry in (yield from hours_asked(tick)):
        tick.take(entry)


def hours_asked(tick: Tick) -> Generator[AskHours, Any, list[Entry]]:
    """The decisions on all hours not known yet, each dated at the start of its promise."""
    made: list[Entry] = []
    for clock in [clock for clock in tick.lead.clocks.values() if is_unsettled(clock)]:
        person, start = clock.terms[0].person or "", clock.started_at
        hours: OwnHours = yield AskHours(person, start)
        kept = kept_with(hours, start)
        data = HoursTaken(**tick.premise, clock=clock.key, person=person, calendar=kept.calendar, away=kept.away)
        made.append(tick.entry(data, _NAME, clock.key, person, start, counts_at=start, number=len(made) + 1))
    return made
