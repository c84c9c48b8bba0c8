"""What the scenarios are made of."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import UpdateWorkflowExecutionLifecycleStage as Stage
from temporalio.api.update.v1 import UpdateRef, WaitPolicy
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateRequest
from temporalio.service import RPCError

from activities.step import ActionRef, StepResult
from tests.eventually import eventually
from tests.workflows.fakes import House
from workflows.lead_commands import LeadCommands

HOUR = timedelta(hours=1)
WON = StepResult("ended", "won", None)
_ADMITTED = WaitPolicy(lifecycle_stage=Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED)


def notice(number: int) -> ActionRef:
    return ActionRef(f"0199aaaa-0000-7000-8000-{number:012}", "notify")


async def ring_and_wait(home: House) -> None:
    """The next event comes only when the step for the last one is committed."""
    steps = home.steps
    await home.ring()
    await home.reach(steps + 1)
    while await home.count("MARKER_RECORDED") <= steps:
        await home.until("MARKER_RECORDED")


async def give(home: House) -> str:
    """Give a command and wait for its answer."""
    return await LeadCommands(home.client, task_queue=home.queue).give(home.lead_id, str(uuid4()))


async def command_under_way(home: House) -> "asyncio.Task[str]":
    """Give a command; returns, with its answer to come, once the server has it: the life's next task brings it."""
    command_id = str(uuid4())
    given = asyncio.create_task(LeadCommands(home.client, task_queue=home.queue).give(home.lead_id, command_id))
    asked = PollWorkflowExecutionUpdateRequest(
        namespace=home.client.namespace,
        update_ref=UpdateRef(workflow_execution=WorkflowExecution(workflow_id=home.handle.id), update_id=command_id),
        wait_policy=_ADMITTED,
    )

    async def is_there() -> bool:
        try:
            await home.client.workflow_service.poll_workflow_execution_update(asked)
        except RPCError:  # not yet
            return False
        return True

    ask: Callable[[], Awaitable[bool]] = is_there
    there: bool = await eventually(ask)
    assert there
    return given
