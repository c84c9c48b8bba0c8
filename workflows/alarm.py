"""The one timer of a lead."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

SOONEST = timedelta(seconds=1)
"""No alarm is set nearer than this, so that a mistake can never spin."""


class Alarm:
    """Rings at an instant that may be moved.

    Moved earlier, the timer is made anew. Moved later, the timer is left alone and, when it fires, set for the rest:
    most promises are kept, so most timers would be made in vain.
    """

    def __init__(self) -> None:
        self._wanted: datetime | None = None
        self._fires_at: datetime | None = None
        self._summary = ""
        self._timer: asyncio.Task[None] | None = None
        self._has_rung = False

    @property
    def has_rung(self) -> bool:
        """Whether the instant it was last set to has come."""
        return self._has_rung

    def set(self, at: datetime | None, summary: str) -> None:
        """Ring at `at`, but not within the next second; None: never. `summary` stands on Temporal's page."""
        self._has_rung = False
        self._wanted = None if at is None else max(at, workflow.now() + SOONEST)
        self._summary = summary
        if self._wanted is None:
            return
        if self._timer is not None and not self._timer.done():
            if self._fires_at is not None and self._fires_at <= self._wanted:
                return
            self._timer.cancel()
        self._timer = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._wanted is not None and (rest := self._wanted - workflow.now()) > timedelta(0):
            self._fires_at = self._wanted
            await workflow.sleep(rest, summary=self._summary)
        self._has_rung = self._wanted is not None
