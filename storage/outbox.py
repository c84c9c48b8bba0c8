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

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.brief import Claim, Hearer, Standing
from leads.post import QUIETED, Manners, Post, is_wanted, letter_id
from leads.revisions import Shelf
from storage import outbox_sql
from storage.briefs import read_brief
from storage.outbox_sql import as_json
from storage.packing import Packing

MOST_TOGETHER = 500
"""Actions that go out together at most; the next letter takes the rest."""


async def take(
    connection: AsyncConnection, manners: Manners, action_id: UUID, now: datetime, ends: datetime
) -> Claim | None:
    """Claim an action that is held for somebody, until `ends`, with all that goes to the same hearers in one letter.

    None: it is held for nobody, or not free.
    """
    held_for = (await connection.scalars(outbox_sql.HELD_FOR, {"action_id": action_id})).all()
    if not held_for:
        return None
    await lock(connection, held_for)
    own: dict[str, Any] = {"action_id": action_id, "now": now, "lease_ends": ends}
    if (quiet_until := manners.quiet_until(now)) is not None:
        hushed = {"hearers": [*held_for], "quieted": [*QUIETED], "quiet_until": quiet_until}
        await connection.execute(outbox_sql.HUSH, own | hushed)
    free = (await connection.scalars(outbox_sql.LOCK_DUE, own | {"most": MOST_TOGETHER})).all()
    if action_id not in free:
        return None
    together = own | {"action_ids": [*free]}
    claimed = await connection.execute(outbox_sql.CLAIM_ALL, together)
    attempts: dict[UUID, int] = {row.action_id: row.attempts for row in claimed}
    due: defaultdict[tuple[str, UUID | None], list[UUID]] = defaultdict(list)
    for row in await connection.execute(outbox_sql.DUE, together):
        due[row.hearer, row.may_be_in].append(row.action_id)
    rows = [
        {"action_id": action, "hearer": hearer, "letter_id": letter}
        for (hearer, may_be_in), actions in due.items()
        for letter in [may_be_in or letter_id(actions)]
        for action in actions
    ]
    await connection.execute(outbox_sql.TAKE, own | {"rows": as_json(rows)})
    return Claim(Standing.GRANTED, action_id, attempts[action_id])


async def lock(connection: AsyncConnection, hearers: Iterable[str]) -> None:
    """Until the transaction ends nobody else decides about these hearers. Before any action is locked."""
    await connection.execute(outbox_sql.LOCK_HEARERS, {"hearers": [*hearers]})


async def look(connection: AsyncConnection, action_id: UUID) -> Row[Any]:
    """`newest_revision` of the playbook, and the `version` of the lead's state."""
    return (await connection.execute(outbox_sql.LOOK, {"action_id": action_id})).one()


async def sort_out(
    connection: AsyncConnection, shelf: Shelf, claim: Claim, now: datetime, *, ends: datetime, version: str | None
) -> Post | None:
    """What is to be done under a claim; None when another worker has it by now.

    `version` was read before; the lead's state is read again if a step has changed it until the action was locked.
    Raises what `read_brief` raises.
    """
    brief = await read_brief(connection, shelf, claim.action_id, now)
    await lock(connection, [hearer.key for hearer in brief.hearers])
    if await connection.scalar(outbox_sql.LOCK_OWN, {"action_id": claim.action_id, "attempt": claim.attempt}) is None:
        return None
    hearers = [hearer for hearer in brief.hearers if hearer.key not in brief.told]
    if not hearers:
        return Post(brief=brief)
    manners = Manners.of(shelf.in_force(now).playbook)
    asked = {"hearers": [hearer.key for hearer in hearers], "action_id": claim.action_id, "lead_id": brief.lead_id}
    window = {"since": now - manners.within, "soon": now + manners.digest_after}
    found = (await connection.execute(outbox_sql.STANDING, asked | window)).all()
    if any(row.version != version for row in found):
        brief = replace(await read_brief(connection, shelf, claim.action_id, now), hearers=brief.hearers)
    packing = Packing(connection, shelf, claim, brief, now=now, ends=ends)
    places = {row.hearer: row for row in found}
    for hearer in hearers:
        _place(packing, manners, hearer, places[hearer.key])
    return await packing.packed()


def _place(packing: Packing, manners: Manners, hearer: Hearer, place: Row[Any]) -> None:
    """Whether the notice goes out to this hearer now, together with others, later or not at all."""
    if place.state == "taken":
        packing.with_others(hearer)
    elif not is_wanted(packing.brief, hearer.key):
        if place.state is not None:
            packing.drop(hearer.key, place.may_be_in)
    elif place.state == "held":
        packing.wait(place.release_at)
    else:
        until = manners.hold(hearer.role, packing.now, place.lately, place.gathering)
        packing.alone(hearer) if until is None else packing.hold(hearer, until)
