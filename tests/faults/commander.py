"""People of sales who ask things of leads meanwhile, and are told yes, no, or nothing."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import psycopg

from tests.faults.sent import Asked, Commanded, EventId, Place
from tests.faults.stories import PEOPLE, Ahead

_PAUSE_SECONDS = 0.5
_TIMEOUT_SECONDS = 15.0
_PATIENCE_SECONDS = 14.0
"""Longer than a command lives: whoever waits so long hears that it has expired, unless Leadloop is away."""
_LOOK_SECONDS = 0.25
_SILENT = (429, 502, 503, 504)
_SELLERS = (*PEOPLE, "carl")
_ANYBODY = (*_SELLERS, "mira")

_COMMANDS: list[tuple[int, str, dict[str, Any]]] = [
    (20, "touch", {"channel": "call", "connected": (True, False)}),
    (12, "accept", {}),
    (10, "claim", {}),
    (10, "reassign", {"owner": (*PEOPLE, "carl")}),
    (4, "reassign", {"team": "sales"}),
    (8, "reject", {"reason": ("no_budget", "wrong_territory", "no_fit")}),
    (5, "recycle", {"reason": "bad_timing"}),
    (5, "snooze", {"until": Ahead(4)}),
    (4, "callback", {"at": Ahead(5)}),
    (4, "return", {"reason": "no_fit"}),
    (4, "waive", {"clock": ("first_touch", "next_step"), "reason": "other"}),
    (4, "feedback", {"quality": (1, 4)}),
    (2, "disqualify", {"reason": "no_fit"}),
    (2, "reopen", {}),
]
_SEEN_OVER = """
SELECT command_id::text FROM commands
WHERE state = 'pending' AND stored_at + (expires_at - created_at) < clock_timestamp()
FOR NO KEY UPDATE SKIP LOCKED
"""
"""One that is locked is being weighed, and its answer may have been found in time."""


@dataclass
class Commander:
    """Gives commands to leads that are known by now, some doubly, some without waiting for the answer."""

    url: str
    key: str
    rng: random.Random
    accepted: Mapping[EventId, Place]
    database_url: str
    told: Commanded = field(default_factory=Commanded)

    async def give_all(self, commands: int, *, seconds: float) -> None:
        """Give so many, evenly over a span; returns when each is answered or given up."""
        watching = asyncio.create_task(self._watch())
        try:
            async with self._client() as client, asyncio.TaskGroup() as tasks:
                for _ in range(commands):
                    await asyncio.sleep(seconds / commands)
                    if self.accepted:
                        tasks.create_task(self._give(client))
            await asyncio.sleep(2 * _LOOK_SECONDS)
        finally:
            watching.cancel()

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)

    async def _give(self, client: httpx2.AsyncClient) -> None:
        rng = self.rng
        lead_id, _ = rng.choice([*self.accepted.values()][-150:])
        _, name, choices = rng.choices(_COMMANDS, [weight for weight, _, _ in _COMMANDS])[0]
        body = {"command": name} | {field: _drawn(rng, value) for field, value in choices.items()}
        command_id = str(UUID(int=rng.getrandbits(128), version=4))
        asked = self.told.asked[command_id] = Asked(lead_id, name)
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Idempotency-Key": command_id,
            # a lead of Mira's could be escalated to nobody
            "Leadloop-Actor": rng.choice(_SELLERS if name == "claim" else _ANYBODY),
        }
        request = client.build_request("POST", f"{self.url}/{lead_id}/commands", headers=headers, json=body)
        habit = rng.random()
        patience = 0.0 if habit < 0.2 else _PATIENCE_SECONDS  # every fifth asks only once
        if habit < 0.9:  # the others ask over two connections at once
            await self._until_answered(client, request, asked, patience)
            return
        async with self._client() as other, asyncio.TaskGroup() as both:
            both.create_task(self._until_answered(client, request, asked, patience))
            both.create_task(self._until_answered(other, request, asked, patience))

    async def _until_answered(
        self, client: httpx2.AsyncClient, request: httpx2.Request, asked: Asked, patience_seconds: float
    ) -> None:
        until = time.monotonic() + patience_seconds
        while True:
            answer = await self._try(client, request, asked)
            if answer is not None:
                asked.answers.add(answer)
            if answer is not None or time.monotonic() >= until:
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _try(self, client: httpx2.AsyncClient, request: httpx2.Request, asked: Asked) -> str | None:
        """granted, refused or expired; None where there is no answer."""
        try:
            answer = await client.send(request)
        except httpx2.HTTPError as error:
            self.told.answers[type(error).__name__] += 1
            return None
        if answer.status_code in _SILENT:
            self.told.answers[str(answer.status_code)] += 1
            return None
        said = {"command-refused": "refused", "command-expired": "expired"}
        problem = str(answer.json().get("type", "")).rpartition(":")[2]
        verdict = "granted" if answer.status_code == httpx2.codes.OK else said.get(problem)
        if verdict is None:
            self.told.wrong.append(f"{asked.name}: {answer.status_code} {answer.text[:200]}")
        self.told.answers[verdict or str(answer.status_code)] += 1
        return verdict

    async def _watch(self) -> None:
        """Note every command whose time is over without an answer; the database may be away meanwhile."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self.database_url, autocommit=True, connect_timeout=2
                ) as connection:
                    while True:
                        rows = await (await connection.execute(_SEEN_OVER)).fetchall()
                        self.told.seen_over.update(row[0] for row in rows)
                        await asyncio.sleep(_LOOK_SECONDS)
            except psycopg.Error:
                await asyncio.sleep(_LOOK_SECONDS)


def _drawn(rng: random.Random, value: Any) -> Any:
    if isinstance(value, tuple):
        return rng.choice(value)
    if isinstance(value, Ahead):
        return (datetime.now(UTC) + timedelta(seconds=value.seconds)).isoformat()
    return value
