"""Meetings: agreed, held, missed, called off. While one is ahead nobody has to try and reach the buyer."""

from datetime import datetime, timedelta

from leads import clocks
from leads.clock_table import Signal
from leads.durations import parse_duration
from leads.entries import Entry
from leads.events import Channel, MeetingFact
from leads.life import Life
from leads.promises import ClockName
from leads.reaching import reach, sales_hand_off, touch_rule
from leads.state import Meeting
from leads.touches import Contact

REBOOK = "rebook"
"""Subject of the next step after a meeting that did not take place."""
MOST_AHEAD = 50
"""Meetings of one lead whose outcome is not told; of more, the oldest is forgotten."""
_LONGEST = timedelta(days=1)


def booked(life: Life, entry: Entry, data: MeetingFact) -> None:
    """A meeting is agreed; its outcome is to be told once it is over. The same meeting booked again is moved."""
    at, lead = entry.effective_at, life.lead
    hand_off = sales_hand_off(life, entry)
    ends_at = _ends_at(life, entry, data)
    standing = [m for m in lead.meetings if data.meeting is not None and m.name == data.meeting]
    is_told_again = any(meeting.ends_at == ends_at for meeting in standing)
    if is_told_again and (hand_off is None or hand_off.touched_at is not None):
        return  # by a system that sends all it has
    for moved in standing:
        _forget(life, entry, moved, "rebooked")
    contact = Contact(at, data.by, channel=Channel.MEETING, is_conversation=True, next_step_at=data.at)
    if hand_off is not None and data.self_booked:
        clocks.meet(life, Signal.SELF_BOOKED, contact, hand_off=hand_off)
    elif data.by:
        _touch(life, entry, contact)
    if hand_off is None:
        return
    lead.meetings = [*lead.meetings, Meeting(entry.ref, data.meeting, ends_at)][-MOST_AHEAD:]
    clocks.pause_effort(life, at, ends_at)
    clocks.start(
        life, Signal.MEETING_BOOKED, entry.ref, at,
        hand_off=hand_off, quiet=entry.backfill, runs_from=max(ends_at, at), subject=entry.ref,
    )  # fmt: skip


def _ends_at(life: Life, entry: Entry, data: MeetingFact) -> datetime:
    told_end = data.ends_at if data.ends_at and data.at < data.ends_at <= data.at + _LONGEST else None
    return told_end or data.at + parse_duration(life.shelf.in_force(entry.effective_at).playbook.meetings.length)


def held(life: Life, entry: Entry, data: MeetingFact) -> None:
    _told(life, entry, data)
    _touch(life, entry, Contact(entry.effective_at, data.by, channel=Channel.MEETING, is_conversation=True))


def missed(life: Life, entry: Entry, data: MeetingFact) -> None:
    """The buyer did not come: a new date is owed."""
    _told(life, entry, data)
    _owe_a_date(life, entry)


def cancelled(life: Life, entry: Entry, data: MeetingFact) -> None:
    """Called off: nothing to tell of any more, but a new date is owed, unless another one stands."""
    meeting = _which(life, data)
    if meeting is not None and entry.effective_at < meeting.ends_at:
        _forget(life, entry, meeting, "meeting_cancelled")
    else:
        _told(life, entry, data)
    _owe_a_date(life, entry)


def _touch(life: Life, entry: Entry, contact: Contact) -> None:
    rule = touch_rule(life, life.shelf.in_force(entry.effective_at))
    if rule.booked_meetings and Channel.MEETING in rule.channels:
        reach(life, entry, contact)


def _which(life: Life, data: MeetingFact) -> Meeting | None:
    """The meeting that is spoken of: by its name, else the one that was to end first."""
    ahead = life.lead.meetings
    named = [m for m in ahead if data.meeting is not None and m.name == data.meeting]
    return min(named or [m for m in ahead if data.meeting is None or m.name is None], key=_ends, default=None)


def _ends(meeting: Meeting) -> tuple[object, str]:
    return (meeting.ends_at, meeting.booked)


def _told(life: Life, entry: Entry, data: MeetingFact) -> None:
    meeting = _which(life, data)
    if meeting is not None:
        life.lead.meetings.remove(meeting)
        contact = Contact(entry.effective_at, data.by)
        clocks.meet(life, Signal.MEETING_TOLD, contact, subject=meeting.booked)
    _free_effort(life, entry)


def _forget(life: Life, entry: Entry, meeting: Meeting, why: str) -> None:
    life.lead.meetings.remove(meeting)
    clocks.cancel(life, ClockName.MEETING_OUTCOME, entry.effective_at, why, subject=meeting.booked)
    _free_effort(life, entry)


def _free_effort(life: Life, entry: Entry) -> None:
    """The effort goes on unless another meeting is ahead."""
    if not any(meeting.ends_at > entry.effective_at for meeting in life.lead.meetings):
        clocks.resume_effort(life, entry.effective_at)


def _owe_a_date(life: Life, entry: Entry) -> None:
    hand_off = life.lead.hand_off
    if hand_off is None or any(meeting.ends_at > entry.effective_at for meeting in life.lead.meetings):
        return
    clocks.cancel(life, ClockName.NEXT_STEP, entry.effective_at, REBOOK)
    clocks.start(
        life, Signal.STEP_OWED, entry.ref, entry.effective_at,
        hand_off=hand_off, quiet=entry.backfill, subject=REBOOK,
    )  # fmt: skip
