"""What sales tells marketing beyond the reason: whom Leadloop asks, how often, and what an answer does.

The reason of a rejection, a recycling or a loss is the feedback. More is asked where a closer gives a lead back and of
a sample of wins, and of nobody more often than the playbook allows.
"""

from datetime import timedelta
from hashlib import blake2b

from leads import clocks
from leads.clock_table import Signal
from leads.entries import Entry
from leads.events import FeedbackGiven
from leads.life import Life
from leads.playbook import Playbook
from leads.state import HandOff, Lead
from leads.touches import Contact

ASKED, SPARED, GIVEN = "asked", "spared", "given"
ASKED_WITHIN = timedelta(days=1)
"""Nobody is asked about what ended longer ago."""
_SHARES = 1 << 32


def wants_feedback(playbook: Playbook, hand_off: HandOff) -> bool:
    """Whether the playbook asks more than the reason of a hand-off that ended like this."""
    asking = playbook.feedback
    if hand_off.result == "returned":
        return asking.on_return
    return hand_off.result == "won" and _share(hand_off.id) < asking.share_of_wins


def _share(hand_off_id: str) -> float:
    """A number from 0 to 1 of its own, always the same: the sample."""
    digest = blake2b(hand_off_id.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / _SHARES


def feedback_given(life: Life, entry: Entry, data: FeedbackGiven) -> None:
    """The answer, asked or not, to the hand-off that waits for one; else to the last one of whoever speaks."""
    hand_off = answered(life.lead, data.by)
    if hand_off is None:
        return
    life.lead.feedback_asked[hand_off.id] = GIVEN
    clocks.meet(life, Signal.FEEDBACK_GIVEN, Contact(entry.effective_at, data.by), hand_off=hand_off)


def answered(lead: Lead, by: str | None) -> HandOff | None:
    """The hand-off that an answer by this person speaks of."""
    waiting = [h for h in lead.hand_offs if lead.feedback_asked.get(h.id) == ASKED]
    of_mine = [h for h in lead.hand_offs if by is not None and (h.owner == by or by in h.past_owners)]
    mine_waiting = [h for h in waiting if h in of_mine]
    found = mine_waiting or waiting or of_mine or lead.hand_offs
    return found[-1] if found else None
