"""Fanning out: what is known from elsewhere, that an owner has gone, is posted to the leads it concerns."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter

from storage.engine import DatabaseAwayError

BATCH = 500
LOOK_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 60.0

log = structlog.get_logger()


class Teller(Protocol):
    """Posts to the next `limit` leads that have not been told; returns how many there were."""

    def __call__(self, now: datetime, limit: int) -> Awaitable[int]: ...


class FanOut:
    """Looks every few seconds, and goes on at once while there is more. Two of them may run side by side."""

    def __init__(
        self,
        tellers: Mapping[str, Teller],
        news: Callable[[], None],
        now: Callable[[], datetime],
        registry: CollectorRegistry,
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`tellers` by what they tell of; `news` is called when there is mail."""
        self._tellers = tellers
        self._news = news
        self._now = now
        self._seconds = look_seconds
        self._told = Counter(
            "leadloop_fanned_out_facts", "Facts posted to leads from the roster.", ["about"], registry=registry
        )

    async def run(self) -> None:
        """Until cancelled; with the database away it waits and loses nothing."""
        wait = self._seconds
        while True:
            try:
                await self.look()
                wait = self._seconds
            except DatabaseAwayError:
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
                log.warning("fan_out_waits", why="database_away", retry_in_seconds=wait)
            except Exception as error:  # noqa: BLE001  the courier, in whose process it runs, must not stop ringing
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
                _say_failed(error, wait)
            await asyncio.sleep(wait)

    async def look(self) -> None:
        """Tell every lead that is to be told now. Raises `DatabaseAwayError`."""
        for about, tell in self._tellers.items():
            told = BATCH
            while told >= BATCH:
                told = await tell(self._now(), BATCH)
                self._told.labels(about).inc(told)
                if told:
                    self._news()


def _say_failed(error: Exception, wait: float) -> None:
    log.error("fan_out_failed", code=type(error).__name__, retry_in_seconds=wait, exc_info=error)
