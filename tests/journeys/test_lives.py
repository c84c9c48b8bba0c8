"""The lives of the documents, lived on the real thing: they come to what they come to on paper."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
import yaml
from sqlalchemy import select

from leads.decisions import DECISIONS
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.state import Lead, load_state
from storage.tables import lead_states
from tests.builders import MONDAY
from tests.journeys.house import house_rules
from tests.journeys.world import World, world
from tests.lead_test_env import LeadTestEnv
from tests.paper import came_to, dated, decided, lived, moments
from tests.scripts import SCRIPTS, Beat, Script
from tests.smtp_sink import SmtpSink

RULES = house_rules()


@pytest_asyncio.fixture
async def lead(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    async with world(temporal_env, database_url, smtp_sink, RULES) as made:
        yield made


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.title)
async def test_it_comes_to_the_same_as_on_paper(lead: World, script: Script) -> None:
    begin = await lead.now()
    for after, beats, _ in moments(script):
        if beats and lead.lead_id is not None:
            await lead.until(begin + after)
        await happen(lead, beats, begin)
    if await lead.is_alive():  # what is won may end by itself
        await lead.until(begin + script.ends_after)

    on_paper = lived(script, Shelf([Revision(1, MONDAY, Playbook.model_validate(yaml.safe_load(RULES)))]), begin)
    assert came_to(await state(lead)) == came_to(on_paper.lead)
    made = Counter(row.type for row in await lead.journal_rows() if row.type in DECISIONS)
    made.pop("notice_withdrawn", None)  # on paper nothing is ever on its way
    assert made == Counter(decided(on_paper.journal))


async def happen(lead: World, beats: list[Beat], begin: datetime) -> None:
    now = await lead.now()
    facts = [
        await lead.event(beat.name, ago=now - (begin + beat.after), **dated(beat.data, begin))
        for beat in beats
        if beat.actor is None
    ]
    if facts:
        await lead.gets(*facts)
    for beat in beats:
        if beat.actor is not None:
            answer = await lead.command(beat.name, beat.actor, **dated(beat.data, begin))
            assert answer == ("refused" if beat.is_refused else "granted")


async def state(lead: World) -> Lead:
    async with lead.engine.connect() as connection:
        query = select(lead_states.c.state).where(lead_states.c.lead_id == lead.lead_id)
        return load_state((await connection.execute(query)).scalar_one())
