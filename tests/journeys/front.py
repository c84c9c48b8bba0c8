"""The HTTP side of a journey: the real app on real collaborators, asked the way senders and people ask it.

The app is shown the clock of the lead that is spoken of, which runs ahead of the wall's.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from api.app import create_app
from api.auth import ACTOR_HEADER
from api.dependencies import Dependencies
from storage.accounts import AccountStore
from storage.commands import CommandStore
from storage.journal import Journal
from storage.keys import KeyStore, Scope
from storage.list_store import ListStore
from storage.playbook_store import PlaybookStore
from storage.playbooks import Shelves
from storage.preview_store import PreviewStore
from storage.queries import LeadQueries
from storage.rollouts import RolloutStore
from storage.roster_store import RosterStore
from storage.shadow_report import ShadowReports
from workers.api_health import ApiHealth
from workers.weighing import ProcessWeighers
from workflows.lead_commands import LeadCommands

_BATCH = {"Content-Type": "application/cloudevents-batch+json"}
_UNKNOWN_TEMPORAL = "127.0.0.1:1"


class Refused(Exception):  # noqa: N818  it is the request that was refused
    """An answer other than 2xx, with what it says."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('title')} {problem.get('detail')}")
        self.status = status
        self.problem = problem

    def is_of(self, name: str) -> bool:
        """Whether it is the problem of this name."""
        return self.problem.get("type") == f"urn:leadloop:problem:{name}"


class Front:
    """Asks over HTTP; `now` is what the app's clock shows."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self._client: httpx2.AsyncClient | None = None

    def opened_with(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def sends(self, events: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
        """One batch of events; the receipts. Raises `Refused`."""
        answer = await self._asks("POST", "/v1/events", now, json=[*events], headers=_BATCH)
        receipts: list[dict[str, Any]] = answer["events"]
        return receipts

    async def gives(self, lead_id: object, body: dict[str, Any], actor: str, now: datetime) -> dict[str, Any]:
        """A command, as the person `actor`. Raises `Refused`."""
        headers = {ACTOR_HEADER: actor}
        return await self._asks("POST", f"/v1/leads/{lead_id}/commands", now, json=body, headers=headers)

    async def shows(self, path: str, now: datetime) -> dict[str, Any]:
        return await self._asks("GET", path, now)

    async def posts(self, path: str, body: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
        return await self._asks("POST", path, now, json=body)

    async def _asks(self, method: str, path: str, now: datetime, **options: Any) -> dict[str, Any]:
        assert self._client is not None
        self.now = now
        answer = await self._client.request(method, path, **options)
        content: dict[str, Any] = answer.json()
        if not answer.is_success:
            raise Refused(answer.status_code, content)
        return content


@asynccontextmanager
async def open_front(engine: AsyncEngine, shelves: Shelves, client: Client) -> AsyncIterator[Front]:
    """The app of a fresh database, and a key that may do all and stand for anybody."""
    front, journal, keys = Front(), Journal(engine), KeyStore(engine)
    app = create_app(
        Dependencies(
            journal=journal,
            keys=keys,
            health=ApiHealth(engine, _UNKNOWN_TEMPORAL),
            playbooks=PlaybookStore(engine),
            previews=PreviewStore(engine, PlaybookStore(engine), ProcessWeighers()),
            rollouts=RolloutStore(engine),
            roster=RosterStore(engine),
            leads=LeadQueries(engine, shelves),
            reports=ShadowReports(engine, shelves),
            accounts=AccountStore(engine, shelves),
            commands=CommandStore(engine),
            lists=ListStore(engine, shelves),
            desk=LeadCommands(client),
            now=lambda: front.now,
        )
    )
    _, secret = await keys.create("journeys", [Scope.ADMIN], may_act_for_others=True)
    transport, headers = httpx2.ASGITransport(app=app), {"Authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://leadloop", headers=headers) as opened:
        front.opened_with(opened)
        yield front
    await journal.close()
