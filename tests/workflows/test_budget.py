"""What a lead's life costs: history events, billable Actions, and memory and time in the sandbox."""

import gc
import time
import tracemalloc
from collections import Counter
from typing import Any

import pytest
from temporalio.worker import Worker, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from activities.step import Step
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import house, kinds
from tests.workflows.scenarios import ten_events_and_two_notices
from workers.engine import WORKFLOWS, deployment, workflow_runner

pytestmark = pytest.mark.timeout(60)


def billable(names: list[str]) -> int:
    """Actions as Temporal Cloud counts them: local activities of one task are one, a start by signal is the signal."""
    count = Counter(names)
    return (
        count["WORKFLOW_EXECUTION_SIGNALED"]
        + count["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"]
        + count["TIMER_STARTED"]
        + count["ACTIVITY_TASK_STARTED"]
        + count["UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"]
        + count["MARKER_RECORDED"]  # here each task takes one step
    )


async def test_ten_events_and_two_notices_stay_below_80_events_and_35_actions(temporal_env: LeadTestEnv) -> None:
    home = await ten_events_and_two_notices(temporal_env)
    names = kinds(await home.events())
    assert Counter(names)["WORKFLOW_EXECUTION_SIGNALED"] == 10
    assert Counter(names)["ACTIVITY_TASK_COMPLETED"] == 2
    assert len(names) < 80, " ".join(names)
    assert billable(names) < 35, Counter(names)


async def test_a_life_in_the_sandbox_takes_below_5_ms_and_20_kib(temporal_env: LeadTestEnv) -> None:
    lives, runner = 50, workflow_runner()
    details = await _details_of_a_life(temporal_env)
    kept = [runner.create_instance(details)]
    begun = time.process_time()
    kept += [runner.create_instance(details) for _ in range(lives)]
    spent = time.process_time() - begun
    gc.collect()
    tracemalloc.start()
    kept += [runner.create_instance(details) for _ in range(lives)]
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent / lives < 0.005
    assert size / lives < 20 * 1024


async def _details_of_a_life(env: LeadTestEnv) -> WorkflowInstanceDetails:
    """What the SDK gives a new instance, caught on its way there."""
    caught: list[WorkflowInstanceDetails] = []
    runner = workflow_runner()

    class Catching(WorkflowRunner):
        def prepare_workflow(self, defn: Any) -> None:
            runner.prepare_workflow(defn)

        def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
            caught.append(det)
            return runner.create_instance(det)

    async with house(env, works=False) as home:
        await home.start()
        async with Worker(
            home.client,
            task_queue=home.queue,
            workflows=WORKFLOWS,
            activities=[Step(home.store).step],
            workflow_runner=Catching(),
            deployment_config=deployment({}, "test"),
        ):
            await home.reach(1)
    return caught[0]
