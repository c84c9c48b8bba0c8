"""What it costs to make a life in the sandbox: time and memory of one instance."""

import gc
import time
import tracemalloc
from dataclasses import dataclass
from statistics import median
from typing import Any

from temporalio.worker import Worker, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from activities.step import Step
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import house
from workers.engine import WORKFLOWS, deployment, workflow_runner


@dataclass(frozen=True)
class InstanceCost:
    cpu_ms: float
    """Of the thread that makes it, at the median: the process's other threads, and a collection of all its garbage
    that falls on one instance, are not its cost."""
    kib: float
    """What Python has allocated for it and not let go of."""


async def instance_cost(env: LeadTestEnv, lives: int = 50) -> InstanceCost:
    """Of one instance among so many."""
    runner = workflow_runner()
    details = await _details_of_a_life(env)
    kept = [runner.create_instance(details)]
    spent = []
    for _ in range(lives):
        begun = time.thread_time()
        kept.append(runner.create_instance(details))
        spent.append(time.thread_time() - begun)
    gc.collect()
    tracemalloc.start()
    kept += [runner.create_instance(details) for _ in range(lives)]
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return InstanceCost(cpu_ms=median(spent) * 1000, kib=size / lives / 1024)


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
