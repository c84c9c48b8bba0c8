"""A thousand events on one lead over a month: it goes on in run after run, and nothing is lost, doubled or slow."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median
from uuid import UUID

import pytest

from tests.eventually import eventually
from tests.faults.audit import Witnesses, audit
from tests.faults.sent import Sent
from tests.faults.stories import Told, posts, stories
from tests.journeys.couriers import courier
from tests.journeys.world import World
from tests.workflows.runs import chain_of_runs
from workflows.front_door import lead_workflow_id
from workflows.lead import LONGEST_HISTORY

EVENTS = 1000
CHAPTERS = 10
IN_TIME = 8
"""Chapters told in time."""
WAYS_OUT = ("lead.won", "lead.lost", "lead.disqualified", "lead.rejected", "lead.recycled", "lead.returned")
"""Left out, so that the life goes on: one that ends begins its next run without a history anyway."""
ONE_TASK = 40
"""Events that the last task of a run may add."""


@dataclass
class Sender:
    """Tells of a lead over HTTP, half singly and half in batches, some of it twice, and notes what was accepted."""

    lead: World
    rng: random.Random
    sent: Sent = field(default_factory=Sent)
    doubled: int = 0

    async def tells(self, chapter: list[Told]) -> None:
        """Part of it comes in bursts, the rest only when all before has been read."""
        for request in posts(self.rng, chapter):
            await self._sends(request)
            if self.rng.random() < 0.7:
                await eventually(self.lead.has_read_all, within_seconds=20)
        await eventually(self.lead.has_read_all, within_seconds=20)

    async def _sends(self, request: list[Told]) -> None:
        now = await self.lead.now()
        events = [told.stamped(now) for told in request]
        self.sent.post(events)
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            receipts = await self.lead.house.front.sends(events, now)
            self.lead.lead_id = UUID(receipts[0]["lead_id"])
            self.doubled += sum(receipt["duplicate"] for receipt in receipts)
            places = [(receipt["lead_id"], receipt["sequence"]) for receipt in receipts]
            self.sent.accepted |= {(e["source"], e["id"]): place for e, place in zip(events, places, strict=True)}


def chapters(rng: random.Random) -> Iterator[list[Told]]:
    """The life, in chapters between which days go by; in the last of them much is told late, and folded in again."""
    drawn = stories(rng, EVENTS * 2, per_lead=EVENTS * 2)
    told = [one for one in drawn if one.type not in WAYS_OUT][:EVENTS]
    length = EVENTS // CHAPTERS
    for number in range(CHAPTERS):
        chapter = told[number * length : (number + 1) * length]
        yield chapter if number >= IN_TIME else [replace(one, late_by=timedelta(0)) for one in chapter]


@pytest.mark.timeout(180)
async def test_a_thousand_events_over_many_runs_are_all_there_once(lead: World, database_url: str) -> None:
    rng = random.Random(11)
    sender = Sender(lead, rng)
    async with courier(lead.house, database_url, lambda: lead.house.front.now):
        for chapter in chapters(rng):
            await sender.tells(chapter)
            await lead.after(days=3)
        await lead.all_is_sent()

    found = await audit(database_url, Witnesses(sender.sent), now=await lead.now())
    assert found.differences == []
    assert found.counts["events"] == EVENTS
    assert sender.doubled > 0
    assert found.counts["rungs_fired"] > 0

    runs = [run async for run in chain_of_runs(lead.house.client, lead_workflow_id(str(lead.lead_id)))]
    assert [run.went_on for run in runs] == [True] * (len(runs) - 1) + [False]
    assert len(runs) > 3
    assert all(len(run.history.events) <= LONGEST_HISTORY + ONE_TASK for run in runs)
    assert {tuple(run.carried) for run in runs[:-1]} == {(f'"{lead.lead_id}"'.encode(),)}

    took = lead.doors.seconds
    # late facts among them have the whole life folded again, which grows with it; nothing grows with its square
    assert median(took[-50:]) < 20 * median(took[:50]) + 0.2
