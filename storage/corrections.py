"""What a correction takes back, in which letters that was heard, and the late fact that proves it false."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.brief import Corrected, Proof
from leads.post import CORRECTIONS
from leads.state import Clock
from storage.tables import actions, journal, letters

_CHANNELS = {
    "lead.meeting_booked": "meeting",
    "lead.meeting_held": "meeting",
    "lead.assigned": "assigned",
    "lead.accepted": "accepted",
    "lead.rejected": "rejected",
}
"""Facts beside touches that stop a clock, and what their sender is said to have done."""


async def read_corrected(connection: AsyncConnection, correction: Row[Any]) -> tuple[Corrected, ...]:
    """The letters in which somebody has heard, or may be hearing now, what an action takes back; oldest first."""
    payload = correction.payload
    if "corrects" not in payload:
        return ()
    is_about = actions.c.payload["about"].as_string() == str(payload.get("about"))
    is_meant = is_about & actions.c.template.in_(CORRECTIONS.get(correction.template or "", ()))
    # a worker that died over a letter may have sent it
    is_going = (letters.c.action_id == actions.c.action_id) & ((letters.c.state == "taken") | letters.c.is_repeat)
    going = select(func.jsonb_object_agg(letters.c.hearer, cast(letters.c.letter_id, Text))).where(is_going)
    rows = await connection.execute(
        select(
            actions.c.action_id,
            actions.c.template,
            actions.c.issued_at,
            actions.c.payload,
            going.scalar_subquery().label("going"),
        )
        .where(actions.c.lead_id == correction.lead_id, is_meant | (actions.c.key == str(payload["corrects"])))
        .order_by(actions.c.issued_at, actions.c.key)
    )
    return tuple(corrected for row in rows for corrected in _heard_in(row))


def _heard_in(row: Row[Any]) -> Iterator[Corrected]:
    """The notice's own letter, and each digest that told somebody of it instead."""
    going: dict[str, str] = row.going or {}
    told = dict.fromkeys([*row.payload.get("told", ()), *going])
    digests: dict[str, str] = going | row.payload.get("digests", {})
    own = str(row.action_id)
    for letter in dict.fromkeys([own, *digests.values()]):
        reached = tuple(hearer for hearer in told if digests.get(hearer, own) == letter)
        yield Corrected(action_id=UUID(letter), template=row.template or "", issued_at=row.issued_at, told=reached)


async def read_proof(connection: AsyncConnection, lead_id: UUID, clock: Clock | None) -> Proof | None:
    """The fact at whose instant the clock stopped; `by` still an id."""
    if clock is None or clock.ended_at is None:
        return None
    kinds = ("lead.touched", "lead.replied", *_CHANNELS)
    rows = await connection.execute(
        select(journal.c.type, journal.c.data, journal.c.recorded_at)
        .where(journal.c.lead_id == lead_id, journal.c.effective_at == clock.ended_at, journal.c.type.in_(kinds))
        .order_by(journal.c.number)
        .limit(1)
    )
    row = rows.first()
    if row is None:
        return None
    channel = _CHANNELS.get(row.type) or _word(row.data, "channel")
    return Proof(at=clock.ended_at, heard_at=row.recorded_at, channel=channel, by=_word(row.data, "by"))


def _word(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None
