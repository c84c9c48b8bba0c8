"""Playing the script on a running Leadloop: events go out when they are due, as acts of whoever has the lead then."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

from workers.demo.plan import By, PlannedEvent

SOURCE = "/leadloop/demo"
BATCH = 200
LOOKS_AT_ONCE = 10
TICK_SECONDS = 0.1
OWNER_TRIES = 20
"""A lead that nobody has after so many looks stays without that act."""
_LOOK_AGAIN_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 5.0


class SystemAwayError(Exception):
    """No answer, or one that says to come again."""


class Leadloop(Protocol):
    """The running system, as far as the stage needs it. Both raise `SystemAwayError`."""

    async def send(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Post a batch; the receipts in its order."""

    async def owners(self, lead_id: str) -> "Owners": ...


@dataclass(frozen=True, slots=True)
class Owners:
    """Who has a lead, and who had it first; None before it is assigned."""

    first: str | None
    now: str | None


@dataclass(slots=True)
class Played:
    """What has been sent so far."""

    sent: int = 0
    repeats: int = 0
    not_played: int = 0
    """Acts that did not happen: nobody had the lead, or it had not moved on, or nobody had touched it."""
    away_seconds: float = 0
    lead_ids: dict[int, str] = field(default_factory=dict)
    """Number in the script → id."""


@dataclass(order=True, slots=True)
class _Due:
    at: timedelta
    number: int
    event: PlannedEvent = field(compare=False)
    tries: int = field(default=0, compare=False)


class Stage:
    """Plays one script once. `run_name` keeps its events apart from those of other runs."""

    def __init__(
        self,
        system: Leadloop,
        run_name: str,
        script: Iterable[PlannedEvent],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.played = Played()
        self._system = system
        self._run_name = run_name
        self._queue = [_Due(event.sent_after, number, event) for number, event in enumerate(script)]
        heapify(self._queue)
        self._now = now
        self._sleep = sleep
        self._start = self._now()
        self._repeated = {item.event.id for item in self._queue if item.event.repeats}
        self._built: dict[str, dict[str, Any]] = {}
        self._touched: set[int] = set()
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)

    async def play(self, until: timedelta, report: Callable[[Played], None]) -> None:
        """Send everything that is due before `until` after the start, and return then."""
        self._start = self._now()
        while (elapsed := self._now() - self._start) < until:
            due = self._take_due(elapsed)
            if not due:
                await self._sleep(TICK_SECONDS)
                continue
            built = await asyncio.gather(*(self._build(item) for item in due))
            await self._send([(item, event) for item, event in zip(due, built, strict=True) if event is not None])
            report(self.played)

    def _take_due(self, elapsed: timedelta) -> list[_Due]:
        """At most a batch; an event and its repeat go in batches of their own."""
        due: list[_Due] = []
        ids: set[str] = set()
        while self._queue and self._queue[0].at <= elapsed and len(due) < BATCH:
            if self._queue[0].event.id in ids:
                break
            due.append(heappop(self._queue))
            ids.add(due[-1].event.id)
        return due

    async def _build(self, item: _Due) -> dict[str, Any] | None:
        """The CloudEvent, or None for an act that does not happen, or not yet."""
        event = item.event
        if event.repeats:
            return self._built.get(event.id)
        if event.after_touch and event.lead not in self._touched:
            self.played.not_played += 1
            return None
        if event.by is By.NOBODY:
            return self._cloud_event(event, None)
        owners = await self._look(event.lead)
        if owners.now is None and self._again(item):
            return None
        if owners.now is None or (event.by is By.NEXT_OWNER and owners.now == owners.first):
            self.played.not_played += 1
            return None
        return self._cloud_event(event, owners.first if event.by is By.FIRST_OWNER else owners.now)

    async def _look(self, lead: int) -> Owners:
        lead_id = self.played.lead_ids.get(lead)
        if lead_id is None:
            return Owners(None, None)
        async with self._looks:
            try:
                return await self._system.owners(lead_id)
            except SystemAwayError:
                return Owners(None, None)

    def _again(self, item: _Due) -> bool:
        """Look again a little later, if there is any use in it."""
        if item.tries >= OWNER_TRIES:
            return False
        heappush(self._queue, replace(item, at=item.at + timedelta(seconds=_LOOK_AGAIN_SECONDS), tries=item.tries + 1))
        return True

    def _cloud_event(self, event: PlannedEvent, by: str | None) -> dict[str, Any]:
        at = self._now() if event.happened_after is None else self._start + event.happened_after
        data = event.data | ({"by": by} if by else {})
        if event.meets_after is not None:
            data["at"] = (self._start + event.meets_after).isoformat()
        made = {
            "specversion": "1.0",
            "id": f"{self._run_name}-{event.id}",
            "source": SOURCE,
            "type": event.type,
            "subject": f"{self._run_name}-{event.lead:06}",
            "time": at.isoformat(),
            "data": data,
        }
        if event.id in self._repeated:
            self._built[event.id] = made
        if event.type == "lead.touched" and data.get("mode") != "sequence_auto":
            self._touched.add(event.lead)
        return made

    async def _send(self, batch: list[tuple[_Due, dict[str, Any]]]) -> None:
        """Until it is answered: a system that is away for a while loses nothing."""
        wait = TICK_SECONDS
        while batch:
            try:
                receipts = await self._system.send([event for _, event in batch])
            except SystemAwayError:
                await self._sleep(wait)
                self.played.away_seconds += wait
                wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
                continue
            for (item, _), receipt in zip(batch, receipts, strict=True):
                self.played.lead_ids[item.event.lead] = receipt["lead_id"]
                self.played.repeats += receipt["duplicate"]
            self.played.sent += len(batch)
            return
