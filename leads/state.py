"""What is derived of one lead: the fold of its journal.

Nothing here is a source of truth: the state can be thrown away and folded again from the journal. It is mutable while a
fold runs, holds no reference to the outside, and is stored as one JSON document.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from pydantic import TypeAdapter

from leads.accounts import AccountFacts
from leads.calendar import Calendar
from leads.decisions import AssignCause
from leads.events import Channel, DisqualifyKind, HandOffKind, PauseKind
from leads.listed import Listing
from leads.playbook_teams import NoticeMode
from leads.promises import ClockName
from leads.stages import OPEN_STAGES, Stage

RULES_VERSION = 3
"""Raised whenever the same journal would fold to another state; older states are folded again."""


class Outcome(StrEnum):
    MET = "met"
    MET_LATE = "met_late"
    """Kept, but written down so late that nobody could know."""
    BREACHED = "breached"
    DODGED = "dodged"
    """Left by a way that is no clean exit, untouched or (`under_worked`) before the agreed effort: counts as a miss."""
    CANCELLED = "cancelled"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class OwnHours:
    """When a person works, as the roster had it when a clock of theirs started. No later edit moves that clock."""

    calendar: Calendar | None = None
    """None: the roster has no hours of their own; the team's hold."""
    away: tuple[tuple[datetime, datetime], ...] = ()
    """Absences known then, half-open, in order."""


@dataclass(slots=True)
class Term:
    """One reading of a clock's target; the earliest due instant of all its terms wins."""

    start: datetime
    target: str
    time: str
    calendar: str | None
    zone: str | None = None
    """The buyer's own zone, where the calendar's hours are read in it."""
    used_seconds: float = 0
    """What had been used of the target by the start, in other hours: a later revision has the promise in these."""
    since: datetime | None = None
    """Where a revision adopted since has moved the start: where it was."""
    person: str | None = None
    """Whose own hours it runs in, where the promise says so."""
    own: OwnHours | None = None
    """These hours; None while the roster has not been asked, and `calendar` holds."""


@dataclass(slots=True)
class Hold:
    """A revision would have the promise broken the moment it is adopted: not before somebody confirms it."""

    revision: int
    due_at: datetime
    """When it would have been due."""


@dataclass(slots=True)
class Clock:
    """One promise running, or how it ended."""

    key: str
    """The clock's name and the id of what started it."""
    clock: ClockName
    hand_off: str | None
    """None: it is of the lead itself, not handed to anyone yet."""
    segment: str
    revision: int
    """The playbook revision in force when it started."""
    started_at: datetime
    terms: list[Term]
    due_at: datetime
    owner: str | None = None
    team: str | None = None
    ladder: str | None = None
    terms_of: str | None = None
    """The team that promised more than all do when it started; it goes on so whoever has the lead."""
    warn_at: dict[str, str] = field(default_factory=dict)
    """Rungs of the ladder that stand earlier in that team, and where."""
    subject: str | None = None
    """What exactly is promised: the stage to leave, the meeting to tell of."""
    paused_by: list[PauseKind] | None = None
    """Which kinds of pause stop it; None: all."""
    quiet: bool = False
    """Started by history brought in later: climbs no ladder."""
    hold: Hold | None = None
    put_past: list[str] = field(default_factory=list)
    """Rungs that adopting a revision put in the past: nobody hears of them."""
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    why: str | None = None

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


@dataclass(slots=True)
class Effort:
    """Attempts of a hand-off to reach the buyer, since the last silence that was too long."""

    attempts: int = 0
    channels: list[Channel] = field(default_factory=list)
    last_at: datetime | None = None
    is_made: bool = False
    """The agreed attempts have been made; no later silence takes that back."""


@dataclass(slots=True)
class Gone:
    """Word that the owner is away, or has left."""

    word: str
    """The entry that told of it; what is decided is named by it."""
    until: datetime | None
    """None: for good."""
    kept: str | None = None
    """Why it was decided that the lead stays; None: not decided yet."""


@dataclass(slots=True)
class HandOff:
    """One passing of the baton. Named by the id of what opened it."""

    id: str
    kind: HandOffKind
    opened_at: datetime
    segment: str
    revision: int
    team: str
    ignored_at: datetime
    """The horizon: without a real touch by then the hand-off is ignored."""
    giver: str | None = None
    """Who in sales passed it on; None: marketing, or the buyer."""
    sourced_by: str | None = None
    """The hand-off from marketing that all this came of; None: this one."""
    raised_at: datetime | None = None
    raise_id: str | None = None
    """The raised hand that its speed-to-lead clock is named by."""
    owner: str | None = None
    owner_since: datetime | None = None
    cycle: str | None = None
    """The id of what set the owner."""
    cause: AssignCause | None = None
    was: str | None = None
    """Whom this one took it over from, where he is away or has left."""
    held: str | None = None
    """The overtaken decision whose owner stays without a promise, until a new decision confirms it."""
    gone: Gone | None = None
    """What is known of the owner's absence."""
    account_word: str | None = None
    """The latest word of the lead's account, until it is decided whether the lead follows it."""
    queue: str | None = None
    queue_why: str | None = None
    queued_at: datetime | None = None
    retry_at: datetime | None = None
    """When to look first for someone free; later looks are ever further apart."""
    looks: list[datetime] = field(default_factory=list)
    """When somebody is known to come, or another team is asked."""
    took_turn: bool = False
    """The lead was given to its owner by turn, or claimed."""
    turn_returned: bool = False
    """The turn it was has been given back to its owner."""
    accepted_at: datetime | None = None
    touched_at: datetime | None = None
    touched_by: str | None = None
    touched_late_at: datetime | None = None
    """When the only word of it was written down, if that was late."""
    conversed_at: datetime | None = None
    """The first conversation."""
    opportunity_at: datetime | None = None
    """Sales confirmed an opportunity that came of it, here or further on."""
    effort: Effort | None = None
    asked_again_at: datetime | None = None
    past_owners: list[str] = field(default_factory=list)
    hops: int = 0
    """How often a ladder has moved it."""
    quiet: bool = False
    bulk: str | None = None
    """The bulk list it was released from, one of many: those concerned are told of them together."""
    ended_at: datetime | None = None
    ended_by: str | None = None
    result: str | None = None
    reason: str | None = None
    is_under_worked: bool = False
    """Given up as unreachable before the agreed effort."""

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_looked_for(self) -> bool:
        """Whether it waits in a queue until somebody is free, and not for a person to take it."""
        is_in_shadow = self.queue_why == NoticeMode.SHADOW
        return self.queue is not None and not is_in_shadow and (self.retry_at is not None or bool(self.looks))

    def leave_queue(self) -> None:
        self.queue = self.queue_why = self.queued_at = self.retry_at = None
        self.looks = []

    @property
    def is_passed_on(self) -> bool:
        """Whether it came from somebody in sales, with promises of its own."""
        return self.kind in (HandOffKind.REP_TO_CLOSER, HandOffKind.TO_PARTNER)

    @property
    def is_inside_sales(self) -> bool:
        """Whether the baton went from one in sales to another, so that the stage says nothing of it."""
        return self.is_passed_on or self.kind is HandOffKind.RETURNED

    @property
    def is_effort_made(self) -> bool:
        return self.effort is not None and self.effort.is_made

    @property
    def looked_after_at(self) -> datetime | None:
        """Since when nobody can say it was ignored: a real touch, or an opportunity that needed none."""
        return min((at for at in (self.touched_at, self.opportunity_at) if at is not None), default=None)


@dataclass(slots=True)
class Meeting:
    """A meeting agreed with the buyer, whose outcome is to be told."""

    booked: str
    """The id of what booked it."""
    name: str | None
    """The sender's own, where it gave one."""
    ends_at: datetime


@dataclass(slots=True)
class Notice:
    """A notice issued, as far as later decisions need it."""

    template: str
    about: str
    to: list[str]
    issued_at: datetime
    withdrawn: bool = False


class Place(TypedDict):
    team: str | None
    segment: str | None


def placed(of: Clock | HandOff | None) -> Place:
    """Where a decision about it is counted."""
    return {"team": of.team, "segment": of.segment} if of else {"team": None, "segment": None}


@dataclass(slots=True)
class Lead:
    lead_id: str
    rules_version: int = RULES_VERSION
    stage: Stage = Stage.PROVISIONAL
    stage_since: datetime | None = None
    first_heard_at: datetime | None = None
    captured_at: datetime | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    account: AccountFacts | None = None
    """The company it is known to belong to."""
    source_original: str | None = None
    raised_hand: str | None = None
    """The kind of the latest raised hand."""
    raised_at: datetime | None = None
    score: int = 0
    loops: int = 0
    """How often the lead was recycled."""
    wake_at: datetime | None = None
    """In nurturing: when to look again."""
    recycled_until: datetime | None = None
    """Recycled: the wake-up date, when marketing takes it up again."""
    rests_until: datetime | None = None
    """Recycled: until then no score brings it back to sales, only a raised hand or a person."""
    track: str | None = None
    listings: dict[str, Listing] = field(default_factory=dict)
    """The bulk lists it came with, by name."""
    waits_in: str | None = None
    """The list in which it waits to be released to sales."""
    disqualified: DisqualifyKind | None = None
    ended_reason: str | None = None
    backfill: bool = False
    is_history: bool = True
    """Nothing but history brought in later has been heard so far: nobody is alarmed by what follows from it."""
    hand_offs: list[HandOff] = field(default_factory=list)
    clocks: dict[str, Clock] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """Later causes → the one whose name stands (asking again, an owner set twice)."""
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    other_pauses: dict[PauseKind, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    """Of the kinds that are no snooze; `pauses` has those."""
    meeting_pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    """While a meeting is ahead nobody has to try and reach the buyer: these hold for `effort` alone."""
    meetings: list[Meeting] = field(default_factory=list)
    """Those not told of yet."""
    last_touch_at: datetime | None = None
    last_touch_by: str | None = None
    real_touches: int = 0
    rungs: dict[str, str] = field(default_factory=dict)
    """`clock key/rung` → how it was settled: fired, or why skipped."""
    breaches_announced: dict[str, bool] = field(default_factory=dict)
    """Clock key → whether the announcement still stands."""
    breach_words: dict[str, str] = field(default_factory=dict)
    """Clock key → the decision that announced its breach, or took it back, last; the next one is named by it."""
    ignored_announced: dict[str, bool] = field(default_factory=dict)
    """Hand-off → whether the announcement that it was ignored still stands."""
    ignored_words: dict[str, str] = field(default_factory=dict)
    """Hand-off → the decision that announced it as ignored, or took that back, last."""
    feedback_asked: dict[str, str] = field(default_factory=dict)
    """Hand-off → how the question what came of it was settled: asked, or why not."""
    notices: dict[str, Notice] = field(default_factory=dict)
    withheld: dict[str, Notice] = field(default_factory=dict)
    """What would have been told, had the team's mode let it: it is not told later either."""
    overtaken: dict[str, str] = field(default_factory=dict)
    """Decisions overtaken by a late fact → whom they had named, if anyone."""
    adopted: list[int] = field(default_factory=list)
    """Revisions that the promises under way were moved to."""
    anomalies: int = 0
    entries: int = 0
    last_key: tuple[datetime, int, int, str, str] | None = None
    """The sort key of the last entry folded; an earlier one means folding again."""
    tick: datetime | None = None
    read_to: int = 0
    own_number: int = 0

    @property
    def hand_off(self) -> HandOff | None:
        """The hand-off under way."""
        for hand_off in reversed(self.hand_offs):
            if hand_off.ended_at is None:
                return hand_off
        return None

    @property
    def last_hand_off(self) -> HandOff | None:
        """The hand-off under way, else the latest."""
        return self.hand_off or (self.hand_offs[-1] if self.hand_offs else None)

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has looked after it since it was last handed to sales; before that, ever.

        Nobody is to look after a lead that waits in a list.
        """
        if self.waits_in is not None:
            return False
        last = self.last_hand_off
        return self.real_touches == 0 if last is None else last.looked_after_at is None

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def is_counted(self) -> bool:
        """Whether it stands in any number: not if it never was a lead, whenever that was found out."""
        return self.disqualified is not DisqualifyKind.NOT_A_LEAD and self.stage is not Stage.MERGED

    @property
    def owner(self) -> str | None:
        """Who has the lead, or had it last while it is with sales."""
        return self.hand_offs[-1].owner if self.hand_offs else None

    def running(self) -> list[Clock]:
        return [clock for clock in self.clocks.values() if clock.ended_at is None]

    def paused_until(self, at: datetime) -> datetime | None:
        """When the last of the pauses ends that hold at `at`, meetings apart; None: none does."""
        spans = [*self.pauses, *(span for spans in self.other_pauses.values() for span in spans)]
        return max((end for start, end in spans if start <= at < end), default=None)

    def resolve(self, namespace: str, cause: str) -> str:
        """The standing name of a cause."""
        return self.aliases.get(f"{namespace} {cause}", cause)


_ADAPTER: TypeAdapter[Lead] = TypeAdapter(Lead)


def dump_state(lead: Lead) -> bytes:
    """The state as one JSON document."""
    return _ADAPTER.dump_json(lead, exclude_defaults=True)


def load_state(document: bytes | str | dict[str, Any]) -> Lead:
    """The state from its JSON document. Raises `pydantic.ValidationError` when it is not one."""
    return _ADAPTER.validate_python(document) if isinstance(document, dict) else _ADAPTER.validate_json(document)
