"""The engine: the workers that run leads, built by the same functions for processes, tests and replays."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import PollerBehaviorAutoscaling, Replayer, Worker, WorkerDeploymentConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.list_look import LookAfterList
from activities.reconcile import Reconciler
from activities.rollout import ReachLeads
from activities.step import Step
from workers.sandbox import FrugalSandbox
from workers.settings import Settings
from workflows.converter import data_converter
from workflows.front_door import ACTIONS_QUEUE, LEAKS_QUEUE, ROLLOUTS_QUEUE, TASK_QUEUE
from workflows.lead import LeadLife
from workflows.list_look import ListLook
from workflows.reconcile import ReconcileLeads
from workflows.rollout import PlaybookRollout

LIVES: Sequence[type] = (LeadLife, ListLook)
ROLLOUTS: Sequence[type] = (PlaybookRollout,)
LEAK_HUNTS: Sequence[type] = (ReconcileLeads,)
WORKFLOWS: Sequence[type] = (*LIVES, *ROLLOUTS, *LEAK_HUNTS)
PASSED_THROUGH = ("leads", "activities", "workflows")
"""Imported once per process instead of once per lead, which costs ten times as much in time and memory.

Workflow code holds no state outside its instances; that it asks no clock and draws no lots is checked by the linter,
and by replays in the strict sandbox.
"""
STRICTLY_PASSED_THROUGH = ("leads", "activities")
STICKY_WAIT = timedelta(seconds=4)
"""How long a lead waits for the worker that has it in memory before any other may take it."""


@dataclass(frozen=True, kw_only=True)
class Slots:
    """How much one worker does at once."""

    workflow_tasks: int = 100
    steps: int = 20
    """Local activities; the database pool must have as many connections."""
    actions: int = 20
    cached_workflows: int = 1000
    graceful_stop: timedelta = timedelta(seconds=30)

    @classmethod
    def of(cls, settings: Settings) -> "Slots":
        return cls(
            workflow_tasks=settings.workflow_slots,
            steps=settings.step_slots,
            actions=settings.action_slots,
            cached_workflows=settings.cached_workflows,
            graceful_stop=timedelta(seconds=settings.graceful_stop_seconds),
        )


def workflow_runner(*, strict: bool = False) -> SandboxedWorkflowRunner:
    """The sandbox that workflows run in; the strict one loads their code anew for each life and watches every call."""
    modules = STRICTLY_PASSED_THROUGH if strict else PASSED_THROUGH
    return FrugalSandbox(restrictions=SandboxRestrictions.default.with_passthrough_modules(*modules))


def replayer(runner: WorkflowRunner | None = None, *, workflows: Sequence[type] = WORKFLOWS) -> Replayer:
    """Replays histories as the worker would, or in another `runner`."""
    return Replayer(workflows=workflows, workflow_runner=runner or workflow_runner(), data_converter=data_converter)


def lead_worker(
    client: Client,
    step: Step,
    slots: Slots,
    *,
    lists: LookAfterList | None = None,
    task_queue: str = TASK_QUEUE,
    build: str = "",
    environment: Mapping[str, str] = os.environ,
) -> Worker:
    """The worker of leads' lives and their steps, and of looks at bulk lists where it is given what they need."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=LIVES,
        activities=[step.step, *([lists.look] if lists else [])],
        workflow_runner=workflow_runner(),
        max_cached_workflows=slots.cached_workflows,
        max_concurrent_workflow_tasks=max(2, slots.workflow_tasks),
        max_concurrent_local_activities=slots.steps,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        no_remote_activities=True,
        sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
        graceful_shutdown_timeout=slots.graceful_stop,
        deployment_config=deployment(environment, build),
    )


def action_worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    slots: Slots,
    *,
    task_queue: str = ACTIONS_QUEUE,
    build: str = "",
) -> Worker:
    """The worker of notices and of calls to other systems; on a queue of its own, so that it delays no promise."""
    return Worker(
        client,
        task_queue=task_queue,
        activities=activities,
        max_concurrent_activities=slots.actions,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=slots.graceful_stop,
        deployment_config=deployment(os.environ, build),
    )


def rollout_worker(
    client: Client, reach: ReachLeads, slots: Slots, *, task_queue: str = ROLLOUTS_QUEUE, build: str = ""
) -> Worker:
    """The worker of rollouts: one at a time, and no more tasks than that needs."""
    return _one_at_a_time(client, ROLLOUTS, reach.reach_leads, slots, task_queue=task_queue, build=build)


def leaks_worker(
    client: Client, reconciler: Reconciler, slots: Slots, *, task_queue: str = LEAKS_QUEUE, build: str = ""
) -> Worker:
    """The worker of the hunt for leaks: one look at a time."""
    return _one_at_a_time(client, LEAK_HUNTS, reconciler.reconcile, slots, task_queue=task_queue, build=build)


def _one_at_a_time(
    client: Client, workflows: Sequence[type], work: Callable[..., Any], slots: Slots, *, task_queue: str, build: str
) -> Worker:
    """A worker on a queue of its own, for what walks through many leads and is to delay none of them."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=[work],
        workflow_runner=workflow_runner(),
        max_cached_workflows=10,
        max_concurrent_workflow_tasks=2,
        max_concurrent_activities=1,
        max_concurrent_workflow_task_polls=2,
        max_concurrent_activity_task_polls=1,
        graceful_shutdown_timeout=slots.graceful_stop,
        deployment_config=deployment(os.environ, build),
    )


def deployment(environment: Mapping[str, str], build: str = "") -> WorkerDeploymentConfig:
    """The worker's version, as a deployment's controller sets it; without one, workers are not told apart by version.

    With one, a life stays with the build it began on, and goes over to a new one as it goes on in a new run.
    """
    name, build_id = environment.get("TEMPORAL_DEPLOYMENT_NAME"), environment.get("TEMPORAL_WORKER_BUILD_ID")
    # named even when it is of no use: else the SDK hashes every module of the process to find a name
    version = WorkerDeploymentVersion(deployment_name=name or "leadloop", build_id=build_id or build or "unversioned")
    if not (name and build_id):
        return WorkerDeploymentConfig(version=version, use_worker_versioning=False)
    return WorkerDeploymentConfig(
        version=version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.PINNED
    )
