"""Senders as they should be: each request is repeated, unchanged, until it is answered 202."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from tests.faults.audit import EventId, Place
from tests.faults.stories import SOURCE, Told

AT_ONCE = 4
REPEATED = 0.1
"""The share of accepted requests that is sent once more."""
_PAUSE_SECONDS = 0.2
_TIMEOUT_SECONDS = 15.0
_OUTAGES = (429, 502, 503, 504)


@dataclass
class Sent:
    """What the senders were told."""

    accepted: dict[EventId, Place] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    """Status codes, and the names of errors of the connection."""
    wrong: list[str] = field(default_factory=list)
    """Answers no sender should get."""
    longest_wait_seconds: float = 0.0
    """Of one request, from its first try to its 202."""


class Senders:
    """Sends requests over a span of time, four at once."""

    def __init__(self, url: str, key: str, rng: random.Random) -> None:
        self.sent = Sent()
        self._url = f"{url}/v1/events"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._rng = rng

    async def send_all(self, posts: list[list[Told]], *, seconds: float) -> None:
        """Send these, evenly over `seconds` unless the system is slower."""
        queue = list(enumerate(posts))[::-1]
        began = time.monotonic()
        pace = seconds / len(posts)

        async def work() -> None:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
                while queue:
                    number, told = queue.pop()
                    await asyncio.sleep(max(0.0, began + number * pace - time.monotonic()))
                    await self._deliver(client, told)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(work())

    async def _deliver(self, client: httpx2.AsyncClient, told: list[Told]) -> None:
        now = datetime.now(UTC)
        events = [one.stamped(now) for one in told]
        began = time.monotonic()
        self._note(await self._until_taken(client, events), is_repeat=False)
        self.sent.longest_wait_seconds = max(self.sent.longest_wait_seconds, time.monotonic() - began)
        if self._rng.random() < REPEATED:
            self._note(await self._until_taken(client, events), is_repeat=True)

    async def _until_taken(self, client: httpx2.AsyncClient, events: list[dict[str, Any]]) -> dict[str, Any]:
        form = "cloudevents" if len(events) == 1 else "cloudevents-batch"
        headers = {**self._headers, "Content-Type": f"application/{form}+json"}
        while True:
            try:
                answer = await client.post(self._url, headers=headers, json=events[0] if len(events) == 1 else events)
            except httpx2.HTTPError as error:
                self.sent.answers[type(error).__name__] += 1
            else:
                self.sent.answers[str(answer.status_code)] += 1
                if answer.status_code == httpx2.codes.ACCEPTED:
                    return dict(answer.json())
                if answer.status_code not in _OUTAGES:
                    self.sent.wrong.append(f"{answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(_PAUSE_SECONDS)

    def _note(self, answer: dict[str, Any], *, is_repeat: bool) -> None:
        for event in answer["events"]:
            key, place = (SOURCE, event["id"]), (event["lead_id"], event["sequence"])
            if is_repeat and not event["duplicate"]:
                self.sent.wrong.append(f"{event['id']} was taken twice")
            if self.sent.accepted.setdefault(key, place) != place:
                self.sent.wrong.append(f"{event['id']} was answered {place} after {self.sent.accepted[key]}")
