"""Whether somebody may take a lead by a claim: from a queue, or from a colleague who has let it lie.

What the lead itself says is asked first; whether they are of the team, and have room for one more, is asked of the
roster, under the lock that every lead is given out under.
"""

from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from leads.decide import Tick
from leads.playbook import Playbook
from leads.playbook_routing import Assigning, Present
from leads.promises import ClockName
from leads.routing import FULL, FULL_TODAY, UNTOUCHED, AskMembers, Member, over_limit
from leads.state import HandOff, Lead
from leads.ways import Way, wanted_of

_OWED_BY_OWNER = (ClockName.FIRST_TOUCH, ClockName.ACCEPT)


def why_not_theirs(lead: Lead, hand_off: HandOff, actor: str, at: datetime, playbook: Playbook) -> str | None:
    """Why the lead is not to be claimed by the actor, as far as the lead itself says."""
    owner, policy = hand_off.owner, playbook.routing.claim.from_colleague
    if owner == actor:
        return "it is yours already"
    if playbook.sharing(hand_off.team).assign is Assigning.BY_CRM:
        return "the CRM gives out the leads of this team: take it there"
    if owner is None or hand_off.touched_by == actor:
        return None
    if policy == "never" or hand_off.looked_after_at is not None:
        return f"it belongs to {owner}; ask for a reassign"
    owed = [clock for clock in lead.running() if clock.clock in _OWED_BY_OWNER and clock.hand_off == hand_off.id]
    if policy == "overdue" and not any(clock.due_at <= at for clock in owed):
        return f"{owner} still has time to reach out; claim it once that is overdue"
    return None


def no_room(tick: Tick, actor: str) -> Generator[AskMembers, Any, str | None]:
    """Why the actor cannot take one more, as the roster says. Whoever has touched the lead can in any case."""
    hand_off, claim = tick.lead.hand_off, tick.playbook.routing.claim
    if hand_off is None or hand_off.touched_by == actor:
        return None
    sharing = tick.playbook.sharing(hand_off.team).model_copy(update={"present": Present.ANYONE})
    wanted, question = wanted_of(tick, hand_off, Way(hand_off.team, sharing))
    members: list[Member] = yield question
    member = next((m for m in members if m.person == actor), None)
    if member is None:
        is_for_team = claim.by == "team" or hand_off.owner is not None
        return f"it is for the team {hand_off.team}: only its people claim it" if is_for_team else None
    if not member.is_active:
        return "who has left the team takes no more leads"
    reason = over_limit(member, wanted) if claim.within_limits else None
    return _SAID[reason](member) if reason else None


_SAID: dict[str, Callable[[Member], str]] = {
    FULL: lambda m: f"you have {m.open_leads} open leads, and {m.max_open_leads} are the most: close one first",
    FULL_TODAY: lambda m: f"you were given {m.new_today} leads today, and {m.max_new_leads_per_day} are the most",
    UNTOUCHED: lambda m: f"you have {m.untouched} leads like this untouched: reach out to one first",
}
