import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import roster
from storage.roster import Absence, Person, Team
from storage.starter_roster import seed_starter
from storage.tables import team_members
from tests.storage.new_events import NOON

ANA = Person(person_id="ana", name="Ana", email="ana@example.com", manager="mira", deputy="bo")
BO = Person(person_id="bo", name="Bo", email="bo@example.com")
WEEK_OFF = Absence(
    source="hr", event_id="1", person_id="ana", starts_at=NOON, ends_at=NOON + timedelta(days=7), deputy="bo"
)


async def a_team(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for person in (ANA, BO):
            await roster.upsert_person(connection, person)
        await roster.upsert_team(connection, Team(team_id="sales", name="Sales"))
        await roster.set_members(connection, "sales", ["bo", "ana"])


async def test_a_team_is_read_with_its_members_in_their_order(engine: AsyncEngine) -> None:
    await a_team(engine)

    async with engine.connect() as connection:
        team = await roster.load_team(connection, "sales", NOON)

    assert team is not None
    assert team.name == "Sales"
    assert [(member.person, member.position) for member in team.members] == [("bo", 0), ("ana", 1)]


async def test_a_team_nobody_knows_is_none(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await roster.load_team(connection, "sales", NOON) is None


@pytest.mark.parametrize(
    ("minutes", "is_absent"),
    [(-1, False), (0, True), (7 * 24 * 60 - 1, True), (7 * 24 * 60, False)],  # from the start until before the end
)
async def test_a_member_is_absent_within_the_half_open_period(
    engine: AsyncEngine,
    minutes: int,
    is_absent: bool,  # noqa: FBT001 a table's column
) -> None:
    await a_team(engine)
    async with engine.begin() as connection:
        await roster.upsert_absence(connection, WEEK_OFF)

        team = await roster.load_team(connection, "sales", NOON + timedelta(minutes=minutes))

    assert team is not None
    assert {member.person: member.is_absent for member in team.members} == {"bo": False, "ana": is_absent}


async def test_an_absence_told_again_is_changed_not_doubled(engine: AsyncEngine) -> None:
    shorter = replace(WEEK_OFF, ends_at=NOON + timedelta(days=1))
    async with engine.begin() as connection:
        await roster.upsert_absence(connection, WEEK_OFF)
        await roster.upsert_absence(connection, shorter)

        kept = await roster.load_absences(connection, "ana", NOON)

    assert kept == [shorter]


async def test_who_stays_in_a_team_keeps_their_counts(engine: AsyncEngine) -> None:
    await a_team(engine)
    async with engine.begin() as connection:
        await connection.execute(update(team_members).values(assigned_count=5))

        await roster.set_members(connection, "sales", ["ana"])
        await roster.set_members(connection, "sales", ["ana", "bo"])
        team = await roster.load_team(connection, "sales", NOON)

    assert team is not None
    assert [(member.person, member.assigned_count) for member in team.members] == [("ana", 5), ("bo", 0)]


async def test_a_member_must_be_known(engine: AsyncEngine) -> None:
    await a_team(engine)

    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await roster.set_members(connection, "sales", ["nobody"])


async def test_people_are_read_by_name_or_all(engine: AsyncEngine) -> None:
    await a_team(engine)

    async with engine.connect() as connection:
        assert await roster.load_people(connection, ["ana", "nobody"]) == [ANA]
        assert await roster.load_people(connection) == [ANA, BO]


async def test_the_starter_roster_fills_an_empty_one_once(engine: AsyncEngine) -> None:
    async def seed() -> bool:
        async with engine.begin() as connection:
            return await seed_starter(connection)

    seeded = await asyncio.gather(seed(), seed(), seed())

    assert sorted(seeded) == [False, False, True]
    async with engine.connect() as connection:
        sales = await roster.load_team(connection, "sales", NOON)
        teams = [team.team_id for team in await roster.list_teams(connection)]
        people = await roster.load_people(connection)
    assert sales is not None
    assert [member.person for member in sales.members] == ["ana", "ben", "cleo"]
    assert teams == ["closers", "marketing", "partners", "sales"]
    assert all(person.email.endswith("@example.com") for person in people)


async def test_a_roster_that_is_kept_is_left_alone(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await roster.upsert_person(connection, BO)

        assert not await seed_starter(connection)
        assert await roster.list_teams(connection) == []
