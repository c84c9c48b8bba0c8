"""How a lead stands in a bulk list: one of a trade show, a webinar, or bought."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LIST_NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,79}$"
"""A list is named in addresses and logs, so its name holds nothing that needs quoting."""


class ListStatus(StrEnum):
    WAITING = "waiting"
    """Not given to sales yet: no clock runs."""
    RELEASED = "released"
    """Handed to sales; its promises run from then."""
    KNOWN = "known"
    """It was under way, or had ended, when the list came in: the list changes nothing for it."""
    OUT = "out"
    """Left the list without a hand-off: found to be a duplicate, ruled out, or the release was cancelled."""


@dataclass(slots=True)
class Listing:
    """A lead's place in one list."""

    uploaded_at: datetime
    """When word of it came in: from then on it waits."""
    status: ListStatus
    since: datetime
    why: str | None = None
    """What ended the wait: the type of the entry, or the reason it was ruled out for."""
    hand_off: str | None = None
    """The hand-off that its release opened."""
