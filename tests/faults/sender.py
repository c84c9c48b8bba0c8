"""Senders as they are: most repeat a request, unchanged, until its 202; some send it twice, again late, or give up."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import httpx2

from tests.faults.sent import EventId, Sent, event_id
from tests.faults.stories import Told

AT_ONCE = 4
_PAUSE_SECONDS = 0.2
_TIMEOUT_SECONDS = 15.0
_IMPATIENCE_SECONDS = 0.03
_OUTAGES = (429, 502, 503, 504)
_REFUSALS = (400, 409)


class Habit(StrEnum):
    """How a sender delivers one request."""

    ONCE = "once"
    TWICE_AT_ONCE = "twice at once"
    AND_AGAIN = "and again at once"
    AND_MUCH_LATER = "and again much later"
    GIVES_UP = "gives up"
    """Waits for a blink and never comes back, unless the answer was there."""
    SPOILT = "spoilt"
    """One event of the request is not valid, or tells another story under an old id."""


HABITS = {
    Habit.ONCE: 60, Habit.TWICE_AT_ONCE: 12, Habit.AND_AGAIN: 6, Habit.AND_MUCH_LATER: 10, Habit.GIVES_UP: 6,
    Habit.SPOILT: 6,
}  # fmt: skip
"""How many of a hundred requests."""


@dataclass(frozen=True)
class Request:
    """One request to be, still without times."""

    told: list[Told]
    habit: Habit
    later_seconds: float = 0.0


def requests(rng: random.Random, posts: Sequence[list[Told]], *, latest_seconds: float) -> list[Request]:
    """Give each request its sender's habit; some change places, so that later ones come in earlier."""
    habits = rng.choices([*HABITS], [*HABITS.values()], k=len(posts))
    made = [
        Request(told, habit, rng.uniform(latest_seconds / 5, latest_seconds))
        for told, habit in zip(posts, habits, strict=True)
    ]
    for place in range(len(made) - 1):
        if rng.random() < 0.2:
            other = min(len(made) - 1, place + rng.randint(1, 6))
            made[place], made[other] = made[other], made[place]
    return made


@dataclass
class Senders:
    """Sends requests over a span of time, a few at once."""

    url: str
    key: str
    rng: random.Random
    sent: Sent = field(default_factory=Sent)

    async def send_all(self, made: list[Request], *, seconds: float) -> None:
        """Send these, evenly over `seconds` unless the system is slower; returns when the last repeat is answered."""
        queue = list(enumerate(made))[::-1]
        began = time.monotonic()
        pace = seconds / len(made)

        async def work() -> None:
            async with self._client() as client:
                while queue:
                    number, request = queue.pop()
                    await asyncio.sleep(max(0.0, began + number * pace - time.monotonic()))
                    await self._deliver(client, request, tasks)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(work())

    def _client(self) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False, headers=headers)

    async def _deliver(self, client: httpx2.AsyncClient, request: Request, tasks: asyncio.TaskGroup) -> None:
        now = datetime.now(UTC)
        events = [one.stamped(now) for one in request.told]
        self.sent.post(events)
        if request.habit not in (Habit.ONCE, Habit.GIVES_UP, Habit.SPOILT):
            self.sent.repeats[request.habit] += 1
        match request.habit:
            case Habit.GIVES_UP:
                await self._try_once(client, events)
                return
            case Habit.SPOILT:
                await self._spoil(client, events)
                return
            case Habit.TWICE_AT_ONCE:
                async with self._client() as other, asyncio.TaskGroup() as both:
                    both.create_task(self._until_noted(other, events[::-1], is_repeat=False))
                    both.create_task(self._until_noted(client, events, is_repeat=False))
                return
        began = time.monotonic()
        await self._until_noted(client, events, is_repeat=False)
        self.sent.longest_wait_seconds = max(self.sent.longest_wait_seconds, time.monotonic() - began)
        if request.habit is Habit.AND_AGAIN:
            await self._until_noted(client, events, is_repeat=True)
        elif request.habit is Habit.AND_MUCH_LATER:
            tasks.create_task(self._repeat_later(events, request.later_seconds))

    async def _repeat_later(self, events: list[dict[str, Any]], seconds: float) -> None:
        await asyncio.sleep(seconds)
        async with self._client() as client:
            await self._until_noted(client, events, is_repeat=True)

    async def _try_once(self, client: httpx2.AsyncClient, events: list[dict[str, Any]]) -> None:
        """Hang up after a blink: whether anything has come in, this sender will never know."""
        try:
            answer = await self._post(client, events, self.rng.uniform(0, _IMPATIENCE_SECONDS))
        except (TimeoutError, httpx2.HTTPError):
            self.sent.answers["hung up"] += 1
        else:
            self.sent.answers[str(answer.status_code)] += 1
            if answer.status_code == httpx2.codes.ACCEPTED:
                self.sent.note(events, answer.json(), is_repeat=False)
                return
            if answer.status_code not in _OUTAGES:
                self.sent.wrong.append(_said(answer))
        self.sent.unanswered.append(_ids(events))

    async def _spoil(self, client: httpx2.AsyncClient, events: list[dict[str, Any]]) -> None:
        """Good events with a bad one among them: the request is refused, and sent again without it."""
        place = self.rng.randrange(len(events) + 1)
        known = self.rng.choice(sorted(self.sent.accepted)) if self.sent.accepted else None
        bad = events[0] | {"id": f"bad-{events[0]['id']}", "type": "lead.sneezed"}
        if known is not None and self.rng.random() < 0.5:
            bad = events[0] | {"id": known[1], "subject": "somebody-else"}
        fresh = [event | {"id": f"not-{event['id']}"} for event in events]
        while True:
            answer = await self._try(client, [*fresh[:place], bad, *fresh[place:]])
            if answer is not None and answer.status_code in _REFUSALS:
                break
            if answer is not None and answer.status_code not in _OUTAGES:
                self.sent.wrong.append(f"a bad request: {_said(answer)}")
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        self.sent.refused += _ids(fresh)
        await self._until_noted(client, events, is_repeat=False)

    async def _until_noted(self, client: httpx2.AsyncClient, events: list[dict[str, Any]], *, is_repeat: bool) -> None:
        while True:
            answer = await self._try(client, events)
            if answer is not None and answer.status_code == httpx2.codes.ACCEPTED:
                self.sent.note(events, answer.json(), is_repeat=is_repeat)
                return
            if answer is not None and answer.status_code not in _OUTAGES:
                self.sent.wrong.append(_said(answer))
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _try(self, client: httpx2.AsyncClient, events: list[dict[str, Any]]) -> httpx2.Response | None:
        try:
            answer: httpx2.Response = await self._post(client, events, _TIMEOUT_SECONDS)
        except (TimeoutError, httpx2.HTTPError) as error:
            self.sent.answers[type(error).__name__] += 1
            return None
        self.sent.answers[str(answer.status_code)] += 1
        return answer

    async def _post(self, client: httpx2.AsyncClient, events: list[dict[str, Any]], within_seconds: float) -> Any:
        form = "cloudevents" if len(events) == 1 else "cloudevents-batch"
        headers = {"Content-Type": f"application/{form}+json"}
        async with asyncio.timeout(within_seconds):
            return await client.post(self.url, headers=headers, json=events[0] if len(events) == 1 else events)


def _ids(events: list[dict[str, Any]]) -> list[EventId]:
    return [event_id(event) for event in events]


def _said(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.text[:200]}"
