"""Who knows the buyer, and so comes before all others when a lead is given out."""

from collections.abc import Iterator
from datetime import timedelta

from leads.decide import Tick
from leads.durations import parse_duration
from leads.routing import Knows
from leads.state import HandOff

TOUCHED, FORMER_OWNER = "touched", "former_owner"


def who_knows(tick: Tick, hand_off: HandOff) -> list[Knows]:
    """Everyone who is to be asked first, the nearest to the buyer first. Another reason is another line here."""
    return [*_touched(hand_off), *_former_owners(tick, hand_off)]


def _touched(hand_off: HandOff) -> Iterator[Knows]:
    """Whoever reached out in this hand-off before anybody was given it: the work is theirs already."""
    if hand_off.touched_by:
        yield Knows(hand_off.touched_by, hand_off.team, TOUCHED, is_firm=True)


def _former_owners(tick: Tick, hand_off: HandOff) -> Iterator[Knows]:
    """Who had the lead before, while the memory is fresh; a deal lost not long ago its closer, touched or not."""
    lead = tick.lead
    memory: timedelta = parse_duration(tick.playbook.former_owner_for)
    former = [(h, h.owner) for h in reversed(lead.hand_offs) if h is not hand_off and h.owner]
    if not former:
        return
    last = former[0][0]
    is_lost_lately = last.result == "lost" and last.ended_at is not None and tick.at - last.ended_at <= memory
    is_touched_lately = lead.last_touch_at is not None and tick.at - lead.last_touch_at <= memory
    if is_touched_lately or is_lost_lately:
        for earlier, owner in former if is_touched_lately else former[:1]:
            yield Knows(owner, earlier.team, FORMER_OWNER)


def team_to_ask_first(hand_off: HandOff, team: str, knows: list[Knows]) -> str:
    """A closer who knows the buyer is not in the team of the reps.

    What is passed on inside sales goes to the team it is passed on to.
    """
    return knows[0].team if knows and not hand_off.is_inside_sales else team
