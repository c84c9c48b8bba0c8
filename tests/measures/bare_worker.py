"""The worker of bare lives, a process like the product's worker: `python -m tests.measures.bare_worker ADDRESS SOCKET`.

Its step says its key to a datagram socket of whoever measures, and nothing else.
"""

import asyncio
import socket
import sys

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import GrpcCompression
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from tests.measures.bare_life import NOTE, TASK_QUEUE, BareAlarm, BareLife


async def main(address: str, ear: str) -> None:
    mouth = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    mouth.connect(ear)

    @activity.defn(name=NOTE)
    async def note(key: str) -> None:
        mouth.send(key.encode())

    version = WorkerDeploymentVersion(deployment_name="bare", build_id="bare")
    runner = SandboxedWorkflowRunner(SandboxRestrictions.default.with_passthrough_modules("tests"))
    async with Worker(
        await Client.connect(address, grpc_compression=GrpcCompression.NONE),
        task_queue=TASK_QUEUE,
        workflows=[BareLife, BareAlarm],
        activities=[note],
        workflow_runner=runner,
        max_concurrent_local_activities=20,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        no_remote_activities=True,
        deployment_config=WorkerDeploymentConfig(version=version, use_worker_versioning=False),
    ):
        mouth.send(b"ready")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
