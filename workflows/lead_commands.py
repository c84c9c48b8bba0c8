"""Giving a lead a command and waiting for the answer."""

import asyncio
from datetime import timedelta

from temporalio.client import Client, RPCError, WithStartWorkflowOperation, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError as NoAnswerInTime
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCStatusCode

from workflows.front_door import COMMAND, LEAD_LIFE, TASK_QUEUE, lead_workflow_id

_PATIENCE = timedelta(seconds=5)
_PAUSE_SECONDS = 0.1
_ABORTS = frozenset({RPCStatusCode.ABORTED, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.RESOURCE_EXHAUSTED})
"""The lead was just closing, changing runs or busy: the same command may be given again."""
_AWAY = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class CommandUnanswered(Exception):  # noqa: N818  it is the command that is unanswered
    """Nobody weighed the command in time; it may be sent again, and answers once. `code` says what was missing.

    `temporal_away`, `no_answer_in_time`, or the code with which the lead's step failed, such as `store_away`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"the command was not answered ({code}): send it again")
        self.code = code


class LeadCommands:
    """The desk where commands are given to leads. Share one; `client` may be lazy."""

    def __init__(self, client: Client, *, task_queue: str = TASK_QUEUE, patience: timedelta = _PATIENCE) -> None:
        self._client = client
        self._task_queue = task_queue
        self._patience = patience

    async def give(self, lead_id: str, command_id: str) -> str:
        """Have a stored command weighed, starting the lead's life if it has none: granted, refused or expired.

        Safe to call again with the same ids: a command is weighed once. Raises `CommandUnanswered`.
        """
        reason = "temporal_away"
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                while True:
                    reason = "no_answer_in_time"
                    try:
                        return await self._give(lead_id, command_id)
                    except WorkflowUpdateFailedError as failed:
                        if not _is_abort(failed):
                            raise CommandUnanswered(_code_of(failed)) from None
                    except RuntimeError:  # a lazy client that cannot connect
                        reason = "temporal_away"
                    except RPCError as error:
                        if error.status in _AWAY:
                            reason = "temporal_away"
                        elif error.status not in _ABORTS and error.status is not RPCStatusCode.NOT_FOUND:
                            raise CommandUnanswered("temporal_refused") from None
                    await asyncio.sleep(_PAUSE_SECONDS)
        except (TimeoutError, NoAnswerInTime):
            raise CommandUnanswered(reason) from None

    async def _give(self, lead_id: str, command_id: str) -> str:
        start: WithStartWorkflowOperation[object, str] = WithStartWorkflowOperation(
            LEAD_LIFE,
            lead_id,
            id=lead_workflow_id(lead_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        started = asyncio.ensure_future(start.workflow_handle())
        started.add_done_callback(_hear)
        try:
            answer: str = await self._client.execute_update_with_start_workflow(
                COMMAND,
                command_id,
                start_workflow_operation=start,
                id=command_id,
                result_type=str,
                rpc_timeout=self._patience,
            )
        finally:
            started.cancel()
        return answer


def _hear(started: "asyncio.Task[WorkflowHandle[object, str]]") -> None:
    """Take note of how the start went: the update's own error says it too, and asyncio logs errors nobody took."""
    if not started.cancelled():
        started.exception()


def _is_abort(failed: WorkflowUpdateFailedError) -> bool:
    """The run ended or changed between taking the command in and answering it; a new one will weigh it."""
    return isinstance(failed.cause, ApplicationError) and failed.cause.type == "AcceptedUpdateCompletedWorkflow"


def _code_of(failed: WorkflowUpdateFailedError) -> str:
    cause = failed.cause
    return cause.type if isinstance(cause, ApplicationError) and cause.type else "step_failed"
