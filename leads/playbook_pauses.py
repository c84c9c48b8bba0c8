"""When clocks may stand still: what kinds of pause there are, who may ask for them when, and for how long."""

from datetime import timedelta

from pydantic import Field

from leads.durations import parse_duration
from leads.promises import Elapsed, Part

LONGEST_PAUSE = timedelta(days=366)
"""Whatever anybody says; a lead nobody may look at for longer is a lead lost."""


class PauseRule(Part):
    """What holds for one kind of pause."""

    allowed: bool = True
    before_touch: bool | None = Field(
        default=None,
        description="Also before the first touch; left out: a legal hold, others as snooze_before_touch says.",
    )
    at_most: Elapsed = Field(default="P366D", description="A pause is no longer than that.")

    @property
    def longest(self) -> timedelta:
        return min(parse_duration(self.at_most), LONGEST_PAUSE)
