"""What of the script has been played so far."""

from dataclasses import dataclass, field

MOST_REFUSALS = 50
"""Kept with their words."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that was not granted, and what was said."""

    subject: str
    command: str
    why: str


@dataclass(slots=True)
class Played:
    """What has been sent so far."""

    sent: int = 0
    repeats: int = 0
    not_played: int = 0
    """Acts that did not happen: nobody was there to do them, or what they depend on had not happened."""
    granted: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    """The first of them."""
    away_seconds: float = 0
    lead_ids: dict[int, str] = field(default_factory=dict)
    """Number in the script → id."""


def subject_of(run_name: str, lead: int) -> str:
    """What the demo calls a lead of its script."""
    return f"{run_name}-{lead:06}"
