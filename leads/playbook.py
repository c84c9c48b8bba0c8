"""The playbook: everything an admin decides, as one document.

Targets are ISO 8601 durations of working time in a named calendar, or of plain elapsed time, and say which. The models
here are its shape; `leads.playbook_check` sees before publishing that it makes sense: every name it uses is defined, no
segment is hidden. Published documents carry their holidays expanded.
"""

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from leads.calendar import Calendar
from leads.conditions import Condition
from leads.durations import parse_duration
from leads.events import HandOffKind, InsideSales, PauseKind
from leads.playbook_accounts import Accounts
from leads.playbook_definitions import Definitions
from leads.playbook_lists import Lists
from leads.playbook_pauses import PauseRule
from leads.playbook_people import Absences, Leavers
from leads.playbook_routing import Routing, Sharing
from leads.playbook_teams import NoticeMode, Overrides, TeamPlay
from leads.playbook_touch import OwnTouch, RealTouch
from leads.promises import Elapsed, Ladder, Name, Part, Promise, Terms, Working
from leads.roster import MOST_TEAMS, RosterId
from leads.stages import Stage

_NO_OVERRIDES = Overrides()


class Rules(Terms):
    """What holds for some hand-offs beside what is promised of them."""

    real_touch: OwnTouch | None = Field(default=None, description="What counts as a touch otherwise than for all.")
    stages: dict[Stage, Promise | None] = Field(
        default_factory=dict, description="How long a lead may stay in a stage, otherwise than for all; null: any time."
    )


class Segment(Rules):
    """Leads that get the same promises. First match wins; the last has no condition."""

    name: Name
    when: Condition | None = None
    team: Name = Field(description="The team whose people get these leads.")


class Passing(Rules):
    """A hand-off inside sales: which teams take it so, and what they promise.

    `returned` names no teams: it goes back to whoever had passed it on.
    """

    teams: tuple[Name, ...] = Field(default=(), max_length=50)


class Evidence(Part):
    """How late word of a touch may come."""

    lag: Elapsed = Field(default="PT2M", description="Rungs above the owner wait this long.")
    sources: dict[Name, Elapsed] = Field(
        default_factory=dict, max_length=50, description="The lag of each system that sees touches."
    )
    teams: dict[Name, tuple[Name, ...]] = Field(
        default_factory=dict, max_length=100, description="Which of them see a team's; the slowest counts."
    )
    late_after: Working = Field(
        default="PT1H", description="Working time within which a self-report must be written down."
    )

    def lag_of(self, team: str | None) -> timedelta:
        """How late word of a touch by this team may come."""
        seen_by = self.teams.get(team or "", ())
        return max((parse_duration(self.sources[name]) for name in seen_by), default=parse_duration(self.lag))


class Consequence(StrEnum):
    """What a reason leads to."""

    DISQUALIFY = "disqualify"
    RECYCLE = "recycle"
    REROUTE = "reroute"
    FIX_DATA = "fix_data"
    CALLBACK = "callback"
    """The rep agrees on a date and keeps the lead; told as a fact by another system, it is recycled for `wait`."""


class Reason(Part):
    consequence: Consequence
    checkable: bool = Field(default=False, description="Can be verified without a call: a clean exit, touched or not.")
    wait: Elapsed = Field(
        default="P90D", description="How long until the wake-up date; for callback the latest date that can be agreed."
    )
    needs_effort: bool = Field(default=False, description="Only after the agreed attempts to reach the buyer.")


class Qualification(Part):
    threshold: int = Field(default=50, ge=1, description="The score at which a lead is handed to sales.")
    nurture_after: Elapsed = Field(
        default="PT15M", description="A captured lead without reason to qualify is nurtured then."
    )


class Nurture(Part):
    track: Name = "newsletter"
    review_after: Elapsed = "P30D"


class Recycling(Part):
    """How often, and how soon again, a lead may go round."""

    most_loops: int = Field(default=3, ge=0, le=50, description="After so many it is ruled out, until it asks again.")
    cool_off: Elapsed = Field(
        default="P30D", description="Until then no score brings it back to sales; a raised hand does at once."
    )


class Meetings(Part):
    length: Elapsed = Field(default="PT1H", description="Of a meeting whose end is not told.")


class Asking(Part):
    """When sales is asked more than the reason."""

    on_return: bool = Field(default=True, description="When a closer or a partner gives a lead back.")
    share_of_wins: float = Field(default=0.25, ge=0, le=1, description="Of the won ones.")
    most_a_day: int = Field(default=1, ge=0, le=100, description="Of one person, in 24 hours.")


class Waiving(Part):
    """Who may waive a promise, beside the manager of whoever owes it."""

    also: tuple[str, ...] = Field(default=(), max_length=50, description="Ids of people.")


def _clock_time(value: object) -> object:
    # YAML reads a bare 20:00 as the number 1,200, which would pass for twenty minutes past midnight
    if not isinstance(value, str | time):
        msg = 'a time is HH:MM in quotes, as "20:00"'
        raise ValueError(msg)  # noqa: TRY004  pydantic hears of a fault by it
    return value


ClockTime = Annotated[
    time,
    BeforeValidator(_clock_time),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}),
]


class Notices(Part):
    """How much people are told, and when. Delays notices, never deadlines."""

    rungs_apart: Elapsed = Field(default="PT5M", description="Between two places of one ladder, at least.")
    most: int = Field(default=3, ge=1, le=1000, description="Notices to a person `within` so long, one by one.")
    within: Elapsed = "PT10M"
    digest_after: Elapsed = Field(
        default="PT5M", description="What is too much is gathered for so long, and sent as one digest."
    )
    quiet: tuple[ClockTime, ClockTime] | None = Field(
        default=None,
        description="From and to, where each person lives, else in the zone of the playbook's calendar: owners are told"
        " afterwards.",
    )
    only_at_work: bool = Field(
        default=False, description="Owners who have working hours of their own are told in these, and in no others."
    )


class Playbook(Part):
    """One document. `reasons.other` catches reasons not listed."""

    playbook: Literal[1] = 1
    calendar: Name = Field(description="The calendar of every span that names none.")
    calendars: dict[Name, Calendar] = Field(min_length=1, max_length=100)
    segments: tuple[Segment, ...] = Field(min_length=1, max_length=100)
    hand_offs: dict[InsideSales, Passing] = Field(default_factory=dict, description="Hand-offs inside sales.")
    stages: dict[Stage, Promise] = Field(default_factory=dict, description="How long a lead may stay in a stage.")
    ladders: dict[Name, Ladder] = Field(default_factory=dict, max_length=100)
    real_touch: RealTouch = RealTouch()
    evidence: Evidence = Evidence()
    reasons: dict[Name, Reason] = Field(max_length=200)
    qualification: Qualification = Qualification()
    nurture: Nurture = Nurture()
    recycling: Recycling = Recycling()
    meetings: Meetings = Meetings()
    feedback: Asking = Asking()
    waiving: Waiving = Waiving()
    absences: Absences = Absences()
    leavers: Leavers = Leavers()
    accounts: Accounts = Accounts()
    notices: Notices = Notices()
    lists: Lists = Lists()
    pauses: dict[PauseKind, PauseRule] = Field(default_factory=dict, description="When clocks may stand still.")
    snooze_before_touch: bool = False
    routing: Routing = Routing()
    former_owner_for: Elapsed = Field(default="P90D", description="Who touched a lead this recently gets it back.")
    mode: NoticeMode = Field(default=NoticeMode.FULL, description="Of teams that have none of their own.")
    definitions: Definitions | None = Field(
        default=None, description="What the words mean here, as sales and marketing have agreed."
    )
    teams: dict[RosterId, TeamPlay] = Field(
        default_factory=dict, max_length=MOST_TEAMS, description="What is otherwise for single teams of the roster."
    )

    def mode_of(self, team: str | None) -> NoticeMode:
        """How much is told of a team's leads."""
        own = self.teams.get(team or "")
        return (own and own.mode) or self.mode

    def calendar_of(self, team: str | None) -> str:
        """The name of the calendar a team works in."""
        own = self.teams.get(team or "")
        return (own and own.calendar) or self.calendar

    def overrides_of(self, team: str | None) -> Overrides | None:
        """Where a team promises more than all do, if anywhere."""
        own = self.teams.get(team or "")
        return own.overrides if own is not None and own.overrides != _NO_OVERRIDES else None

    def sharing(self, team: str) -> Sharing:
        """How a team shares its leads out."""
        own = self.teams.get(team)
        return self.routing.sharing(own.routing if own else None)

    def pause_rule(self, kind: PauseKind) -> PauseRule:
        """What holds for a kind of pause, what is left out filled in."""
        rule = next((rule for name, rule in self.pauses.items() if name == kind), PauseRule())
        if rule.before_touch is not None:
            return rule
        return rule.model_copy(update={"before_touch": kind is PauseKind.LEGAL_HOLD or self.snooze_before_touch})

    def segment(self, name: str) -> Segment:
        """By name; the last one where the name is gone."""
        return next((s for s in self.segments if s.name == name), self.segments[-1])

    def passing_to(self, team: str | None) -> HandOffKind | None:
        """How a team takes leads over from others in sales, if in a way of its own."""
        return next((kind for kind, passing in self.hand_offs.items() if team in passing.teams), None)

    def passing(self, kind: HandOffKind) -> Passing | None:
        """What is promised of hand-offs of this kind, where they have promises of their own."""
        return next((passing for name, passing in self.hand_offs.items() if name == kind), None)
