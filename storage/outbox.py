"""What goes to whom now: notices that go out one by one, those held back, and those that go out together.

All that decides about one hearer happens under that hearer's lock, so that two leads that wake at once never send two
digests, nor one letter too many.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.brief import Claim, Hearer, Standing
from leads.post import QUIETED, Manners, Post, is_wanted, letter_id
from leads.revisions import Shelf
from storage import outbox_sql
from storage.briefs import brief_of, read_brief
from storage.hearers import whereabouts
from storage.outbox_sql import as_json
from storage.packing import Packing
from storage.pipeline import Answer, Pipeline

MOST_TOGETHER = 500
"""Actions that go out together at most; the next letter takes the rest."""


async def take(pipeline: Pipeline, manners: Manners, action_id: UUID, now: datetime, ends: datetime) -> Claim | None:
    """Claim an action that is held for somebody, until `ends`, with all that goes to the same hearers in one letter.

    None: it is held for nobody, or not free.
    """
    held = pipeline.send(outbox_sql.HELD_FOR, action_id=action_id)
    await pipeline.flush()
    held_for = [row.hearer for row in held.rows]
    if not held_for:
        return None
    lock(pipeline, held_for)
    own: dict[str, Any] = {"action_id": action_id, "now": now}
    asleep = [(row.hearer, manners.quiet_until(now, whereabouts(row))) for row in held.rows]
    hushed = [{"hearer": hearer, "quiet_until": until} for hearer, until in asleep if until is not None]
    if hushed:
        pipeline.send(outbox_sql.HUSH, **own, rows=as_json(hushed), quieted=[*QUIETED])
    found = pipeline.send(outbox_sql.LOCK_DUE, **own, most=MOST_TOGETHER)
    await pipeline.flush()
    free = [row.action_id for row in found.rows]
    if action_id not in free:
        return None
    claimed = pipeline.send(outbox_sql.CLAIM_ALL, **own, lease_ends=ends, action_ids=free)
    pipeline.send(outbox_sql.INHERIT, action_ids=free)
    going = pipeline.send(outbox_sql.DUE, **own, action_ids=free)
    await pipeline.flush()
    attempts: dict[UUID, int] = {row.action_id: row.attempts for row in claimed.rows}
    due: defaultdict[tuple[str, UUID | None], list[UUID]] = defaultdict(list)
    for row in going.rows:
        due[row.hearer, row.may_be_in].append(row.action_id)
    rows = [
        {"action_id": action, "hearer": hearer, "letter_id": letter}
        for (hearer, may_be_in), actions in due.items()
        for letter in [may_be_in or letter_id(actions)]
        for action in actions
    ]
    pipeline.send(outbox_sql.TAKE, now=now, lease_ends=ends, rows=as_json(rows))
    return Claim(Standing.GRANTED, action_id, attempts[action_id])


def lock(pipeline: Pipeline, hearers: Iterable[str]) -> None:
    """Until the transaction ends nobody else decides about these hearers. Before any action is locked."""
    pipeline.send(outbox_sql.LOCK_HEARERS, hearers=[*hearers])


async def sort_out(
    pipeline: Pipeline, shelf: Shelf, claim: Claim, found: Answer, now: datetime, *, ends: datetime
) -> Post | None:
    """What is to be done under a claim; None when another worker has it by now.

    `found` was read before, with the lead's state; that is read again if a step has changed it until the action was
    locked. Raises what `read_brief` raises.
    """
    brief = await brief_of(pipeline, shelf, found, now)
    hearers = [hearer for hearer in brief.hearers if hearer.key not in brief.told]
    manners = Manners.of(shelf.in_force(now).playbook)
    lock(pipeline, [hearer.key for hearer in brief.hearers])
    own = pipeline.send(outbox_sql.LOCK_OWN, action_id=claim.action_id, attempt=claim.attempt)
    asked = {"hearers": [hearer.key for hearer in hearers], "action_id": claim.action_id, "lead_id": brief.lead_id}
    is_of_list = brief.list is not None
    soon = now + manners.gathers_for(is_of_list=is_of_list)
    window = {"since": now - manners.within, "soon": soon, "is_of_list": is_of_list}
    standing = pipeline.send(outbox_sql.STANDING, **asked, **window)
    await pipeline.flush()
    if own.first is None:
        return None
    if not hearers:
        return Post(brief=brief)
    places = {row.hearer: row for row in standing.rows}
    if any(place.version != found.first.version for place in places.values()):
        brief = replace(await read_brief(pipeline, shelf, claim.action_id, now), hearers=brief.hearers)
    packing = Packing(pipeline, shelf, claim, brief, now=now, ends=ends)
    for hearer in hearers:
        _place(packing, manners, hearer, places[hearer.key])
    return await packing.packed()


def _place(packing: Packing, manners: Manners, hearer: Hearer, place: Any) -> None:
    """Whether the notice goes out to this hearer now, together with others, later or not at all."""
    if place.state == "taken":
        packing.with_others(hearer)
    elif not is_wanted(packing.brief, hearer.key):
        if place.state is not None:
            packing.drop(hearer.key, place.may_be_in)
    elif place.state == "held":
        packing.wait(place.release_at)
    else:
        brief = packing.brief
        until = manners.hold(
            hearer.role, packing.now, place.lately, place.gathering, hearer.where,
            gathers=manners.gathers(brief, packing.now), is_of_list=brief.list is not None,
        )  # fmt: skip
        packing.alone(hearer) if until is None else packing.hold(hearer, until)
