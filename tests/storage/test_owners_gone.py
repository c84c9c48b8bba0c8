"""Leads hear that their owner is away or has left: each once, whoever looks, whenever it began."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio
from sqlalchemy import delete, insert, update

from storage.owners_gone import OwnersGone
from storage.pipeline import pipelined
from storage.tables import absences, journal, leads, people
from tests.builders import at, captured, fact, raised, touched
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

LEFT_AT = at(5)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url, WITHOUT_LAG) as opened:
        yield opened


async def given_to(desk: StepDesk, owner: str, subject: str, minutes: float = 1) -> UUID:
    given = fact("lead.assigned", at(minutes), owner=owner, id_=f"{subject} given")
    asked = raised(at(0), id_=f"{subject} raised")
    lead_id = await desk.mail(captured(at(0), id_=f"{subject} captured"), asked, given, subject=subject)
    await desk.step(lead_id, at(minutes))
    return lead_id


async def goes_away(desk: StepDesk, person: str, since: datetime, until: datetime, **more: Any) -> UUID:
    row = {"source": "hr", "event_id": str(uuid4()), "absence_id": uuid4(), "person_id": person}
    row |= {"starts_at": since, "ends_at": until, **more}
    async with desk.engine.begin() as connection:
        await connection.execute(insert(absences).values(row))
    return UUID(str(row["absence_id"]))


async def leaves(desk: StepDesk, person: str, when: datetime = LEFT_AT) -> None:
    async with desk.engine.begin() as connection:
        gone = {"is_active": False, "left_at": when}
        await connection.execute(update(people).where(people.c.person_id == person).values(gone))


async def look(desk: StepDesk, now: datetime, limit: int = 500) -> int:
    return await OwnersGone(desk.engine, desk.shelves).tell(now, limit)


async def owner(desk: StepDesk, lead_id: UUID) -> str | None:
    [row] = await desk.rows(leads, lead_id)
    return str(row.owner) if row.owner else None


async def heard(desk: StepDesk, lead_id: UUID) -> list[str]:
    return [row.type for row in await desk.rows(journal, lead_id) if row.type.startswith("owner.")]


async def test_an_absence_told_ahead_acts_when_it_begins(desk: StepDesk) -> None:
    lead_id = await given_to(desk, "ana", "a")
    await goes_away(desk, "ana", at(10), at(days=2))

    assert await look(desk, at(9.9)) == 0
    assert await look(desk, at(10)) == 1
    await desk.step(lead_id, at(10))
    assert await owner(desk, lead_id) == "ben"
    assert (await look(desk, at(11)), await heard(desk, lead_id)) == (0, ["owner.away"])


async def test_one_that_was_taken_back_does_nothing(desk: StepDesk) -> None:
    lead_id = await given_to(desk, "ana", "a")
    absence = await goes_away(desk, "ana", at(10), at(days=2))
    async with desk.engine.begin() as connection:
        await connection.execute(delete(absences).where(absences.c.absence_id == absence))

    assert (await look(desk, at(12)), await owner(desk, lead_id)) == (0, "ana")


async def test_one_taken_back_after_the_lead_was_told_moves_nothing_either(desk: StepDesk) -> None:
    lead_id = await given_to(desk, "ana", "a")
    absence = await goes_away(desk, "ana", at(10), at(days=2))
    await look(desk, at(10))
    async with desk.engine.begin() as connection:
        await connection.execute(delete(absences).where(absences.c.absence_id == absence))

    await desk.step(lead_id, at(11))

    assert await owner(desk, lead_id) == "ana"


async def test_leads_at_work_are_not_told_where_the_playbook_lets_them_wait(desk: StepDesk) -> None:
    lead_id = await given_to(desk, "ana", "a")
    await desk.told(touched(at(2), id_="a touched"), subject="a")
    await goes_away(desk, "ana", at(10), at(days=2))

    assert (await look(desk, at(10)), await heard(desk, lead_id)) == (0, [])


async def test_a_lead_given_to_somebody_who_is_away_by_then_moves_on(desk: StepDesk) -> None:
    await goes_away(desk, "ana", at(0), at(days=2))
    assert await look(desk, at(0)) == 0
    lead_id = await given_to(desk, "ana", "a")  # by the CRM, which does not know

    assert await look(desk, at(2)) == 1
    await desk.step(lead_id, at(2))

    assert await owner(desk, lead_id) == "ben"


async def test_a_lead_given_back_to_who_is_away_is_looked_at_again(desk: StepDesk) -> None:
    lead_id = await given_to(desk, "ana", "a")
    await goes_away(desk, "ana", at(2), at(days=2))
    await look(desk, at(2))
    await desk.step(lead_id, at(2))
    assert await owner(desk, lead_id) == "ben"
    await desk.told(fact("lead.assigned", at(5), owner="ana", id_="again"), subject="a")
    assert await owner(desk, lead_id) == "ana"

    assert await look(desk, at(6)) == 1
    await desk.step(lead_id, at(6))

    assert await owner(desk, lead_id) == "cleo"


async def test_an_absence_made_longer_is_told_anew(desk: StepDesk) -> None:
    await desk.told(captured(at(0)), fact("lead.qualified", at(0)), fact("lead.assigned", at(0), owner="ana"))
    lead_id = await desk.mail(fact("lead.engaged", at(1), kind="page_viewed"))
    absence = await goes_away(desk, "ana", at(10), at(hours=2))
    await look(desk, at(10))
    await desk.step(lead_id, at(10))
    assert await owner(desk, lead_id) == "ana"  # she is back soon enough

    async with desk.engine.begin() as connection:
        longer = update(absences).where(absences.c.absence_id == absence).values(ends_at=at(days=9))
        await connection.execute(longer)
    assert await look(desk, at(20)) == 1
    await desk.step(lead_id, at(20))

    assert await owner(desk, lead_id) == "ben"


async def test_deputies_of_deputies_stand_in_and_managers_up_the_line(desk: StepDesk) -> None:
    async with desk.engine.begin() as connection:
        for person, deputy in (("ana", "ben"), ("ben", "carl"), ("carl", "ana")):
            await connection.execute(update(people).where(people.c.person_id == person).values(deputy=deputy))
    lead_id = await given_to(desk, "ana", "a")
    await desk.told(touched(at(2), id_="a touched"), subject="a")
    await goes_away(desk, "ben", at(0), at(days=2))
    await leaves(desk, "ana")

    assert await look(desk, at(6)) == 1
    await desk.step(lead_id, at(6))

    [move] = [row.data for row in await desk.rows(journal, lead_id) if row.type == "assigned"]
    assert (move["owner"], move["cause"], move["was"]) == ("carl", "left", "ana")
    assert move["standing"] == {
        "person": "ana", "is_known": True, "is_active": False, "away_from": None, "away_until": None, "deputy": "carl",
        "manager": "mira",
    }  # fmt: skip


async def test_who_came_back_and_left_again_is_told_of_again(desk: StepDesk) -> None:
    async with desk.engine.begin() as connection:
        await connection.execute(update(people).values(is_active=False, left_at=at(3)))  # nobody is left
    lead_id = await given_to(desk, "mira", "a")
    assert await look(desk, at(4)) == 1
    async with desk.engine.begin() as connection:
        await connection.execute(update(people).values(is_active=True, left_at=None))
    assert await look(desk, at(5)) == 0
    await leaves(desk, "mira", at(6))

    assert await look(desk, at(7)) == 1
    await desk.step(lead_id, at(7))

    assert await owner(desk, lead_id) == "ana"


async def test_couriers_that_look_at_once_tell_each_lead_once(desk: StepDesk) -> None:
    ids = [await given_to(desk, "ana", f"lead {n}") for n in range(30)]
    await leaves(desk, "ana")

    found = 0
    while ids and found < len(ids):
        found += sum(await asyncio.gather(*(look(desk, at(6), limit=4) for _ in range(4))))

    assert found == len(ids)
    assert [await heard(desk, lead_id) for lead_id in ids] == [["owner.left"]] * len(ids)


async def test_an_absence_that_begins_while_a_step_runs_is_told_by_the_next_look(desk: StepDesk) -> None:
    lead_id = await given_to(desk, "ana", "a")
    await goes_away(desk, "ana", at(5), at(days=2))
    async with pipelined(desk.engine) as step:
        step.send("SELECT FROM leads WHERE lead_id = %(lead)s FOR NO KEY UPDATE", lead=lead_id)
        await step.flush()
        assert await look(desk, at(5)) == 0

    assert await look(desk, at(6)) == 1


async def test_what_is_due_first_is_told_first(desk: StepDesk) -> None:
    slow = await desk.told(captured(at(0), id_="s"), fact("lead.qualified", at(0)), subject="s")
    await desk.told(fact("lead.assigned", at(0.5), owner="ana", id_="s given"), subject="s")
    hot = await given_to(desk, "ana", "hot")
    await leaves(desk, "ana")

    assert await look(desk, at(6), limit=1) == 1

    assert (await heard(desk, hot), await heard(desk, slow)) == (["owner.left"], [])
