"""What a playbook promises: targets, and the ladders that are climbed when nobody keeps them."""

import re
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from leads.durations import DurationError, parse_duration, parse_working_duration
from leads.events import PauseKind
from leads.faults import Fault, located

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
_RUNG_AT = re.compile(r"(?P<percent>\d{1,3})%|due(?:(?P<sign>[+-])(?P<offset>P\S+))?", re.ASCII)
MOST_ATTEMPTS = 50


class Part(BaseModel):
    """A piece of the playbook. Unknown keys are refused: a misspelt promise is a promise not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)


def _elapsed(text: str) -> str:
    parse_duration(text)
    return text


def _working(text: str) -> str:
    parse_working_duration(text)
    return text


_IS_DURATION = Field(json_schema_extra={"format": "duration"})
Elapsed = Annotated[str, AfterValidator(_elapsed), _IS_DURATION]
"""ISO 8601, day and night: PT10M, P30D."""
Working = Annotated[str, AfterValidator(_working), _IS_DURATION]
"""ISO 8601, of working time: PT27H; no days, since a working day is as long as its calendar says."""


class ClockName(StrEnum):
    """The promises. Each row of the clock table in `leads.clock_table` says what starts and meets it."""

    SPEED_TO_LEAD = "speed_to_lead"
    ASSIGN = "assign"
    ACCEPT = "accept"
    FIRST_TOUCH = "first_touch"
    EFFORT = "effort"
    NEXT_STEP = "next_step"
    REPLY = "reply"
    MEETING_OUTCOME = "meeting_outcome"
    STAGE = "stage"
    FEEDBACK = "feedback"


OWNED_BY_NOBODY = frozenset({ClockName.SPEED_TO_LEAD, ClockName.ASSIGN})
"""Promises that start before there is an owner."""


def _misfit(key: str, reason: str) -> ValidationError:
    return located("Span", Fault((key,), reason))


class Span(Part):
    """A length of time: working time in a calendar, or elapsed time."""

    target: str = Field(
        description="ISO 8601: PT15M, PT9H; days (P1D) only with time: elapsed.",
        json_schema_extra={"format": "duration"},
    )
    time: Literal["working", "elapsed"] = "working"
    calendar: Name | None = Field(default=None, description="Which calendar; the playbook's own when left out.")

    @model_validator(mode="after")
    def _target_reads(self) -> Self:
        self._check_length("target")
        if self.time == "elapsed" and self.calendar is not None:
            raise _misfit("calendar", "elapsed time runs in no calendar: drop calendar, or say time: working")
        return self

    def _check_length(self, key: str) -> None:
        try:
            self.parse(getattr(self, key))
        except DurationError as refused:
            raise _misfit(key, refused.message) from None

    def parse(self, text: str) -> timedelta:
        return parse_working_duration(text) if self.time == "working" else parse_duration(text)

    @property
    def length(self) -> timedelta:
        return self.parse(self.target)


class Bounds(Part):
    """How much more a single team may promise."""

    shortest: Elapsed | None = Field(default=None, description="No target of a team is shorter.")
    most_attempts: int | None = Field(default=None, ge=1, le=MOST_ATTEMPTS, description="No team asks for more.")


class Promise(Span):
    """A target with the ladder that is climbed when nobody keeps it.

    `attempts`, `channels` and `max_gap` are the effort agreed before a lead may be given up, for the clock `effort`.
    """

    ladder: Name | None = None
    if_arrived_closed: str | None = Field(
        default=None, description="The target, from opening, of a clock that starts outside the calendar's hours."
    )
    hours: Literal["calendar", "team", "owner"] = Field(
        default="calendar",
        description="team: the calendar of the team; owner: the owner's own hours without absences, as the roster has"
        " them when the clock starts, the team's where they have none.",
    )
    zone: Literal["calendar", "buyer"] = Field(
        default="calendar", description="buyer: the calendar's hours, read in the buyer's own zone where it is known."
    )
    paused_by: frozenset[PauseKind] | None = Field(
        default=None, description="Which kinds of pause stop it: snooze, waiting_on_buyer, legal_hold; all if left out."
    )
    attempts: int | None = Field(default=None, ge=1, le=MOST_ATTEMPTS, description="Attempts to reach the buyer.")
    channels: int = Field(default=1, ge=1, le=6, description="Different channels among them, at least.")
    max_gap: Working | None = Field(
        default=None, description="Working time between two attempts; after a longer silence they count anew."
    )
    overridable: bool | Bounds = Field(
        default=False, description="Whether single teams may promise more, and how much; never less."
    )

    @model_validator(mode="after")
    def _fits_its_time(self) -> Self:
        if self.time == "elapsed" and self.if_arrived_closed is not None:
            raise _misfit("if_arrived_closed", "needs time: working; elapsed time is never closed")
        if self.time == "elapsed" and self.zone == "buyer":
            raise _misfit("zone", "buyer needs time: working; elapsed time is the same in every zone")
        if self.if_arrived_closed is not None:
            self._check_length("if_arrived_closed")
        self._check_hours()
        self._check_bounds()
        if self.attempts is None and (self.max_gap is not None or self.channels > 1):
            msg = "channels and max_gap say how attempts are made: say attempts too"
            raise ValueError(msg)
        return self

    def _check_hours(self) -> None:
        if self.hours == "calendar":
            return
        if self.time == "elapsed":
            raise _misfit("hours", f"{self.hours} needs time: working; elapsed time runs day and night")
        if self.calendar is not None:
            raise _misfit(
                "calendar", f"with hours: {self.hours} it runs in no calendar named here: drop one of the two"
            )
        if self.hours == "owner" and self.zone == "buyer":
            raise _misfit("zone", "the owner's own hours are read where the owner is: drop zone, or hours: owner")

    def _check_bounds(self) -> None:
        """Bounds that leave a team no room at all are a mistake."""
        if not isinstance(self.overridable, Bounds):
            return
        shortest, most = self.overridable.shortest, self.overridable.most_attempts
        if shortest is not None:
            try:
                is_longer = self.parse(shortest) > self.length
            except DurationError as refused:
                raise located("Span", Fault(("overridable", "shortest"), refused.message)) from None
            if is_longer:
                raise located("Span", Fault(("overridable", "shortest"), f"is longer than the target, {self.target}"))
        if most is not None and (self.attempts is None or most < self.attempts):
            of_all = "attempts belong to effort" if self.attempts is None else f"all make {self.attempts} already"
            raise located("Span", Fault(("overridable", "most_attempts"), of_all))


class Recipient(StrEnum):
    OWNER = "owner"
    DEPUTY = "deputy"
    MANAGER = "manager"
    TEAM = "team"
    CHANNEL = "channel"
    SPONSOR = "sponsor"
    """Who answers for the whole team, as the roster names them."""


def _rung_at(text: str) -> str:
    match = _RUNG_AT.fullmatch(text)
    if match is None or (match["percent"] and not 0 < int(match["percent"]) < 100):  # noqa: PLR2004 - percent
        msg = "a rung stands at 1% to 99% of the target, at due, or at due+PT10M / due-PT1H"
        raise ValueError(msg)
    if match["offset"]:
        parse_working_duration(match["offset"])
    return text


@lru_cache(maxsize=1024)
def _place(text: str) -> tuple[float | None, timedelta]:
    """The fraction of the target, or the offset from due. Playbooks name few places; each is read at every wake."""
    if text.endswith("%"):
        return int(text[:-1]) / 100, timedelta()
    match = _RUNG_AT.fullmatch(text)
    length = parse_working_duration(match["offset"]) if match and match["offset"] else timedelta()
    return None, -length if match and match["sign"] == "-" else length


RungAt = Annotated[str, AfterValidator(_rung_at)]
"""A fraction of the target, `due`, or an offset from due."""


class Rung(Part):
    """One step of a ladder. `at` is a fraction of the target, `due`, or an offset from due in the clock's calendar."""

    rung: Name
    at: RungAt
    notify: tuple[Recipient, ...] = ()
    reassign: bool = Field(default=False, description="Give the lead to someone else at work, never back.")
    max_hops: int = Field(default=2, ge=0, le=10, description="How often a hand-off may change hands by ladder.")
    to_queue: bool = Field(default=False, description="Take the lead from its owner, back to the team's queue.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.notify or self.reassign or self.to_queue):
            msg = "a rung must notify, reassign or return to the queue"
            raise ValueError(msg)
        if self.reassign and self.to_queue:
            msg = "a rung reassigns or returns to the queue, not both"
            raise ValueError(msg)
        return self

    @property
    def fraction(self) -> float | None:
        return _place(self.at)[0]

    @property
    def offset(self) -> timedelta:
        """From due, signed; zero at due."""
        return _place(self.at)[1]

    @property
    def is_warning(self) -> bool:
        """Whether it stands before due."""
        return self.fraction is not None or self.offset < timedelta()

    @property
    def is_above_owner(self) -> bool:
        """Whether it alarms anyone but the owner, and so must wait for late evidence."""
        return self.reassign or self.to_queue or any(role is not Recipient.OWNER for role in self.notify)


Ladder = Annotated[tuple[Rung, ...], Field(max_length=20)]


class Terms(Part):
    """What is promised of a hand-off."""

    promises: dict[ClockName, Promise]
    ignored_after: Span = Field(description="A hand-off without a real touch by then is ignored, for good.")

    @model_validator(mode="after")
    def _effort_is_counted(self) -> Self:
        faults: list[Fault] = []
        for clock, promise in self.promises.items():
            if (promise.attempts is not None) is not (clock is ClockName.EFFORT):
                reason = "attempts belong to effort, and effort needs them"
                faults.append(Fault(("promises", clock, "attempts"), reason))
            if promise.hours == "owner" and clock in OWNED_BY_NOBODY:
                faults.append(Fault(("promises", clock, "hours"), "nobody owns the lead when this starts: use team"))
            if clock is ClockName.STAGE:
                faults.append(Fault(("promises", clock), "how long a lead may stay in a stage is said under stages"))
        if faults:
            raise located("Terms", *faults)
        return self
