"""Builds of the lead worker that follow each other, and lives that go over to them in a new run."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError

from activities.step import Step
from tests.eventually import eventually
from tests.workflows.fakes import House
from workers.engine import Slots, lead_worker


async def deploy(home: House, stack: AsyncExitStack, build: str) -> None:
    """Let a worker of this build in, and make it the one that new runs begin on."""
    version = {"TEMPORAL_DEPLOYMENT_NAME": home.queue, "TEMPORAL_WORKER_BUILD_ID": build}
    slots = Slots(cached_workflows=home.cached, graceful_stop=timedelta(0))
    await stack.enter_async_context(
        lead_worker(home.client, Step(home.store), slots, task_queue=home.queue, environment=version)
    )

    async def is_current() -> bool:
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=home.client.namespace, deployment_name=home.queue, build_id=build, ignore_missing_task_queues=True
        )
        try:
            await home.client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError:
            return False
        return True

    ask: Callable[[], Awaitable[bool]] = is_current
    made: bool = await eventually(ask)  # once the server knows it
    assert made


async def new_run(home: House, *, ring: bool = False) -> None:
    """Wait until the life has gone on in another run; with `ring` it is rung meanwhile, once a second.

    Not more often: a task that follows another at once is not told of a new build.
    """
    rung_at = 0.0

    async def has_moved_on() -> bool:
        nonlocal rung_at
        if ring and time.monotonic() > rung_at + 1:
            rung_at = time.monotonic()
            await home.ring()
        execution = (await home.handle.describe()).raw_description.workflow_execution_info
        return bool(execution.first_run_id != execution.execution.run_id)

    ask: Callable[[], Awaitable[bool]] = has_moved_on
    moved: bool = await eventually(ask, within_seconds=20)
    assert moved


async def build_of(home: House) -> str:
    """The build that took the first task of the present run."""
    events = await home.events()
    done = next(event for event in events if event.HasField("workflow_task_completed_event_attributes"))
    build: str = done.workflow_task_completed_event_attributes.deployment_version.build_id
    return build
