"""Storing commands: whoever would take a lead must be in the roster; a command sent again is found as it stands."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import roster
from storage.commands import CommandStore, NewCommand, NoSuchLeadError, NotInRosterError
from storage.roster import Person, Team
from storage.starter_roster import seed_starter
from storage.tables import commands, leads
from tests.storage.lead_rows import fill
from tests.storage.new_events import NOON

GONE = Person(person_id="gone", name="Gone", email="gone@example.com", is_active=False)


async def a_lead(engine: AsyncEngine) -> UUID:
    """A lead in a database with the starter roster and someone who has left."""
    await fill(engine, 1, NOON)
    async with engine.begin() as connection:
        await seed_starter(connection)
        await roster.upsert_person(connection, GONE)
        [lead_id] = await connection.scalars(select(leads.c.lead_id))
    return UUID(str(lead_id))


async def with_closers(engine: AsyncEngine) -> UUID:
    """A lead, and a second team: Dora is in it only, Ana too."""
    lead_id = await a_lead(engine)
    async with engine.begin() as connection:
        await roster.upsert_person(connection, Person(person_id="dora", name="Dora", email="dora@example.com"))
        await roster.upsert_team(connection, Team(team_id="closers", name="Closers"))
        await roster.set_members(connection, "closers", ["dora", "ana"])
    return lead_id


def asked(lead_id: UUID, name: str, actor: str = "ana", **body: Any) -> NewCommand:
    return NewCommand(command_id=uuid4(), lead_id=lead_id, name=name, body={"command": name} | body, actor=actor)


async def test_a_command_for_people_and_teams_of_the_roster_is_stored(engine: AsyncEngine) -> None:
    lead_id, store = await a_lead(engine), CommandStore(engine)
    for command in (
        asked(lead_id, "reassign", "local-admin", owner="ben"),
        asked(lead_id, "reassign", "local-admin", team="sales"),
        asked(lead_id, "reassign", "local-admin", owner="ben", team="sales"),
        asked(lead_id, "reassign", "local-admin"),
        asked(lead_id, "claim"),
        asked(lead_id, "accept"),
        asked(lead_id, "touch", channel="call"),
        # these give the lead to nobody: any actor will do
        asked(lead_id, "reject", "zorro", reason="busy"),
        asked(lead_id, "return", "zorro", reason="busy"),
        asked(lead_id, "recycle", "zorro", reason="busy"),
        asked(lead_id, "callback", "zorro", at="2026-06-02T09:00:00Z"),
        asked(lead_id, "waive", "zorro", clock="first_touch", reason="fair"),
        asked(lead_id, "feedback", "zorro", quality=4),
        asked(lead_id, "snooze", "zorro", until="2026-06-02T09:00:00Z"),
        asked(lead_id, "disqualify", "zorro", reason="spam"),
        asked(lead_id, "reopen", "zorro"),
    ):
        assert (await store.put(command, NOON)).state == "pending"


@pytest.mark.parametrize(
    ("name", "actor", "body", "said"),
    [
        ("reassign", "ana", {"owner": "zorro"}, "there is no active person 'zorro' in the roster"),
        ("reassign", "ana", {"owner": "gone"}, "there is no active person 'gone' in the roster"),
        ("reassign", "ana", {"team": "marz"}, "there is no team 'marz' in the roster"),
        ("reassign", "ana", {"owner": "ana", "team": "marz"}, "there is no team 'marz' in the roster"),
        ("reassign", "ana", {"owner": "gone", "team": "sales"}, "there is no active person 'gone' in the roster"),
        (
            "reassign", "ana", {"owner": "max", "team": "sales"},
            "'max' is not in the team 'sales': leave the team out, or put them into it in the roster first",
        ),
        ("claim", "zorro", {}, "there is no active person 'zorro' in the roster"),
        ("accept", "gone", {}, "there is no active person 'gone' in the roster"),
        ("touch", "zorro", {"channel": "call"}, "there is no active person 'zorro' in the roster"),
    ],
)  # fmt: skip
async def test_whoever_is_not_in_the_roster_takes_no_lead_and_touches_none(
    engine: AsyncEngine, name: str, actor: str, body: dict[str, Any], said: str
) -> None:
    lead_id = await a_lead(engine)

    with pytest.raises(NotInRosterError, match=f"^{said}$"):
        await CommandStore(engine).put(asked(lead_id, name, actor, **body), NOON)

    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(commands)) == 0


async def test_sent_again_after_its_actor_has_left_a_command_is_found_as_it_stands(engine: AsyncEngine) -> None:
    command, store = asked(await a_lead(engine), "claim", "max"), CommandStore(engine)
    first = await store.put(command, NOON)
    async with engine.begin() as connection:
        await roster.upsert_person(
            connection, Person(person_id="max", name="Max", email="m@x.example", is_active=False)
        )

    assert await store.put(command, NOON) == first


async def test_an_unknown_lead_comes_before_an_unknown_person(engine: AsyncEngine) -> None:
    await a_lead(engine)
    with pytest.raises(NoSuchLeadError):
        await CommandStore(engine).put(asked(uuid4(), "reassign", owner="zorro"), NOON)


@pytest.mark.parametrize(
    ("body", "team"),
    [
        ({"owner": "dora"}, "closers"),
        ({"owner": "dora", "reason": "big"}, "closers"),
        ({"owner": "dora", "kind": "rep_to_closer"}, "closers"),
        ({"owner": "ana"}, None),  # in sales and closers
        ({"owner": "mira"}, None),  # in no team
        ({"owner": "ana", "team": "sales"}, "sales"),  # as it was asked
        ({"reason": "ill"}, None),  # to nobody yet
    ],
)
async def test_a_person_of_one_team_is_given_the_lead_as_a_member_of_it(
    engine: AsyncEngine, body: dict[str, Any], team: str | None
) -> None:
    lead_id, store = await with_closers(engine), CommandStore(engine)
    command = asked(lead_id, "reassign", **body)

    stored = await store.put(command, NOON)

    assert stored.body == {"command": "reassign", **body} | ({"team": team} if team else {})
    assert stored == await store.read(command.command_id)
    assert stored.repeats(command)


async def test_a_command_completed_is_known_again_though_the_roster_has_changed(engine: AsyncEngine) -> None:
    lead_id, store = await with_closers(engine), CommandStore(engine)
    command = asked(lead_id, "reassign", owner="dora")
    first = await store.put(command, NOON)
    async with engine.begin() as connection:
        await roster.set_members(connection, "sales", ["dora"])

    again = await store.put(command, NOON)

    assert (again, again.repeats(command)) == (first, True)
    assert again.repeats(replace(command, body=first.body))  # the same, said in full
    for other in ({"owner": "ana"}, {"owner": "dora", "team": "sales"}, {"owner": "dora", "reason": "big"}, {}):
        assert not again.repeats(replace(command, body={"command": "reassign", **other}))
    assert not again.repeats(replace(command, actor="ben"))


async def test_a_command_that_named_no_team_is_not_one_that_does(engine: AsyncEngine) -> None:
    lead_id = await with_closers(engine)
    command = asked(lead_id, "reassign", owner="ana")
    stored = await CommandStore(engine).put(command, NOON)
    assert not stored.repeats(replace(command, body=command.body | {"team": "sales"}))
