"""A promise in its owner's own hours: a step asks the roster once, and the database keeps what it said."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import insert, update

from storage.tables import absences, clocks, journal, people
from tests.builders import at, captured, fact
from tests.leads.test_own_hours import calendar
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

OWN_HOURS = WITHOUT_LAG.replace(
    "first_touch: {target: PT8H, ladder: normal}", "first_touch: {target: PT2H, hours: owner, ladder: normal}"
)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url, OWN_HOURS) as opened:
        yield opened


async def _works(desk: StepDesk, start: str, end: str) -> None:
    document = calendar(start, end).model_dump(mode="json")
    async with desk.engine.begin() as connection:
        await connection.execute(update(people).where(people.c.person_id == "ana").values(open_hours=document))


async def _is_away(desk: StepDesk, *hours: tuple[float, float]) -> None:
    rows = [
        {
            "source": "hr", "event_id": str(uuid4()), "person_id": "ana", "starts_at": at(hours=begin),
            "ends_at": at(hours=end),
        }
        for begin, end in hours
    ]  # fmt: skip
    async with desk.engine.begin() as connection:
        await connection.execute(insert(absences), rows)


async def test_it_runs_in_the_hours_and_around_the_absences_of_the_roster(desk: StepDesk) -> None:
    await _works(desk, "14:00", "18:00")
    await _is_away(desk, (6, 7), (-5, -1))  # from 15:00 to 16:00; and long over
    lead_id = await desk.told(captured(at(0)), fact("lead.assigned", at(1), owner="ana"))

    await _works(desk, "09:00", "10:00")  # an edit moves nothing that runs
    await desk.told(fact("lead.updated", at(2), company="Acme"))

    [clock] = [row for row in await desk.rows(clocks, lead_id) if row.clock == "first_touch"]
    assert clock.due_at == at(hours=8)  # 14:00 to 15:00, and 16:00 to 17:00
    [taken] = [row for row in await desk.rows(journal, lead_id) if row.type == "hours_taken"]
    assert (taken.effective_at, len(taken.data["away"])) == (at(1), 1)


async def test_an_owner_whom_the_roster_does_not_know_works_as_the_team_does(desk: StepDesk) -> None:
    lead_id = await desk.told(captured(at(0)), fact("lead.assigned", at(1), owner="agency-7"))

    [clock] = [row for row in await desk.rows(clocks, lead_id) if row.clock == "first_touch"]
    assert clock.due_at == at(121)
    [taken] = [row for row in await desk.rows(journal, lead_id) if row.type == "hours_taken"]
    assert (taken.data["calendar"], taken.data["away"]) == (None, [])
