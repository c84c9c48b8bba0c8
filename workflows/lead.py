"""A lead's life, from the first word about it until it has ended and marketing knows why.

The journal knows all about the lead; the life knows when. It sleeps until the doorbell rings, the alarm rings or a
command comes, then takes a turn (one step of the store, which tells where the lead stands now), and goes on in the
phase of that answer. It holds a bell, a lock, an alarm and the ids under way: nothing that a restart would miss.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception
from temporalio.workflow import ContinueAsNewVersioningBehavior

from activities.step import STEP, StepRequest, StepResult
from leads.lifecycle import Phase
from workflows.alarm import Alarm
from workflows.errands import Errands
from workflows.front_door import COMMAND, LEAD_LIFE, LEAD_STAGE, RING
from workflows.pace import CALM, EXACT, PROMISE, SPREAD, Pace

LONGEST_HISTORY = 500
"""Events, about a quarter of a second of replay; then the life goes on in a new run. The server would say so later."""
STEP_TRY = timedelta(seconds=4)
"""The store's own time-outs are shorter."""
STEP_TRIES = RetryPolicy(initial_interval=timedelta(milliseconds=300), maximum_attempts=2)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)


@workflow.defn(name=LEAD_LIFE)
class LeadLife:
    """One run of one lead's life."""

    @workflow.init
    def __init__(self, lead_id: str) -> None:
        self._lead_id = lead_id
        self._lock = asyncio.Lock()
        self._alarm = Alarm()
        self._errands = Errands(tell=self.ring)
        self._rings = 0
        self._latest: StepResult | None = None
        self._stage = workflow.info().typed_search_attributes.get(LEAD_STAGE)
        self._phases: dict[str, Callable[[StepResult], Awaitable[StepResult]]] = {
            Phase.CAPTURE: self.capture,
            Phase.NURTURE: self.nurture,
            Phase.HAND_OFF: self.hand_off,
            Phase.FOLLOW_UP: self.follow_up,
            Phase.CLOSE_LOOP: self.close_loop,
        }

    @workflow.run
    async def run(self, lead_id: str) -> str:
        """Live until the lead has ended and nothing comes due any more; returns its last stage."""
        turn = await self._look("begin")
        while True:
            while turn.phase != Phase.ENDED and not self._is_long():
                turn = await self._phases.get(turn.phase, self.close_loop)(turn)
            if await self._settle(turn):
                break
            turn = await self._next(turn)
        if turn.phase != Phase.ENDED or _is_owed(turn):
            self._go_on_in_a_new_run(lead_id)
        return turn.stage

    @workflow.signal(name=RING)
    def ring(self) -> None:
        """There may be news in the journal."""
        self._rings += 1

    @workflow.update(name=COMMAND)
    async def command(self, command_id: str) -> str:
        """Have a command weighed: granted, refused or expired. Raises `ApplicationError` with the step's code."""
        try:
            turn = await self._take_turn(f"command {command_id}", command_id)
        except FailureError as failure:
            code = _code_of(failure)
            raise ApplicationError(code, type=code) from None
        return turn.answer or "expired"

    async def capture(self, turn: StepResult) -> StepResult:
        """Somebody has been heard of. Waits for what makes a lead of them, and for a reason to qualify it."""
        return await self._wait_for("a reason to qualify", turn, EXACT)

    async def nurture(self, turn: StepResult) -> StepResult:
        """Marketing has the lead. Waits for its next nurture step or wake-up date; a raised hand cuts that short."""
        return await self._wait_for("the next nurture step", turn, SPREAD)

    async def hand_off(self, turn: StepResult) -> StepResult:
        """Qualified: sales shall have it. Waits for an owner; to find one in time is a promise."""
        return await self._wait_for("an owner", turn, PROMISE)

    async def follow_up(self, turn: StepResult) -> StepResult:
        """Somebody in sales has it. Waits for a real touch; accepting and touching in time are promises."""
        return await self._wait_for("a real touch", turn, PROMISE)

    async def close_loop(self, turn: StepResult) -> StepResult:
        """Sales works on it. Waits for the answer how it ended, and why, which marketing learns from."""
        return await self._wait_for("sales' answer", turn, CALM)

    async def _wait_for(self, what: str, turn: StepResult, pace: Pace) -> StepResult:
        """Tell the Temporal page, begin what is to be done, set the alarm; with the first news take the next turn."""
        self._arrange(turn, pace, f"waits for {what}")
        await workflow.wait_condition(lambda: self._why_look(turn) is not None)
        return await self._next(turn)

    async def _settle(self, turn: StepResult) -> bool:
        """Before leaving: commands answered, actions done or put off. False when anything new came meanwhile.

        A life that only changes runs keeps its alarm meanwhile: an action that hangs stops no clock. That of a lead
        that has ended stays for what is owed; when an action has just been done, that may have been all.
        """
        self._arrange(turn, CALM, "leaves once all is answered and done")
        stays = _is_owed(turn) and not self._is_long()
        was_settled = self._is_settled()
        await workflow.wait_condition(
            lambda: self._why_look(turn) is not None or (self._is_settled() and not (stays and was_settled))
        )
        return not stays and self._why_look(turn) is None

    def _is_settled(self) -> bool:
        """Nothing is under way but the run itself. Whoever else holds the lock, or waits for it, is a handler."""
        return self._errands.are_done and workflow.all_handlers_finished()

    def _arrange(self, turn: StepResult, pace: Pace, what: str) -> None:
        retry_at = self._errands.begin(turn.actions, pace.priority)
        wakes = [retry_at] if retry_at else []
        if turn.wake_at is not None:
            late = timedelta(0) if turn.is_exact else pace.share_of(self._lead_id)
            wakes.append(datetime.fromisoformat(turn.wake_at) + late)
        self._alarm.set(min(wakes, default=None), turn.watch or turn.phase)
        until = f"; looks again {turn.wake_at}" if turn.wake_at else ""
        workflow.set_current_details(f"{turn.phase}: {what}{until}\n\n{turn.watch}")

    def _why_look(self, turn: StepResult) -> str | None:
        """What is new since `turn`, if anything."""
        if self._latest is not turn:
            return "another turn"
        if turn.has_more:
            return "more mail"
        if self._rings:
            return "ring"
        return "alarm" if self._alarm.has_rung else None

    async def _next(self, turn: StepResult) -> StepResult:
        """The turn after `turn`: the one a command has taken meanwhile, or else a new one."""
        return self._turn_since(turn) or await self._look(self._why_look(turn) or "news")

    def _turn_since(self, turn: StepResult | None) -> StepResult | None:
        """The latest turn, where it is another."""
        return None if self._latest is turn else self._latest

    async def _look(self, why: str) -> StepResult:
        """Take a turn. While the store is away, pause longer and longer; a ring or a command's turn ends a pause."""
        pause = FIRST_PAUSE
        before = self._latest
        while True:
            try:
                return await self._take_turn(why)
            except FailureError as failure:
                if is_cancelled_exception(failure):
                    raise
                why = _code_of(failure)
            if self._is_long() and self._is_settled():
                self._go_on_in_a_new_run(self._lead_id)
            workflow.set_current_details(f"the last step failed: {why}; tries again within {pause}")
            await self._pause(pause, why)
            if taken := self._turn_since(before):
                return taken
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _pause(self, length: timedelta, why: str) -> None:
        rings, latest = self._rings, self._latest
        try:
            await workflow.wait_condition(
                lambda: self._rings != rings or self._latest is not latest, timeout=length, timeout_summary=why
            )
        except TimeoutError:
            return

    async def _take_turn(self, why: str, command_id: str | None = None) -> StepResult:
        """One step at a time. It answers the rings from before it began, never one that comes while it reads."""
        async with self._lock:
            heard = self._rings
            turn: StepResult = await workflow.execute_local_activity(
                STEP,
                StepRequest(self._lead_id, workflow.now().isoformat(), command_id),
                result_type=StepResult,
                start_to_close_timeout=STEP_TRY,
                retry_policy=STEP_TRIES,
                summary=why,
            )
            self._rings -= heard
            self._latest = turn
            if turn.stage != self._stage:
                workflow.upsert_search_attributes([LEAD_STAGE.value_set(turn.stage)])
                self._stage = turn.stage
            return turn

    def _is_long(self) -> bool:
        """Whether to go on in a new run: a long history, or a new build of the worker."""
        info = workflow.info()
        is_long = info.get_current_history_length() >= LONGEST_HISTORY
        return is_long or info.is_target_worker_deployment_version_changed()

    def _go_on_in_a_new_run(self, lead_id: str) -> None:
        """Carries the id alone; the first turn of the new run finds everything in the journal."""
        changed = workflow.info().is_target_worker_deployment_version_changed()
        upgrade = ContinueAsNewVersioningBehavior.AUTO_UPGRADE if changed else None
        workflow.continue_as_new(lead_id, initial_versioning_behavior=upgrade)


def _is_owed(turn: StepResult) -> bool:
    """Whether something comes due though the lead has ended: an answer, or a notice that was held back."""
    return turn.wake_at is not None


def _code_of(failure: FailureError) -> str:
    """A code for what failed: the step's own, or how the activity ended.

    A failed local activity that is replayed comes without the wrapper it had the first time.
    """
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    return cause.type if isinstance(cause, ApplicationError) and cause.type else "step_failed"
