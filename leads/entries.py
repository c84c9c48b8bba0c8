"""One entry of a lead's journal, and the order in which entries count.

Entries are facts (what the outside says), granted commands, and decisions (what Leadloop chose and someone can notice).
They are folded in the order of `sort_key`, never in the order of arrival: that is why any arrival order ends the same.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from pydantic import BaseModel

from leads.commands import COMMANDS
from leads.posted import FACT_DATA


class Kind(IntEnum):
    """The value is the rank among entries of one instant."""

    FACT = 0
    COMMAND = 1
    DECISION = 2


class Book(StrEnum):
    """Who numbers the entry: mail is numbered as it is accepted, the rest by the lead's own steps."""

    MAIL = "mail"
    OWN = "own"


SortKey = tuple[datetime, int, int, str, str]

_RANK: dict[str, int] = {name: rank for table in (FACT_DATA, COMMANDS) for rank, name in enumerate(table)}
# known as soon as what it was found by: a hand raised at that instant finds it
_RANK["account.matched"] = _RANK["lead.linked"]


@dataclass(frozen=True, slots=True)
class Entry:
    kind: Kind
    type: str
    """A CloudEvents type, a command's name or a decision's name."""
    effective_at: datetime
    """When it counts: an event's `time`, the instant a command was granted, a decision's tick; of `hours_taken` the
    start of the promise that runs in them."""
    source: str
    id: str
    """Unique within the source; a decision's names its cause."""
    data: BaseModel
    recorded_at: datetime
    """When the journal took it in."""
    book: Book = Book.MAIL
    number: int = 0
    """Its number in its book; mail numbers count up per lead without gaps."""
    actor: str | None = None
    """Whom the sender's key stands for, or who gave the command."""
    backfill: bool = False
    """History brought in later: nobody is alarmed by it."""

    @property
    def ref(self) -> str:
        """Its name across all sources; keys of hand-offs, clocks and timeline lines are made of it."""
        return f"{self.source}/{self.id}" if self.kind is Kind.FACT else self.id

    @property
    def sort_key(self) -> SortKey:
        """Where it stands in the journal. Decisions of one tick keep the order they were made in."""
        rank = _RANK.get(self.type, self.number)  # a decision's type has none
        return (self.effective_at, self.kind, rank, self.source, self.id)
