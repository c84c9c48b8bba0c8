"""Whose a company's leads are: whoever works on a deal with it, looks after it, has it on their list, had one lately.

The playbook's `accounts.owner_order` says who comes first. Who is away or has left is stood in for by their deputy;
whom the roster does not know is passed over.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from leads.companies import company_keys
from leads.decide import Asking, Tick
from leads.decisions import AssignCause, Assigned, CompanyView, OwnerKept, OwnerStanding, RecentOwner
from leads.durations import parse_duration
from leads.gone import ACCOUNT
from leads.playbook_accounts import OwnedBy
from leads.route import gives_out
from leads.routing import AskCompany, AskTaker
from leads.state import HandOff, Lead

_OURS = (None, AssignCause.CLAIM)
"""Causes by which somebody else than Leadloop said whose a lead is: the CRM, a person."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who is to get a lead for its company's sake, if anybody, and what that rests on."""

    person: str | None
    team: str | None
    """Whose lead it was; None: the team that it is for."""
    view: CompanyView


def known_to(tick: Tick, hand_off: HandOff, *, lately: bool = True) -> Generator[AskTaker | AskCompany, Any, Known]:
    """Who in sales knows the company of a lead; `lately`: also from another lead of it."""
    asked: list[OwnerStanding] = []
    standing: OwnerStanding
    for why in tick.playbook.accounts.owner_order:
        if why is OwnedBy.RECENT_OWNER:
            recent: RecentOwner | None = (yield from _recent(tick)) if lately else None
            if recent is not None:
                standing = yield AskTaker(recent.person)
                asked.append(standing)
                if _is_here(standing) and recent.person not in hand_off.past_owners:
                    view = CompanyView(asked=tuple(asked), recent=recent, chosen=why)
                    return Known(recent.person, recent.team, view)
            continue
        for person in _owner(tick, why):
            standing = yield AskTaker(person)
            asked.append(standing)
            taker = _taker(standing, hand_off)
            if taker is not None:
                return Known(taker, None, CompanyView(asked=tuple(asked), chosen=why))
    return Known(None, None, CompanyView(asked=tuple(asked)))


def _owner(tick: Tick, why: OwnedBy) -> Iterator[str]:
    """The account's person of this kind."""
    account, policy = tick.lead.account, tick.playbook.accounts
    if account is None:
        return
    is_so = {
        OwnedBy.OPEN_OPPORTUNITY: account.open_opportunity_owner is not None,
        OwnedBy.CUSTOMER: account.type in policy.customer_types,
        OwnedBy.NAMED: account.named,
    }[why]
    person = account.open_opportunity_owner if why is OwnedBy.OPEN_OPPORTUNITY else account.owner
    if is_so and person is not None:
        yield person


def _taker(standing: OwnerStanding, hand_off: HandOff) -> str | None:
    taker = standing.person if _is_here(standing) else standing.deputy
    return taker if taker not in hand_off.past_owners else None


def _is_here(standing: OwnerStanding) -> bool:
    return standing.is_known and standing.is_active and standing.away_until is None


def _recent(tick: Tick) -> Generator[AskCompany, Any, RecentOwner | None]:
    policy = tick.playbook.accounts
    keys = company_keys(tick.lead.profile, policy.free_mail.domains)
    if policy.recent_for is None or not keys:
        return None
    found: RecentOwner | None = yield AskCompany(keys, tick.at - parse_duration(policy.recent_for))
    return found


def give_to_known(tick: Tick) -> Asking:
    """A lead that is given out goes to who knows its company, before anybody's turn comes.

    Whoever reached out already comes before. A lead that waits in a queue, or is passed on inside sales, is left alone.
    """
    hand_off = tick.lead.hand_off
    if hand_off is None or hand_off.owner is not None or hand_off.queue is not None or hand_off.quiet:
        return
    if hand_off.is_inside_sales or hand_off.touched_by is not None or not gives_out(tick, hand_off.team):
        return
    is_first = all(earlier.owner is None for earlier in tick.lead.hand_offs)
    known: Known = yield from known_to(tick, hand_off, lately=is_first)
    if known.person is not None:
        given = Assigned(
            **tick.premise, hand_off=hand_off.id, owner=known.person, team=known.team or hand_off.team,
            cause=AssignCause.ROUTING, company=known.view,
        )  # fmt: skip
        tick.make(given, "assigned", hand_off.id, hand_off.cycle)


def first_owner(tick: Tick) -> str | None:
    """Whom the account names first, there or not."""
    named = [why for why in tick.playbook.accounts.owner_order if why is not OwnedBy.RECENT_OWNER]
    return next((person for why in named for person in _owner(tick, why)), None)


def follow_account(tick: Tick) -> Asking:
    """An untouched lead that Leadloop gave out goes to the owner its account has got, or stays for a reason kept."""
    lead, hand_off = tick.lead, tick.lead.hand_off
    if hand_off is None or hand_off.account_word is None or not _may_follow(tick, lead, hand_off):
        return
    first = first_owner(tick)
    if first is None or first == hand_off.owner:
        return
    known: Known = yield from known_to(tick, hand_off, lately=False)
    if known.person in (None, hand_off.owner):
        stays = OwnerKept(
            **tick.premise, hand_off=hand_off.id, owner=hand_off.owner or "", why=ACCOUNT, company=known.view
        )
        tick.make(stays, "owner_kept", hand_off.id, hand_off.account_word)
        return
    move = Assigned(
        **tick.premise, hand_off=hand_off.id, owner=known.person or "", team=hand_off.team, cause=AssignCause.ACCOUNT,
        was=hand_off.owner, company=known.view,
    )  # fmt: skip
    tick.make(move, "assigned", hand_off.id, hand_off.account_word)


def _may_follow(tick: Tick, lead: Lead, hand_off: HandOff) -> bool:
    is_ours = hand_off.owner is not None and hand_off.cause not in _OURS
    is_waiting = hand_off.looked_after_at is None and not hand_off.quiet and lead.is_open
    return is_ours and is_waiting and tick.playbook.accounts.follow_changes and gives_out(tick, hand_off.team)
