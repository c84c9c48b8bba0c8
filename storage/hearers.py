"""Who hears a notice: roles of the roster resolved to people at the moment it is sent."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.brief import NOWHERE, Hearer, Whereabouts
from leads.calendar import Calendar
from storage.pipeline import Pipeline

MOST_OF_A_TEAM = 50
"""A notice to a team reaches this many of its people; more is what a channel is for."""

_TEAMS = "SELECT team_id, name, channel_email, sponsor FROM teams WHERE team_id = ANY (CAST(%(teams)s AS text[]))"

_MEMBERS = """
SELECT team.team_id, m.person_id
FROM unnest(CAST(%(teams)s AS text[])) AS team (team_id) CROSS JOIN LATERAL (
    SELECT m.person_id, m.position FROM team_members m JOIN people p USING (person_id)
    WHERE m.team_id = team.team_id AND p.is_active ORDER BY m.position, m.person_id LIMIT %(most)s
) AS m
ORDER BY m.position, m.person_id
"""

_PEOPLE = f"""
WITH RECURSIVE near (person_id, steps) AS (
    SELECT person_id, 0 FROM (
        SELECT unnest(CAST(%(persons)s AS text[])) UNION SELECT person_id FROM ({_MEMBERS}) AS members
        UNION SELECT sponsor FROM teams WHERE team_id = ANY (CAST(%(teams)s AS text[])) AND sponsor IS NOT NULL
    ) AS first (person_id)
    UNION
    SELECT around.person_id, near.steps + 1 FROM near JOIN people p USING (person_id)
    LEFT JOIN absences a ON a.person_id = p.person_id AND a.starts_at <= %(at)s AND a.ends_at > %(at)s
    CROSS JOIN LATERAL (VALUES (p.manager), (p.deputy), (a.deputy)) AS around (person_id)
    WHERE near.steps < 2 AND around.person_id IS NOT NULL
)
SELECT p.person_id, p.name, p.email, p.manager, p.deputy, p.is_active, p.timezone, p.open_hours, a.event_id,
    a.deputy AS named
FROM people p
LEFT JOIN absences a ON a.person_id = p.person_id AND a.starts_at <= %(at)s AND a.ends_at > %(at)s
WHERE p.person_id IN (SELECT person_id FROM near)
ORDER BY p.person_id, a.starts_at
"""  # noqa: S608  a statement of this module
"""Two steps away: the manager of somebody who hears, and that manager's stand-in."""


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
    where: Whereabouts = NOWHERE


@dataclass(frozen=True, slots=True)
class Team:
    team_id: str
    name: str
    channel_email: str | None
    sponsor: str | None = None


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
    pipeline: Pipeline,
    roles: Sequence[str],
    at: datetime,
    *,
    also: Collection[str | None] = (),
    team: str | None = None,
) -> Roster:
    """Everyone whom `roles` may lead to at an instant, the persons in `also`, and the name of `team`."""
    named = [role.partition(":") for role in roles]
    of_teams = {name for kind, _, name in named if kind in ("team", "team_manager", "channel", "sponsor")}
    persons = {name for kind, _, name in named if kind in ("owner", "deputy", "manager")}
    persons |= {person for person in also if person}
    found_teams = pipeline.send(_TEAMS, teams=[*of_teams, *([team] if team else [])])
    found_members = pipeline.send(_MEMBERS, teams=[*of_teams], most=MOST_OF_A_TEAM)
    found_people = pipeline.send(_PEOPLE, persons=[*persons], teams=[*of_teams], most=MOST_OF_A_TEAM, at=at)
    await pipeline.flush()
    roster = Roster()
    for row in found_teams.rows:
        roster.teams[row.team_id] = Team(*row)
        roster.members[row.team_id] = []
    for row in found_members.rows:
        roster.members[row.team_id].append(row.person_id)
    for row in found_people.rows:
        roster.people[row.person_id] = _person(row)
    return roster


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
        where=whereabouts(row),
    )


def whereabouts(row: Any) -> Whereabouts:
    """Of a row with `timezone` and `open_hours`."""
    return Whereabouts(row.timezone, Calendar.model_validate(row.open_hours) if row.open_hours else None)


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
    elif kind == "sponsor":
        team = roster.teams.get(name)
        if team is not None and team.sponsor is not None:
            yield from _person_and_stand_in(roster, team.sponsor, kind, team.name, tells_stand_in=True)
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
        yield Hearer(key=person_id, role=role, name=person.name, of=of, email=person.email, where=person.where)
    stand_in = roster.people.get(person.stand_in or "")
    if tells_stand_in and stand_in is not None and stand_in.is_active:
        yield Hearer(
            key=stand_in.person_id, role="stand_in", name=stand_in.name, of=person.name, email=stand_in.email,
            where=stand_in.where,
        )  # fmt: skip


def _fault(roster: Roster, kind: str, name: str) -> str:
    if kind in ("team", "team_manager", "channel", "sponsor"):
        if name not in roster.teams:
            return "unknown_team"
        if kind == "sponsor":
            return "person_left" if roster.teams[name].sponsor else "no_sponsor"
        return "empty_team" if not roster.members[name] else "no_manager"
    if kind not in ("owner", "manager"):
        return "unknown_role"
    if name not in roster.people:
        return "unknown_person"
    return "no_manager" if kind == "manager" else "person_left"
