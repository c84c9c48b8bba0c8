"""Who gets a lead: the part of the playbook that says to which team it goes, and to whom in the team.

Rules stand in order, the first that holds is followed; without one a lead goes to its segment's team. Inside a team
everyone with a place gets a share by their weight in the roster; the roster's limits hold always.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from leads.conditions import Condition, FieldName
from leads.faults import Fault, located
from leads.promises import Elapsed, Name, Part
from leads.roster import Label, RosterId

MOST_RULES = 100
Labels = Annotated[tuple[Label, ...], Field(max_length=20)]


class Assigning(StrEnum):
    BY_LEADLOOP = "by_leadloop"
    BY_CRM = "by_crm"
    """The CRM gives leads out and says so: Leadloop routes nobody; an unassigned lead still alarms."""


class Method(StrEnum):
    TURN = "turn"
    """One after the other."""
    COUNT = "count"
    """Whoever was given the fewest in the period."""


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Present(StrEnum):
    """Who may be given a lead, by their working hours. Who is absent never is."""

    ANYONE = "anyone"
    IN_TIME = "in_time"
    """Who is at work now, or will be before the first touch is due."""
    AT_WORK = "at_work"


class Fairness(StrEnum):
    """What becomes of the turns somebody missed."""

    KEEP_PLACE = "keep_place"
    """They are gone: the round goes on as if they had been there."""
    CATCH_UP = "catch_up"
    """They get them afterwards."""


class NobodyFree(Part):
    """What happens while nobody can take a lead. It waits in the queue, and the promise to assign it runs."""

    fallback: RosterId | None = Field(default=None, description="The team that is asked then; left out: none.")
    hold: Elapsed | None = Field(
        default=None, description="How long it waits before the fallback is asked; left out: not at all."
    )

    @model_validator(mode="after")
    def _holds_for_somebody(self) -> Self:
        if self.hold is not None and self.fallback is None:
            raise located("NobodyFree", Fault(("hold",), "say which team is asked afterwards, as fallback"))
        return self


class Rule(Part):
    """Leads for which `when` holds go to a team, or wait in a queue to be claimed."""

    name: Name
    when: Condition | None = Field(default=None, description="Left out: all that get here.")
    team: RosterId | None = Field(default=None, description="Left out: the segment's team.")
    queue: Name | None = Field(
        default=None, description="Nobody is chosen: it waits in the queue of this name until somebody claims it."
    )
    skills: Labels = Field(default=(), description="Whoever gets it has all of these.")
    territories: Labels = Field(default=(), description="Whoever gets it covers one of these at least.")
    skill_of: FieldName | None = Field(
        default=None, description="A field of the lead, as `language`: whoever gets it has its value as a skill."
    )
    territory_of: FieldName | None = Field(
        default=None, description="A field of the lead, as `country`: whoever gets it covers its value."
    )
    nobody_free: NobodyFree | None = Field(default=None, description="Left out: as the team has it.")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.team is None and self.queue is None and not self.is_choosy:
            raise located("Rule", Fault((), "say where these leads go: a team, a queue, or what their owner must have"))
        if self.queue is not None and (self.is_choosy or self.nobody_free is not None):
            reason = "nobody is chosen for a queue: drop the queue, or what is asked of their owner"
            raise located("Rule", Fault(("queue",), reason))
        return self

    @property
    def is_choosy(self) -> bool:
        """Whether not everybody of the team will do."""
        return bool(self.skills or self.territories or self.skill_of or self.territory_of)


class Claiming(Part):
    """Who may take a lead by a claim. A claim counts as a turn."""

    by: Literal["anyone", "team"] = Field(default="anyone", description="Who may claim from a queue.")
    from_colleague: Literal["never", "overdue", "untouched"] = Field(
        default="never",
        description="A lead that a colleague of the team has not touched: never, once the first touch is overdue, or at any time.",  # noqa: E501  one sentence of the schema
    )
    within_limits: bool = Field(default=True, description="Whoever is full claims nothing more.")


class TurnsBack(StrEnum):
    """Which leads give their turn back to whoever had them."""

    NEVER = "never"
    NOT_A_LEAD = "not_a_lead"
    CHECKABLE = "checkable"
    """Those too that are given back for a reason that can be verified without a call."""


class Sharing(Part):
    """How a team shares its leads out."""

    assign: Assigning = Assigning.BY_LEADLOOP
    method: Method = Method.TURN
    period: Period = Field(default=Period.WEEK, description="With method count: what is counted, from its first day.")
    present: Present = Present.ANYONE
    after_absence: Fairness = Fairness.KEEP_PLACE
    joiners: Fairness = Field(default=Fairness.KEEP_PLACE, description="The same for people new in the team.")
    most_to_catch_up: int = Field(
        default=5, ge=1, le=100, description="With method turn: turns in a row that somebody catches up, at most."
    )
    nobody_free: NobodyFree = NobodyFree()


class TeamSharing(Part):
    """What a team does in a way of its own; what is left out is as under `routing`."""

    assign: Assigning | None = None
    method: Method | None = None
    period: Period | None = None
    present: Present | None = None
    after_absence: Fairness | None = None
    joiners: Fairness | None = None
    most_to_catch_up: int | None = Field(default=None, ge=1, le=100)
    nobody_free: NobodyFree | None = None


class Routing(Sharing):
    """Where leads go. Capacity, weights, skills and territories stand in the roster."""

    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()
    untouched_in_hand: dict[Name, Annotated[int, Field(ge=1, le=1_000)]] = Field(
        default_factory=dict,
        max_length=100,
        description="By segment: whoever has so many of its leads untouched is given no more of them.",
    )
    turns_back: TurnsBack = TurnsBack.NEVER
    claim: Claiming = Claiming()

    def sharing(self, own: TeamSharing | None) -> Sharing:
        """How a team shares its leads out that has this of its own."""
        if own is None:
            return self
        return self.model_copy(update={name: value for name, value in own if value is not None})
