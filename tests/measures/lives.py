"""Leadloop as a whole, on servers of its own, and leads that live in it from HTTP to the committed state."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from time import perf_counter
from typing import Any

import yaml

from storage.engine import create_engine
from storage.playbooks import IN_FORCE_AFTER, publish
from tests.measures.posting import Posting, Receipt
from tests.measures.spent import spent
from tests.measures.stack import Api, Database, Temporal, api, database, process, temporal
from tests.measures.watching import Watch, watching

Told = tuple[str, dict[str, Any]]
SIDE_BY_SIDE = 20
"""Leads at once."""
_TOUCHES: tuple[Told, ...] = (
    ("lead.touched", {"channel": "call", "connected": True, "duration_seconds": 300}),
    ("lead.replied", {"channel": "email"}),
    ("lead.touched", {"channel": "email"}),
    ("lead.engaged", {"kind": "page_view", "points": 1}),
)
_OPENING: tuple[Told, ...] = (
    ("lead.captured", {"source": "website", "campaign": "autumn", "form": "demo", "company": "Example Engines"}),
    ("lead.hand_raised", {"kind": "demo"}),
)
_AGAIN: tuple[Told, ...] = (("lead.hand_raised", {"kind": "pricing"}),)
_CLOSING: tuple[Told, ...] = (("lead.opportunity_opened", {"amount": 1200.0}), ("lead.won", {}))


def story(events: int = 10) -> list[Told]:
    """A life that is won: given to an owner, who is told of it, and told again when the buyer asks once more."""
    between = itertools.islice(itertools.cycle(_TOUCHES), events - 5)
    return [*_OPENING, *between, *_AGAIN, *_CLOSING]


def quiet_story(events: int = 10) -> list[Told]:
    """A life that marketing leads alone: nobody is told of anything, as with the bare thing."""
    between = itertools.repeat(("lead.engaged", {"kind": "page_view", "points": 1}), events - 2)
    return [_OPENING[0], *between, ("lead.disqualified", {"kind": "hard", "reason": "competitor"})]


def open_playbook(
    *, promises: dict[str, Any] | None = None, ladders: dict[str, Any] | None = None, mode: str = "full"
) -> str:
    """The default playbook, open around the clock and told without restraint: no hour of the day changes a figure.

    `promises` take the place of those of raised hands.
    """
    document = yaml.safe_load(resources.files("storage").joinpath("default_playbook.yaml").read_text("utf-8"))
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    document["calendars"]["office"]["weekly"] = {day: [["00:00", "24:00"]] for day in days}
    document["notices"] |= {"quiet": None, "most": 1000}
    document["feedback"]["share_of_wins"] = 0  # drawn by lot, and a life would not end
    hot = next(segment for segment in document["segments"] if segment["name"] == "hot")
    hot["promises"] |= promises or {}
    document["ladders"] |= ladders or {}
    document["mode"] = mode
    return yaml.safe_dump(document)


@dataclass
class Leadloop:
    """All of it, running, and hands to live leads with."""

    db: Database
    temporal: Temporal
    api: Api
    posting: Posting
    watch: Watch
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        return self.db.variables | self.temporal.variables

    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_subject(self) -> str:
        return f"lead-{next(self._numbers)}"

    def event(self, subject: str, told: Told, at: datetime | None = None) -> dict[str, Any]:
        """A CloudEvent, of now unless said otherwise."""
        return {
            "specversion": "1.0", "source": "/measures", "id": f"e{next(self._numbers)}", "type": told[0],
            "subject": subject, "time": (at or datetime.now(UTC)).isoformat(), "data": told[1],
        }  # fmt: skip

    async def live_spaced(self, events: int = 10, tell: Callable[[int], list[Told]] = story) -> Receipt:
        """One life, each event sent when the last is committed. Returns its last receipt."""
        subject = self.new_subject()
        for told in tell(events):
            [receipt] = await self.posting.post([self.event(subject, told)])
            await self.watch.read(receipt)
        return receipt

    async def live_at_once(self, events: int = 10) -> Receipt:
        """One life, all of it in one batch; returns when all is committed."""
        subject, now = self.new_subject(), datetime.now(UTC) - timedelta(seconds=1)
        batch = [self.event(subject, told, now + timedelta(milliseconds=n)) for n, told in enumerate(story(events))]
        receipt = (await self.posting.post(batch))[-1]
        await self.watch.read(receipt)
        return receipt

    def spent(self) -> dict[str, float]:
        """CPU seconds of each process so far."""
        return spent(self.pids)

    async def publish(self, playbook: str) -> None:
        """It is in force at once."""
        engine = create_engine(self.db.url, pool_size=1)
        async with engine.begin() as connection:
            now = datetime.now(UTC) - IN_FORCE_AFTER
            await publish(connection, playbook, author="measure", comment="open", now=now)
        await engine.dispose()


@asynccontextmanager
async def leadloop() -> AsyncIterator[Leadloop]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        db, server = await asyncio.gather(enter(database()), enter(temporal()))
        variables = db.variables | server.variables
        served, courier, worker = await asyncio.gather(
            enter(api(db, variables)),
            enter(process("courier", variables, ready=lambda log: "courier_delivers" in log)),
            enter(process("worker", variables, ready=lambda log: "worker_works" in log)),
        )
        posting = stack.enter_context(closing(Posting(served)))
        system = Leadloop(db, server, served, posting, await enter(watching(db.url)))
        own = {"api": served.process.pid, "courier": courier.pid, "worker": worker.pid}
        system.pids = own | {"temporal": server.server.pid or 0, "postgres": db.server.pid or 0}
        await system.publish(open_playbook())
        yield system


async def rate(lives: int, one: Callable[[], Awaitable[object]], *, events: int = 10) -> float:
    """Events a second of so many lives, `SIDE_BY_SIDE` at once."""
    left = itertools.repeat(None, lives)

    async def live() -> None:
        for _ in left:
            await one()

    began = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(SIDE_BY_SIDE):
            tasks.create_task(live())
    return lives * events / (perf_counter() - began)
