"""What an entry of the roster must fit, and what is worth a warning. All in the caller's transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.business_time import working_time
from leads.calendar import Calendar, CalendarError
from leads.playbook_names import teams_and_people
from leads.roster import PersonEntry, circles
from storage.holidays import expand_holidays
from storage.playbooks import HOLIDAY_YEARS_AHEAD, HOLIDAY_YEARS_BACK
from storage.roster_kept import Fault
from storage.tables import leads, people, playbook_revisions, team_members

_LONGEST_WAY = 8
"""Managers named of a circle."""


@dataclass(frozen=True, slots=True)
class Around:
    """Everyone of the roster as far as others refer to them."""

    is_active: Mapping[str, bool]
    manager_of: Mapping[str, str | None]


async def read_around(connection: AsyncConnection) -> Around:
    rows = [*await connection.execute(select(people.c.person_id, people.c.is_active, people.c.manager))]
    return Around({row.person_id: row.is_active for row in rows}, {row.person_id: row.manager for row in rows})


def person_faults(name: str, entry: PersonEntry, around: Around) -> Iterator[Fault]:
    """What the person refers to and is not there."""
    for place, named in (("manager", entry.manager), ("deputy", entry.deputy)):
        if named == name:
            yield Fault(place, "own_" + place, "nobody is this for themselves: leave it empty")
        elif named is not None and named not in around.is_active:
            yield Fault(place, "unknown_person", f"there is no person '{named}' in the roster: add them first")


def circle_faults(manager_of: Mapping[str, str | None]) -> Iterator[tuple[str, Fault]]:
    """Everyone whose managers go round in a circle of at least two."""
    for circle in circles(manager_of):
        for place, person in enumerate(circle if len(circle) > 1 else []):
            way = [*circle[place:], *circle[:place], person]
            if len(way) > _LONGEST_WAY:
                way[_LONGEST_WAY - 2 : -1] = ["…"]
            yield person, Fault("manager", "circle", f"managers would go round in a circle: {' → '.join(way)}")


def person_warnings(entry: PersonEntry, around: Around) -> Iterator[str]:
    for what, named in (("manager", entry.manager), ("deputy", entry.deputy)):
        if named is not None and not around.is_active.get(named, True):
            yield f"The {what} '{named}' has left."


def open_hours(calendar: Calendar | None, now: datetime) -> tuple[Calendar | None, list[Fault]]:
    """The calendar with its holidays as dates, or why it cannot be used: nothing of it, or never open."""
    if calendar is None:
        return None, []
    try:
        expanded = expand_holidays(calendar, now.year - HOLIDAY_YEARS_BACK, now.year + HOLIDAY_YEARS_AHEAD)
        working_time(expanded).require_open_time(now)
    except CalendarError as refused:
        place = f"calendar.{refused.place}" if refused.place not in ("", "calendar") else "calendar"
        return None, [Fault(place, refused.code, refused.message.removeprefix(f"{refused.place}: "))]
    return expanded, []


async def read_playbook(connection: AsyncConnection) -> dict[str, Any]:
    """The newest one's document; empty where none is published."""
    newest = select(playbook_revisions.c.document).order_by(playbook_revisions.c.number.desc()).limit(1)
    return await connection.scalar(newest) or {}


async def named_teams(connection: AsyncConnection, names: Collection[str]) -> dict[str, str]:
    """Of these teams those that the newest playbook names, each with how it does."""
    document = await read_playbook(connection) if names else {}
    named, _ = teams_and_people(document)
    giving: dict[str, list[str]] = {}
    for segment in document.get("segments", ()):
        giving.setdefault(segment["team"], []).append(segment["name"])
    return {
        team: f"the segments {', '.join(giving[team])} of the playbook give it leads"
        if team in giving
        else "the playbook names it"
        for team in names
        if team in named
    }


async def empty_team_warnings(connection: AsyncConnection, teams: Collection[str]) -> list[str]:
    """A sentence for each of these teams that the playbook names and nobody active is in any more."""
    if not teams:
        return []
    staffed = set(
        await connection.scalars(
            select(team_members.c.team_id)
            .join(people, people.c.person_id == team_members.c.person_id)
            .where(team_members.c.team_id.in_(teams), people.c.is_active)
        )
    )
    named = await named_teams(connection, set(teams) - staffed)
    return [f"Nobody active is left in the team '{team}', and {whose}." for team, whose in sorted(named.items())]


async def teams_of(connection: AsyncConnection, persons: Iterable[str]) -> list[str]:
    """The teams that these people are in."""
    query = select(team_members.c.team_id).where(team_members.c.person_id.in_(persons)).distinct()
    return [*await connection.scalars(query)]


async def count_open(connection: AsyncConnection, *, owner: str) -> int:
    """Open leads of a person."""
    query = select(func.count()).where(leads.c.owner == owner, leads.c.is_open)
    return await connection.scalar(query) or 0


async def has_open(connection: AsyncConnection, *, team: str) -> bool:
    """Whether open leads are in a team."""
    return bool(await connection.scalar(select(exists().where(leads.c.team == team, leads.c.is_open))))


async def relied_on(connection: AsyncConnection, person: str) -> list[str]:
    """A sentence for each way in which active colleagues and the playbook still rely on somebody."""
    query = select(
        func.count().filter(people.c.manager == person), func.count().filter(people.c.deputy == person)
    ).where(people.c.is_active)
    managed, deputised = (await connection.execute(query)).one()
    found = [(managed, "manager"), (deputised, "deputy")]
    whom = ((count, what, "person" if count == 1 else "people") for count, what in found if count)
    said = [f"'{person}' is still the {what} of {count:,} active {who}." for count, what, who in whom]
    _, named = teams_and_people(await read_playbook(connection))
    return said + [f"The playbook still names '{person}'."] * (person in named)
