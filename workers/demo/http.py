"""The running system over HTTP, as the demo sees it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from http import HTTPStatus
from typing import Any

import httpx2

from workers.api_client import ApiRefusedError, checked
from workers.demo.casting import Standing
from workers.demo.stage import SystemAwayError

READS_AT_ONCE = 8
_COME_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
_PAGE = 200
_BATCH = {"Content-Type": "application/cloudevents-batch+json"}


class HttpLeadloop:
    """`Leadloop` of the stage. Besides what those raise, each method raises `ApiRefusedError`."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def send(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = await self._ask("POST", "/v1/events", json=events, headers=_BATCH)
        receipts: list[dict[str, Any]] = answer["events"]
        return receipts

    async def standing(self, lead_id: str) -> Standing:
        lead = await self.lead(lead_id)
        touches = sorted((c for c in lead["clocks"] if c["clock"] == "first_touch"), key=lambda c: str(c["started_at"]))
        running = {clock["clock"]: clock["owner"] for clock in lead["clocks"] if clock["ended_at"] is None}
        first = touches[0]["owner"] if touches else lead["owner"]
        return Standing(first=first, now=lead["owner"], running=running)

    async def give(self, lead_id: str, command: dict[str, Any], *, actor: str, key: str) -> str | None:
        headers = {"Leadloop-Actor": actor, "Idempotency-Key": key}
        try:
            await self._ask("POST", f"/v1/leads/{lead_id}/commands", json=command, headers=headers)
        except ApiRefusedError as refused:
            if refused.problem.get("status") != HTTPStatus.CONFLICT:
                raise
            return str(refused.problem["detail"])
        return None

    async def is_there(self) -> None:
        """Returns at once when the system answers."""
        await self._ask("GET", "/v1/leads", params={"limit": 1})

    async def lead(self, lead_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._ask("GET", f"/v1/leads/{lead_id}")
        return found

    async def timeline(self, lead_id: str) -> list[dict[str, Any]]:
        """All lines."""
        lines: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = await self._ask("GET", f"/v1/leads/{lead_id}/timeline", params={"after": after, "limit": _PAGE})
            lines += page["lines"]
            after = page["next"]
        return lines

    async def stories(self, lead_ids: Iterable[str]) -> AsyncIterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Each lead with its timeline, some at a time."""
        ids = list(lead_ids)
        for start in range(0, len(ids), READS_AT_ONCE):
            for story in await asyncio.gather(
                *(self._story(lead_id) for lead_id in ids[start : start + READS_AT_ONCE])
            ):
                yield story

    async def _story(self, lead_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        return await self.lead(lead_id), await self.timeline(lead_id)

    async def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = await self._client.request(method, path, **arguments)
        except httpx2.TransportError:
            raise SystemAwayError from None
        if answer.is_server_error or answer.status_code in _COME_AGAIN:
            raise SystemAwayError
        return checked(answer)
