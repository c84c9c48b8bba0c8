"""Playing the script on a running Leadloop: acts go out when they are due, as acts of whoever has the lead then."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

from workers.demo.casting import Casting, Standing, is_ruled_out
from workers.demo.played import MOST_REFUSALS, Played, Refusal, subject_of
from workers.demo.script import Act, By, When

SOURCE = "/leadloop/demo"
BATCH = 200
LOOKS_AT_ONCE = 10
TICK_SECONDS = 0.1
OWNER_TRIES = 20
"""An act for which nobody is found after so many looks does not happen."""
COMMAND_TRIES = 5
_LOOK_AGAIN_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 5.0


class SystemAwayError(Exception):
    """No answer, or one that says to come again."""


class Leadloop(Protocol):
    """The running system, as far as the stage needs it. All raise `SystemAwayError`."""

    async def send(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Post a batch; the receipts in its order."""

    async def standing(self, lead_id: str) -> Standing: ...

    async def give(self, lead_id: str, command: dict[str, Any], *, actor: str, key: str) -> str | None:
        """Give a command; why it was refused, None when it was granted."""


@dataclass(order=True, slots=True)
class _Due:
    at: timedelta
    number: int
    act: Act = field(compare=False)
    tries: int = field(default=0, compare=False)


class Stage:
    """Plays a script once. `run_name` keeps its events apart from those of other runs."""

    def __init__(
        self,
        system: Leadloop,
        run_name: str,
        script: Iterable[Act],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.played = Played()
        self._system = system
        self._run_name = run_name
        self._queue = [_Due(act.sent_after, number, act) for number, act in enumerate(script)]
        heapify(self._queue)
        self._now = now
        self._sleep = sleep
        self._start = self._now()
        self._repeated = {item.act.id for item in self._queue if item.act.repeats}
        self._built: dict[str, dict[str, Any]] = {}
        self._happened: set[str] = set()
        self._touched: set[int] = set()
        self._casting = Casting()
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)

    async def play(self, until: timedelta, report: Callable[[Played], None]) -> None:
        """Send everything that is due before `until` after the start, and return then."""
        self._start = self._now()
        while (elapsed := self._now() - self._start) < until:
            due = self._take_due(elapsed)
            if not due:
                await self._sleep(TICK_SECONDS)
                continue
            actors = await asyncio.gather(*(self._cast(item) for item in due))
            ready = [(item, actor) for item, actor in zip(due, actors, strict=True) if actor is not None]
            await self._send([(i, self._cloud_event(i.act, actor)) for i, actor in ready if not i.act.is_command])
            await asyncio.gather(*(self._give(i, actor) for i, actor in ready if i.act.is_command))
            report(self.played)

    def _take_due(self, elapsed: timedelta) -> list[_Due]:
        """At most a batch. A repeat, and what follows another act of it, wait for the next one."""
        due: list[_Due] = []
        ids: set[str] = set()
        while self._queue and self._queue[0].at <= elapsed and len(due) < BATCH:
            act = self._queue[0].act
            if act.id in ids or act.follows in ids:
                break
            due.append(heappop(self._queue))
            ids.add(act.id)
        return due

    async def _cast(self, item: _Due) -> str | None:
        """Who does it, "" for an event that nobody of sales does; None for an act that does not happen, or not yet."""
        act = item.act
        if act.repeats:
            return "" if act.id in self._built else None
        if not self._is_due(act):
            self._give_up()
            return None
        if act.by is By.NOBODY:
            return ""
        standing = await self._look(act.lead)
        is_over = standing is not None and is_ruled_out(act, standing)
        actor = self._casting.actor(act, standing) if standing is not None and not is_over else None
        if actor is None and (is_over or not self._again(item)):
            self._give_up()
        return actor

    def _is_due(self, act: Act) -> bool:
        if act.follows is not None and act.follows not in self._happened:
            return False
        return act.when is When.ALWAYS or (act.lead in self._touched) is (act.when is When.TOUCHED)

    def _give_up(self) -> None:
        self.played.not_played += 1

    async def _look(self, lead: int) -> Standing | None:
        lead_id = self.played.lead_ids.get(lead)
        if lead_id is None:
            return None
        async with self._looks:
            try:
                return await self._system.standing(lead_id)
            except SystemAwayError:
                return None

    def _again(self, item: _Due) -> bool:
        """Look again a little later, if there is any use in it."""
        if item.tries >= OWNER_TRIES:
            return False
        heappush(self._queue, replace(item, at=item.at + timedelta(seconds=_LOOK_AGAIN_SECONDS), tries=item.tries + 1))
        return True

    def _data(self, act: Act) -> dict[str, Any]:
        return act.data | {name: (self._start + then).isoformat() for name, then in act.dates.items()}

    def _cloud_event(self, act: Act, actor: str) -> dict[str, Any]:
        if act.repeats:
            return self._built[act.id]
        at = self._now() if act.happened_after is None else self._start + act.happened_after
        made = {
            "specversion": "1.0",
            "id": f"{self._run_name}-{act.id}",
            "source": SOURCE,
            "type": act.type,
            "subject": subject_of(self._run_name, act.lead),
            "time": at.isoformat(),
            "data": self._data(act) | ({"by": actor} if actor else {}),
        }
        if act.id in self._repeated:
            self._built[act.id] = made
        self._has_happened(act)
        return made

    def _has_happened(self, act: Act) -> None:
        self._happened.add(act.id)
        if act.type in ("lead.touched", "touch") and act.data.get("mode") != "sequence_auto":
            self._touched.add(act.lead)

    async def _send(self, batch: list[tuple[_Due, dict[str, Any]]]) -> None:
        """Until it is answered: a system that is away for a while loses nothing."""
        wait = TICK_SECONDS
        while batch:
            try:
                receipts = await self._system.send([event for _, event in batch])
            except SystemAwayError:
                wait = await self._wait(wait)
                continue
            for (item, _), receipt in zip(batch, receipts, strict=True):
                self.played.lead_ids[item.act.lead] = receipt["lead_id"]
                self.played.repeats += receipt["duplicate"]
            self.played.sent += len(batch)
            return

    async def _wait(self, wait: float) -> float:
        """Sleep, and say how long to sleep the next time."""
        await self._sleep(wait)
        self.played.away_seconds += wait
        return min(wait * 2, _LONGEST_WAIT_SECONDS)

    async def _give(self, item: _Due, actor: str) -> None:
        """A command is answered at once; of one that is not, nobody knows, and it is given again under its key."""
        act, wait = item.act, TICK_SECONDS
        key, body = f"{self._run_name}-{act.id}", self._data(act) | {"command": act.type}
        for _ in range(COMMAND_TRIES):
            try:
                refused = await self._system.give(self.played.lead_ids[act.lead], body, actor=actor, key=key)
            except SystemAwayError:
                wait = await self._wait(wait)
                continue
            self._hear(act, refused)
            return
        self._give_up()

    def _hear(self, act: Act, refused: str | None) -> None:
        if refused is None:
            self.played.granted += 1
            self._has_happened(act)
            return
        self.played.refused += 1
        if len(self.played.refusals) < MOST_REFUSALS:
            self.played.refusals.append(Refusal(subject_of(self._run_name, act.lead), act.type, refused))
