"""The alarms of many leads in one second: all of them ring, each once, and none before its time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
import yaml
from sqlalchemy import text

from tests.eventually import eventually
from tests.faults.audit import audit
from tests.journeys.couriers import courier
from tests.journeys.house import House, house_rules
from tests.journeys.world import World, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink
from workflows.front_door import lead_workflow_id
from workflows.pace import SPREAD

# a step that ends just as its time is up: the SDK warns that there is nothing left to cancel
pytestmark = pytest.mark.filterwarnings("ignore:Cannot find activity to cancel")
BATCH = 900
"""Events in one request, three of a lead."""
_ALARMS = """
SELECT lead_id::text, type, effective_at FROM journal
WHERE type = 'nurtured' OR (type = 'breach_announced' AND data->>'clock' LIKE 'next_step%')
"""
_DUE = "SELECT DISTINCT due_at FROM clocks WHERE clock = 'next_step'"
_NURTURED = "SELECT lead_id::text FROM leads WHERE stage = 'nurturing'"
_ASLEEP = "SELECT count(*) FROM mailboxes WHERE read_to = last_sequence"


@dataclass(frozen=True)
class Crowd:
    """Leads of one house whose alarms are all set to `rings_at`."""

    lead: World
    rings_at: datetime
    promised: int
    nurtured: int

    @property
    def house(self) -> House:
        return self.lead.house

    async def comes(self) -> None:
        """All are captured; sales agrees a date with most of them, the others are put off to the same instant."""
        now = datetime.now(UTC)
        told = [event for number in range(self.promised) for event in self._promised(number, now)]
        told += [event for number in range(self.nurtured) for event in self._put_off(number, now)]
        for first in range(0, len(told), BATCH):
            await self.house.front.sends(told[first : first + BATCH], datetime.now(UTC))

    def _promised(self, number: int, now: datetime) -> list[dict[str, Any]]:
        agreed_at = self.rings_at - timedelta(seconds=1)  # of which a second is promised
        agreed = {"channel": "call", "by": "ana", "connected": True, "next_step_at": agreed_at.isoformat()}
        name = f"promised-{number}"
        return [
            _event(name, "lead.captured", now, source="website"),
            _event(name, "lead.hand_raised", now, kind="demo"),
            _event(name, "lead.touched", now, **agreed),
        ]

    def _put_off(self, number: int, now: datetime) -> list[dict[str, Any]]:
        name = f"put-off-{number}"
        return [
            _event(name, "lead.captured", now, source="website"),
            _event(name, "lead.recycled", now, reason="bad_timing", wake_at=self.rings_at.isoformat()),
        ]

    async def is_asleep(self) -> bool:
        [row] = await self.rows(_ASLEEP)
        return bool(row.count == self.promised + self.nurtured)

    async def alarms(self, type_: str) -> dict[str, list[datetime]]:
        """Lead → when its alarms of a type rang."""
        found: dict[str, list[datetime]] = {}
        for row in await self.rows(_ALARMS):
            if row.type == type_:
                found.setdefault(row.lead_id, []).append(row.effective_at)
        return found

    async def has_told_all(self) -> bool:
        return len(await self.alarms("breach_announced")) == self.promised

    async def is_over(self) -> None:
        client = self.house.client
        for row in await self.rows("SELECT lead_id::text FROM leads"):
            await client.get_workflow_handle(lead_workflow_id(row.lead_id)).terminate("the test is over")

    async def lets_the_others_wake(self) -> None:
        """Their clocks are moved on, a few at a time, by what an alarm of nurturing may be late."""
        hands = asyncio.Semaphore(20)

        async def wake(lead_id: str) -> None:
            async with hands:
                handle = self.house.client.get_workflow_handle(lead_workflow_id(lead_id))
                await self.house.env.advance(handle, SPREAD.spread + timedelta(seconds=1))

        await asyncio.gather(*(wake(row.lead_id) for row in await self.rows(_NURTURED)))

    async def rows(self, query: str) -> Sequence[Any]:
        async with self.house.engine.connect() as connection:
            return (await connection.execute(text(query))).all()


def _event(subject: str, type_: str, at: datetime, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "source": "test", "id": f"{subject}-{type_}", "type": type_, "subject": subject,
        "time": at.isoformat(), "data": data,
    }  # fmt: skip


async def all_ring_once(crowd: Crowd, database_url: str, *, within_seconds: float) -> None:
    async with courier(crowd.house, database_url, lambda: datetime.now(UTC)):
        await crowd.comes()
        await eventually(crowd.is_asleep, within_seconds)
        assert [row.due_at for row in await crowd.rows(_DUE)] == [crowd.rings_at]

        await eventually(crowd.has_told_all, within_seconds)
        await crowd.lets_the_others_wake()
        assert len(await crowd.alarms("nurtured")) == crowd.nurtured
        await crowd.is_over()

    told = await crowd.alarms("breach_announced")
    assert [len(times) for times in told.values()] == [1] * crowd.promised
    assert min(min(times) for times in told.values()) >= crowd.rings_at
    woken = await crowd.alarms("nurtured")
    assert [len(times) for times in woken.values()] == [1] * crowd.nurtured
    assert min(at for [at] in woken.values()) >= crowd.rings_at
    assert (await audit(database_url, now=crowd.rings_at)).differences == []


@pytest_asyncio.fixture
async def lead(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    async with world(temporal_env, database_url, smtp_sink, _quick_rules()) as made:
        yield made


def _quick_rules() -> str:
    """A date agreed is kept at once, or missed; nobody is told, since letters to one person would be held back."""
    document = yaml.safe_load(house_rules())
    document["mode"] = "shadow"
    for segment in document["segments"]:
        segment["promises"]["next_step"] = {"target": "PT1S", "ladder": "gentle"}
    return yaml.safe_dump(document, sort_keys=False)


@pytest.mark.timeout(120)
async def test_the_alarms_of_hundreds_in_one_second_all_ring_once(lead: World, database_url: str) -> None:
    crowd = Crowd(lead, _in(seconds=10), promised=160, nurtured=40)
    await all_ring_once(crowd, database_url, within_seconds=60)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_the_alarms_of_five_thousand_in_one_second_all_ring_once(lead: World, database_url: str) -> None:
    crowd = Crowd(lead, _in(seconds=360), promised=4500, nurtured=500)
    await all_ring_once(crowd, database_url, within_seconds=800)


def _in(*, seconds: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
