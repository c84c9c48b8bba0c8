"""Who hears a notice: roles of the roster resolved to people at the moment it is sent."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.brief import Hearer
from storage.tables import absences, people, team_members, teams

MOST_OF_A_TEAM = 50
"""A notice to a team reaches this many of its people; more is what a channel is for."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the roster at one instant."""

    person_id: str
    name: str
    email: str
    manager: str | None
    deputy: str | None
    is_active: bool
    is_absent: bool
    stand_in: str | None
    """Who acts during the absence; the deputy unless the absence names another."""


@dataclass(frozen=True, slots=True)
class Team:
    team_id: str
    name: str
    channel_email: str | None


@dataclass(slots=True)
class Roster:
    """The people and teams around the roles of one notice."""

    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    """Team id → ids of its active members, in their order."""

    def name_of(self, person_id: str | None) -> str | None:
        """The display name; an id the roster does not know is its own name."""
        if person_id is None:
            return None
        person = self.people.get(person_id)
        return person.name if person else person_id


async def read_roster(
    connection: AsyncConnection,
    roles: Sequence[str],
    at: datetime,
    *,
    also: Collection[str | None] = (),
    team: str | None = None,
) -> Roster:
    """Everyone whom `roles` may lead to at an instant, the persons in `also` and `team`, in a few small queries."""
    named = [role.partition(":") for role in roles]
    team_ids = {name for kind, _, name in named if kind in ("team", "team_manager", "channel")}
    team_ids |= {team} if team else set()
    person_ids = {name for kind, _, name in named if kind in ("owner", "deputy", "manager")}
    person_ids |= {person for person in also if person}
    roster = Roster()
    for row in await connection.execute(
        select(teams.c.team_id, teams.c.name, teams.c.channel_email).where(teams.c.team_id.in_(team_ids))
    ):
        roster.teams[row.team_id] = Team(*row)
        roster.members[row.team_id] = []
    for team_id, person_id in await connection.execute(
        select(team_members.c.team_id, team_members.c.person_id)
        .join(people, people.c.person_id == team_members.c.person_id)
        .where(team_members.c.team_id.in_(team_ids), people.c.is_active)
        .order_by(team_members.c.position, team_members.c.person_id)
    ):
        if len(roster.members[team_id]) < MOST_OF_A_TEAM:
            roster.members[team_id].append(person_id)
    members = {person for ids in roster.members.values() for person in ids}
    await _read_people(connection, roster, person_ids | members, at)
    around = {other for p in roster.people.values() for other in (p.manager, p.deputy, p.stand_in) if other}
    await _read_people(connection, roster, around - roster.people.keys(), at)
    # a manager who is away has a stand-in too
    around = {p.stand_in for p in roster.people.values() if p.stand_in}
    await _read_people(connection, roster, around - roster.people.keys(), at)
    return roster


async def _read_people(connection: AsyncConnection, roster: Roster, ids: Collection[str], at: datetime) -> None:
    if not ids:
        return
    is_away = and_(absences.c.person_id == people.c.person_id, absences.c.starts_at <= at, absences.c.ends_at > at)
    rows = await connection.execute(
        select(people, absences.c.event_id, absences.c.deputy.label("named"))
        .outerjoin(absences, is_away)
        .where(people.c.person_id.in_(ids))
        .order_by(people.c.person_id, absences.c.starts_at)
    )
    for row in rows:
        roster.people[row.person_id] = _person(row)


def _person(row: Any) -> Person:
    is_absent = row.event_id is not None
    return Person(
        person_id=row.person_id,
        name=row.name,
        email=row.email,
        manager=row.manager,
        deputy=row.deputy,
        is_active=row.is_active,
        is_absent=is_absent,
        stand_in=(row.named or row.deputy) if is_absent or not row.is_active else None,
    )


def resolve(roster: Roster, roles: Sequence[str]) -> tuple[list[Hearer], str | None]:
    """The hearers, each once, and a code if any role leads to nobody.

    Who is away hears, and so does the stand-in; who has left does not. A role that names a deputy may lead to nobody.
    """
    found: dict[str, Hearer] = {}
    fault: str | None = None
    for role in roles:
        kind, _, name = role.partition(":")
        hearers = list(_by_role(roster, kind, name))
        for hearer in hearers:
            found.setdefault(hearer.key, hearer)
        if not hearers and kind != "deputy":
            fault = fault or _fault(roster, kind, name)
    return list(found.values()), fault


def _by_role(roster: Roster, kind: str, name: str) -> Iterator[Hearer]:
    if kind == "channel":
        team = roster.teams.get(name)
        if team is not None:
            yield Hearer(
                key=f"channel:{name}", role="channel", name=team.name, of=team.name, email=team.channel_email or None
            )
    elif kind in ("team", "team_manager"):
        members = roster.members.get(name, [])
        wanted = members if kind == "team" else [m for p in members if (m := roster.people[p].manager)]
        team_name = roster.teams[name].name if name in roster.teams else name
        for person in dict.fromkeys(wanted):
            yield from _person_and_stand_in(roster, person, kind, team_name, tells_stand_in=kind == "team_manager")
    elif name in roster.people:
        concerned = roster.people[name]
        wanted_one = {"owner": name, "deputy": concerned.deputy, "manager": concerned.manager}.get(kind)
        if wanted_one:
            yield from _person_and_stand_in(roster, wanted_one, kind, concerned.name, tells_stand_in=kind != "deputy")


def _person_and_stand_in(
    roster: Roster, person_id: str, role: str, of: str, *, tells_stand_in: bool
) -> Iterator[Hearer]:
    person = roster.people.get(person_id)
    if person is None:
        return
    if person.is_active:
        yield Hearer(key=person_id, role=role, name=person.name, of=of, email=person.email)
    stand_in = roster.people.get(person.stand_in or "")
    if tells_stand_in and stand_in is not None and stand_in.is_active:
        yield Hearer(key=stand_in.person_id, role="stand_in", name=stand_in.name, of=person.name, email=stand_in.email)


def _fault(roster: Roster, kind: str, name: str) -> str:
    if kind in ("team", "team_manager", "channel"):
        if name not in roster.teams:
            return "unknown_team"
        return "empty_team" if not roster.members[name] else "no_manager"
    if kind not in ("owner", "manager"):
        return "unknown_role"
    if name not in roster.people:
        return "unknown_person"
    return "no_manager" if kind == "manager" else "person_left"
