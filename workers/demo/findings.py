"""What Leadloop caught, read from leads and their timelines as the API shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

PROMISES_OF_TOUCH = ("speed_to_lead", "first_touch")
_TOUCHED = ("real_touch", "by_other", "better_evidence")
"""Why a promise of a touch ended: a person touched the lead."""
_TO_ABOVE = ("manager", "channel", "team", "deputy", "team_manager")


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one lead."""

    handed_over_at: datetime | None
    assigned_after: timedelta | None
    """Machine time: from hand-over to an owner."""
    touched_after: timedelta | None
    """Human time: from hand-over to the first real touch."""
    in_time: bool
    warned: bool
    breached: bool
    """A promise of a touch was missed, and still stands as missed."""
    retracted: bool
    escalated: bool
    reassigned: int
    saved: bool
    """Touched after a warning or an alarm."""
    ignored: bool
    automatic_only: bool
    """Got mail from a sequence, and no person."""
    rejected: bool
    stage: str


@dataclass(slots=True)
class Findings:
    """The stories of a run."""

    stories: list[Story] = field(default_factory=list)

    @property
    def handed_over(self) -> list[Story]:
        return [story for story in self.stories if story.handed_over_at is not None]

    def median_seconds(self, name: str) -> float | None:
        """Of a span of the stories that have it."""
        spans = [span.total_seconds() for story in self.stories if (span := getattr(story, name)) is not None]
        return median(spans) if spans else None

    def count(self, name: str) -> int:
        """How many leads handed to sales have this quality, or a span of this name."""
        found = (getattr(story, name) for story in self.handed_over)
        return sum(isinstance(value, timedelta) or bool(value) for value in found)


def story_of(lead: dict[str, Any], lines: list[dict[str, Any]]) -> Story:
    """`lead` as `GET /v1/leads/{id}` answers, `lines` as its timeline."""
    told = [line for line in lines if line["stands"]]
    decided = [line for line in told if line["kind"] == "decision"]
    promises = [clock for clock in lead["clocks"] if clock["clock"] in PROMISES_OF_TOUCH]
    handed_over_at = next(_instants(told, "hand_off_opened"), None)
    assigned_at = next(_instants(told, "owner_set"), None)
    touched_at = min((_instant(clock["ended_at"]) for clock in promises if clock["why"] in _TOUCHED), default=None)
    alarmed_at = min((_instant(line["at"]) for line in decided if line["type"] == "rung_fired"), default=None)
    templates = {line["data"]["template"] for line in decided if line["type"] == "notice_issued"}
    retracted = any(line["type"] == "breach_retracted" for line in decided)
    moves = [line for line in decided if line["type"] == "assigned" and line["data"]["cause"] == "rung"]
    modes = {line["data"].get("mode") for line in told if line["type"] == "lead.touched"}
    return Story(
        handed_over_at=handed_over_at,
        assigned_after=_between(handed_over_at, assigned_at),
        touched_after=_between(handed_over_at, touched_at),
        in_time=touched_at is not None and not any(clock["breached_at"] for clock in promises),
        warned="warning" in templates,
        breached=any(clock["breached_at"] for clock in promises),
        retracted=retracted,
        escalated=bool(moves) or any(_is_above(line) for line in decided if line["type"] == "notice_issued"),
        reassigned=len(moves),
        saved=touched_at is not None and alarmed_at is not None and alarmed_at < touched_at,
        ignored=lead["ignored_at"] is not None,
        automatic_only=modes == {"sequence_auto"},
        rejected=any(line["type"] == "lead.rejected" for line in told),
        stage=lead["stage"],
    )


def _is_above(notice: dict[str, Any]) -> bool:
    """Whether an alarm went to anyone above the owner."""
    if notice["data"]["template"] not in ("breach", "escalation"):
        return False
    return any(to.partition(":")[0] in _TO_ABOVE for to in notice["data"]["to"])


def _instants(lines: list[dict[str, Any]], kind: str) -> Iterator[datetime]:
    return (_instant(line["at"]) for line in lines if line["kind"] == kind)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else max(end - start, timedelta())
