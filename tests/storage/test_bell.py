import asyncio
import contextlib

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.bell import CHANNEL, Bell
from storage.engine import create_engine
from storage.journal import Journal
from tests.eventually import eventually
from tests.storage.new_events import NOON, new_event


async def test_a_listener_hears_of_new_mail_and_a_burst_is_a_ring_or_two(journal: Journal, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        for i in range(10):
            await journal.append([new_event(str(i))], NOON)
        await journal.close()

        heard = [notice async for notice in listener.notifies(timeout=1, stop_after=11)]

    assert 1 <= len(heard) <= 10


async def test_duplicates_ring_nobody(journal: Journal, database_url: str) -> None:
    await journal.append([new_event("1")], NOON)
    await journal.close()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        await journal.append([new_event("1")], NOON)
        await journal.close()

        heard = [notice async for notice in listener.notifies(timeout=0.3, stop_after=1)]

    assert heard == []


async def test_a_bell_that_cannot_ring_disturbs_nobody(engine: AsyncEngine) -> None:
    broken = Bell(create_engine("postgresql://nobody@127.0.0.1:1/leadloop"))
    journal = Journal(engine, bell=broken)

    [receipt] = await journal.append([new_event("1")], NOON)
    with contextlib.suppress(asyncio.CancelledError):
        await journal.close()

    assert not receipt.duplicate
    await eventually(lambda: broken._ringer is not None and broken._ringer.done())
    assert broken._ringer is not None
    assert broken._ringer.exception() is None
