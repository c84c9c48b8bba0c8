"""The bare thing that lives are measured against: one workflow per entity, a signal each, and a step that does nothing.

It imports nothing but the SDK, so that its sandbox is as cheap as one can be.
"""

from datetime import UTC, datetime, timedelta

from temporalio import workflow

BARE_LIFE, BARE_ALARM, BARE_RING, NOTE = "BareLife", "BareAlarm", "bare_ring", "note"
TASK_QUEUE = "bare"


@workflow.defn(name=BARE_LIFE)
class BareLife:
    """Takes one step for each signal, and ends after so many."""

    @workflow.init
    def __init__(self, key: str, steps: int) -> None:
        self._left = steps
        self._rings = self._heard = 0
        self._key = key

    @workflow.run
    async def run(self, key: str, steps: int) -> None:
        del key, steps
        while self._left > 0:
            await workflow.wait_condition(lambda: self._rings > self._heard)
            self._heard = self._rings
            self._left -= 1
            await workflow.execute_local_activity(NOTE, self._key, start_to_close_timeout=timedelta(seconds=10))

    @workflow.signal(name=BARE_RING)
    def ring(self) -> None:
        self._rings += 1


@workflow.defn(name=BARE_ALARM)
class BareAlarm:
    """Waits for one timer, then takes one step."""

    @workflow.run
    async def run(self, key: str, at: float) -> None:
        """`at` in seconds since the epoch."""
        rest = datetime.fromtimestamp(at, UTC) - workflow.now()
        await workflow.sleep(max(rest, timedelta(0)))
        await workflow.execute_local_activity(NOTE, key, start_to_close_timeout=timedelta(seconds=10))
