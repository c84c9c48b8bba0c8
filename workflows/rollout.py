"""The rollout of a revision: the leads whose promises it moves are reached one after the other, as fast as is allowed.

The store knows how far it has come; this knows that somebody has to go on. It is paused, resumed and cancelled in the
store, and the bell is rung. A revision published later takes over what is left, and this one ends.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy

from activities.rollout import REACH, Standing, starts_at
from workflows.front_door import PLAYBOOK_ROLLOUT, RING

LONGEST_HISTORY = 500
PORTION = timedelta(minutes=5)
"""The longest one portion may take: it ends itself long before, even while the store is slow."""
SILENCE = timedelta(seconds=20)
"""Without a sign of life for so long, its worker is given up for dead."""
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
LAST = Priority(priority_key=5)
"""Promises that run first."""
RUNNING, PAUSED = "running", "paused"


@workflow.defn(name=PLAYBOOK_ROLLOUT)
class PlaybookRollout:
    """One run of one revision's rollout."""

    @workflow.init
    def __init__(self, revision: int) -> None:
        self._revision = revision
        self._rings = 0

    @workflow.run
    async def run(self, revision: int) -> str:
        """Go on until it is done or somebody ends it; returns its last state."""
        while True:
            rings = self._rings
            standing = await self._reach_leads()
            if standing.state == PAUSED:
                await workflow.wait_condition(lambda: self._rings != rings)  # noqa: B023  waited for within the round
            elif standing.state != RUNNING:
                return standing.state
            await self._until_in_force(standing)
            if self._is_long():
                workflow.continue_as_new(revision)

    @workflow.signal(name=RING)
    def ring(self) -> None:
        """Somebody has paused, resumed or ended it; or it has been silent for long."""
        self._rings += 1

    async def _reach_leads(self) -> Standing:
        standing: Standing = await workflow.execute_activity(
            REACH,
            self._revision,
            result_type=Standing,
            start_to_close_timeout=PORTION,
            heartbeat_timeout=SILENCE,
            retry_policy=TRIES,
            priority=LAST,
            summary=f"revision {self._revision}",
        )
        workflow.set_current_details(f"revision {self._revision}: {standing.state}\n\n{standing.progress}")
        return standing

    async def _until_in_force(self, standing: Standing) -> None:
        instant = starts_at(standing)
        if instant is not None and instant > workflow.now():
            await workflow.sleep(instant - workflow.now(), summary="until it is in force")

    def _is_long(self) -> bool:
        info = workflow.info()
        return info.get_current_history_length() >= LONGEST_HISTORY or info.is_continue_as_new_suggested()
