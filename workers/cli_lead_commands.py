"""`leadloop lead accept` and its like: what may be asked of a lead, a subcommand each."""

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from workers.cli_lead_giving import Fields, gives, instant
from workers.errors import CliError

Because = Annotated[str, typer.Option(metavar="REASON", help="One of the playbook's reasons.")]
MaybeBecause = Annotated[str | None, typer.Option(metavar="REASON", help="One of the playbook's reasons.")]
Why = Annotated[str, typer.Option(metavar="REASON", help="Why.")]
MaybeWhy = Annotated[str | None, typer.Option(metavar="REASON", help="Why.")]
Channel = Literal["call", "email", "message", "meeting", "visit", "other"]
Clock = Literal[
    "speed_to_lead", "assign", "accept", "first_touch", "effort", "next_step", "reply", "meeting_outcome", "stage",
    "feedback",
]  # fmt: skip
PauseKind = Literal["snooze", "waiting_on_buyer", "legal_hold"]
Kind = Literal["soft", "hard", "not_a_lead"]
PassedOn = Literal["rep_to_closer", "to_partner"]


@gives("accept", "Accepted")
def accept() -> Fields:
    """Take the lead that was handed to you."""
    return {}


@gives("reject", "Rejected")
def reject(*, reason: Because) -> Fields:
    """Refuse the hand-off. What follows is what the playbook says of the reason."""
    return {"reason": reason}


@gives("return", "Given back")
def give_back(*, reason: Because) -> Fields:
    """Give the lead back: a closer to the rep who passed it on, a rep to marketing."""
    return {"reason": reason}


@gives("recycle", "Given back to marketing")
def recycle(
    *,
    reason: Because,
    until: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", callback=instant, help="When it wakes; else as the playbook has the reason."),
    ] = None,
) -> Fields:
    """Give the lead back to marketing for a while."""
    return {"reason": reason, "wake_at": until}


@gives("callback", "Callback agreed")
def call_back(
    *,
    at: Annotated[str, typer.Option(metavar="INSTANT", callback=instant, help="The date agreed with the buyer.")],
    reason: MaybeBecause = None,
) -> Fields:
    """Keep the lead, and reach out at a date agreed with the buyer. Until then its promises rest."""
    return {"at": at, "reason": reason}


@gives("reassign", "Reassigned")
def reassign(
    *,
    to: Annotated[str | None, typer.Option(metavar="PERSON", help="Who gets it; else the team's queue does.")] = None,
    team: Annotated[str | None, typer.Option(metavar="TEAM", help="As whose; the person's own when left out.")] = None,
    kind: Annotated[PassedOn | None, typer.Option(help="A hand-off inside sales, where the team tells not.")] = None,
    reason: MaybeWhy = None,
) -> Fields:
    """Give the lead to a person or a team. To closers and partners that is a hand-off of its own."""
    if to is None and team is None:
        raise CliError("name an owner or a team: --to PERSON, --team TEAM or both")
    return {"owner": to, "team": team, "kind": kind, "reason": reason}


@gives("claim", "Claimed")
def claim() -> Fields:
    """Take a lead that waits in a queue, or that you have already touched."""
    return {}


@gives("touch", "Touch recorded")
def touch(
    *,
    channel: Annotated[Channel, typer.Option(help="How you reached out.")],
    connected: Annotated[bool, typer.Option("--connected", help="You spoke with the buyer.")] = False,
    at: Annotated[
        str | None, typer.Option(metavar="INSTANT", callback=instant, help="When, up to a day ago; else now.")
    ] = None,
    seconds: Annotated[int | None, typer.Option(min=0, max=86_400, help="How long it took.")] = None,
    next_step_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", callback=instant, help="When you agreed to go on.")
    ] = None,
) -> Fields:
    """Say that you reached out to the buyer."""
    fields = {"channel": channel, "connected": connected, "at": at, "duration_seconds": seconds}
    return fields | {"next_step_at": next_step_at}


@gives("snooze", "Snoozed")
def snooze(
    *,
    until: Annotated[str, typer.Option(metavar="INSTANT", callback=instant, help="Agreed with the buyer.")],
    kind: Annotated[PauseKind | None, typer.Option(help="Why the clocks stand still.")] = None,
    reason: MaybeWhy = None,
) -> Fields:
    """Stop the clocks until an instant agreed with the buyer."""
    return {"until": until, "kind": kind, "reason": reason}


@gives("waive", "Promise waived")
def waive(*, clock: Annotated[Clock, typer.Option(help="Which promise.")], reason: Why) -> Fields:
    """Let a running promise go; for managers. It then counts neither as kept nor as missed."""
    return {"clock": clock, "reason": reason}


@gives("feedback", "Feedback recorded")
def feedback(
    *,
    quality: Annotated[int | None, typer.Option(min=1, max=5, help="How good the lead was, 5 is best.")] = None,
    reason: MaybeWhy = None,
    words: Annotated[str | None, typer.Option(metavar="TEXT", help="For marketing, in your own words.")] = None,
    message_used: Annotated[str | None, typer.Option(metavar="NAME", help="The message that worked.")] = None,
    content_used: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A piece of content you used; may be repeated.")
    ] = None,
) -> Fields:
    """Tell marketing what came of your last hand-off of this lead."""
    fields = {"quality": quality, "reason": reason, "words": words}
    return fields | {"message_used": message_used, "content_used": content_used or None}


@gives("disqualify", "Disqualified")
def disqualify(
    *,
    kind: Annotated[
        Kind, typer.Option(help="soft comes back by raising a hand, hard does not, not_a_lead never was one.")
    ],
    reason: Why,
) -> Fields:
    """Rule the lead out."""
    return {"kind": kind, "reason": reason}


@gives("reopen", "Reopened")
def reopen(*, reason: MaybeWhy = None) -> Fields:
    """Bring an ended lead back."""
    return {"reason": reason}


COMMANDS: dict[str, Callable[..., None]] = {
    "accept": accept,
    "reject": reject,
    "return": give_back,
    "recycle": recycle,
    "callback": call_back,
    "reassign": reassign,
    "claim": claim,
    "touch": touch,
    "snooze": snooze,
    "waive": waive,
    "feedback": feedback,
    "disqualify": disqualify,
    "reopen": reopen,
}
"""Subcommands by name."""
