import asyncio

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.roster import TeamEntry
from storage.ids import uuid7
from storage.roster_kept import RosterError
from storage.tables import leads, team_members
from tests.eventually import eventually
from tests.storage.roster_desk import BY, NOW, Roster, to


async def a_roster(engine: AsyncEngine) -> Roster:
    roster = Roster(engine)
    await roster.playbook()
    for name in ("ana", "bo", "cleo"):
        await roster.person(name)
    return roster


async def test_a_team_is_kept_with_its_members_in_their_order_and_weights(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    members = [{"person": "bo", "weight": 2}, {"person": "ana"}]

    await roster.team("sales", members=members, channel_email="sales@example.com", sponsor="ana")

    kept = await roster.teams.get("sales")
    assert kept is not None
    assert [(member.person, member.weight) for member in kept.entry.members] == [("bo", 2), ("ana", 1)]
    assert (kept.entry.channel_email, kept.entry.sponsor) == ("sales@example.com", "ana")


async def test_who_stays_keeps_their_turn_and_a_newcomer_starts_with_none(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    await roster.team("sales", "ana", "bo")
    async with engine.begin() as connection:
        await connection.execute(update(team_members).values(assigned_count=5, last_assigned_at=NOW))

    await roster.team("sales", "cleo", "ana")

    async with engine.connect() as connection:
        rows = await connection.execute(
            select(team_members.c.person_id, team_members.c.assigned_count, team_members.c.last_assigned_at).order_by(
                team_members.c.position
            )
        )
        assert [tuple(row) for row in rows] == [("cleo", 0, None), ("ana", 5, NOW)]


async def test_teams_come_by_id_in_pages_all_or_those_of_a_person(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    await roster.team("west", "ana")
    await roster.team("east", "ana", "bo")
    await roster.team("north")

    assert [kept.name for kept in await roster.teams.list(limit=2)] == ["east", "north"]
    assert [kept.name for kept in await roster.teams.list(after="north")] == ["west"]
    assert [kept.name for kept in await roster.teams.list(member="bo")] == ["east"]


async def test_members_nobody_knows_are_refused_each_with_its_place(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)

    with pytest.raises(RosterError) as refused:
        await roster.team("sales", "ana", "nobody")

    assert [fault.place for fault in refused.value.faults] == ["members.1.person"]
    assert await roster.teams.get("sales") is None


async def test_the_last_member_of_a_team_the_playbook_names_may_go_and_that_is_said(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    await roster.team("sales", "ana")
    await roster.team("west", "ana")

    of_sales = await roster.team("sales")
    of_west = await roster.team("west")

    [warning] = of_sales.warnings
    assert warning.startswith("Nobody active is left in the team 'sales', and the segments ")
    assert of_west.warnings == ()


async def test_a_member_who_has_left_is_said(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    await roster.person("bo", is_active=False)

    made = await roster.team("west", "ana", "bo")

    assert made.warnings == ("'bo' has left and is given nothing.",)


async def test_a_team_is_taken_away_unless_the_playbook_or_an_open_lead_needs_it(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    for name in ("sales", "closers", "west", "east"):
        await roster.team(name, "ana")
    async with engine.begin() as connection:
        for team, is_open in (("west", True), ("east", False)):
            row = {"lead_id": uuid7(), "created_at": NOW, "updated_at": NOW, "team": team, "is_open": is_open}
            await connection.execute(insert(leads).values(row))

    for name in ("sales", "closers", "west"):
        with pytest.raises(RosterError):
            await roster.teams.edit(name, to(None), by=BY)
    gone = await roster.teams.edit("east", to(None), by=BY)

    assert gone.after is None
    assert [kept.name for kept in await roster.teams.list()] == ["closers", "sales", "west"]


async def test_an_edit_waits_for_a_step_that_gives_out_a_lead_and_neither_fails(engine: AsyncEngine) -> None:
    roster = await a_roster(engine)
    await roster.team("west", "ana", "bo")
    async with engine.begin() as step:
        await step.execute(text("SELECT team_id FROM teams WHERE team_id = 'west' FOR NO KEY UPDATE"))
        editing = asyncio.create_task(roster.team("west", "bo"))
        await eventually(lambda: _waits(engine))
        await step.execute(update(team_members).where(team_members.c.person_id == "ana").values(assigned_count=1))

    assert (await editing).is_changed


async def _waits(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(await connection.scalar(text(f"SELECT EXISTS (SELECT {waiting})")))


def test_a_person_stands_in_a_team_once() -> None:
    with pytest.raises(ValidationError):
        TeamEntry.model_validate({"name": "x", "members": [{"person": "ana"}, {"person": "ana"}]})
