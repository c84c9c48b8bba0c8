"""Waiting in a bulk list: a lead of it is with marketing until it is released, and nothing is promised of it yet.

A list comes in days after the event it is of, hundreds of leads at once. Were they handed over as they come, every
promise would be broken by the hour. So they wait, and are released by capacity; a lead that asks for contact, answers,
or is reached out to is released at once. What was heard of a lead before its list came in counts as it did then.
"""

from dataclasses import replace
from datetime import datetime

from leads.entries import Entry, Kind
from leads.events import LeadReleased, LeadUnlisted
from leads.hand_offs import open_hand_off
from leads.life import Life
from leads.listed import Listing, ListStatus
from leads.stages import Stage
from leads.state import Lead

MOST_LISTINGS = 20
"""Lists a lead is remembered in; of more the oldest is forgotten."""
_WAITS_IN = (Stage.PROVISIONAL, Stage.CAPTURED, Stage.NURTURING)
_BUYER_OR_REP = ("lead.hand_raised", "lead.replied", "lead.touched", "touch", "claim")
"""What releases a lead singly; everything else comes by the dozen, and is told of in one digest."""
_MOVED = frozenset(
    {"lead.hand_raised", "lead.replied", "lead.qualified", "lead.assigned", "lead.accepted", "lead.released"}
)


def enter(life: Life, entry: Entry, name: str | None) -> None:
    """A capture names the list it came with. Whoever sales has had already, or is resting, does not wait in it."""
    lead = life.lead
    if name is None or entry.backfill or name in lead.listings:
        return
    at = entry.recorded_at
    waits = lead.hand_off is None and lead.waits_in is None and lead.stage in _WAITS_IN and not _rests(lead, at)
    status = ListStatus.WAITING if waits else ListStatus.KNOWN
    while len(lead.listings) >= MOST_LISTINGS:
        del lead.listings[next(name for name in lead.listings if name != lead.waits_in)]
    lead.listings[name] = Listing(at, status, at)
    lead.waits_in = name if waits else lead.waits_in
    life.tell("listed", max(at, entry.effective_at), f"listed:{name}", list=name, status=status)


def _rests(lead: Lead, at: datetime) -> bool:
    return lead.rests_until is not None and at < lead.rests_until


def arrived(lead: Lead, entry: Entry) -> Entry:
    """What came in with the list is dated before it: for a lead that waits, it counts from the upload on."""
    uploaded_at = lead.listings[lead.waits_in or ""].uploaded_at
    is_dated_back = entry.kind is Kind.FACT and entry.effective_at < uploaded_at <= entry.recorded_at
    return replace(entry, effective_at=uploaded_at) if is_dated_back and entry.type in _MOVED else entry


def is_after_upload(life: Life, entry: Entry) -> bool:
    """Whether the lead waits, and this has happened since its list came in: talks at the fair release nobody."""
    name = life.lead.waits_in
    return name is not None and entry.effective_at >= life.lead.listings[name].uploaded_at


def let_out(life: Life, entry: Entry) -> None:
    """The buyer speaks, or somebody reaches out: it waits no longer."""
    if is_after_upload(life, entry):
        open_hand_off(life, entry)


def released(life: Life, entry: Entry, data: LeadReleased) -> None:
    if life.lead.waits_in == data.list:
        open_hand_off(life, entry)


def unlisted(life: Life, entry: Entry, data: LeadUnlisted) -> None:
    """It goes on with marketing as any other lead."""
    if life.lead.waits_in == data.list:
        _end(life, entry, ListStatus.OUT, data.reason or "unlisted")


def settle(life: Life, entry: Entry) -> None:
    """After each entry on a lead that waits: whether it still does."""
    lead, name = life.lead, life.lead.waits_in
    hand_off = lead.hand_off
    if name is None or (hand_off is None and lead.stage in _WAITS_IN):
        return
    if hand_off is None:
        _end(life, entry, ListStatus.OUT, lead.ended_reason or lead.stage)
    elif entry.recorded_at < lead.listings[name].uploaded_at:
        _end(life, entry, ListStatus.KNOWN, entry.type)
    else:
        hand_off.bulk = None if entry.type in _BUYER_OR_REP else name
        lead.listings[name].hand_off = hand_off.id
        _end(life, entry, ListStatus.RELEASED, entry.type)


def _end(life: Life, entry: Entry, status: ListStatus, why: str) -> None:
    name = life.lead.waits_in or ""
    listing = life.lead.listings[name]
    listing.status, listing.since, listing.why = status, max(entry.effective_at, listing.uploaded_at), why
    life.lead.waits_in = None
    life.tell("list_left", listing.since, f"list_left:{name}:{entry.ref}", list=name, status=status, why=why)
