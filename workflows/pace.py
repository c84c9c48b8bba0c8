"""How much the phases of a lead's life hurry."""

from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32


@dataclass(frozen=True)
class Pace:
    """How urgent a phase's actions are, and how exact its alarm."""

    priority: int
    """Of its actions; 1 goes first."""
    spread: timedelta = timedelta(0)
    """The alarm may be this much late, each lead by its own share, so that an opening hour makes no herd."""

    def share_of(self, lead_id: str) -> timedelta:
        """A lead's own part of the spread, always the same."""
        return self.spread * (crc32(lead_id.encode()) % 1000) / 1000


PROMISE = Pace(priority=1)
EXACT = Pace(priority=2)
CALM = Pace(priority=3)
SPREAD = Pace(priority=4, spread=timedelta(minutes=5))
