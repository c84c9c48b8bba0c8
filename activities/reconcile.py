"""The hunt for leaks: what is open is compared with what would wake it, and what is missing is put right.

Leads are rung, which starts the workflow of one that has none; each then takes a step, which finds an owner, an instant
or a person who has left by itself. What a ring does not heal is left, and shown.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.failures import with_code

RECONCILE = "reconcile"
NO_WORKFLOW, NEVER_RUNG = "no_workflow", "never_rung"
RINGS_AT_ONCE = 50
MOST_RINGS = 20_000
"""In one look; the next goes on."""


@dataclass(frozen=True)
class ReconcileRequest:
    now: str
    """RFC 3339, aware."""
    mends: bool = True


@dataclass(frozen=True)
class Reconciled:
    """Leads by kind of leak. Numbers only: this is kept by Temporal."""

    found: dict[str, int] = field(default_factory=dict)
    rung: int = 0
    open_leads: int = 0

    @property
    def leaks(self) -> int:
        return sum(self.found.values())


class LeakBook(Protocol):
    """What the database knows."""

    async def found(self) -> dict[str, list[str]]: ...

    def open_leads(self) -> AsyncIterator[list[str]]: ...

    async def arm(self, leads: list[str], now: datetime) -> None: ...

    async def note(self, left: Mapping[str, int], now: datetime) -> None: ...


class Lives(Protocol):
    """What Temporal knows."""

    async def running(self) -> set[str]:
        """Leads whose workflow runs, as Temporal lists them: a list that may be some seconds old."""

    async def is_running(self, lead_id: str) -> bool: ...

    async def ring(self, lead_id: str) -> None: ...


class Reconciler:
    """The activity `reconcile`, and what the command line does by hand."""

    def __init__(self, book: LeakBook, lives: Lives) -> None:
        self._book = book
        self._lives = lives

    @activity.defn(name=RECONCILE)
    async def reconcile(self, request: ReconcileRequest) -> Reconciled:
        """Look, and mend where asked to; what was found is noted. Raises `ApplicationError` with a code."""
        with with_code("reconcile_failed"):
            leads = await self.look()
            now = datetime.fromisoformat(request.now)
            rung = await self.mend(leads.by_kind, now) if request.mends else 0
            found = {kind: len(of_kind) for kind, of_kind in leads.by_kind.items()}
            await self._book.note(found, now)
            return Reconciled(found, rung, leads.open_leads)

    async def look(self) -> "Looked":
        """Leads by kind of leak, every kind named."""
        by_kind = await self._book.found()
        running = await self._lives.running()
        missing, number = [], 0
        async for page in self._book.open_leads():
            number += len(page)
            missing += [lead for lead in page if lead not in running]
            _beat()
        by_kind[NO_WORKFLOW] = [lead for lead in missing if not await self._lives.is_running(lead)]
        return Looked(by_kind, number)

    async def mend(self, by_kind: Mapping[str, list[str]], now: datetime) -> int:
        """Ring each lead once. Returns how many were rung."""
        await self._book.arm(by_kind.get(NEVER_RUNG, []), now)
        leads = list(dict.fromkeys(lead for of_kind in by_kind.values() for lead in of_kind))[:MOST_RINGS]
        for first in range(0, len(leads), RINGS_AT_ONCE):
            await asyncio.gather(*(self._lives.ring(lead) for lead in leads[first : first + RINGS_AT_ONCE]))
            _beat()
        return len(leads)


@dataclass(frozen=True)
class Looked:
    by_kind: dict[str, list[str]]
    open_leads: int


def _beat() -> None:
    """A look goes on for minutes where there are many leads: Temporal hears that it does."""
    if activity.in_activity():
        activity.heartbeat()
