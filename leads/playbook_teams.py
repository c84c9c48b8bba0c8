"""What an admin decides for one team: how loud Leadloop is there, and the calendar the team works in.

Who is in a team, and when they are away, is the roster's.
"""

from enum import StrEnum

from pydantic import Field

from leads.promises import Name, Part


class NoticeMode(StrEnum):
    SHADOW = "shadow"
    """All clocks run, nobody hears: what would have happened."""
    NOTIFY_OWNER = "notify_owner"
    FULL = "full"


class TeamPlay(Part):
    """One team's part of the playbook. What it leaves out is as for everybody."""

    mode: NoticeMode | None = Field(default=None, description="How much is told; the playbook's own when left out.")
    calendar: Name | None = Field(
        default=None, description="When the team works; the playbook's own calendar when left out."
    )
