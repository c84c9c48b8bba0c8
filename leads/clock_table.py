"""The clock table: what starts each promise, what keeps it, and what a new owner or a way out does to it.

The handlers of facts send signals ("an owner is set", "a real touch"); the table decides which clocks they start and
stop. A new promise is a new row.
"""

from dataclasses import dataclass
from enum import StrEnum

from leads.promises import ClockName


class Signal(StrEnum):
    HAND_RAISED = "hand_raised"
    HAND_OFF_OPENED = "hand_off_opened"
    OWNER_SET = "owner_set"
    ACCEPTED = "accepted"
    REAL_TOUCH = "real_touch"
    ATTEMPTED = "attempted"
    """A real touch that reached nobody, before any conversation."""
    CONVERSATION = "conversation"
    EFFORT_MADE = "effort_made"
    """The agreed attempts have been made, on as many channels and without too long a silence."""
    STEP_OWED = "step_owed"
    """There has been a conversation, or a date was agreed: something is to follow."""
    STAGE_MOVED = "stage_moved"
    BUYER_SPOKE = "buyer_spoke"
    SELF_BOOKED = "self_booked"
    """The buyer took a meeting slot without waiting for anyone."""
    MEETING_BOOKED = "meeting_booked"
    MEETING_TOLD = "meeting_told"
    """Held, missed or cancelled."""
    STAGE_ENTERED = "stage_entered"
    STAGE_LEFT = "stage_left"
    FEEDBACK_ASKED = "feedback_asked"
    FEEDBACK_GIVEN = "feedback_given"
    CHECKABLE_REJECTION = "checkable_rejection"


class Cause(StrEnum):
    """What names a clock. Later causes of the same one (asking again, the owner set twice) go under the first."""

    RAISE = "raise"
    HAND_OFF = "hand_off"
    OWNER = "owner"
    REPLY = "reply"
    ENTRY = "entry"
    """Each entry starts its own: a touch, a booking, a move."""


class Leaving(StrEnum):
    """What becomes of a clock that is not overdue when its hand-off ends."""

    CANCELS = "cancels"
    """Nobody is to blame."""
    DODGES = "dodges"
    """Untouched, and by no clean exit: a miss."""
    UNDER_WORKS = "under_works"
    """By no clean exit: given up before the agreed effort, a miss."""
    MEETS = "meets"
    """To leave is what was promised."""
    STAYS = "stays"
    """Ends by its own signals alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One promise of the clock table."""

    started_by: Signal
    named_by: Cause
    met_by: frozenset[Signal]
    leaving: Leaving = Leaving.CANCELS
    of_owner: bool = False
    """The promise of one owner: the next one gets a clock of his own."""
    follows: bool = False
    """Where the baton is passed on, it goes on with the next hand-off."""
    skipped_by_opportunity: bool = False
    """An opportunity leaves nothing of it to be kept."""


CLOCKS: dict[ClockName, Row] = {
    ClockName.SPEED_TO_LEAD: Row(
        started_by=Signal.HAND_RAISED,
        named_by=Cause.RAISE,
        met_by=frozenset({Signal.REAL_TOUCH, Signal.SELF_BOOKED}),
        leaving=Leaving.DODGES,
        follows=True,
        skipped_by_opportunity=True,
    ),
    ClockName.ASSIGN: Row(
        started_by=Signal.HAND_OFF_OPENED,
        named_by=Cause.HAND_OFF,
        met_by=frozenset({Signal.OWNER_SET}),
    ),
    ClockName.ACCEPT: Row(
        started_by=Signal.OWNER_SET,
        named_by=Cause.OWNER,
        met_by=frozenset({Signal.ACCEPTED, Signal.REAL_TOUCH, Signal.CHECKABLE_REJECTION}),
        leaving=Leaving.DODGES,
        of_owner=True,
        skipped_by_opportunity=True,
    ),
    ClockName.FIRST_TOUCH: Row(
        started_by=Signal.OWNER_SET,
        named_by=Cause.OWNER,
        met_by=frozenset({Signal.REAL_TOUCH}),
        leaving=Leaving.DODGES,
        of_owner=True,
        skipped_by_opportunity=True,
    ),
    ClockName.EFFORT: Row(
        started_by=Signal.ATTEMPTED,
        named_by=Cause.HAND_OFF,
        met_by=frozenset({Signal.CONVERSATION, Signal.EFFORT_MADE}),
        leaving=Leaving.UNDER_WORKS,
        skipped_by_opportunity=True,
    ),
    ClockName.NEXT_STEP: Row(
        started_by=Signal.STEP_OWED,
        named_by=Cause.ENTRY,
        met_by=frozenset({Signal.REAL_TOUCH, Signal.STAGE_MOVED}),
        leaving=Leaving.MEETS,
    ),
    ClockName.REPLY: Row(
        started_by=Signal.BUYER_SPOKE,
        named_by=Cause.REPLY,
        met_by=frozenset({Signal.REAL_TOUCH}),
        follows=True,
    ),
    ClockName.MEETING_OUTCOME: Row(
        started_by=Signal.MEETING_BOOKED,
        named_by=Cause.ENTRY,
        met_by=frozenset({Signal.MEETING_TOLD}),
        follows=True,
    ),
    ClockName.STAGE: Row(
        started_by=Signal.STAGE_ENTERED,
        named_by=Cause.ENTRY,
        met_by=frozenset({Signal.STAGE_LEFT}),
        leaving=Leaving.STAYS,
        follows=True,
    ),
    ClockName.FEEDBACK: Row(
        started_by=Signal.FEEDBACK_ASKED,
        named_by=Cause.HAND_OFF,
        met_by=frozenset({Signal.FEEDBACK_GIVEN}),
        leaving=Leaving.STAYS,
    ),
}

DELAYS = frozenset({ClockName.ASSIGN, ClockName.ACCEPT, ClockName.FIRST_TOUCH, ClockName.SPEED_TO_LEAD})
"""Clocks that measure a delay: the machine's until somebody has the lead, the owner's until it is accepted and touched,
and the buyer's wait, which is both."""

STARTED_BY: dict[Signal, tuple[tuple[ClockName, Row], ...]] = {
    signal: tuple((name, row) for name, row in CLOCKS.items() if row.started_by is signal) for signal in Signal
}
"""Signal → the rows it starts."""
