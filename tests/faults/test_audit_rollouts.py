"""The audit knows what an edit does: leads moved, held and released are in order; what is altered of it is named."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text

from leads.running import Choice, Running
from storage.engine import create_engine
from storage.journal import Journal
from storage.playbooks import Shelves, default_text, publish_read, read_playbook
from storage.rollout_reach import RolloutReach
from storage.rollouts import RolloutStore
from storage.step_store import StepStore
from tests.faults.audit import audit
from tests.storage.new_events import new_event
from workers.furnish import furnish

TOLD = """
UPDATE actions SET state = 'done', payload = payload || jsonb_build_object('told', jsonb_build_array(payload->>'owner'))
"""
"""No courier runs here, and a notice that is two hours old and reached nobody is lost."""
DAY_AND_NIGHT = default_text().replace("first_touch: {target: PT8H,", "first_touch: {target: PT8H, time: elapsed,")
TAMPERED = [
    ("DELETE FROM journal WHERE type = 'playbook.adopted'", "a lead's own book has a gap"),
    ("UPDATE clocks SET held_revision = 2", "has another held_revision in its row"),
    ("UPDATE clocks SET revision = 1 WHERE clock = 'first_touch'", "has another revision in its row"),
]


@pytest_asyncio.fixture
async def moved(database_url: str) -> AsyncIterator[str]:
    """A lead that two edits have moved: by the first it was held and then released."""
    now = datetime.now(UTC)
    begun = now - timedelta(hours=2)
    await furnish(database_url, begun)
    engine = create_engine(database_url, for_pipelines=True)
    shelves, rollouts = Shelves(engine), RolloutStore(engine)
    steps = StepStore(engine, shelves)
    reach = RolloutReach(engine, steps, shelves, leads_a_second=1000)
    told: list[tuple[str, dict[str, object] | None]] = [("lead.captured", None), ("lead.qualified", {})]
    events = [new_event(f"e{n}", type=name, data=data, at=begun) for n, (name, data) in enumerate(told)]
    [receipt, _] = await Journal(engine).append(events, begun)
    assert receipt.lead_id is not None
    edits = [(begun, "PT8H"), (now - timedelta(hours=1), "PT30M"), (now - timedelta(minutes=20), "PT6H")]
    for number, (at, target) in enumerate(edits, start=2):
        source = DAY_AND_NIGHT.replace("PT8H, time", f"{target}, time")
        async with engine.begin() as connection:
            await publish_read(
                connection, read_playbook(source, at), source, author="a", comment="c", now=at,
                running=Running(default=Choice.CARRY),
            )  # fmt: skip
        later = at + timedelta(seconds=10)
        await steps.take_step(receipt.lead_id, later)
        await reach.go_on(number, lambda later=later: later, seconds=5)  # type: ignore[misc]  # each its own instant
    await rollouts.confirm(3, by="root", now=now - timedelta(minutes=10))
    await steps.take_step(receipt.lead_id, now)
    async with engine.begin() as connection:
        await connection.execute(text(TOLD))
    yield str(receipt.lead_id)
    await engine.dispose()


async def test_a_lead_that_edits_have_moved_passes(moved: str, database_url: str) -> None:
    assert (await audit(database_url)).differences == [], moved
    with psycopg.connect(database_url) as connection:
        adopted = connection.execute("SELECT count(*) FROM journal WHERE type = 'playbook.adopted'").fetchone()
    assert adopted is not None
    assert adopted[0] >= 2


@pytest.mark.parametrize(("change", "found"), TAMPERED)
async def test_what_is_altered_of_an_edit_is_named(moved: str, database_url: str, change: str, found: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(change)
    assert any(found in difference for difference in (await audit(database_url)).differences), moved
