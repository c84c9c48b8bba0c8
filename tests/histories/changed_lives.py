"""Lives whose commands somebody has changed: what the guard of the recordings must notice."""

from datetime import datetime, timedelta

from temporalio import workflow

from activities.step import StepResult
from workflows.front_door import LEAD_LIFE
from workflows.lead import LeadLife
from workflows.pace import Pace

SECOND = timedelta(seconds=1)


@workflow.defn(name=LEAD_LIFE)
class WaitsASecondFirst(LeadLife):
    @workflow.run
    async def run(self, lead_id: str) -> str:
        await workflow.sleep(SECOND)
        return await super().run(lead_id)


@workflow.defn(name=LEAD_LIFE)
class WaitsASecondFirstIfItIsNew(LeadLife):
    """The same change, made so that older lives go on as they were."""

    @workflow.run
    async def run(self, lead_id: str) -> str:
        if workflow.patched("wait a second"):
            await workflow.sleep(SECOND)
        return await super().run(lead_id)


@workflow.defn(name=LEAD_LIFE)
class TakesAnotherStep(LeadLife):
    """The step's activity under another name."""

    @workflow.run
    async def run(self, lead_id: str) -> str:
        return await super().run(lead_id)

    async def _take_turn(self, why: str, command_id: str | None = None) -> StepResult:
        turn: StepResult = await workflow.execute_local_activity(
            "stride", command_id, result_type=StepResult, start_to_close_timeout=SECOND, summary=why
        )
        self._latest = turn
        return turn


@workflow.defn(name=LEAD_LIFE)
class SetsTheAlarmFirst(LeadLife):
    """The same commands in another order: the timer before the actions."""

    @workflow.run
    async def run(self, lead_id: str) -> str:
        return await super().run(lead_id)

    def _arrange(self, turn: StepResult, pace: Pace, what: str) -> None:
        if turn.wake_at is not None:
            self._alarm.set(datetime.fromisoformat(turn.wake_at) + pace.share_of(self._lead_id), turn.watch)
        super()._arrange(turn, pace, what)


@workflow.defn(name=LEAD_LIFE)
class SaysMore(LeadLife):
    """Fits every history, and still is not what was recorded."""

    @workflow.run
    async def run(self, lead_id: str) -> str:
        return await super().run(lead_id)

    async def _take_turn(self, why: str, command_id: str | None = None) -> StepResult:
        return await super()._take_turn(f"{why}!", command_id)
