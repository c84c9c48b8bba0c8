"""What a life costs in Temporal's history, in billable Actions and in the database."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tests.measures.figures import Figure, Pace, Row
from tests.measures.lives import Leadloop, leadloop
from workflows.front_door import lead_workflow_id

BOUNDS = {"history events": 79.0, "billable Actions": 34.0}
"""Of a life of ten spaced events and two notices."""
_BILLED = (
    "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "TIMER_STARTED", "ACTIVITY_TASK_STARTED",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
)  # fmt: skip
_TABLES = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'lead_id' AND table_name IN (
    SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'
)
"""


@dataclass(frozen=True)
class Cost:
    history_events: int
    actions: int
    history_bytes: int
    row_bytes: int


async def measure(pace: Pace) -> list[Figure]:
    lengths = {10: 3, 50: 1} if pace.is_quick else {10: 5, 50: 3, 200: 2}
    figures: list[Figure] = []
    async with leadloop() as system:
        client = await Client.connect(system.temporal.server.address)
        for events, lives in lengths.items():
            leads = [(await system.live_spaced(events)).lead_id for _ in range(lives)]
            costs = [await cost_of(system, client, lead_id) for lead_id in leads]
            figures += _figures(f"{events} events spaced", costs, is_bound=events == 10)
        at_once = (await system.live_at_once()).lead_id
        figures += _figures("10 events at once", [await cost_of(system, client, at_once)], is_bound=False)
    return figures


def _figures(what: str, costs: list[Cost], *, is_bound: bool) -> list[Figure]:
    found = {
        "history events": median_low(cost.history_events for cost in costs),
        "billable Actions": median_low(cost.actions for cost in costs),
        "history": median_low(cost.history_bytes for cost in costs) / 1024,
        "database rows": median_low(cost.row_bytes for cost in costs) / 1024,
    }
    return [
        Figure(name=f"{what}, {name}", value=value, unit="KiB" if name not in BOUNDS else "",
               at_most=BOUNDS.get(name) if is_bound else None)
        for name, value in found.items()
    ]  # fmt: skip


async def cost_of(system: Leadloop, client: Client, lead_id: UUID) -> Cost:
    """What one life that has ended came to, over all its runs."""
    handle = client.get_workflow_handle(lead_workflow_id(str(lead_id)))
    async with asyncio.timeout(60):
        await handle.result()
    runs = [
        client.get_workflow_handle(handle.id, run_id=run.run_id)
        async for run in client.list_workflows(f"WorkflowId = '{handle.id}'")
    ]
    histories = [list((await run.fetch_history()).events) for run in runs]
    return Cost(
        history_events=sum(map(len, histories)),
        actions=sum(map(billable, histories)),
        history_bytes=sum(event.ByteSize() for events in histories for event in events),
        row_bytes=await _row_bytes(system.db.url, lead_id),
    )


def billable(events: Iterable[Any]) -> int:
    """Actions as Temporal Cloud counts them: a start by signal is the signal, local activities of one task are one."""
    events = list(events)
    count = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events)
    tasks = {event.marker_recorded_event_attributes.workflow_task_completed_event_id for event in events}
    return sum(count[name] for name in _BILLED) + len(tasks - {0})


async def _row_bytes(database_url: str, lead_id: UUID) -> int:
    """Of a lead's rows in all tables, without their indexes."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        tables = [name async for (name,) in await connection.execute(_TABLES)]
        total = 0
        for name in tables:
            query = sql.SQL("SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {} t WHERE lead_id = %s")
            found = await connection.execute(query.format(sql.Identifier(name)), (lead_id,))
            total += (await found.fetchone() or (0,))[0]
    return total


ROW = Row(name="cost", about="Temporal's history and Actions, and the database, a life", measure=measure)
