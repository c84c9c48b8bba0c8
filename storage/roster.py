"""The roster: who works in which team, who stands in for whom, who is away. Live data, not playbook.

Every function works in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.routing import Member
from storage.tables import absences, people, team_members, teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    person_id: str
    name: str
    email: str
    manager: str | None = None
    """A person's id; hears of what the person lets slip."""
    deputy: str | None = None
    """A person's id; stands in during an absence that names nobody else."""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    team_id: str
    name: str
    members: tuple[Member, ...] = ()
    """In their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Half-open: from `starts_at` until before `ends_at`. Named by the event that told of it."""

    source: str
    event_id: str
    person_id: str
    starts_at: datetime
    ends_at: datetime
    deputy: str | None = None


async def load_team(connection: AsyncConnection, team_id: str, at: datetime) -> Team | None:
    """The team with its members as they are at an instant; None when there is none."""
    team = (await connection.execute(select(teams).where(teams.c.team_id == team_id))).one_or_none()
    if team is None:
        return None
    is_absent = exists().where(
        absences.c.person_id == team_members.c.person_id, absences.c.starts_at <= at, absences.c.ends_at > at
    )
    rows = await connection.execute(
        select(team_members, people.c.is_active, is_absent.label("is_absent"))
        .join_from(team_members, people, people.c.person_id == team_members.c.person_id)
        .where(team_members.c.team_id == team_id)
        .order_by(team_members.c.position, team_members.c.person_id)
    )
    return _team(team, tuple(_member(row) for row in rows))


async def list_teams(connection: AsyncConnection) -> list[Team]:
    """All teams by id, without their members."""
    rows = await connection.execute(select(teams).order_by(teams.c.team_id))
    return [_team(row) for row in rows]


async def load_people(connection: AsyncConnection, person_ids: Sequence[str] | None = None) -> list[Person]:
    """The people named, or all, by id."""
    query = select(people).order_by(people.c.person_id)
    if person_ids is not None:
        query = query.where(people.c.person_id.in_(person_ids))
    rows = await connection.execute(query)
    return [
        Person(
            person_id=row.person_id,
            name=row.name,
            email=row.email,
            manager=row.manager,
            deputy=row.deputy,
            is_active=row.is_active,
        )
        for row in rows
    ]


async def load_absences(connection: AsyncConnection, person_id: str, after: datetime) -> list[Absence]:
    """A person's absences that end after an instant, the earliest first."""
    rows = await connection.execute(
        select(absences)
        .where(absences.c.person_id == person_id, absences.c.ends_at > after)
        .order_by(absences.c.starts_at)
    )
    return [
        Absence(
            source=row.source,
            event_id=row.event_id,
            person_id=row.person_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            deputy=row.deputy,
        )
        for row in rows
    ]


async def upsert_person(connection: AsyncConnection, person: Person) -> None:
    values = {
        "person_id": person.person_id,
        "name": person.name,
        "email": person.email,
        "manager": person.manager,
        "deputy": person.deputy,
        "is_active": person.is_active,
    }
    await _upsert(connection, people, values, key=("person_id",))


async def upsert_team(connection: AsyncConnection, team: Team) -> None:
    """The team itself; its members are kept by `set_members`."""
    values = {"team_id": team.team_id, "name": team.name}
    await _upsert(connection, teams, values, key=("team_id",))


async def upsert_absence(connection: AsyncConnection, absence: Absence) -> None:
    values = {
        "source": absence.source,
        "event_id": absence.event_id,
        "person_id": absence.person_id,
        "starts_at": absence.starts_at,
        "ends_at": absence.ends_at,
        "deputy": absence.deputy,
    }
    await _upsert(connection, absences, values, key=("source", "event_id"))


async def set_members(connection: AsyncConnection, team_id: str, person_ids: Sequence[str]) -> None:
    """Who is in the team, in this order; those who stay keep their counts, a newcomer starts with none.

    Raises SQLAlchemy's IntegrityError when the team or a person is not known.
    """
    await connection.execute(
        delete(team_members).where(team_members.c.team_id == team_id, team_members.c.person_id.not_in(person_ids))
    )
    for position, person_id in enumerate(person_ids):
        values = {"team_id": team_id, "person_id": person_id, "position": position}
        await _upsert(connection, team_members, values, key=("team_id", "person_id"))


async def _upsert(connection: AsyncConnection, table: Table, values: dict[str, Any], *, key: tuple[str, ...]) -> None:
    changed = {name: value for name, value in values.items() if name not in key}
    await connection.execute(insert(table).values(values).on_conflict_do_update(index_elements=key, set_=changed))


def _team(row: Row[Any], members: tuple[Member, ...] = ()) -> Team:
    return Team(team_id=row.team_id, name=row.name, members=members)


def _member(row: Row[Any]) -> Member:
    return Member(
        person=row.person_id,
        position=row.position,
        is_active=row.is_active,
        is_absent=row.is_absent,
        assigned_count=row.assigned_count,
        last_assigned_at=row.last_assigned_at,
    )
