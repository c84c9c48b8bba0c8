"""Leaks: open leads that lack an owner or queue, a next instant, or a running workflow. There must be none."""

from collections.abc import AsyncIterator, Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from workflows.front_door import LEAD_LIFE, lead_workflow_id

LEAKS = {
    "with sales and without owner or queue": """
        SELECT lead_id FROM leads
        WHERE is_open AND owner IS NULL AND queue IS NULL
          AND stage IN ('qualified', 'assigned', 'accepted', 'working', 'opportunity')
    """,
    "without a next instant": "SELECT lead_id FROM leads WHERE is_open AND wake_at IS NULL",
    "a raised hand unassigned for over 15 minutes": """
        SELECT c.lead_id FROM clocks c JOIN leads l USING (lead_id)
        WHERE c.clock = 'assign' AND c.ended_at IS NULL AND l.is_open AND l.owner IS NULL
          AND c.started_at < now() - interval '15 minutes'
    """,
}
"""Those the database knows of, as NUMBERS has them; what runs Temporal is asked."""

_OPEN = "SELECT lead_id FROM leads WHERE is_open"


async def leaks(connection: AsyncConnection, running: Collection[str] | None) -> AsyncIterator[str]:
    """Each leak in words. `running`: ids of the workflows that run; None: nobody was asked."""
    for what, query in LEAKS.items():
        for lead_id in await connection.scalars(text(query)):
            yield f"a leak, {what}: {lead_id}"
    if running is not None:
        open_leads: list[UUID] = list(await connection.scalars(text(_OPEN)))
        for lead_id in open_leads:
            if lead_workflow_id(str(lead_id)) not in running:
                yield f"a leak, without a running workflow: {lead_id}"


async def running_lives(temporal_address: str) -> frozenset[str]:
    """The ids of all leads' workflows that run now, as Temporal's own list has them."""
    client = await Client.connect(temporal_address)
    query = f"WorkflowType = '{LEAD_LIFE}' AND ExecutionStatus = 'Running'"
    return frozenset([run.id async for run in client.list_workflows(query)])
