"""Facts about a lead that Leadloop posts by itself, since they come from elsewhere: no sender may tell them.

Each stands in the lead's journal under an id made from its cause, so that posting it twice changes nothing. It is no
word of the buyer or of sales: history brought in stays history.
"""

from datetime import datetime

from leads.events import EVENTS, EventData

OUR_SOURCES = "urn:leadloop:"
"""What the source of every such fact begins with; senders may not use it."""
PLAYBOOK_SOURCE = "urn:leadloop:playbook"
ROSTER_SOURCE = "urn:leadloop:roster"
ACCOUNTS_SOURCE = "urn:leadloop:accounts"


class PlaybookAdopted(EventData):
    """The promises under way go by another revision from the instant at which that came into force."""

    revision: int


class HoldReleased(EventData):
    """What an edit would have broken at once, and was held, counts from now on."""

    revision: int
    by: str | None = None


class HoldWaived(EventData):
    """What an edit would have broken at once, and was held, finishes under the target it had."""

    revision: int
    by: str | None = None


class OwnerAway(EventData):
    """An absence of the owner has begun."""

    person: str
    absence: str
    """Its id in the roster."""
    until: datetime


class OwnerLeft(EventData):
    """The owner has left for good."""

    person: str


class AccountChanged(EventData):
    """Something about an account by whose keys the lead goes: which account is its own is asked again."""

    account: str


class AccountMatched(EventData):
    """The account that the lead is found to belong to, and what is known of it; without one, none."""

    account: str | None = None
    key: str | None = None
    owner: str | None = None
    type: str | None = None
    named: bool = False
    open_opportunity_owner: str | None = None


POSTED: dict[str, type[EventData]] = {
    "playbook.adopted": PlaybookAdopted,
    "playbook.hold_released": HoldReleased,
    "playbook.hold_waived": HoldWaived,
    "owner.away": OwnerAway,
    "owner.left": OwnerLeft,
    "account.changed": AccountChanged,
    "account.matched": AccountMatched,
}
"""Type → model."""
FACT_DATA: dict[str, type[EventData]] = {**EVENTS, **POSTED}
"""Every fact a journal may hold. Its order is the rank of facts that carry the same instant."""
