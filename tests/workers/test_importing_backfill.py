"""History alarms nobody, then or later; what is still open comes to life one lead after the other."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest_asyncio
from sqlalchemy import update

from storage.playbooks import Shelves
from storage.rings import Rings
from storage.step_store import StepStore
from storage.tables import actions, clocks, journal, leads
from tests.workers.importing import CAPTURED, QUALIFIED, WON, Folder, mapping, row
from workers.furnish import furnish
from workers.importing.folding import STARTS_PER_SECOND

ASSIGNED = {"type": "lead.assigned", "time": {"column": "at"}, "data": {"owner": "ana"}}


@pytest_asyncio.fixture
async def folder(database_url: str, tmp_path: Path) -> AsyncIterator[Folder]:
    await furnish(database_url, datetime.now(UTC))
    made = Folder(tmp_path, database_url)
    yield made
    await made.engine.dispose()


async def test_nobody_hears_of_promises_broken_long_ago(folder: Folder) -> None:
    """A first touch promised in 2024 and never made: four rungs on the ladder, none fires."""
    await folder.bring_in(folder.write(row(number) for number in (1, 2, 3)), mapping(CAPTURED, QUALIFIED, ASSIGNED))

    assert await folder.rows(actions) == []
    decided = await folder.rows(journal, journal.c.book == "own")
    assert {entry.type for entry in decided} == {"rung_skipped"}
    assert {entry.data["why"] for entry in decided} == {"backfill"}
    running = await folder.rows(clocks, clocks.c.clock == "first_touch")
    assert len(running) == 3


async def test_nobody_hears_of_them_later_either(folder: Folder) -> None:
    await folder.bring_in(folder.write([row(1)]), mapping(CAPTURED, QUALIFIED, ASSIGNED))
    [lead] = await folder.rows(leads)
    steps = StepStore(folder.engine, Shelves(folder.engine))

    for days in (1, 31, 62):
        taken = await steps.take_step(lead.lead_id, datetime.now(UTC) + timedelta(days=days))
        assert taken.actions == []

    assert await folder.rows(actions) == []
    assert taken.wake_at is not None


async def test_ended_leads_have_no_wake_and_open_ones_wake_one_after_the_other(folder: Folder) -> None:
    began = datetime.now(UTC)
    await folder.bring_in(folder.write(row(number) for number in range(12)), mapping(CAPTURED, QUALIFIED, WON))

    ended = await folder.rows(leads, leads.c.stage == "won")
    waking = await folder.rows(leads, leads.c.stage != "won")
    assert [lead.wake_at for lead in ended] == [None] * 3
    wakes = sorted(lead.wake_at for lead in waking)
    # nine leads at five a second: from the end of the import until 1.6 s later
    gap = timedelta(seconds=1 / STARTS_PER_SECOND)
    assert [later - earlier for earlier, later in pairwise(wakes)] == [gap] * 8
    assert began < wakes[0] < datetime.now(UTC)


async def test_the_courier_rings_them_in_that_order_and_a_step_puts_them_to_sleep(folder: Folder) -> None:
    await folder.bring_in(folder.write(row(number) for number in (1, 2, 3)), mapping(CAPTURED, QUALIFIED))
    first = min(lead.wake_at for lead in await folder.rows(leads))
    rings, steps = Rings(folder.engine), StepStore(folder.engine, Shelves(folder.engine))

    # the sweep rings whoever should have woken a minute ago
    rung = await rings.take_late(first + timedelta(seconds=60), 100)
    assert len(rung) == 1
    taken = await steps.take_step(rung[0], first + timedelta(seconds=61))

    assert taken.wake_at is not None
    assert taken.wake_at > first + timedelta(days=1)
    assert len(await rings.take_late(first + timedelta(seconds=70), 100)) == 2


async def test_a_lead_of_today_that_gets_history_hears_of_it_at_once(folder: Folder) -> None:
    today = datetime.now(UTC) - timedelta(minutes=1)
    raised = {"type": "lead.hand_raised", "time": {"column": "at"}, "data": {"kind": "demo"}}
    await folder.bring_in(
        folder.write([row(1, at=today.isoformat())], "live.csv"), mapping(CAPTURED, raised), backfill=False
    )
    [lead] = await folder.rows(leads)
    steps = StepStore(folder.engine, Shelves(folder.engine))
    await steps.take_step(lead.lead_id, datetime.now(UTC))
    notices = len(await folder.rows(actions))

    engaged = {"type": "lead.engaged", "time": {"column": "at"}, "data": {"kind": "page_viewed"}}
    await folder.bring_in(folder.write([row(1)], "history.csv"), mapping(engaged, source="old"))

    [lead] = await folder.rows(leads)
    assert lead.wake_at <= datetime.now(UTC)
    assert len(await folder.rows(actions)) == notices == 1


async def test_a_lead_that_is_stuck_is_counted_and_stops_no_other(folder: Folder) -> None:
    file = folder.write(row(number) for number in (1, 2))
    await folder.bring_in(file)
    async with folder.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE mailboxes SET read_to = 0")
        await connection.exec_driver_sql("DELETE FROM lead_states")
        await connection.exec_driver_sql("DELETE FROM journal WHERE book = 'own'")
        await connection.execute(update(journal).where(journal.c.source == "crm", journal.c.number == 1).where(
            journal.c.lead_id == (await folder.rows(leads))[0].lead_id).values(type="lead.unheard_of"))  # fmt: skip

    tally, _ = await folder.bring_in(file)

    assert (tally.folded.leads, tally.folded.stuck) == (1, 1)
