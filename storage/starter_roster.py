"""A few people to begin with, so that a lead can be routed before anyone has kept a roster."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.roster import Person, Team, set_members, upsert_person, upsert_team
from storage.tables import people, teams

_LOCK = 0x1EAD_5EED
_PEOPLE = (
    Person(person_id="mira", name="Mira Manager", email="mira@example.com"),
    Person(person_id="ana", name="Ana Example", email="ana@example.com", manager="mira", deputy="ben"),
    Person(person_id="ben", name="Ben Example", email="ben@example.com", manager="mira", deputy="cleo"),
    Person(person_id="cleo", name="Cleo Example", email="cleo@example.com", manager="mira", deputy="ana"),
    Person(person_id="carl", name="Carl Closer", email="carl@example.com", manager="mira", deputy="cora"),
    Person(person_id="cora", name="Cora Closer", email="cora@example.com", manager="mira", deputy="carl"),
    Person(person_id="max", name="Max Marketing", email="max@example.com"),
)
_TEAMS = {
    Team(team_id="sales", name="Sales"): ("ana", "ben", "cleo"),
    Team(team_id="closers", name="Closers"): ("carl", "cora"),
    Team(team_id="partners", name="Partners"): (),
    Team(team_id="marketing", name="Marketing"): ("max",),
}


async def seed_starter(connection: AsyncConnection) -> bool:
    """Put the starter roster in, when there is neither a person nor a team; whether it did. Safe to run at once."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    is_kept = select(select(people.c.person_id).exists() | select(teams.c.team_id).exists())
    if await connection.scalar(is_kept):
        return False
    for person in _PEOPLE:
        await upsert_person(connection, person)
    for team, members in _TEAMS.items():
        await upsert_team(connection, team)
        await set_members(connection, team.team_id, members)
    return True
