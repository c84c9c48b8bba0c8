"""Passing the baton: how a hand-off opens, gets an owner, waits in a queue and ends."""

from collections.abc import Iterable
from datetime import datetime

from leads import clocks
from leads.clocks import Cause, Signal
from leads.decisions import AssignCause
from leads.entries import Entry, Kind
from leads.life import Life
from leads.playbook import Segment
from leads.stages import Stage
from leads.state import HandOff, HandOffKind, Lead
from leads.touches import Contact

_WITH_OWNER = (Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED)


def segment_facts(lead: Lead) -> dict[str, object]:
    """What the conditions of the playbook may ask about."""
    attributes = lead.profile.get("attributes") or {}
    return {
        **lead.profile,
        **{f"attributes.{name}": value for name, value in attributes.items()},
        "source_original": lead.source_original,
        "raised_hand": lead.raised_hand,
        "score": lead.score,
        "stage": lead.stage,
        "backfill": lead.backfill,
    }


def open_hand_off(life: Life, entry: Entry, without: Iterable[str] = ()) -> HandOff:
    """Hand the lead to sales, under the promises of its segment. `without` names who had and refused it before."""
    lead, at = life.lead, entry.effective_at
    revision = life.shelf.in_force(at)
    segment = revision.select(segment_facts(lead))
    hand_off = HandOff(
        id=entry.ref,
        kind=HandOffKind.RE_INQUIRY if lead.hand_offs else HandOffKind.MARKETING_TO_REP,
        opened_at=at,
        segment=segment.name,
        revision=revision.number,
        team=segment.team,
        ignored_at=revision.after(at, segment.ignored_after),
        past_owners=list(dict.fromkeys(without)),
        quiet=entry.backfill or (entry.kind is Kind.DECISION and lead.is_history),
    )
    lead.hand_offs.append(hand_off)
    lead.disqualified = lead.ended_reason = lead.wake_at = lead.rests_until = lead.track = None
    life.tell(
        "hand_off_opened", at, f"hand_off:{hand_off.id}", id=hand_off.id, segment=segment.name, type=hand_off.kind
    )
    life.move(entry, Stage.QUALIFIED)
    clocks.start(life, Signal.HAND_OFF_OPENED, hand_off, entry.ref, at)
    return hand_off


def raise_hand(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """The first raised hand of a hand-off: the buyer's own clock starts."""
    hand_off.raised_at, hand_off.raise_id = entry.effective_at, entry.ref
    clocks.start(life, Signal.HAND_RAISED, hand_off, entry.ref, entry.effective_at)


def same_hand_off(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """A second reason for a hand-off already open goes under the first one's name."""
    life.alias(Cause.HAND_OFF, entry.ref, hand_off.id)


def ask_again(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """A raised hand on an untouched hand-off: the same clocks, the earlier due wins."""
    segment = life.shelf.in_force(entry.effective_at).select(segment_facts(life.lead))
    if hand_off.raised_at is None:
        _into_segment(life, hand_off, segment, entry.effective_at)
        raise_hand(life, entry, hand_off)
    elif hand_off.raise_id:
        life.alias(Cause.RAISE, entry.ref, hand_off.raise_id)
    clocks.tighten(life, hand_off, entry.effective_at)
    hand_off.asked_again_at = entry.effective_at if hand_off.owner else None
    life.tell("asked_again", entry.effective_at, f"asked_again:{entry.ref}", hand_off=hand_off.id)


def ask_anew(life: Life, entry: Entry, old: HandOff) -> None:
    """A live question on an untouched hand-off out of history: a new one with real promises, for the same owner."""
    end_hand_off(life, entry, "asked_again", None, clean=True)
    hand_off = open_hand_off(life, entry)
    raise_hand(life, entry, hand_off)
    if old.owner is not None:
        set_owner(life, entry, hand_off, owner=old.owner, team=old.team)


def reroute(life: Life, entry: Entry, old: HandOff, without: str | None) -> None:
    """To someone else, after a rejection that blames nobody: the buyer's own clock goes on."""
    names = [*old.past_owners, *([old.owner] if old.owner else []), *([without] if without else [])]
    hand_off = open_hand_off(life, entry, names)
    hand_off.raised_at, hand_off.raise_id = old.raised_at, old.raise_id
    clocks.follow(life, old, hand_off)


def _into_segment(life: Life, hand_off: HandOff, segment: Segment, at: datetime) -> None:
    """Raising a hand can move an open hand-off to a segment with tighter promises; its horizon may only come nearer."""
    hand_off.segment = segment.name
    hand_off.ignored_at = min(hand_off.ignored_at, life.shelf.in_force(at).after(at, segment.ignored_after))


def set_owner(
    life: Life,
    entry: Entry,
    hand_off: HandOff,
    *,
    owner: str,
    team: str | None = None,
    cause: AssignCause | None = None,
) -> None:
    """Give the hand-off to `owner`.

    A swap inside the team lets the clocks go on; a rung of a ladder, or another team, restarts them. So does the first
    live word on a hand-off out of history.
    """
    at, was = entry.effective_at, hand_off.owner
    same_team = team in (None, hand_off.team)
    if was == owner and same_team and hand_off.held is None:
        life.alias(Cause.OWNER, entry.ref, hand_off.cycle or entry.ref)
        return
    is_woken = hand_off.quiet and not entry.backfill
    is_swap = was is not None and same_team and cause is not AssignCause.RUNG
    goes_on = is_swap and not is_woken and hand_off.held is None
    if is_woken:
        _wake_up(life, hand_off, at)
    if was is not None and was != owner:
        _passed_on(hand_off, was)
    hand_off.owner, hand_off.owner_since, hand_off.cycle, hand_off.cause = owner, at, entry.ref, cause
    hand_off.team = team or hand_off.team
    hand_off.queue = hand_off.queue_why = hand_off.retry_at = hand_off.held = None
    hand_off.hops += cause is AssignCause.RUNG
    life.tell("owner_set", at, f"owner:{entry.ref}", hand_off=hand_off.id, owner=owner, was=was, team=hand_off.team)
    clocks.meet(life, Signal.OWNER_SET, hand_off, Contact(at, owner))
    clocks.hand_over(life, hand_off, at, "reassigned", goes_on=goes_on)
    if life.lead.stage in _WITH_OWNER:
        _assign(life, entry, hand_off, restarts=not goes_on)


def _assign(life: Life, entry: Entry, hand_off: HandOff, *, restarts: bool) -> None:
    """An owner who has not reached out yet promises to; a touch made before he came counts."""
    if life.lead.stage is not Stage.ASSIGNED:
        life.move(entry, Stage.ASSIGNED)
    if restarts:
        clocks.start(life, Signal.OWNER_SET, hand_off, entry.ref, entry.effective_at)
    if hand_off.touched_at is not None:
        contact = Contact(hand_off.touched_at, hand_off.touched_by, hand_off.touched_late_at)
        clocks.meet(life, Signal.REAL_TOUCH, hand_off, contact)
        life.move(entry, Stage.WORKING)


def _passed_on(hand_off: HandOff, was: str) -> None:
    if was not in hand_off.past_owners:
        hand_off.past_owners.append(was)
    if hand_off.touched_at is None:
        hand_off.accepted_at = None  # the next one has not accepted anything yet


def _wake_up(life: Life, hand_off: HandOff, at: datetime) -> None:
    """History ends where a live fact takes it up: from here on promises are real, and so is the horizon."""
    revision = life.shelf.in_force(at)
    hand_off.quiet = False
    hand_off.ignored_at = revision.after(at, revision.playbook.segment(hand_off.segment).ignored_after)


def to_queue(
    life: Life, entry: Entry, hand_off: HandOff, *, queue: str, why: str, retry_at: datetime | None = None
) -> None:
    """Let the hand-off wait in a team's queue, where it can be seen and claimed; its owner, if any, loses it."""
    at = entry.effective_at
    was, hand_off.team = hand_off.owner, queue
    if was:
        _passed_on(hand_off, was)
        hand_off.owner = hand_off.owner_since = hand_off.cause = hand_off.held = None
        hand_off.cycle = entry.ref
        clocks.hand_over(life, hand_off, at, "returned_to_queue", goes_on=False)
        if life.lead.stage in (Stage.ASSIGNED, Stage.ACCEPTED, Stage.WORKING):
            life.move(entry, Stage.QUALIFIED)
        # to find an owner is a promise again
        clocks.start(life, Signal.HAND_OFF_OPENED, hand_off, entry.ref, at)
    hand_off.queue, hand_off.queue_why, hand_off.retry_at = queue, why, retry_at
    life.tell("queued", at, f"queued:{entry.ref}", hand_off=hand_off.id, queue=queue, why=why, was=was)


def end_hand_off(
    life: Life, entry: Entry, result: str, reason: str | None, *, clean: bool, spares_raise: bool = False
) -> None:
    """End the hand-off under way, if any, with its snooze and the clocks that hang on it.

    `spares_raise`: the buyer's own clock goes on, since another hand-off follows at once.
    """
    hand_off = life.lead.hand_off
    if hand_off is None:
        return
    hand_off.ended_at, hand_off.result, hand_off.reason = entry.effective_at, result, reason
    hand_off.queue = hand_off.queue_why = hand_off.retry_at = hand_off.held = None
    why = reason or ("skipped" if clean else result)
    clocks.leave(life, hand_off, entry.effective_at, why, clean=clean, spares_raise=spares_raise)
    clocks.resume(life, entry.effective_at)
    life.tell(
        "hand_off_ended", entry.effective_at, f"hand_off:{hand_off.id}:{result}",
        id=hand_off.id, result=result, reason=reason,
    )  # fmt: skip
