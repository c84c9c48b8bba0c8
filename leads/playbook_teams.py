"""What an admin decides for one team: how loud Leadloop is there, and the calendar the team works in.

Who is in a team, and when they are away, is the roster's.
"""

from enum import StrEnum

from pydantic import Field

from leads.events import InsideSales
from leads.playbook_routing import TeamSharing
from leads.promises import MOST_ATTEMPTS, ClockName, Elapsed, Name, Part, RungAt, Working
from leads.stages import Stage


class NoticeMode(StrEnum):
    SHADOW = "shadow"
    """All clocks run, nobody hears: what would have happened."""
    NOTIFY_OWNER = "notify_owner"
    FULL = "full"


class Override(Part):
    """What a team promises more than the playbook does. What it leaves out stays as it is."""

    target: Elapsed | None = Field(default=None, description="Shorter.")
    if_arrived_closed: Elapsed | None = Field(default=None, description="Shorter.")
    attempts: int | None = Field(default=None, ge=1, le=MOST_ATTEMPTS, description="More.")
    channels: int | None = Field(default=None, ge=1, le=6, description="More.")
    max_gap: Working | None = Field(default=None, description="Shorter.")
    warn_at: dict[Name, RungAt] = Field(
        default_factory=dict, max_length=20, description="Rungs before due that stand earlier: by their names, where."
    )


class Overrides(Part):
    """By the place of the promise that is overridden."""

    segments: dict[Name, dict[ClockName, Override]] = Field(default_factory=dict, max_length=100)
    hand_offs: dict[InsideSales, dict[ClockName, Override]] = Field(default_factory=dict)
    stages: dict[Stage, Override] = Field(default_factory=dict)


class TeamPlay(Part):
    """One team's part of the playbook. What it leaves out is as for everybody."""

    mode: NoticeMode | None = Field(default=None, description="How much is told; the playbook's own when left out.")
    calendar: Name | None = Field(
        default=None, description="When the team works; the playbook's own calendar when left out."
    )
    overrides: Overrides = Field(
        default=Overrides(), description="Where the team promises more; of promises marked overridable."
    )
    routing: TeamSharing | None = Field(default=None, description="How the team shares its leads out.")
