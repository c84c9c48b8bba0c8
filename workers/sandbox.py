"""The SDK's sandbox without what Leadloop has no use for.

For every payload on its way in or out the SDK asks the life, inside its sandbox, in which context it is written: a
quarter of a worker's time. Only codecs and converters that look at contexts need the answer, and external storage;
`workflows.converter` has neither.
"""

from typing import Any

from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner


class FrugalSandbox(SandboxedWorkflowRunner):
    """Lives in the sandbox, their payloads outside of it."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Life(super().create_instance(det))


class _Life(WorkflowInstance):
    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed

    def activate(self, act: Any) -> Any:
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: object) -> None:
        del command_info

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        del command_info
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Any:
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        return self._sandboxed.get_thread_id()
