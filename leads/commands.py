"""What may be asked of a lead: requests in the imperative, answered yes or no at once.

A granted command becomes an entry of the lead's journal and is folded like a fact; a refused one leaves no trace in the
lead's life. Free text stays in the database with the command.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from leads.events import Channel, DisqualifyKind, Instant, Prose, Word


class CommandData(BaseModel):
    """What every command may carry. Unknown fields are refused: a request misread is worse than one refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    command: str
    note: Prose | None = None


class Accept(CommandData):
    """Take the baton that was handed to the actor."""

    command: Literal["accept"] = "accept"


class Reject(CommandData):
    """Refuse the hand-off; the reason decides what follows."""

    command: Literal["reject"] = "reject"
    reason: Word


class Reassign(CommandData):
    """Give the lead to another person, or back to a team's queue when no owner is named."""

    command: Literal["reassign"] = "reassign"
    owner: Word | None = None
    team: Word | None = None
    reason: Word | None = None


class Claim(CommandData):
    """Take a lead that waits in a queue, or that the actor has already touched."""

    command: Literal["claim"] = "claim"


class Touch(CommandData):
    """Record a touch the actor made, now or up to a day ago."""

    command: Literal["touch"] = "touch"
    channel: Channel
    at: Instant | None = None
    connected: bool = False
    duration_seconds: int | None = Field(default=None, ge=0, le=86_400)
    next_step_at: Instant | None = None


class Snooze(CommandData):
    """Stop the clocks until an instant agreed with the buyer."""

    command: Literal["snooze"] = "snooze"
    until: Instant
    reason: Word | None = None


class Disqualify(CommandData):
    command: Literal["disqualify"] = "disqualify"
    kind: DisqualifyKind = DisqualifyKind.SOFT
    reason: Word


class Reopen(CommandData):
    """Bring an ended lead back."""

    command: Literal["reopen"] = "reopen"
    reason: Word | None = None


Command = Annotated[
    Accept | Reject | Reassign | Claim | Touch | Snooze | Disqualify | Reopen, Field(discriminator="command")
]

COMMANDS: dict[str, type[CommandData]] = {
    "accept": Accept,
    "reject": Reject,
    "reassign": Reassign,
    "claim": Claim,
    "touch": Touch,
    "snooze": Snooze,
    "disqualify": Disqualify,
    "reopen": Reopen,
}
