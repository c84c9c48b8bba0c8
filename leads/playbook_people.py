"""What the playbook says of owners who go away, or leave: which of their leads move, and to whom."""

from typing import Literal

from pydantic import Field

from leads.promises import Elapsed, Part


class Absences(Part):
    """When an absence of the owner begins. Promises go on whoever has the lead: an absence moves it, or it stays."""

    untouched: Literal["reassign", "deputy", "keep"] = Field(
        default="keep",
        description="Leads nobody has reached out to yet: to the next in turn, to the deputy (else the next in turn).",
    )
    touched: Literal["keep", "deputy"] = Field(
        default="keep", description="Leads at work: they wait for their owner, or go to the deputy."
    )
    shortest: Elapsed = Field(default="PT4H", description="Of shorter ones only leads move that cannot wait for it.")
    in_time: bool = Field(
        default=True, description="A lead cannot wait where a promise comes due before its owner is back."
    )


class Leavers(Part):
    """When the owner has left. They own nothing any more, whatever nobody is free for waits in the team's queue."""

    untouched: Literal["reassign", "deputy", "manager"] = "reassign"
    touched: Literal["deputy", "manager", "reassign"] = Field(
        default="deputy", description="To the deputy, else to the manager, else to the next in turn."
    )
