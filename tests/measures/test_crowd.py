from datetime import UTC, datetime

from sqlalchemy import func, select

from leads.fold import refold
from storage.engine import create_engine
from storage.playbooks import Shelves
from storage.queries import LeadQueries
from storage.tables import hand_offs, leads, receipts, tally_cursors
from tests.measures.crowd import crowd
from workers.furnish import furnish

NOW = datetime(2026, 6, 17, 15, tzinfo=UTC)


async def test_every_lead_of_a_crowd_stands_where_its_own_journal_folds_to(database_url: str) -> None:
    await furnish(database_url, NOW)
    async with crowd(database_url, NOW, starts=1) as pourer:
        pourer.fill(100)
        pourer.fill(300)

    engine = create_engine(database_url)
    queries = LeadQueries(engine, Shelves(engine))
    try:
        async with engine.connect() as connection:
            ids = [*await connection.scalars(select(leads.c.lead_id))]
        for lead_id in ids:
            found = await queries.load_state(lead_id)
            assert found is not None
            folded = refold(str(lead_id), found.journal, found.shelf)[0]
            folded.tick = found.lead.tick
            assert folded == found.lead
    finally:
        await engine.dispose()

    assert len(ids) == pourer.leads
    assert {lead_id.version for lead_id in ids} == {7}


async def test_a_crowd_is_one_tenth_open_and_all_of_it_is_counted(database_url: str) -> None:
    await furnish(database_url, NOW)
    async with crowd(database_url, NOW, starts=1) as pourer:
        pourer.fill(2_000)

    engine = create_engine(database_url)
    async with engine.connect() as connection:
        open_now = await connection.scalar(select(func.count()).where(leads.c.is_open)) or 0
        counted = await connection.scalar(select(func.count()).select_from(tally_cursors))
        handed = await connection.scalar(select(func.count()).select_from(hand_offs))
        event_ids = [*await connection.scalars(select(receipts.c.event_id))]
    await engine.dispose()

    assert 0.09 < open_now / pourer.leads < 0.11
    assert counted == pourer.leads
    assert handed
    assert len(event_ids) == len(set(event_ids))
