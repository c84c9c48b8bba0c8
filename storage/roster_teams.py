"""The teams of the roster with their members, for those who keep it."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.roster import MOST_TEAMS, MemberEntry, TeamEntry
from storage.engine import transaction
from storage.roster_changes import By, record
from storage.roster_checks import (
    Around,
    empty_team_warnings,
    has_open,
    named_teams,
    read_around,
)
from storage.roster_kept import Change, Edited, Fault, Kept, RosterError, take_turns
from storage.tables import team_members, teams

_FIELDS = (teams.c.team_id, teams.c.name, teams.c.channel_email, teams.c.sponsor)


class RosterTeams:
    """Reads and edits teams. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(
        self, *, member: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[Kept[TeamEntry]]:
        """By id, after the id `after`; those a person is in, where `member` names one."""
        query = select(*_FIELDS).order_by(teams.c.team_id).limit(limit)
        if after is not None:
            query = query.where(teams.c.team_id > after)
        if member is not None:
            of_member = select(team_members.c.team_id).where(team_members.c.person_id == member)
            query = query.where(teams.c.team_id.in_(of_member))
        async with transaction(self._engine) as connection:
            return await _with_members(connection, [*await connection.execute(query)])

    async def get(self, team: str) -> Kept[TeamEntry] | None:
        async with transaction(self._engine) as connection:
            return await _read(connection, team)

    async def edit(self, team: str, change: Change[TeamEntry], *, by: By) -> Edited[TeamEntry]:
        """Add a team, change one, or take one away. Raises `RosterError` and what `change` raises."""
        async with transaction(self._engine) as connection:
            await take_turns(connection)
            await lock_teams(connection, [team])
            before = await _read(connection, team)
            wanted = change(before)
            after = None if wanted is None else Kept(team, wanted)
            edited = Edited(before=before, after=after)
            if not edited.is_changed:
                return edited
            warnings = await _write(connection, team, before, after)
            await record(connection, "team", [(team, before, after)], by)
        return Edited(before=before, after=after, warnings=tuple(warnings))


async def read_teams(connection: AsyncConnection) -> dict[str, Kept[TeamEntry]]:
    """All teams, by id."""
    rows = await connection.execute(select(*_FIELDS).order_by(teams.c.team_id))
    return {kept.name: kept for kept in await _with_members(connection, [*rows])}


async def lock_teams(connection: AsyncConnection, names: Collection[str]) -> None:
    """Before `write_members`: a step that gives out a lead holds the team while it counts a member's turn."""
    rows = select(teams.c.team_id).where(teams.c.team_id.in_(names)).order_by(teams.c.team_id)
    await connection.execute(rows.with_for_update())


async def write_members(connection: AsyncConnection, team: str, members: Sequence[MemberEntry]) -> None:
    """Who is in the team, in this order; who stays keeps their counts, a newcomer starts with none."""
    persons = [member.person for member in members]
    gone = team_members.c.person_id.not_in(persons)
    await connection.execute(delete(team_members).where(team_members.c.team_id == team, gone))
    if members:
        rows = [
            {"team_id": team, "person_id": member.person, "position": position, "weight": member.weight}
            for position, member in enumerate(members)
        ]
        statement = insert(team_members)
        changed = {name: statement.excluded[name] for name in ("position", "weight")}
        keyed = statement.on_conflict_do_update(index_elements=["team_id", "person_id"], set_=changed)
        await connection.execute(keyed, rows)


async def _read(connection: AsyncConnection, team: str) -> Kept[TeamEntry] | None:
    rows = [*await connection.execute(select(*_FIELDS).where(teams.c.team_id == team))]
    return next(iter(await _with_members(connection, rows)), None)


async def _with_members(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Kept[TeamEntry]]:
    query = (
        select(team_members.c.team_id, team_members.c.person_id, team_members.c.weight)
        .where(team_members.c.team_id.in_([row.team_id for row in rows]))
        .order_by(team_members.c.position, team_members.c.person_id)
    )
    members: dict[str, list[MemberEntry]] = {row.team_id: [] for row in rows}
    for found in await connection.execute(query):
        members[found.team_id].append(MemberEntry.model_construct(person=found.person_id, weight=found.weight))
    # as they stand, also where a rule is younger than the row
    return [
        Kept(
            row.team_id,
            TeamEntry.model_construct(
                name=row.name,
                channel_email=row.channel_email,
                sponsor=row.sponsor,
                members=tuple(members[row.team_id]),
            ),
        )
        for row in rows
    ]


async def _write(
    connection: AsyncConnection, team: str, before: Kept[TeamEntry] | None, after: Kept[TeamEntry] | None
) -> list[str]:
    """Write what was checked; returns what is worth a warning."""
    if after is None:
        await _refuse_in_use(connection, team)
        await connection.execute(delete(teams).where(teams.c.team_id == team))
        return []
    around = await read_around(connection)
    await _refuse(connection, before, after.entry, around)
    fields = after.entry.model_dump(exclude={"members"})
    statement = insert(teams).values(team_id=team, **fields)
    await connection.execute(statement.on_conflict_do_update(index_elements=["team_id"], set_=fields))
    await write_members(connection, team, after.entry.members)
    left = [member.person for member in after.entry.members if not around.is_active[member.person]]
    warnings = [f"'{person}' has left and is given nothing." for person in left]
    if after.entry.sponsor is not None and not around.is_active[after.entry.sponsor]:
        warnings.append(f"The sponsor '{after.entry.sponsor}' has left.")
    return warnings + await empty_team_warnings(connection, [team])


async def _refuse_in_use(connection: AsyncConnection, team: str) -> None:
    if named := await named_teams(connection, [team]):
        raise RosterError(Fault("", "team_in_use", f"publish a playbook without it first: {named[team]}"))
    if await has_open(connection, team=team):
        raise RosterError(Fault("", "team_in_use", "open leads are in this team: give them to others first"))


async def _refuse(
    connection: AsyncConnection, before: Kept[TeamEntry] | None, entry: TeamEntry, around: Around
) -> None:
    faults = [
        Fault(f"members.{place}.person", "unknown_person", f"there is no person '{member.person}' in the roster")
        for place, member in enumerate(entry.members)
        if member.person not in around.is_active
    ]
    if entry.sponsor is not None and entry.sponsor not in around.is_active:
        reason = f"there is no person '{entry.sponsor}' in the roster: add them first"
        faults.append(Fault("sponsor", "unknown_person", reason))
    if before is None and (await connection.scalar(select(func.count()).select_from(teams)) or 0) >= MOST_TEAMS:
        faults.append(Fault("", "too_many", f"a roster has at most {MOST_TEAMS} teams"))
    if faults:
        raise RosterError(*faults)
