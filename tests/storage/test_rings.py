"""Which leads are rung, how often, and by which of two couriers; on a real PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import rings as rings_module
from storage.pipeline import pipelined
from storage.rings import Rings
from storage.tables import actions, journal, leads, mailboxes
from tests.storage.lead_rows import fill

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def put_lead(engine: AsyncEngine, *, unread: int = 1, due_at: datetime | None = NOW, **more: Any) -> UUID:
    lead_id = uuid4()
    mailbox = {"last_sequence": 3 + unread, "read_to": 3, "ring_due_at": due_at}
    async with engine.begin() as connection:
        await connection.execute(insert(leads).values(lead_id=lead_id, created_at=NOW, updated_at=NOW, **more))
        await connection.execute(insert(mailboxes).values(lead_id=lead_id, **mailbox))
    return lead_id


async def answer(engine: AsyncEngine, lead_id: UUID) -> None:
    """What a step does to the mailbox when it has read everything."""
    async with engine.begin() as connection:
        read = {"read_to": mailboxes.c.last_sequence, "rings": 0, "rung_at": None, "ring_due_at": None}
        await connection.execute(update(mailboxes).where(mailboxes.c.lead_id == lead_id).values(read))


async def test_new_mail_is_rung_once_and_then_waited_for(engine: AsyncEngine) -> None:
    lead_id, rings = await put_lead(engine), Rings(engine)
    assert await rings.take_mail(NOW, 10) == [lead_id]
    assert await rings.take_mail(NOW + 29 * SECOND, 10) == []


async def test_unanswered_rings_repeat_after_30_seconds_doubling_to_15_minutes(engine: AsyncEngine) -> None:
    lead_id, rings = await put_lead(engine), Rings(engine)
    rung_at: list[datetime] = []
    at = NOW
    while len(rung_at) < 8:
        if await rings.take_mail(at, 10) == [lead_id]:
            rung_at.append(at)
        at += 5 * SECOND
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(rung_at)]
    assert waits == [30, 60, 120, 240, 480, 900, 900]


async def test_an_answered_lead_is_rung_no_more(engine: AsyncEngine) -> None:
    lead_id, rings = await put_lead(engine), Rings(engine)
    await rings.take_mail(NOW, 10)
    await answer(engine, lead_id)
    assert await rings.take_mail(NOW + 60 * MINUTE, 10) == []


async def test_what_could_not_be_rung_is_due_again_at_once(engine: AsyncEngine) -> None:
    lead_id, rings = await put_lead(engine), Rings(engine)
    await rings.take_mail(NOW, 10)
    await rings.put_back([lead_id], NOW + SECOND)
    assert await rings.take_mail(NOW + SECOND, 10) == [lead_id]


async def test_two_couriers_share_the_work(engine: AsyncEngine) -> None:
    waiting = [await put_lead(engine) for _ in range(60)]
    taken = await asyncio.gather(*(Rings(engine).take_mail(NOW, 20) for _ in range(4)))
    rung = [lead_id for batch in taken for lead_id in batch]
    rung += await Rings(engine).take_mail(NOW, 60)
    assert sorted(rung) == sorted(waiting)


async def test_a_mailbox_that_is_being_written_is_passed_over(engine: AsyncEngine) -> None:
    lead_id, rings = await put_lead(engine), Rings(engine)
    async with engine.begin() as other:
        await other.execute(select(mailboxes).where(mailboxes.c.lead_id == lead_id).with_for_update())
        assert await rings.take_mail(NOW, 10) == []
    assert await rings.take_mail(NOW, 10) == [lead_id]


@pytest.mark.parametrize(
    ("stage", "late_by", "is_rung"),
    [
        ("assigned", 59 * SECOND, False),
        ("assigned", 60 * SECOND, True),
        ("won", 60 * SECOND, True),  # ended, but an answer is still owed
        # nurture wakes are spread over five minutes: late is what is a minute later than the last of them
        ("nurturing", 60 * SECOND, False),
        ("nurturing", 6 * MINUTE - SECOND, False),
        ("nurturing", 6 * MINUTE, True),
    ],
)
async def test_a_lead_that_overslept_is_rung(
    engine: AsyncEngine,
    stage: str,
    late_by: timedelta,
    is_rung: bool,  # noqa: FBT001  a column of the table
) -> None:
    lead_id = await put_lead(engine, unread=0, due_at=None, stage=stage, wake_at=NOW - late_by)
    assert await Rings(engine).take_late(NOW, 10) == ([lead_id] if is_rung else [])


async def test_a_lead_that_sleeps_on_is_not_rung_at_every_sweep(engine: AsyncEngine) -> None:
    lead_id, rings = await put_lead(engine, unread=0, due_at=None, wake_at=NOW - 2 * MINUTE), Rings(engine)
    assert await rings.take_late(NOW, 10) == [lead_id]
    assert await rings.take_late(NOW + 29 * SECOND, 10) == []
    assert await rings.take_late(NOW + 2 * MINUTE, 10) == [lead_id]


@pytest.mark.parametrize(
    ("row", "is_rung"),
    [
        ({"state": "pending", "issued_at": NOW - 3 * MINUTE + SECOND}, False),
        ({"state": "pending", "issued_at": NOW - 3 * MINUTE}, True),
        ({"state": "pending", "issued_at": NOW - 60 * MINUTE, "retry_at": NOW - MINUTE}, False),
        ({"state": "claimed", "issued_at": NOW - 60 * MINUTE, "retry_at": NOW - 3 * MINUTE}, True),
        ({"state": "done", "issued_at": NOW - 60 * MINUTE}, False),
        ({"state": "parked", "issued_at": NOW - 60 * MINUTE}, False),
    ],
)
async def test_a_lead_with_an_action_nobody_does_is_rung_every_three_minutes_though_it_has_ended(
    engine: AsyncEngine,
    row: dict[str, Any],
    is_rung: bool,  # noqa: FBT001  a column of the table
) -> None:
    lead_id, rings = await put_lead(engine, unread=0, due_at=None, stage="won", is_open=False), Rings(engine)
    async with engine.begin() as connection:
        for key in ("first", "second"):
            action: dict[str, Any] = {
                "action_id": uuid4(),
                "lead_id": lead_id,
                "key": key,
                "kind": "notify",
                "payload": {},
            }
            await connection.execute(insert(actions).values(**action, **row))
    expected = [lead_id] if is_rung else []
    assert await rings.take_undone(NOW, 10) == expected
    if is_rung:
        assert await rings.take_undone(NOW + 2 * MINUTE, 10) == []
        assert await rings.take_undone(NOW + 3 * MINUTE, 10) == expected


async def test_the_backlog_tells_how_long_the_oldest_mail_has_waited_however_often_it_was_rung(
    engine: AsyncEngine,
) -> None:
    rings, lead_id = Rings(engine), await put_lead(engine, unread=2)
    await put_lead(engine, unread=0, due_at=None)
    entry = {"lead_id": lead_id, "book": "mail", "kind": 0, "type": "lead.captured", "effective_at": NOW}
    rows = [
        {**entry, "number": number, "source": "crm", "event_id": str(number), "data": {}, "recorded_at": recorded_at}
        for number, recorded_at in ((3, NOW - MINUTE), (4, NOW), (5, NOW + MINUTE))
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(journal), rows)
    await rings.take_mail(NOW, 10)
    backlog = await rings.backlog()
    assert (backlog.leads, backlog.oldest_at) == (1, NOW)


@pytest.mark.parametrize(
    ("statement", "index"),
    [(rings_module._TAKE_MAIL, "mailboxes_ring_due_ix"), (rings_module._TAKE_LATE, "leads_wake_ix")],
)
async def test_the_sweep_goes_by_index(engine: AsyncEngine, statement: str, index: str) -> None:
    await fill(engine, 5000, NOW)
    async with pipelined(engine) as pipeline:
        answer = pipeline.send(f"EXPLAIN {statement}", now=NOW, limit=200)
    plan = "\n".join(line for (line,) in answer.rows)
    assert index in plan
    assert "Seq Scan" not in plan
