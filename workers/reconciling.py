"""The hunt for leaks, wired: Temporal's side of it, and the schedule it runs on."""

from collections.abc import AsyncIterator
from uuid import UUID

import structlog
from temporalio.client import (
    Client,
    RPCError,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCStatusCode

from workers.courier import Doorbells
from workflows.front_door import LEAD_LIFE, LEAKS_QUEUE, lead_workflow_id
from workflows.reconcile import EVERY, RECONCILE_LEADS, SCHEDULE_ID

_PREFIX = lead_workflow_id("")
log = structlog.get_logger(__name__)


class TemporalLives:
    """Which lives run."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._doorbells = Doorbells(client)

    async def running(self) -> set[str]:
        return {lead async for lead in self._listed()}

    async def _listed(self) -> AsyncIterator[str]:
        query = f"WorkflowType = '{LEAD_LIFE}' AND ExecutionStatus = 'Running'"
        async for life in self._client.list_workflows(query, page_size=1000):
            yield life.id.removeprefix(_PREFIX)

    async def is_running(self, lead_id: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(lead_workflow_id(lead_id)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def ring(self, lead_id: str) -> None:
        await self._doorbells.ring(UUID(lead_id))


async def ensure_schedule(client: Client) -> None:
    """Have the hunt run every ten minutes, one at a time; an older schedule is brought up to date.

    A Temporal that lets nobody make schedules is told of in the log: the worker works without.
    """
    try:
        try:
            await client.create_schedule(SCHEDULE_ID, _schedule())
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(SCHEDULE_ID).update(lambda _: ScheduleUpdate(schedule=_schedule()))
    except RPCError as error:
        log.warning("schedule_unmade", schedule=SCHEDULE_ID, code=error.status.name)


def _schedule() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(RECONCILE_LEADS, id=SCHEDULE_ID, task_queue=LEAKS_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
