"""A database with one lead in order, to be tampered with."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from storage.engine import create_engine
from storage.journal import Journal
from storage.playbooks import Shelves
from storage.step_store import StepStore
from tests.storage.new_events import new_event
from workers.furnish import furnish


@pytest_asyncio.fixture
async def lead(database_url: str) -> AsyncIterator[str]:
    """The database of one lead: captured, its hand raised, given to somebody. Its lead's id."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    await furnish(database_url, now)
    engine = create_engine(database_url)
    events = [new_event("e1", at=now), new_event("e2", type="lead.hand_raised", data={"kind": "demo"}, at=now)]
    receipts = await Journal(engine).append(events, now)
    lead_id = receipts[0].lead_id
    assert lead_id is not None
    await StepStore(engine, Shelves(engine)).take_step(lead_id, now)
    yield str(lead_id)
    await engine.dispose()
