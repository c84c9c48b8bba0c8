"""Storing commands: whoever would take a lead must be in the roster; a command sent again is found as it stands."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import roster
from storage.commands import CommandStore, NewCommand, NoSuchLeadError, NotInRosterError
from storage.roster import Person
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


def asked(lead_id: UUID, name: str, actor: str = "ana", **body: Any) -> NewCommand:
    return NewCommand(command_id=uuid4(), lead_id=lead_id, name=name, body={"command": name} | body, actor=actor)


async def test_a_command_for_people_and_teams_of_the_roster_is_stored(engine: AsyncEngine) -> None:
    lead_id, store = await a_lead(engine), CommandStore(engine)
    for command in (
        asked(lead_id, "reassign", "local-admin", owner="ben"),
        asked(lead_id, "reassign", "local-admin", team="sales"),
        asked(lead_id, "claim"),
        asked(lead_id, "accept"),
        # these give the lead to nobody: any actor will do
        asked(lead_id, "touch", "zorro", channel="call"),
        asked(lead_id, "reject", "zorro", reason="busy"),
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
        ("claim", "zorro", {}, "there is no active person 'zorro' in the roster"),
        ("accept", "gone", {}, "there is no active person 'gone' in the roster"),
    ],
)
async def test_whoever_is_not_in_the_roster_takes_no_lead(
    engine: AsyncEngine, name: str, actor: str, body: dict[str, Any], said: str
) -> None:
    lead_id = await a_lead(engine)

    with pytest.raises(NotInRosterError, match=said):
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
