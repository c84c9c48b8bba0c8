"""What a notice can say at the moment it is sent: the lead, the promise, what comes next and who shall hear.

A notice is issued with roles and keys only; everything a person reads is looked up when it is sent. That is what these
records hold. They carry personal data and never leave the worker except as the notice itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from leads.calendar import Calendar
from leads.ladder import climb, hearers
from leads.life import Life
from leads.promises import Recipient
from leads.state import Clock, HandOff

MOST_COMING = 3
"""Later steps of a ladder interest nobody yet."""


class Standing(StrEnum):
    """What a claim on an action found."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    """A step took it back, or the lead was erased."""
    DONE = "done"
    PARKED = "parked"
    HELD = "held"
    """Another worker has it in hand."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do an action once; `attempt` counts the claims, and a stale one changes nothing any more."""

    standing: Standing
    action_id: UUID
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a hearer lives, and when they work, as far as the roster knows."""

    zone: str | None = None
    """An IANA zone."""
    hours: Calendar | None = None
    """Working hours of their own."""


NOWHERE = Whereabouts()
"""What is known of somebody of whom the roster says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearer:
    """Someone to be told, resolved from a role."""

    key: str
    """The person's id in the roster, or `channel:<team>`."""
    role: str
    """owner, stand_in, deputy, manager, team, team_manager, channel or sponsor."""
    name: str
    of: str
    """Whose deputy or manager, or which team; a display name."""
    email: str | None = None
    """None: a team's channel without an address."""
    where: Whereabouts = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Who the lead is and what they asked for, as the sender wrote it."""

    name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    source: str | None = None
    campaign: str | None = None
    captured_at: datetime | None = None
    raised_hand: str | None = None
    raised_at: datetime | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBrief:
    """The clock a notice speaks of."""

    clock: str
    due_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """What happens next if nobody acts. `acts`: reassign, to_queue, ignored, or the roles that will hear."""

    at: datetime
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An earlier notice that a retraction puts right."""

    action_id: UUID
    template: str
    issued_at: datetime
    told: tuple[str, ...] = ()
    """Keys of those it has reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The fact that came late and proves an alarm false."""

    at: datetime
    heard_at: datetime
    channel: str | None = None
    """A touch's channel, or assigned, accepted, rejected."""
    by: str | None = None
    """A display name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that the templates can use."""

    action_id: UUID
    lead_id: UUID
    template: str
    issued_at: datetime
    prospect: Prospect
    timezone: str
    """IANA name: the zone of the calendar the promise runs in."""
    hearers: tuple[Hearer, ...]
    told: tuple[str, ...] = ()
    """Keys of hearers an earlier attempt has reached."""
    unresolved: str | None = None
    """A code, when some role leads to nobody."""
    promise: PromiseBrief | None = None
    coming: tuple[Coming, ...] = ()
    owner: str | None = None
    """Id of who had the lead when the notice was issued."""
    owner_name: str | None = None
    owner_now: str | None = None
    """Id of who has it now."""
    owner_now_name: str | None = None
    owner_was_name: str | None = None
    """Display name of who had it before and has gone, where the notice says so."""
    team_name: str | None = None
    corrected: tuple[Corrected, ...] = ()
    """Oldest first."""
    proof: Proof | None = None
    list: str | None = None
    """The bulk list of its lead: it is told of together with others of that list."""


def coming_up(life: Life, clock: Clock | None, hand_off: HandOff | None, after: datetime) -> tuple[Coming, ...]:
    """What the ladder of a running clock, and then the horizon, will do after an instant, soonest first."""
    found = list(_rungs(life, clock, hand_off, after)) if clock is not None else []
    if hand_off is not None and hand_off.is_open and hand_off.looked_after_at is None and hand_off.ignored_at > after:
        found.append(Coming(hand_off.ignored_at, ("ignored",)))
    return tuple(sorted(found, key=lambda step: step.at)[:MOST_COMING])


def _rungs(life: Life, clock: Clock, hand_off: HandOff | None, after: datetime) -> Iterator[Coming]:
    mode = life.shelf.in_force(after).playbook.mode_of(clock.team)
    for step in climb(life, clock):
        rung = step.rung
        acts = [str(role) for role in hearers(rung, mode) if role is not Recipient.OWNER]
        if rung.reassign and (hand_off is None or hand_off.hops < rung.max_hops):
            acts.append("reassign")
        if rung.to_queue:
            acts.append("to_queue")
        if acts and step.fires_at > after:
            yield Coming(step.fires_at, tuple(acts))
