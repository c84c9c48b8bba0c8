"""Word that an owner is away, or has left, as it stands on the hand-off until somebody else has the lead."""

from leads.decisions import OwnerKept
from leads.entries import Entry
from leads.life import Life
from leads.posted import OwnerAway, OwnerLeft
from leads.state import Gone

ACCOUNT = "account"
"""Why a lead stays with its owner though its account has another: that one is not there."""


def away(life: Life, entry: Entry, data: OwnerAway) -> None:
    """Of somebody who is not the owner (any more) it says nothing."""
    _note(life, data.person, Gone(entry.ref, data.until))


def left(life: Life, entry: Entry, data: OwnerLeft) -> None:
    """The same for good."""
    _note(life, data.person, Gone(entry.ref, None))


def _note(life: Life, person: str, gone: Gone) -> None:
    hand_off = life.lead.hand_off
    if hand_off is not None and hand_off.owner == person:
        hand_off.gone = gone


def owner_kept(life: Life, _entry: Entry, data: OwnerKept) -> None:
    """It was decided that the lead stays."""
    hand_off = life.lead.hand_off
    if hand_off is None or hand_off.owner != data.owner:
        return
    if data.why == ACCOUNT:
        hand_off.account_word = None
    elif hand_off.gone is not None:
        hand_off.gone.kept = data.why
