"""One look at a bulk list: release what is due, and tell marketing of an upload that is late.

A list has no life between its looks: when the next one is due stands in the database, and the courier begins it. So a
list that is lost to Temporal is looked after all the same, and no change of this file has to fit a run under way.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.list_look import LOOK_AFTER_LIST, TELL_OF_LIST, ListRequest, ListResult
from workflows.front_door import LIST_LOOK, actions_queue

LOOK_TRY = timedelta(seconds=20)
LOOK_TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)
TELL_TRY = timedelta(seconds=60)
TELL_TRIES = RetryPolicy(initial_interval=timedelta(seconds=10), maximum_attempts=3)
"""A letter that does not go now is tried at a later look."""


@workflow.defn(name=LIST_LOOK)
class ListLook:
    """Looks at the list of this name, once."""

    @workflow.run
    async def run(self, name: str) -> str:
        """Returns how the list stands. Raises `ActivityError` where the store is away; the courier begins anew."""
        look: ListResult = await workflow.execute_local_activity(
            LOOK_AFTER_LIST,
            ListRequest(name, workflow.now().isoformat()),
            result_type=ListResult,
            start_to_close_timeout=LOOK_TRY,
            retry_policy=LOOK_TRIES,
            summary="release what is due",
        )
        workflow.set_current_details(
            f"{look.state}; released {look.released}; looks again {look.wake_at or 'if asked'}"
        )
        if look.owes_letter:
            await self._tell(name)
        return look.state

    async def _tell(self, name: str) -> None:
        try:
            await workflow.execute_activity(
                TELL_OF_LIST,
                ListRequest(name, workflow.now().isoformat()),
                result_type=str,
                task_queue=actions_queue(workflow.info().task_queue),
                start_to_close_timeout=TELL_TRY,
                retry_policy=TELL_TRIES,
                summary="the upload is late",
            )
        except ActivityError:
            workflow.logger.warning("list_letter_put_off")
