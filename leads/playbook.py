"""The playbook: everything an admin decides, as one document.

Targets are ISO 8601 durations of working time in a named calendar, or of plain elapsed time, and say which. A document
is checked whole: every name it uses must be defined in it. Published documents carry their holidays expanded.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from leads.calendar import Calendar
from leads.conditions import Condition
from leads.durations import parse_duration, parse_working_duration
from leads.events import Channel, Direction, Mode

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_RUNG_AT = re.compile(r"(?P<percent>\d{1,3})%|due(?:(?P<sign>[+-])(?P<offset>P\S+))?", re.ASCII)


class Part(BaseModel):
    """A piece of the playbook. Unknown keys are refused: a misspelt promise is a promise not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)


class ClockName(StrEnum):
    """The promises. Each row of the clock table in `leads.clocks` says what starts and meets it."""

    SPEED_TO_LEAD = "speed_to_lead"
    ASSIGN = "assign"
    ACCEPT = "accept"
    FIRST_TOUCH = "first_touch"


class Span(Part):
    """A length of time: working time in a calendar, or elapsed time."""

    target: str = Field(description="ISO 8601: PT15M, PT9H; days (P1D) only with time: elapsed.")
    time: Literal["working", "elapsed"] = "working"
    calendar: Name | None = Field(default=None, description="Which calendar; the playbook's own when left out.")

    @model_validator(mode="after")
    def _target_reads(self) -> Self:
        self.parse(self.target)
        if self.time == "elapsed" and self.calendar is not None:
            msg = "elapsed time runs in no calendar: drop calendar, or say time: working"
            raise ValueError(msg)
        return self

    def parse(self, text: str) -> timedelta:
        return parse_working_duration(text) if self.time == "working" else parse_duration(text)

    @property
    def length(self) -> timedelta:
        return self.parse(self.target)


class Promise(Span):
    """A target with the ladder that is climbed when nobody keeps it."""

    ladder: Name | None = None
    if_arrived_closed: str | None = Field(
        default=None, description="The target, from opening, of a clock that starts outside the calendar's hours."
    )

    @model_validator(mode="after")
    def _night_target_reads(self) -> Self:
        if self.if_arrived_closed is not None:
            if self.time == "elapsed":
                msg = "if_arrived_closed needs time: working; elapsed time is never closed"
                raise ValueError(msg)
            parse_working_duration(self.if_arrived_closed)
        return self


class Recipient(StrEnum):
    OWNER = "owner"
    DEPUTY = "deputy"
    MANAGER = "manager"
    TEAM = "team"
    CHANNEL = "channel"


def _elapsed(text: str) -> str:
    parse_duration(text)
    return text


def _rung_at(text: str) -> str:
    match = _RUNG_AT.fullmatch(text)
    if match is None or (match["percent"] and not 0 < int(match["percent"]) < 100):  # noqa: PLR2004 - percent
        msg = "a rung stands at 1% to 99% of the target, at due, or at due+PT10M / due-PT1H"
        raise ValueError(msg)
    if match["offset"]:
        parse_working_duration(match["offset"])
    return text


class Rung(Part):
    """One step of a ladder. `at` is a fraction of the target, `due`, or an offset from due in the clock's calendar."""

    rung: Name
    at: Annotated[str, AfterValidator(_rung_at)]
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
        return int(self.at[:-1]) / 100 if self.at.endswith("%") else None

    @property
    def offset(self) -> timedelta:
        """From due, signed; zero at due."""
        match = _RUNG_AT.fullmatch(self.at)
        if match is None or not match["offset"]:
            return timedelta()
        length = parse_working_duration(match["offset"])
        return -length if match["sign"] == "-" else length

    @property
    def is_above_owner(self) -> bool:
        """Whether it alarms anyone but the owner, and so must wait for late evidence."""
        return self.reassign or self.to_queue or any(role is not Recipient.OWNER for role in self.notify)


Ladder = Annotated[tuple[Rung, ...], Field(max_length=20)]


class Segment(Part):
    """Leads that get the same promises. First match wins; the last has no condition."""

    name: Name
    when: Condition | None = None
    team: Name = Field(description="The team whose people get these leads.")
    promises: dict[ClockName, Promise]
    ignored_after: Span = Field(description="A hand-off without a real touch by then is ignored, for good.")


class RealTouch(Part):
    """What counts as a touch."""

    modes: frozenset[Mode] = frozenset({Mode.MANUAL, Mode.SEQUENCE_MANUAL})
    directions: frozenset[Direction] = frozenset(Direction)
    channels: frozenset[Channel] = frozenset(Channel)
    min_call_seconds: int = Field(default=0, ge=0, le=3600, description="Shorter calls do not count, when known.")
    booked_meetings: bool = True


class Evidence(Part):
    lag: str = Field(default="PT2M", description="How late evidence may come; rungs above the owner wait this long.")
    late_after: str = Field(default="PT1H", description="Working time within which a self-report must be written down.")

    @model_validator(mode="after")
    def _spans_read(self) -> Self:
        parse_duration(self.lag)
        parse_working_duration(self.late_after)
        return self


class Consequence(StrEnum):
    """What a reason leads to."""

    DISQUALIFY = "disqualify"
    RECYCLE = "recycle"
    REROUTE = "reroute"
    FIX_DATA = "fix_data"


class Reason(Part):
    consequence: Consequence
    checkable: bool = Field(default=False, description="Can be verified without a call: a clean exit, touched or not.")
    wait: str = Field(default="P90D", description="For recycle and fix_data: how long until the wake-up date.")

    @model_validator(mode="after")
    def _wait_reads(self) -> Self:
        parse_duration(self.wait)
        return self


class Qualification(Part):
    threshold: int = Field(default=50, ge=1, description="The score at which a lead is handed to sales.")
    nurture_after: str = Field(
        default="PT15M", description="A captured lead without reason to qualify is nurtured then."
    )

    @model_validator(mode="after")
    def _span_reads(self) -> Self:
        parse_duration(self.nurture_after)
        return self


class Nurture(Part):
    track: Name = "newsletter"
    review_after: str = "P30D"

    @model_validator(mode="after")
    def _span_reads(self) -> Self:
        parse_duration(self.review_after)
        return self


class NoticeMode(StrEnum):
    SHADOW = "shadow"
    """All clocks run, nobody hears: what would have happened."""
    NOTIFY_OWNER = "notify_owner"
    FULL = "full"


class Playbook(Part):
    """One document. `reasons.other` catches reasons not listed."""

    playbook: Literal[1] = 1
    calendar: Name = Field(description="The calendar of every span that names none.")
    calendars: dict[Name, Calendar] = Field(min_length=1, max_length=100)
    segments: tuple[Segment, ...] = Field(min_length=1, max_length=100)
    ladders: dict[Name, Ladder] = Field(default_factory=dict, max_length=100)
    real_touch: RealTouch = RealTouch()
    evidence: Evidence = Evidence()
    reasons: dict[Name, Reason] = Field(max_length=200)
    qualification: Qualification = Qualification()
    nurture: Nurture = Nurture()
    snooze_before_touch: bool = False
    former_owner_for: Annotated[str, AfterValidator(_elapsed)] = Field(
        default="P90D", description="Who touched a lead this recently gets it back."
    )
    mode: NoticeMode = NoticeMode.FULL

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        faults = [*self._calendar_faults(), *self._segment_faults(), *self._ladder_faults()]
        if "other" not in self.reasons:
            faults.append("reasons: `other` is missing; it catches reasons not listed")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _calendar_faults(self) -> Iterator[str]:
        spans: list[tuple[str, Span]] = [(f"segment {s.name}: ignored_after", s.ignored_after) for s in self.segments]
        spans += [(f"segment {s.name}: {c}", p) for s in self.segments for c, p in s.promises.items()]
        names = [(place, span.calendar) for place, span in spans if span.calendar] + [("calendar", self.calendar)]
        for place, name in names:
            if name not in self.calendars:
                yield f"{place}: there is no calendar {name!r}; define it under calendars"

    def _segment_faults(self) -> Iterator[str]:
        names = [segment.name for segment in self.segments]
        yield from (f"segment {name}: named twice" for name in sorted({n for n in names if names.count(n) > 1}))
        if self.segments[-1].when is not None:
            yield f"segment {names[-1]}: the last segment must have no condition, so that no lead is without promises"
        for segment in self.segments[:-1]:
            if segment.when is None:
                yield f"segment {segment.name}: without a condition it hides every segment after it"
        for segment in self.segments:
            for clock, promise in segment.promises.items():
                if promise.ladder and promise.ladder not in self.ladders:
                    yield f"segment {segment.name}: {clock}: there is no ladder {promise.ladder!r}"

    def _ladder_faults(self) -> Iterator[str]:
        for name, rungs in self.ladders.items():
            seen = [rung.rung for rung in rungs]
            for rung in sorted({r for r in seen if seen.count(r) > 1}):
                yield f"ladder {name}: rung {rung} is named twice"

    def segment(self, name: str) -> Segment:
        """By name; the last one where the name is gone."""
        return next((s for s in self.segments if s.name == name), self.segments[-1])
