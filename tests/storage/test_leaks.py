"""Each kind of leak is found in the database, nothing is found where all is well, and looking costs next to nothing."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.leaks import QUESTIONS, Leak, Leaks, read_left
from storage.tables import mailboxes
from tests.builders import at, captured, raised
from tests.storage.lead_rows import fill
from tests.storage.step_desk import StepDesk, opened_desk

_OF_FIRST = " WHERE lead_id = :first"
OLD = "UPDATE leads SET created_at = now() - interval '1 day', updated_at = now() - interval '1 day'"


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def change(desk: StepDesk, statement: str, **params: UUID) -> None:
    async with desk.engine.begin() as connection:
        await connection.execute(text(statement), params if ":first" in statement else {})


async def two_leads(desk: StepDesk) -> UUID:
    """With an owner, read and asleep; returns the first."""
    ids = [await desk.told(captured(at(0), id_=f"c{n}"), raised(at(0), id_=f"r{n}"), subject=str(n)) for n in range(2)]
    await change(desk, OLD)
    return ids[0]


async def test_where_all_is_well_nothing_is_found(desk: StepDesk) -> None:
    await two_leads(desk)
    assert await Leaks(desk.engine).found() == {kind.value: [] for kind in QUESTIONS}


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        (Leak.NOBODYS, "UPDATE leads SET owner = NULL, queue = NULL"),
        (Leak.NO_NEXT_INSTANT, "UPDATE leads SET wake_at = NULL"),
        (Leak.NEVER_RUNG, "UPDATE mailboxes SET read_to = 0, ring_due_at = NULL"),
        (Leak.STUCK, "UPDATE leads SET stuck_since = now()"),
        (Leak.OWNER_LEFT, "UPDATE people SET is_active = false WHERE person_id = 'ana'"),
        (
            Leak.HAND_UNASSIGNED,
            "UPDATE hand_offs SET owner = NULL, queue = NULL, raised_at = now() - interval '16 minutes'",
        ),
    ],
)
async def test_each_kind_is_found_in_its_lead_and_in_no_other(desk: StepDesk, kind: Leak, broken: str) -> None:
    first = await two_leads(desk)
    # the second is with ben; of the rest only the first lead is broken
    await change(desk, broken + ("" if kind is Leak.OWNER_LEFT else _OF_FIRST), first=first)
    if kind is Leak.HAND_UNASSIGNED:
        await change(desk, f"UPDATE leads SET stage = 'qualified', queue = 'sales'{_OF_FIRST}", first=first)  # noqa: S608  constants

    found = await Leaks(desk.engine).found()
    assert found == {other.value: [str(first)] if other is kind else [] for other in QUESTIONS}


async def test_a_lead_whose_first_step_is_under_way_is_not_missed(desk: StepDesk) -> None:
    await desk.mail(captured(at(0)))
    await change(desk, "UPDATE leads SET created_at = now()")
    found = await Leaks(desk.engine).found()
    assert (found["no_next_instant"], [page async for page in Leaks(desk.engine).open_leads()]) == ([], [])


async def test_open_leads_come_in_pages_each_once(engine: AsyncEngine) -> None:
    await fill(engine, 2_500, at(3))
    pages = [page async for page in Leaks(engine).open_leads()]
    async with engine.connect() as connection:
        open_now = await connection.scalar(
            text("SELECT count(*) FROM leads WHERE is_open AND created_at < now() - interval '2 minutes'")
        )
    leads = [lead for page in pages for lead in page]
    assert len(leads) == len(set(leads)) == open_now


async def test_lost_mail_that_is_armed_is_found_by_the_courier(desk: StepDesk) -> None:
    first = await two_leads(desk)
    await change(desk, "UPDATE mailboxes SET read_to = 0, ring_due_at = NULL WHERE lead_id = :first", first=first)
    leaks = Leaks(desk.engine)

    await leaks.arm((await leaks.found())["never_rung"], at(5))

    assert (await leaks.found())["never_rung"] == []
    async with desk.engine.connect() as connection:
        due = await connection.scalar(select(mailboxes.c.ring_due_at).where(mailboxes.c.lead_id == first))
    assert due == at(5)


async def test_what_is_noted_replaces_what_was_noted_before(desk: StepDesk) -> None:
    leaks = Leaks(desk.engine)
    await leaks.note({"stuck": 3, "nobodys": 0}, at(0))
    await leaks.note({"stuck": 1}, at(10))
    async with desk.engine.connect() as connection:
        assert await read_left(connection) == {"stuck": (1, at(10))}


@pytest.mark.parametrize("kind", [Leak.NOBODYS, Leak.NO_NEXT_INSTANT, Leak.STUCK])
async def test_only_leads_that_leak_are_looked_at(engine: AsyncEngine, kind: Leak) -> None:
    await fill(engine, 20_000, at(3))
    async with engine.connect() as connection:
        await connection.execute(text("ANALYZE leads"))
        plan = "\n".join(await connection.scalars(text(f"EXPLAIN {QUESTIONS[kind]}")))
    assert "Seq Scan" not in plan
    assert "_ix" in plan
