"""The buyer comes back to somebody who is at work on it: an answer is owed, and the lead stays where it is."""

from leads import clocks
from leads.clock_table import Cause, Signal
from leads.entries import Entry
from leads.life import Life
from leads.promises import ClockName
from leads.stages import Stage
from leads.state import Clock, Lead

RAISED_HAND = "raised_hand"
"""Subject of a reply promise that somebody must hear of: the buyer asked in a form, not in a mail to the owner."""
_AT_WORK = (Stage.WORKING, Stage.OPPORTUNITY, Stage.WON)


def came_back(life: Life, entry: Entry) -> None:
    """A hand raised again while sales is at it, or by a customer."""
    _owe(life, entry, RAISED_HAND)
    last = life.lead.last_hand_off
    life.tell("came_back", entry.effective_at, f"came_back:{entry.ref}", hand_off=last.id if last else None)


def spoke(life: Life, entry: Entry) -> None:
    """The buyer wrote or called, and nobody was there."""
    lead = life.lead
    is_touched = lead.hand_off is not None and lead.hand_off.touched_at is not None
    # a lead that waited in a list was let out by this very word
    if lead.stage in _AT_WORK or is_touched or (lead.waits_in is not None and lead.hand_off is not None):
        _owe(life, entry, None)


def _owe(life: Life, entry: Entry, subject: str | None) -> None:
    """An answer is owed from the first word that has got none; later words go under its name."""
    running = running_reply(life.lead)
    if running is None:
        clocks.start(
            life, Signal.BUYER_SPOKE, entry.ref, entry.effective_at,
            hand_off=life.lead.last_hand_off, quiet=entry.backfill, subject=subject,
        )  # fmt: skip
        return
    life.alias(Cause.REPLY, entry.ref, clocks.entry_of(running))
    running.subject = running.subject or subject
    if not entry.backfill:
        running.quiet = False


def running_reply(lead: Lead) -> Clock | None:
    return next((clock for clock in lead.running() if clock.clock is ClockName.REPLY), None)
