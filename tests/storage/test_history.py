"""Folding history in bulk writes what ordinary steps write, and leaves to them what asks or tells."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.entries import Entry
from leads.stages import Stage
from storage.engine import create_engine
from storage.history import MAIL_LIMIT, HistoryStore
from storage.journal import Journal
from storage.playbooks import Shelves, default_text, publish
from storage.starter_roster import seed_starter
from storage.step_store import StepStore
from storage.tables import actions, clocks, hand_offs, journal, lead_states, leads, mailboxes, timeline
from tests.builders import at, captured, fact, raised, touched
from tests.postgres_cluster import TestCluster
from tests.storage.step_desk import event_of

NOW = at(days=300)
LATER = NOW + timedelta(hours=1)


class Archive:
    """A database with history in it, and both ways to fold it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        ids = count(1)
        self.journal = Journal(engine, new_id=lambda: UUID(int=next(ids)))
        shelves = Shelves(engine)
        self.bulk = HistoryStore(engine, shelves)
        self.steps = StepStore(engine, shelves)

    async def mail(self, lives: Sequence[Sequence[Entry]], *, recorded_at: datetime = NOW) -> list[UUID]:
        """One lead per life."""
        events = [event_of(entry, f"lead-{number}") for number, life in enumerate(lives) for entry in life]
        receipts = await self.journal.append_history(events, recorded_at, recorded_at + timedelta(hours=1))
        return list(dict.fromkeys(receipt.lead_id for receipt in receipts if receipt.lead_id))

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        """All rows of a table that history writes, in a fixed order, without when they are to wake."""
        keys = list(table.primary_key.columns)
        async with self.engine.connect() as connection:
            found = [dict(row) for row in (await connection.execute(select(table).order_by(*keys))).mappings()]
        return [{name: value for name, value in row.items() if name != "wake_at"} for row in found]


async def opened(url: str) -> Archive:
    engine = create_engine(url, pool_size=4)
    async with engine.begin() as connection:
        await publish(connection, default_text(), author="test", comment="first", now=at(days=-30))
        await seed_starter(connection)
    return Archive(engine)


@pytest_asyncio.fixture
async def archive(database_url: str) -> AsyncIterator[Archive]:
    made = await opened(database_url)
    yield made
    await made.journal.close()
    await made.engine.dispose()


def past(entry: Entry) -> Entry:
    return fact(
        entry.type, entry.effective_at, id_=entry.id, backfill=True, recorded_at=NOW,
        **entry.data.model_dump(mode="json", exclude_none=True),
    )  # fmt: skip


LIVES = [
    [captured(at(0), email="Ada@Example.com", phone="+49 30 123456", name='A "quoted" \\ name')],
    [captured(at(1)), raised(at(2))],
    [captured(at(3)), raised(at(4)), fact("lead.assigned", at(5), owner="ana"), touched(at(6))],
    [captured(at(7)), fact("lead.qualified", at(8)), fact("lead.won", at(days=90), opportunity="o1", amount=10)],
    [captured(at(9)), raised(at(10)), fact("lead.rejected", at(20), by="ana", reason="no_budget")],
    [touched(at(11))],
    [fact("lead.lost", at(days=30), reason="chose_other"), captured(at(12)), fact("lead.qualified", at(13))],
]


def slots() -> Iterator[datetime]:
    return (LATER + timedelta(seconds=number) for number in count())


async def test_what_is_written_is_what_ordinary_steps_write(archive: Archive, cluster: TestCluster) -> None:
    lives = [[past(entry) for entry in life] for life in LIVES]
    with cluster.database() as url:
        other = await opened(url)
        lead_ids = await archive.mail(lives)
        assert await other.mail(lives) == lead_ids

        folded = await archive.bulk.fold(lead_ids, NOW, slots().__next__)
        for lead_id in lead_ids:
            await other.steps.take_step(lead_id, NOW)

        assert folded.left == []
        for table in (journal, timeline, clocks, hand_offs, lead_states, leads, mailboxes):
            assert await archive.rows(table) == await other.rows(table), table.name
        await other.journal.close()
        await other.engine.dispose()


async def test_open_leads_wake_in_their_slots_and_ended_ones_never(archive: Archive) -> None:
    lead_ids = await archive.mail([[past(entry) for entry in life] for life in LIVES])

    folded = await archive.bulk.fold(lead_ids, NOW, slots().__next__)

    async with archive.engine.connect() as connection:
        found = (await connection.execute(select(leads.c.stage, leads.c.wake_at).order_by(leads.c.wake_at))).all()
    ended = [row.stage for row in found if row.wake_at is None]
    # won and lost have ended; the other five wake a second apart
    assert sorted(ended) == ["lost", "won"]
    assert [row.wake_at for row in found[:5]] == [LATER + timedelta(seconds=number) for number in range(5)]
    assert len(folded.asleep) == 5


async def test_bringing_forward_spreads_the_wakes_of_those_still_open(archive: Archive) -> None:
    lead_ids = await archive.mail([[past(entry) for entry in life] for life in LIVES])
    folded = await archive.bulk.fold(lead_ids, NOW, slots().__next__)
    async with archive.engine.begin() as connection:
        await connection.execute(update(leads).where(leads.c.lead_id == folded.asleep[0]).values(wake_at=at(0)))

    await archive.bulk.bring_forward(lead_ids, NOW, timedelta(milliseconds=200))

    async with archive.engine.connect() as connection:
        found = await connection.execute(select(leads.c.lead_id, leads.c.wake_at))
        wakes = {row.lead_id: row.wake_at for row in found}
    expected = {
        lead_id: NOW + timedelta(milliseconds=200 * place) if lead_id in folded.asleep else None
        for place, lead_id in enumerate(lead_ids)
    }
    # whoever wakes earlier anyway is left alone
    assert wakes == expected | {folded.asleep[0]: at(0)}


async def test_what_must_ask_or_tell_is_left_to_an_ordinary_step(archive: Archive) -> None:
    """Routing asks who is free; a late fact for the whole journal; a closer's answer how often he was asked already.

    And a notice under way may have to be withdrawn.
    """
    today = [fact("lead.captured", NOW, id_="c", source="web"), fact("lead.hand_raised", NOW, id_="r", kind="demo")]
    returned = [
        fact("lead.captured", NOW, id_="returned", source="web"),
        fact("lead.assigned", NOW, id_="to ana", owner="ana"),
        fact("lead.assigned", NOW + timedelta(minutes=1), owner="carl", team="closers"),
        fact("lead.returned", NOW + timedelta(minutes=2), by="carl", reason="no_fit"),
    ]
    routed, late, busy, asked = await archive.mail(
        [[captured(NOW), raised(NOW)], [past(captured(at(1))), past(raised(at(2)))], today, returned]
    )
    await archive.steps.take_step(late, NOW)
    await archive.steps.take_step(busy, NOW)
    await archive.mail([[], [past(touched(at(1.5)))], [touched(NOW)]])

    folded = await archive.bulk.fold([routed, late, busy, asked], NOW, slots().__next__)

    assert (folded.stages, sorted(folded.left)) == ({}, sorted([routed, late, busy, asked]))


async def test_mail_that_cannot_be_digested_is_left_and_marks_only_its_lead_stuck(archive: Archive) -> None:
    good, bad = await archive.mail([[past(captured(at(0)))], [past(captured(at(1)))]])
    async with archive.engine.begin() as connection:
        await connection.execute(update(journal).where(journal.c.lead_id == bad).values(type="lead.unheard_of"))

    folded = await archive.bulk.fold([good, bad], NOW, slots().__next__)

    assert (folded.stages, folded.left) == ({good: Stage.NURTURING}, [bad])
    assert (await archive.steps.take_step(bad, NOW)).stuck_code == "UnknownEntryError"


async def test_more_mail_than_a_step_reads_is_left(archive: Archive) -> None:
    engaged = [
        past(fact("lead.engaged", at(number), id_=str(number), kind="page_viewed")) for number in range(MAIL_LIMIT + 1)
    ]
    [lead_id] = await archive.mail([engaged])
    assert (await archive.bulk.fold([lead_id], NOW, slots().__next__)).left == [lead_id]


async def test_folding_twice_changes_nothing(archive: Archive) -> None:
    lead_ids = await archive.mail([[past(entry) for entry in life] for life in LIVES])
    await archive.bulk.fold(lead_ids, NOW, slots().__next__)
    before = await archive.rows(timeline), await archive.rows(lead_states)

    again = await archive.bulk.fold(lead_ids, NOW + timedelta(days=1), slots().__next__)

    assert (again.stages, sorted(again.left)) == ({}, sorted(lead_ids))
    assert (await archive.rows(timeline), await archive.rows(lead_states)) == before
    async with archive.engine.connect() as connection:
        assert (await connection.execute(select(actions))).all() == []
