"""What may be asked of a lead: requests in the imperative, answered yes or no at once.

A granted command becomes an entry of the lead's journal and is folded like a fact; a refused one leaves no trace in the
lead's life. Free text stays in the database with the command.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from leads.events import Channel, DisqualifyKind, PassedOn, PauseKind, Prose, Word, WrittenInstant
from leads.promises import ClockName


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


class Return(CommandData):
    """Give the lead back to whoever passed it on: a closer to the rep; a rep to marketing, as the reason says."""

    command: Literal["return"] = "return"
    reason: Word


class Recycle(CommandData):
    """Give the lead back to marketing for a while."""

    command: Literal["recycle"] = "recycle"
    reason: Word
    wake_at: WrittenInstant | None = Field(default=None, description="As the reason has it when left out.")


class Callback(CommandData):
    """Keep the lead, and reach out at a date agreed with the buyer; until then promises rest."""

    command: Literal["callback"] = "callback"
    at: WrittenInstant
    reason: Word | None = None


class Reassign(CommandData):
    """Give the lead to another person, or to a team's queue when no owner is named. One of the two is named.

    To a team that takes leads over in a way of its own (closers, partners) it is a hand-off of its own.
    """

    command: Literal["reassign"] = "reassign"
    owner: Word | None = None
    team: Word | None = None
    kind: PassedOn | None = Field(default=None, description="A hand-off inside sales, where the team does not say so.")
    reason: Word | None = None


class Claim(CommandData):
    """Take a lead that waits in a queue, that the actor has touched already, or that a colleague has let lie.

    How far, the playbook says; it counts as a turn.
    """

    command: Literal["claim"] = "claim"


class Touch(CommandData):
    """Record a touch the actor made, now or up to a day ago."""

    command: Literal["touch"] = "touch"
    channel: Channel
    at: WrittenInstant | None = None
    connected: StrictBool = False
    duration_seconds: int | None = Field(default=None, ge=0, le=86_400, strict=True)
    next_step_at: WrittenInstant | None = None


class Snooze(CommandData):
    """Stop the clocks until an instant agreed with the buyer."""

    command: Literal["snooze"] = "snooze"
    until: WrittenInstant
    kind: PauseKind = Field(default=PauseKind.SNOOZE, description="Why; the latest word of a kind counts.")
    reason: Word | None = None


class Waive(CommandData):
    """Let a running promise go; for managers. It counts neither way, and the share of the waived stands beside."""

    command: Literal["waive"] = "waive"
    clock: ClockName
    reason: Word


class Feedback(CommandData):
    """Tell marketing what came of the last hand-off the actor had."""

    command: Literal["feedback"] = "feedback"
    quality: int | None = Field(default=None, ge=1, le=5, strict=True)
    reason: Word | None = None
    message_used: Word | None = None
    content_used: list[Word] = Field(default_factory=list, max_length=50)
    words: Prose | None = None


class Disqualify(CommandData):
    """Rule the lead out: `soft` comes back by raising a hand, `hard` does not, `not_a_lead` never was one."""

    command: Literal["disqualify"] = "disqualify"
    kind: DisqualifyKind = DisqualifyKind.SOFT
    reason: Word


class Reopen(CommandData):
    """Bring an ended lead back."""

    command: Literal["reopen"] = "reopen"
    reason: Word | None = None


Command = Annotated[
    Accept
    | Reject
    | Return
    | Recycle
    | Callback
    | Reassign
    | Claim
    | Touch
    | Snooze
    | Waive
    | Feedback
    | Disqualify
    | Reopen,
    Field(discriminator="command"),
]

COMMANDS: dict[str, type[CommandData]] = {
    "accept": Accept,
    "reject": Reject,
    "return": Return,
    "recycle": Recycle,
    "callback": Callback,
    "reassign": Reassign,
    "claim": Claim,
    "touch": Touch,
    "snooze": Snooze,
    "waive": Waive,
    "feedback": Feedback,
    "disqualify": Disqualify,
    "reopen": Reopen,
}
