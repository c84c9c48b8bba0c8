"""The agreed effort: how often, on how many channels and how steadily sales tries to reach a buyer before giving up."""

from datetime import datetime

from leads.business_time import Pause
from leads.clocks import pauses_for
from leads.durations import parse_working_duration
from leads.life import Life
from leads.playbook import Playbook
from leads.promises import ClockName, Promise
from leads.revisions import Revision, Shelf, away_of
from leads.segments import segment_of
from leads.state import Effort, HandOff, Lead
from leads.touches import Contact


def count_attempt(life: Life, hand_off: HandOff, contact: Contact) -> None:
    """Count an attempt; after a longer silence than the playbook allows they count anew."""
    _, promise = agreed(life.lead, life.shelf, hand_off, contact.at)
    effort = hand_off.effort = hand_off.effort or Effort()
    if promise is not None and _was_silent(life, hand_off, promise, effort.last_at, contact.at):
        effort.attempts, effort.channels = 0, []
    effort.attempts += 1
    effort.last_at = contact.at
    if contact.channel is not None and contact.channel not in effort.channels:
        effort.channels.append(contact.channel)
    if promise is not None and promise.attempts is not None:
        is_enough = effort.attempts >= promise.attempts and len(effort.channels) >= promise.channels
        effort.is_made = effort.is_made or is_enough


def agreed(lead: Lead, shelf: Shelf, hand_off: HandOff, at: datetime) -> tuple[Revision, Promise | None]:
    """What effort the playbook asks of a hand-off: as the running clock has it, else as things stand at `at`."""
    clock = lead.clocks.get(_key(hand_off))
    revision = shelf.number(clock.revision) if clock else shelf.promised(at, lead.captured_at, ClockName.EFFORT)
    team = clock.terms_of if clock else hand_off.team
    terms = revision.terms_in(team, hand_off, segment_of(lead, revision, hand_off))
    return revision, terms.promises.get(ClockName.EFFORT)


def _was_silent(life: Life, hand_off: HandOff, promise: Promise, since: datetime | None, at: datetime) -> bool:
    """Counted in the hours of the running clock, else in those it would have."""
    if promise.max_gap is None or since is None or at <= since:
        return False
    revision, _ = agreed(life.lead, life.shelf, hand_off, at)
    clock = life.lead.clocks.get(_key(hand_off))
    is_working = clock is not None and clock.terms[0].time == "working"
    term = clock.terms[0] if clock and is_working else revision.term(promise, since, team=hand_off.team)
    hours = revision.hours_of(term) if term.time == "working" else revision.hours("working", promise.calendar)
    pauses = [Pause(*pause) for pause in (*pauses_for(life.lead, ClockName.EFFORT, promise.paused_by), *away_of(term))]
    return hours.elapsed(since, at, pauses) > parse_working_duration(promise.max_gap)


def _key(hand_off: HandOff) -> str:
    return f"{ClockName.EFFORT}:{hand_off.id}"


def is_given_up_early(playbook: Playbook, hand_off: HandOff, reason: str | None) -> bool:
    """Whether a reason that needs the agreed effort is given before that was made."""
    known = playbook.reasons.get(reason or "")
    return bool(known and known.needs_effort) and hand_off.conversed_at is None and not hand_off.is_effort_made


def what_is_left(promise: Promise | None, hand_off: HandOff) -> str:
    """How far the effort has come, in words: `3 of 6 attempts so far, on 1 of 2 channels (call)`."""
    effort, wanted = hand_off.effort or Effort(), promise.attempts if promise and promise.attempts else 1
    channels = promise.channels if promise else 1
    said = f"{effort.attempts} of {wanted} attempts so far"
    if channels > 1:
        used = ", ".join(effort.channels) or "none yet"
        said += f", on {len(effort.channels)} of {channels} channels ({used})"
    return said
