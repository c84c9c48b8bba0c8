"""The baton: how a hand-off opens, gets an owner, waits in a queue and ends."""

from collections.abc import Iterable
from datetime import datetime

from leads import clocks
from leads.clock_table import Cause, Signal
from leads.decisions import TAKEN_OVER, AssignCause
from leads.entries import Entry
from leads.events import HandOffKind
from leads.life import Life, is_history
from leads.moves import move
from leads.playbook import Segment
from leads.segments import segment_facts
from leads.stages import Stage
from leads.state import HandOff
from leads.touches import Contact

_WITH_OWNER = (Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED)
_AT_WORK = (Stage.WORKING, Stage.OPPORTUNITY)


def open_hand_off(
    life: Life,
    entry: Entry,
    *,
    without: Iterable[str] = (),
    kind: HandOffKind | None = None,
    team: str | None = None,
    after: HandOff | None = None,
) -> HandOff:
    """Hand the lead to sales, or on inside sales, under the promises of its kind and segment.

    `without` names who had and refused it before. `after` is the hand-off that this one follows at once: it keeps the
    segment and the raised hand of that one.
    """
    lead, at = life.lead, entry.effective_at
    revision = life.promised(at)
    is_inside = after is not None and kind is not None and kind is not after.kind
    segment = revision.playbook.segment(after.segment) if after and is_inside else revision.select(segment_facts(lead))
    hand_off = HandOff(
        id=entry.ref,
        kind=kind or (HandOffKind.RE_INQUIRY if lead.hand_offs else HandOffKind.MARKETING_TO_REP),
        opened_at=at,
        segment=segment.name,
        revision=revision.number,
        team=team or segment.team,
        ignored_at=at,
        giver=(after.owner if is_inside else after.giver) if after else None,
        sourced_by=after.sourced_by or (after.id if is_inside else None) if after else None,
        past_owners=list(dict.fromkeys([*without, *([after.owner] if after and is_inside and after.owner else [])])),
        quiet=is_history(life, entry),
    )
    hand_off.ignored_at = revision.after(at, revision.terms(hand_off, segment).ignored_after)
    lead.hand_offs.append(hand_off)
    lead.disqualified = lead.ended_reason = lead.wake_at = lead.recycled_until = lead.rests_until = lead.track = None
    life.tell(
        "hand_off_opened", at, f"hand_off:{hand_off.id}",
        id=hand_off.id, segment=segment.name, type=hand_off.kind, giver=hand_off.giver, team=hand_off.team,
        quiet=hand_off.quiet,
    )  # fmt: skip
    if after is not None:
        hand_off.raised_at, hand_off.raise_id = after.raised_at, after.raise_id
        clocks.follow(life, after, hand_off)
    if lead.stage not in _AT_WORK or not hand_off.is_inside_sales:
        move(life, entry, Stage.QUALIFIED)
    clocks.start(life, Signal.HAND_OFF_OPENED, entry.ref, at, hand_off=hand_off, quiet=hand_off.quiet)
    return hand_off


def raise_hand(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """The first raised hand of a hand-off: the buyer's own clock starts."""
    at = entry.effective_at
    hand_off.raised_at, hand_off.raise_id = at, entry.ref
    hand_off.bulk = None
    clocks.start(life, Signal.HAND_RAISED, entry.ref, at, hand_off=hand_off, quiet=hand_off.quiet)


def same_hand_off(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """A second reason for a hand-off already open goes under the first one's name."""
    life.alias(Cause.HAND_OFF, entry.ref, hand_off.id)


def ask_again(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """A raised hand on an untouched hand-off: the same clocks, the earlier due wins."""
    segment = life.promised(entry.effective_at).select(segment_facts(life.lead))
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
    """To someone else, after a rejection that blames nobody: what was promised to the buyer goes on."""
    names = [*old.past_owners, *([old.owner] if old.owner else []), *([without] if without else [])]
    open_hand_off(life, entry, without=names, kind=old.kind, team=old.team if old.is_passed_on else None, after=old)


def pass_on(life: Life, entry: Entry, old: HandOff, *, kind: HandOffKind, owner: str | None, team: str | None) -> None:
    """Pass the baton on inside sales, to a closer or a partner: a hand-off of its own; who sourced it stays."""
    passing = life.promised(entry.effective_at).playbook.passing(kind)
    end_hand_off(life, entry, "passed_on", None, clean=True, goes_on=True)
    taken_by = team or (passing.teams[0] if passing else old.team)
    hand_off = open_hand_off(life, entry, kind=kind, team=taken_by, after=old)
    if owner is not None:
        set_owner(life, entry, hand_off, owner=owner, team=taken_by)


def give_back(life: Life, entry: Entry, old: HandOff, reason: str, *, clean: bool, by: str | None) -> None:
    """A closer or a partner gives the lead back to whoever passed it on; from marketing, back into the queue."""
    end_hand_off(life, entry, "returned", reason, clean=clean, goes_on=True, by=by)
    before = next((h for h in reversed(life.lead.hand_offs) if h is not old and h.owner == old.giver), None)
    team = before.team if before else None
    hand_off = open_hand_off(life, entry, kind=HandOffKind.RETURNED, team=team, after=old)
    if old.giver is not None:
        set_owner(life, entry, hand_off, owner=old.giver, team=team)


def into_segment(life: Life, entry: Entry, hand_off: HandOff) -> None:
    """Something else is known of the lead: the promises of the segment it is in now, the earlier due wins."""
    at = entry.effective_at
    segment = life.shelf.in_force(at).select(segment_facts(life.lead))
    if segment.name == hand_off.segment:
        return
    if hand_off.owner is None:
        hand_off.team = segment.team
    _into_segment(life, hand_off, segment, at)
    clocks.tighten(life, hand_off, at)
    life.tell("segment_changed", at, f"segment:{entry.ref}", hand_off=hand_off.id, segment=segment.name)


def _into_segment(life: Life, hand_off: HandOff, segment: Segment, at: datetime) -> None:
    """Raising a hand can move an open hand-off to a segment with tighter promises; its horizon may only come nearer."""
    hand_off.segment = segment.name
    hand_off.ignored_at = min(hand_off.ignored_at, life.promised(at).after(at, segment.ignored_after))


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
    is_woken = hand_off.quiet and not entry.backfill and cause is not AssignCause.LEFT
    is_swap = was is not None and same_team and cause is not AssignCause.RUNG
    goes_on = is_swap and not is_woken and hand_off.held is None
    if is_woken:
        _wake_up(life, hand_off, at)
    if was is not None and was != owner:
        _passed_on(hand_off, was, may_return=cause is AssignCause.ABSENCE)
    hand_off.was = was if cause in TAKEN_OVER else None
    hand_off.owner, hand_off.owner_since, hand_off.cycle, hand_off.cause = owner, at, entry.ref, cause
    hand_off.team = team or hand_off.team
    hand_off.leave_queue()
    hand_off.held = hand_off.gone = None
    hand_off.took_turn = False
    hand_off.account_word = None
    hand_off.hops += cause is AssignCause.RUNG
    life.tell("owner_set", at, f"owner:{entry.ref}", hand_off=hand_off.id, owner=owner, was=was, team=hand_off.team)
    clocks.meet(life, Signal.OWNER_SET, Contact(at, owner), hand_off=hand_off)
    is_broken = clocks.hand_over(life, hand_off, at, "reassigned", goes_on=goes_on)
    if life.lead.stage in _WITH_OWNER or (life.lead.stage in _AT_WORK and hand_off.looked_after_at is None):
        _assign(life, entry, hand_off, restarts=is_broken or not goes_on)


def _assign(life: Life, entry: Entry, hand_off: HandOff, *, restarts: bool) -> None:
    """An owner who has not reached out yet promises to; a touch made before he came counts.

    Passed on while it is being worked, the lead stays where it stands.
    """
    lead, at = life.lead, entry.effective_at
    if lead.stage in _WITH_OWNER and lead.stage is not Stage.ASSIGNED:
        move(life, entry, Stage.ASSIGNED)
    if restarts:
        clocks.start(life, Signal.OWNER_SET, entry.ref, at, hand_off=hand_off, quiet=hand_off.quiet)
    if hand_off.touched_at is not None:
        contact = Contact(hand_off.touched_at, hand_off.touched_by, hand_off.touched_late_at)
        clocks.meet(life, Signal.REAL_TOUCH, contact, hand_off=hand_off, started_by=Signal.OWNER_SET)
        move(life, entry, Stage.WORKING)


def _passed_on(hand_off: HandOff, was: str, *, may_return: bool = False) -> None:
    """Who had it is not given it again, unless he did nothing but go away."""
    if was not in hand_off.past_owners and not may_return:
        hand_off.past_owners.append(was)
    if hand_off.touched_at is None:
        hand_off.accepted_at = None  # the next one has not accepted anything yet


def _wake_up(life: Life, hand_off: HandOff, at: datetime) -> None:
    """History ends where a live fact takes it up: from here on promises are real, and so is the horizon."""
    revision = life.promised(at)
    hand_off.quiet = False
    segment = revision.playbook.segment(hand_off.segment)
    hand_off.ignored_at = revision.after(at, revision.terms(hand_off, segment).ignored_after)


def to_queue(
    life: Life,
    entry: Entry,
    hand_off: HandOff,
    *,
    queue: str,
    why: str,
    team: str | None = None,
    retry_at: datetime | None = None,
    looks: Iterable[datetime] = (),
    may_return: bool = False,
) -> None:
    """Let the hand-off wait in a queue, where it can be seen and claimed; its owner, if any, loses it.

    The queue is one of a team, which is called like it unless said otherwise.
    """
    at = entry.effective_at
    was, hand_off.team = hand_off.owner, team or queue
    if was:
        _passed_on(hand_off, was, may_return=may_return)
        hand_off.owner = hand_off.owner_since = hand_off.cause = hand_off.held = hand_off.gone = None
        hand_off.cycle = entry.ref
        clocks.hand_over(life, hand_off, at, "returned_to_queue", goes_on=False)
        is_at_start = life.lead.stage in (Stage.ASSIGNED, Stage.ACCEPTED)
        if is_at_start or (life.lead.stage is Stage.WORKING and not hand_off.is_inside_sales):
            move(life, entry, Stage.QUALIFIED)
        # to find an owner is a promise again
        clocks.start(life, Signal.HAND_OFF_OPENED, entry.ref, at, hand_off=hand_off, quiet=hand_off.quiet)
    hand_off.leave_queue()
    hand_off.queue, hand_off.queue_why, hand_off.queued_at = queue, why, at
    hand_off.retry_at, hand_off.looks = retry_at, list(looks)
    life.tell("queued", at, f"queued:{entry.ref}", hand_off=hand_off.id, queue=queue, why=why, was=was)


def end_hand_off(
    life: Life,
    entry: Entry,
    result: str,
    reason: str | None,
    *,
    clean: bool,
    goes_on: bool = False,
    by: str | None = None,
) -> None:
    """End the hand-off under way, if any, with its snooze and the clocks that hang on it.

    `goes_on`: what was promised to the buyer runs on, since another hand-off follows at once.
    """
    hand_off = life.lead.hand_off
    if hand_off is None:
        return
    at = entry.effective_at
    hand_off.ended_at, hand_off.result, hand_off.reason = at, result, reason
    hand_off.ended_by = by or entry.actor
    hand_off.leave_queue()
    hand_off.held = None
    why = reason or ("skipped" if clean and not goes_on else result)
    clocks.leave(life, hand_off, at, why, clean=clean, goes_on=goes_on)
    clocks.resume(life, at)
    if not goes_on:
        clocks.resume_effort(life, at)
        life.lead.meetings.clear()
    life.tell(
        "hand_off_ended", at, f"hand_off:{hand_off.id}:{result}",
        id=hand_off.id, result=result, reason=reason, under_worked=hand_off.is_under_worked or None,
        segment=hand_off.segment, team=hand_off.team, source=life.lead.source_original, quiet=hand_off.quiet,
    )  # fmt: skip
