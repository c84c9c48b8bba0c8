"""Publishing over the API's store: a playbook's teams must be in the roster."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.playbook_store import PlaybookStore
from storage.playbooks import PlaybookError, default_text
from storage.starter_roster import seed_starter
from tests.storage.new_events import NOON


async def test_a_segment_whose_team_nobody_knows_is_a_fault_and_nothing_is_published(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await seed_starter(connection)
    store = PlaybookStore(engine)
    before = await store.revisions(before=None, limit=200)

    with pytest.raises(PlaybookError) as refusal:
        await store.publish(default_text().replace("team: sales", "team: marz", 1), author="a", comment="c", now=NOON)

    assert refusal.value.lines == ("line 27, segments.0.team: there is no team 'marz' in the roster",)
    assert await store.revisions(before=None, limit=200) == before


async def test_the_default_playbook_fits_the_starter_roster(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await seed_starter(connection)

    made = await PlaybookStore(engine).publish(default_text(), author="a", comment="c", now=NOON)

    assert made.comment == "c"
