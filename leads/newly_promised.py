"""Promises that a revision adopted makes and the one before did not: for whoever waits for them already.

They count from when the wait began, or anew, as the publication chose. A promise that would be over as it is made
counts from the adoption: nobody broke it. An answer to the buyer is promised from the buyer's next word on.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from leads import clocks
from leads.entries import Entry
from leads.ladder import past_warnings
from leads.life import Life
from leads.promises import ClockName
from leads.revisions import Revision
from leads.running import REACHING, Choice
from leads.stages import Stage
from leads.state import Clock, HandOff, Lead, Outcome

POLICY = "policy"
"""Why a clock ends that the revision adopted no longer has."""


class Wait(NamedTuple):
    """What a lead waits for: which clock would count it, named by what, since when."""

    clock: ClockName
    cause: str
    since: datetime
    hand_off: HandOff | None
    subject: str | None = None


def begin_new(life: Life, entry: Entry, revision: Revision, known_at: datetime) -> None:
    """Start the clocks of these promises, as chosen for each."""
    lead, at = life.lead, entry.effective_at
    for wait in list(_waits(lead, entry, at)):
        name, choice = wait.clock, revision.running.of(wait.clock)
        promise = clocks.promised_of(life, revision, name, wait.hand_off, wait.subject)
        if choice not in REACHING or promise is None or _is_known(lead, wait):
            continue
        dropped = _dropped(lead, wait)
        since = (dropped.terms[0].since or dropped.terms[0].start) if dropped else wait.since
        pauses, hand_off = clocks.pauses_for(lead, name, promise.paused_by), wait.hand_off
        term = clocks.term_of(life, revision, promise, at if choice is Choice.RESTART else since, hand_off=hand_off)
        if revision.due(term, pauses) <= known_at:
            term = clocks.term_of(life, revision, promise, at, hand_off=hand_off)
        clock = clocks.begin(
            life, revision, dropped.key if dropped else f"{name}:{wait.cause}", at, term, hand_off=wait.hand_off,
            quiet=False, subject=wait.subject, promise=promise, again=dropped is not None,
        )  # fmt: skip
        clock.put_past = past_warnings(life, clock, known_at)


def _is_known(lead: Lead, wait: Wait) -> bool:
    """Whether this wait has, or had, its clock: then it runs, or it ended for a reason that no edit takes back."""
    return any(clock.why != POLICY and _is_for(clock, wait) for clock in lead.clocks.values())


def _dropped(lead: Lead, wait: Wait) -> Clock | None:
    """The clock of this wait that ended with an edit; what is promised again goes under its name."""
    ended = (clock for clock in reversed(lead.clocks.values()) if clock.why == POLICY)
    return next((clock for clock in ended if _is_for(clock, wait)), None)


def _is_for(clock: Clock, wait: Wait) -> bool:
    if clock.clock is not wait.clock or clock.hand_off != (wait.hand_off.id if wait.hand_off else None):
        return False
    is_of_it = wait.subject is None or clock.subject == wait.subject
    is_since = clock.started_at >= wait.since or clock.key == f"{wait.clock}:{wait.cause}"
    return is_of_it and (clock.is_running or clock.outcome is Outcome.WAIVED or is_since)


def _waits(lead: Lead, entry: Entry, at: datetime) -> Iterator[Wait]:
    hand_off = lead.hand_off
    if lead.stage_since is not None and lead.stage_since < at and not lead.is_history:
        yield Wait(ClockName.STAGE, f"{lead.stage}@{entry.ref}", lead.stage_since, hand_off, lead.stage)
    if hand_off is None or hand_off.quiet or hand_off.opened_at >= at:
        return
    if hand_off.looked_after_at is None:
        yield from _until_touched(hand_off, at)
    elif hand_off.touched_at is not None and hand_off.conversed_at is None and not hand_off.is_effort_made:
        yield Wait(ClockName.EFFORT, hand_off.id, hand_off.touched_at, hand_off)
    if hand_off.conversed_at is not None and lead.stage in (Stage.WORKING, Stage.OPPORTUNITY) and lead.last_touch_at:
        yield Wait(ClockName.NEXT_STEP, entry.ref, lead.last_touch_at, hand_off)
    for meeting in lead.meetings:
        yield Wait(ClockName.MEETING_OUTCOME, meeting.booked, meeting.ends_at, hand_off, meeting.booked)


def _until_touched(hand_off: HandOff, at: datetime) -> Iterator[Wait]:
    if hand_off.raised_at is not None and hand_off.raise_id is not None:
        yield Wait(ClockName.SPEED_TO_LEAD, hand_off.raise_id, hand_off.raised_at, hand_off)
    if hand_off.owner is None:
        since = at if hand_off.cycle else hand_off.opened_at  # when it came back to the queue is not known
        yield Wait(ClockName.ASSIGN, hand_off.cycle or hand_off.id, since, hand_off)
    elif hand_off.owner_since is not None and hand_off.cycle is not None:
        yield Wait(ClockName.FIRST_TOUCH, hand_off.cycle, hand_off.owner_since, hand_off)
        if hand_off.accepted_at is None:
            yield Wait(ClockName.ACCEPT, hand_off.cycle, hand_off.owner_since, hand_off)
