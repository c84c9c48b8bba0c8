"""A late fact on a lead of whom much has been told: what no longer holds is corrected in one pass."""

import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text

from storage.tables import timeline
from tests.builders import at, captured, touched
from tests.storage.step_desk import StepDesk, opened_desk

LINES = 6000
"""A pass over pairs of them takes half a minute, and the step would never end in its time."""
MOST_SECONDS = 4

_TELL = f"""
INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
SELECT :lead_id, (SELECT max(number) FROM timeline) + n, 'told:' || n, :at, :at, 'stage_moved', '{{}}'
FROM generate_series(1, {LINES}) AS n
"""  # noqa: S608  a number of this module


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def test_thousands_of_lines_are_corrected_in_the_time_of_one_step(desk: StepDesk) -> None:
    lead_id = await desk.told(captured(at(0)), touched(at(10)))
    async with desk.engine.begin() as connection:
        await connection.execute(text(_TELL), {"lead_id": lead_id, "at": at(5)})

    began = time.perf_counter()
    for late in (8, 7):
        await desk.mail(touched(at(late), recorded_at=at(30 - late)))
        assert (await desk.step(lead_id, at(30 - late))).refolded
    took = time.perf_counter() - began

    corrections = Counter(row.data["corrects"] for row in await desk.rows(timeline, lead_id) if row.kind == "corrected")
    assert all(corrections[f"told:{n}"] == 1 for n in range(1, LINES + 1))  # by the first of the two, for good
    assert took < MOST_SECONDS


_TAKE_BACK = """
INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
SELECT :lead_id, (SELECT max(number) FROM timeline) + n, key, :at, :at, kind, data::jsonb FROM (
    VALUES (1, 'fact:crm/touched:1', 'fact', '{}'),
           (2, 'corrected:fact:crm/touched:1@1', 'corrected', '{"corrects": "fact:crm/touched:1"}')
) AS told (n, key, kind, data)
"""


async def test_a_line_that_was_taken_back_and_comes_about_after_all_holds_as_it_then_comes_about(
    desk: StepDesk,
) -> None:
    lead_id = await desk.told(captured(at(0)))
    touch = touched(at(10))
    key = f"fact:{touch.source}/{touch.id}"
    async with desk.engine.begin() as connection:
        taken_back = _TAKE_BACK.replace("fact:crm/touched:1", key)
        await connection.execute(text(taken_back), {"lead_id": lead_id, "at": at(5)})

    await desk.mail(touch)
    assert not (await desk.step(lead_id, at(10))).refolded

    about = [row for row in await desk.rows(timeline, lead_id) if row.data.get("corrects") == key]
    assert [(row.kind, row.at) for row in about] == [("corrected", at(5)), ("amended", at(10))]
