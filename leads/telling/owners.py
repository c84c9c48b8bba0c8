"""Why somebody has a lead, and why others were passed over; or why nobody has it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import Field

from leads.decisions import TAKEN_OVER, AssignCause, Assigned, CompanyView, OwnerKept, Queued
from leads.durations import parse_duration
from leads.entries import Entry
from leads.route import CRM_ASSIGNS
from leads.state import HandOff
from leads.telling.candidates import FEWEST, IN_TURN, OWED, CandidateStory, candidates_of, why_first
from leads.telling.case import Because, Case, Told
from leads.telling.decisions import queue_reason
from leads.telling.entries import TOUCHES
from leads.telling.lines import ended, opened
from leads.telling.outcomes import effort_said
from leads.telling.words import Words, listed, plain, sentence

_KNOWS = {
    "open_opportunity": "works on a deal with the company",
    "customer": "looks after the company, a customer",
    "named": "has the company on their list",
    "recent_owner": "was given another lead of the company not long ago",
}
_DEALS = {"lead.opportunity_opened": "opened an opportunity", "lead.won": "won it"}


class OwnerStory(Told):
    """Who has the lead, and why."""

    owner: str | None
    team: str | None
    queue: str | None
    since: datetime | None
    sentence: str
    because: Because | None
    candidates: tuple[CandidateStory, ...] = ()


class HandOffStory(Told):
    """One passing of the baton, from marketing to sales or on inside sales."""

    id: str
    kind: str
    opened_at: datetime
    ended_at: datetime | None
    segment: str
    owner: str | None
    past_owners: tuple[str, ...]
    giver: str | None = Field(description="Who in sales passed it on or gave it back; null: marketing, or the buyer.")
    sourced_by: str | None = Field(description="The hand-off from marketing that it came of; null: itself.")
    attempts: int = Field(description="To reach the buyer, since the last silence that was too long.")
    under_worked: bool = Field(description="Given up as unreachable before the effort agreed.")
    opportunity_at: datetime | None = Field(description="When sales confirmed an opportunity that came of it.")
    result: str | None
    reason: str | None
    sentence: str


def owner_of(case: Case) -> OwnerStory:
    """Who has the lead, by whose choice, and who was passed over."""
    hand_off = case.hand_off
    if hand_off is None:
        return _nobody(None, "Nobody in sales has it: it has not been handed over yet.")
    if hand_off.owner is None and hand_off.is_open:
        return _waiting(case, hand_off)
    if hand_off.owner is None:
        return _nobody(hand_off.team, _never_given(case, hand_off))
    entry = giver_of(case, hand_off)
    return OwnerStory(
        owner=hand_off.owner,
        team=hand_off.team,
        queue=None,
        since=entry.effective_at if entry else hand_off.owner_since,
        sentence=_has_it(case, hand_off, entry),
        because=case.because(entry),
        candidates=_candidates(case, hand_off, entry) if hand_off.is_open else (),
    )


def _never_given(case: Case, hand_off: HandOff) -> str:
    """Nobody was named as the owner, which does not mean that nobody worked on it."""
    acts = []
    if hand_off.touched_by and hand_off.touched_at:
        acts.append(f"{case.words.person(hand_off.touched_by)} reached out on {case.words.at(hand_off.touched_at)}")
    for kind, did in _DEALS.items():
        found = [e for e in case.journal if e.type == kind and e.effective_at >= hand_off.opened_at]
        by = getattr(found[-1].data, "by", None) if found else None
        if by:
            acts.append(f"{case.words.person(by)} {did} on {case.words.at(found[-1].effective_at)}")
    if not acts:
        return "Nobody in sales ever had it: it ended before it got an owner."
    return f"It was never given to anyone in sales, but {listed(acts)}."


def _has_it(case: Case, hand_off: HandOff, entry: Entry | None) -> str:
    name = case.words.person(hand_off.owner)
    since = entry.effective_at if entry else hand_off.owner_since
    has = f"{name} had it last"
    if hand_off.is_open:
        has = f"{name} has had it since {case.words.at(since)}" if since else f"{name} has it"
    if entry is None:
        return f"{has}."
    why = f"{_giving(case, entry)}{_preferred(case, hand_off, entry)}"
    kept = f" {_kept_though_overtaken(case, hand_off)}" if entry.id in case.lead.overtaken else ""
    return f"{has}: {why}.{kept}{_kept_though_gone(case, hand_off)}"


def _kept_though_gone(case: Case, hand_off: HandOff) -> str:
    """Of an owner who is away, why the lead was left there."""
    if hand_off.gone is None or not hand_off.is_open:
        return ""
    found = [entry for entry, data in case.decided(OwnerKept) if data.hand_off == hand_off.id]
    return f" {sentence(case.clause(found[-1]))}" if found and hand_off.gone.kept else ""


def _giving(case: Case, entry: Entry) -> str:
    if not isinstance(entry.data, Assigned) or entry.data.cause is not AssignCause.ROUTING:
        return case.clause(entry)
    rule, segment = entry.data.rule, case.hand_off.segment if case.hand_off else None
    is_elsewhere = entry.data.team != case.shelf.in_force(entry.effective_at).playbook.segment(segment or "").team
    where = f" in {case.words.team(entry.data.team)}" if rule is not None and is_elsewhere else ""
    return f"Leadloop gave it out{where}{f' by the rule {plain(rule)}' if rule else ''}"


def _nobody(team: str | None, said: str) -> OwnerStory:
    return OwnerStory(owner=None, team=team, queue=None, since=None, sentence=said, because=None)


def _waiting(case: Case, hand_off: HandOff) -> OwnerStory:
    queued = next((e for e, d in reversed(list(case.decided(Queued))) if d.hand_off == hand_off.id), None)
    entry = queued if hand_off.queue_why != "reassigned" else case.entry(hand_off.cycle)
    if hand_off.queue is None:
        said = f"Nobody has it yet; it is to be given to somebody in {case.words.team(hand_off.team)}."
        return _nobody(hand_off.team, said)
    at = entry.effective_at if entry else hand_off.opened_at
    said = f"it has waited in the queue of {case.words.team(hand_off.queue)} since {case.words.at(at)}"
    may_claim = "" if hand_off.queue_why == CRM_ASSIGNS else " Anyone in the team may claim it."
    said = f"Nobody has it: {said}, because {queue_reason(hand_off.queue_why)}.{may_claim}"
    return OwnerStory(
        owner=None, team=hand_off.team, queue=hand_off.queue, since=at, sentence=said, because=case.because(entry),
        candidates=_candidates(case, hand_off, entry),
    )  # fmt: skip


def giver_of(case: Case, hand_off: HandOff) -> Entry | None:
    """The entry by which the owner has it: of the cycle, or a decision that was overtaken and stays."""
    entry = case.entry(hand_off.cycle)
    overtaken = [e for e, d in case.decided(Assigned) if e.id in case.lead.overtaken and d.owner == hand_off.owner]
    named = entry is not None and (getattr(entry.data, "owner", None) or entry.actor) == hand_off.owner
    return entry if named or not overtaken else overtaken[-1]


def _kept_though_overtaken(case: Case, hand_off: HandOff) -> str:
    name = case.words.person(hand_off.owner)
    return f"Word that came late says it need not have been so; since people had been told, {name} keeps it."


def _preferred(case: Case, hand_off: HandOff, entry: Entry | None) -> str:
    """Why this one among those who were free, as far as it was not simply their turn."""
    if entry is None or not isinstance(entry.data, Assigned):
        return ""
    name, touched_at = case.words.person(hand_off.owner), hand_off.touched_at
    if entry.data.company is not None and entry.data.company.chosen:
        return f", and {knows_company(entry.data.company, hand_off.owner, case.words)}"
    if entry.data.cause in TAKEN_OVER and not entry.data.candidates:
        return f", and {name} stands in"
    recorded = why_first(entry.data)
    if recorded is not None or entry.data.cause is AssignCause.RUNG or entry.data.cause in TAKEN_OVER:
        return f", and {name} {recorded or IN_TURN}"
    touch = case.entry_at(touched_at, TOUCHES)
    is_known = touch is None or touch.number <= entry.data.saw
    why = IN_TURN
    if hand_off.touched_by == hand_off.owner and touched_at and touched_at <= entry.effective_at and is_known:
        why = "had already reached out"
    elif _had_it_before(case, hand_off, entry.effective_at):
        why = "had the lead before and was in touch not long ago"
    return f", and {name} {why}"


def knows_company(company: CompanyView, owner: str | None, words: Words) -> str:
    """How whoever got a lead knows its company; a deputy by whom they stand in for."""
    knows = _KNOWS.get(company.chosen or "", "knows the company")
    named = company.asked[-1].person if company.asked else owner
    name = words.person(owner)
    return f"{name} {knows}" if named == owner else f"{name} stands in for {words.person(named)}, who {knows}"


def _had_it_before(case: Case, hand_off: HandOff, at: datetime) -> bool:
    earlier = case.lead.hand_offs[: case.lead.hand_offs.index(hand_off)]
    memory: timedelta = parse_duration(case.shelf.in_force(at).playbook.former_owner_for)
    touches = [e.effective_at for e in case.journal if e.type in TOUCHES and e.effective_at <= at]
    return any(h.owner == hand_off.owner for h in earlier) and bool(touches) and at - touches[-1] <= memory


def _candidates(case: Case, hand_off: HandOff, entry: Entry | None) -> tuple[CandidateStory, ...]:
    if entry is None or not isinstance(entry.data, Assigned | Queued):
        return ()
    is_by_turn = _preferred(case, hand_off, entry).endswith((IN_TURN, FEWEST, OWED))
    return candidates_of(entry.data, case.words, is_by_turn=is_by_turn)


def hand_offs_of(case: Case) -> tuple[HandOffStory, ...]:
    """Every passing of the baton, in order."""
    return tuple(_hand_off(case, hand_off) for hand_off in case.lead.hand_offs)


def _hand_off(case: Case, hand_off: HandOff) -> HandOffStory:
    words, entry = case.words, case.entry(hand_off.id)
    because = f", when {case.clause(entry)}" if entry else ""
    began = f"{opened(hand_off.kind, hand_off.giver, words)} on {words.at(hand_off.opened_at)}"
    parts = [sentence(f"{began}{because}"), *_sourced(case, hand_off)]
    if hand_off.past_owners:
        past = listed(dict.fromkeys(words.person(person) for person in hand_off.past_owners))
        parts.append(f"{past} had it before.")
    parts += _tried(case, hand_off)
    if hand_off.opportunity_at is not None and hand_off.result != "won":
        parts.append(f"An opportunity came of it on {words.at(hand_off.opportunity_at)}.")
    if hand_off.ended_at:
        early = "; that was before the effort agreed" if hand_off.is_under_worked else ""
        parts.append(f"Ended on {words.at(hand_off.ended_at)}: {ended(hand_off.result, hand_off.reason)}{early}.")
    return HandOffStory(
        id=hand_off.id, kind=hand_off.kind, opened_at=hand_off.opened_at, ended_at=hand_off.ended_at,
        segment=hand_off.segment, owner=hand_off.owner, past_owners=tuple(hand_off.past_owners),
        giver=hand_off.giver, sourced_by=hand_off.sourced_by,
        attempts=hand_off.effort.attempts if hand_off.effort else 0, under_worked=hand_off.is_under_worked,
        opportunity_at=hand_off.opportunity_at, result=hand_off.result, reason=hand_off.reason,
        sentence=" ".join(parts),
    )  # fmt: skip


def _tried(case: Case, hand_off: HandOff) -> Iterator[str]:
    """How far the agreed effort came, while nobody has been reached."""
    if hand_off.effort is not None and hand_off.conversed_at is None:
        said = effort_said(case, hand_off, hand_off.ended_at or case.now)
        yield sentence(said if hand_off.is_open else said.replace(" so far", ""))


def _sourced(case: Case, hand_off: HandOff) -> Iterator[str]:
    """Marketing keeps the credit for what is passed on inside sales."""
    source = next((h for h in case.lead.hand_offs if h.id == hand_off.sourced_by), None)
    if source is not None:
        yield f"It came of the hand-off of {case.words.at(source.opened_at)}, which keeps the credit."
