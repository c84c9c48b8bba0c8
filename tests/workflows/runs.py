"""The runs of one life, as Temporal tells of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

LAST = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW


@dataclass(frozen=True)
class Run:
    """One run of a life, with its whole history."""

    history: WorkflowHistory

    @property
    def went_on(self) -> bool:
        """Whether it ended by going on in a new run."""
        return self.history.events[-1].event_type == LAST

    @property
    def carried(self) -> list[bytes]:
        """What the run after it was given."""
        ended = self.history.events[-1].workflow_execution_continued_as_new_event_attributes
        return [payload.data for payload in ended.input.payloads]

    @property
    def next_run_id(self) -> str:
        return self.history.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id


async def chain_of_runs(client: Client, workflow_id: str) -> AsyncIterator[Run]:
    """From the run that the present one goes back to, each with the run that it went on in."""
    present = await client.get_workflow_handle(workflow_id).describe()
    run_id = present.raw_description.workflow_execution_info.first_run_id
    while run_id:
        run = Run(await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history())
        yield run
        run_id = run.next_run_id if run.went_on else ""
