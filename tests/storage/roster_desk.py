"""A small roster kept through its stores."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.roster import PersonEntry, TeamEntry
from storage.playbooks import default_text, publish
from storage.roster_changes import By
from storage.roster_kept import Edited, Kept
from storage.roster_people import RosterPeople
from storage.roster_teams import RosterTeams

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BY = By(actor="opal", at=NOW)
OFFICE = {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:00"]]}}
Entry = TypeVar("Entry", bound=BaseModel)


def to(entry: Entry | None) -> Callable[[Kept[Entry] | None], Entry | None]:
    """A change to exactly this."""
    return lambda _: entry


def a_person(person: str, **fields: Any) -> PersonEntry:
    return PersonEntry.model_validate({"name": person.title(), "email": f"{person}@example.com"} | fields)


class Roster:
    """People and teams by short calls."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.people = RosterPeople(engine)
        self.teams = RosterTeams(engine)

    async def person(self, name: str, **fields: Any) -> Edited[PersonEntry]:
        return await self.people.edit(name, to(a_person(name, **fields)), by=BY)

    async def team(self, name: str, *members: str, **fields: Any) -> Edited[TeamEntry]:
        entry = {"name": name.title(), "members": [{"person": member} for member in members]} | fields
        return await self.teams.edit(name, to(TeamEntry.model_validate(entry)), by=BY)

    async def playbook(self, *, may_waive: str = "") -> None:
        """The default one, whose segments give their leads to the team `sales`."""
        source = default_text().replace("waiving: {also: []}", f"waiving: {{also: [{may_waive}]}}")
        async with self.engine.begin() as connection:
            await publish(connection, source, author="opal", comment="first", now=NOW)
