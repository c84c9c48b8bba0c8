"""Whatever was lost of a lead, the hunt for leaks brings it back, and what it cannot bring back it shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.client import ScheduleHandle, ScheduleOverlapPolicy, WorkflowExecutionStatus

from activities.reconcile import Reconciled, Reconciler
from storage.leaks import Leaks, read_left
from tests.eventually import eventually
from tests.journeys.world import World, captured_with_a_raised_hand
from workers.engine import Slots, leaks_worker
from workers.reconciling import TemporalLives, ensure_schedule
from workflows.front_door import LEAKS_QUEUE
from workflows.reconcile import EVERY, RECONCILE_LEADS, SCHEDULE_ID

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def hunting(lead: World) -> AsyncIterator[str]:
    """A worker of the hunt; gives its queue."""
    queue = f"{LEAKS_QUEUE}-{uuid4()}"
    client = lead.house.client
    reconciler = Reconciler(Leaks(lead.engine), TemporalLives(client))
    slots = Slots(graceful_stop=timedelta(seconds=1))
    async with leaks_worker(client, reconciler, slots, task_queue=queue, build=queue):
        yield queue


async def hunt(lead: World) -> Reconciled:
    """One hunt to its end; the minute in its middle is skipped."""
    await change(lead, "UPDATE leads SET created_at = created_at - interval '1 hour'")
    client = lead.house.client
    async with hunting(lead) as queue:
        handle = await client.start_workflow(RECONCILE_LEADS, id=queue, task_queue=queue, result_type=Reconciled)
        await lead.env.advance(handle, timedelta(minutes=2))
        found: Reconciled = await handle.result()
    return found


async def is_healed(lead: World) -> None:
    """Hunts until nothing leaks: where a minute is skipped, a lead that was rung may need longer for its step."""

    async def is_clean() -> bool:
        return (await hunt(lead)).leaks == 0

    await eventually(is_clean, 60)


async def change(lead: World, statement: str) -> None:
    async with lead.engine.begin() as connection:
        await connection.execute(text(statement))


async def test_where_nothing_leaks_nothing_is_rung(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    found = await hunt(lead)
    assert (found.leaks, found.rung, found.open_leads) == (0, 0, 1)


async def test_a_lead_whose_workflow_was_deleted_lives_on_and_its_alarm_comes(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.handle.terminate("lost")

    await is_healed(lead)

    assert (await lead.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await lead.after(minutes=8)
    assert (await lead.rungs()) == {"half": "fired"}


async def test_a_lead_that_nothing_would_wake_is_given_its_next_instant(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await change(lead, "UPDATE leads SET wake_at = NULL")

    await is_healed(lead)

    assert (await lead.lead()).wake_at is not None


async def test_mail_of_which_the_courier_lost_the_ring_is_read(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    touch = await lead.event("lead.touched", channel="call", by="ana")
    await lead.house.front.sends([touch], await lead.now())
    await change(lead, "UPDATE mailboxes SET ring_due_at = NULL")

    await is_healed(lead)

    assert await lead.has_read_all()
    assert (await lead.clock("first_touch")).outcome == "met"


async def test_what_no_ring_heals_is_left_and_shown(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await change(lead, "UPDATE people SET is_active = false WHERE person_id = 'ana'")
    await change(lead, "UPDATE leads SET updated_at = now() - interval '2 hours'")

    found = await hunt(lead)

    assert found.found["owner_left"] == 1
    async with lead.engine.connect() as connection:
        left = await read_left(connection)
    assert {kind: leads for kind, (leads, _) in left.items() if leads} == {"owner_left": 1}


async def test_the_schedule_is_made_once_and_brought_up_to_date(lead: World) -> None:
    client = lead.house.client
    for _ in range(2):
        await ensure_schedule(client)
    handle: ScheduleHandle = client.get_schedule_handle(SCHEDULE_ID)

    async def is_there() -> bool:
        made = (await handle.describe()).schedule
        assert made.policy.overlap is ScheduleOverlapPolicy.SKIP
        return [interval.every for interval in made.spec.intervals] == [EVERY]

    await eventually(is_there, 10)
    await handle.delete()
