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
from workers.engine import Slots, action_worker, lead_worker
from workflows.front_door import actions_queue


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


async def act(home: House, stack: AsyncExitStack) -> None:
    """Let a worker of actions in, which serves every build."""
    slots = Slots(cached_workflows=home.cached, graceful_stop=timedelta(0))
    queue, build = actions_queue(home.queue), f"test-{home.lead_id}"
    await stack.enter_async_context(
        action_worker(home.client, [home.messenger.notify], slots, task_queue=queue, build=build)
    )


async def new_run(home: House, *, ring: bool = False) -> None:
    """Wait until the life has gone on in another run; with `ring` it is rung meanwhile."""

    async def has_moved_on() -> bool:
        execution = (await home.handle.describe()).raw_description.workflow_execution_info
        return bool(execution.first_run_id != execution.execution.run_id)

    await _until(home, has_moved_on, ring=ring)


async def hear_of_new_build(home: House) -> None:
    """Ring until a task of the present run has been told of a new build."""

    async def has_heard() -> bool:
        started = [event.workflow_task_started_event_attributes for event in await home.events()]
        return any(task.target_worker_deployment_version_changed for task in started)

    await _until(home, has_heard, ring=True)


async def _until(home: House, holds: Callable[[], Awaitable[bool]], *, ring: bool) -> None:
    """Rings once a second and not more often: a task that follows another at once is not told of a new build."""
    rung_at = 0.0

    async def rung_and_held() -> bool:
        nonlocal rung_at
        if ring and time.monotonic() > rung_at + 1:
            rung_at = time.monotonic()
            await home.ring()
        return await holds()

    ask: Callable[[], Awaitable[bool]] = rung_and_held
    held: bool = await eventually(ask, within_seconds=20)
    assert held


async def build_of(home: House) -> str:
    """The build that took the first task of the present run."""
    events = await home.events()
    done = next(event for event in events if event.HasField("workflow_task_completed_event_attributes"))
    build: str = done.workflow_task_completed_event_attributes.deployment_version.build_id
    return build
