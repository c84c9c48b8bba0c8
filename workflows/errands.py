"""What a lead has others do while its life goes on: notices, webhooks, calls to the CRM."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError

from activities.step import ActionRef
from workflows.front_door import actions_queue

TRY = timedelta(seconds=35)
"""The longest a single try may take."""
TRIES = RetryPolicy(initial_interval=timedelta(seconds=5), backoff_coefficient=2, maximum_attempts=3)
"""With `TRY` two minutes of trying; time in the queue does not count, so that a rate limit costs no try."""
SETTLED = ("sent", "withdrawn", "already_done", "parked")
"""Answers after which nothing is left to do; after any other, the next step tells when to try again."""
_SHORTEST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(minutes=15)


@dataclass(frozen=True)
class _Rest:
    """A failure that left no word when to try again."""

    until: datetime
    length: timedelta


class Errands:
    """One task per action, never two of the same at once. Whether an action is still wanted its own activity asks.

    `tell` is called when one ended otherwise than done: its next try stands in the store now.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, _Rest] = {}

    @property
    def are_done(self) -> bool:
        """Whether none is under way."""
        return not self._under_way

    def begin(self, actions: Iterable[ActionRef], priority: int) -> datetime | None:
        """Begin what is due and not under way; returns when the first of the others is due."""
        next_at: datetime | None = None
        for action in actions:
            if action.id in self._under_way:
                continue
            due_at = self._due_at(action)
            if due_at is None or due_at <= workflow.now():
                self._under_way[action.id] = asyncio.create_task(self._run(action, priority))
            elif next_at is None or due_at < next_at:
                next_at = due_at
        return next_at

    def _due_at(self, action: ActionRef) -> datetime | None:
        if action.retry_at is not None:
            return datetime.fromisoformat(action.retry_at)
        rest = self._rests.get(action.id)
        return rest.until if rest else None

    async def _run(self, action: ActionRef, priority: int) -> None:
        try:
            answer: object = await workflow.execute_activity(
                action.kind,
                {"action_id": action.id},
                task_queue=actions_queue(workflow.info().task_queue),
                start_to_close_timeout=TRY,
                retry_policy=TRIES,
                priority=Priority(priority_key=priority),
                summary=action.id,
            )
        except ActivityError:
            self._rest(action)
            answer = "failed"
        else:
            self._rests.pop(action.id, None)
        del self._under_way[action.id]
        if answer not in SETTLED:
            self._tell()

    def _rest(self, action: ActionRef) -> None:
        last = self._rests.get(action.id)
        length = min(last.length * 2, _LONGEST_REST) if last else _SHORTEST_REST
        self._rests[action.id] = _Rest(workflow.now() + length, length)
