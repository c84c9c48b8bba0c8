"""How a bulk list goes to sales: what marketing promised of it, and how many leads are released when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from leads.business_time import BusinessTime
from leads.revisions import Revision, Shelf

SETTLES_AFTER = timedelta(minutes=1)
"""A list is released once no lead of it has come in for so long: the order is of the whole list."""
LONGEST_SETTLING = timedelta(minutes=15)
"""A list that trickles in is not waited for."""
LOOKS_AGAIN_AFTER = timedelta(hours=1)
"""Somebody may come back, or be taken into the team, while the day's share has gone out."""
MOST_AT_ONCE = 500


class UploadOutcome(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class UploadPromise:
    """Marketing's own promise: an event is over, its list comes in by `due_at`."""

    due_at: datetime
    outcome: UploadOutcome
    took: timedelta
    """Working time from the event's end to the upload, or until now."""
    took_elapsed: timedelta


def upload_promise(
    shelf: Shelf, event_ended_at: datetime, uploaded_at: datetime | None, now: datetime
) -> UploadPromise:
    """How the promise stands, under the playbook in force when the event ended. It may lie ahead."""
    revision = shelf.in_force(event_ended_at)
    span = revision.playbook.lists.upload
    hours, due_at = revision.hours(span.time, span.calendar), revision.after(event_ended_at, span)
    until = max(uploaded_at or now, event_ended_at)
    if uploaded_at is None:
        outcome = UploadOutcome.BREACHED if now >= due_at else UploadOutcome.RUNNING
    else:
        outcome = UploadOutcome.MET if uploaded_at <= due_at else UploadOutcome.BREACHED
    return UploadPromise(due_at, outcome, hours.elapsed(event_ended_at, until), until - event_ended_at)


def team_of(revision: Revision, name: str, wanted: str | None) -> str:
    """The team that a list's pace goes by: the one named, else that of the segment its leads come into."""
    return wanted if wanted is not None else revision.select({"list": name}).team


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a look at a list finds."""

    leads: int
    """Those that wait."""
    last_in_at: datetime
    """When the last of them came in."""
    first_in_at: datetime
    shares: tuple[int, ...]
    """How many each person at work may get today, of all lists."""
    gone_today: int
    """Released to the team today, of all lists."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many to release now, and when to look again; never, until more comes in or somebody says so."""

    release: int
    look_at: datetime | None


def pace(hours: BusinessTime, waiting: Waiting, now: datetime) -> Pace:
    """The team's share of today, at once when it is at work. `hours` are the team's own."""
    if waiting.leads == 0:
        return Pace(0, None)
    settled_at = min(waiting.last_in_at + SETTLES_AFTER, waiting.first_in_at + LONGEST_SETTLING)
    if now < settled_at:
        return Pace(0, settled_at)
    if not hours.is_open(now):
        return Pace(0, hours.next_open(now))
    left = max(sum(waiting.shares) - waiting.gone_today, 0)
    release = min(left, waiting.leads, MOST_AT_ONCE)
    if release == waiting.leads:
        return Pace(release, None)
    if release == MOST_AT_ONCE < left:
        return Pace(release, now + timedelta(seconds=10))
    return Pace(release, _later_today(hours, now))


def _later_today(hours: BusinessTime, now: datetime) -> datetime:
    """In an hour, or at the next opening where the day is over by then."""
    again = now + LOOKS_AGAIN_AFTER
    return again if hours.is_open(again) else hours.next_open(again)


def day_began_at(hours: BusinessTime, now: datetime) -> datetime:
    """Midnight where the team works."""
    return now.astimezone(hours.zone).replace(hour=0, minute=0, second=0, microsecond=0)
