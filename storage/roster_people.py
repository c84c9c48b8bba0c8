"""The people of the roster, for those who keep it. Nobody is ever deleted: who has left is deactivated."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.calendar import Calendar
from leads.roster import PersonEntry
from storage.engine import transaction
from storage.roster_changes import By, record
from storage.roster_checks import (
    circle_faults,
    count_open,
    empty_team_warnings,
    open_hours,
    person_faults,
    person_warnings,
    read_around,
    relied_on,
    teams_of,
)
from storage.roster_kept import Change, Edited, Fault, Kept, RosterError, take_turns
from storage.tables import people, team_members

MOST_PEOPLE = 10_000
_FIELDS = tuple(people.c[name] for name in ("person_id", *PersonEntry.model_fields))


class RosterPeople:
    """Reads and edits people. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(
        self, *, team: str | None = None, is_active: bool | None = None, after: str | None = None, limit: int = 50
    ) -> list[Kept[PersonEntry]]:
        """By id, after the id `after`."""
        query = select(*_FIELDS).order_by(people.c.person_id).limit(limit)
        if after is not None:
            query = query.where(people.c.person_id > after)
        if is_active is not None:
            query = query.where(people.c.is_active == is_active)
        if team is not None:
            in_team = select(team_members.c.person_id).where(team_members.c.team_id == team)
            query = query.where(people.c.person_id.in_(in_team))
        async with transaction(self._engine) as connection:
            return [_kept(row) for row in await connection.execute(query)]

    async def get(self, person: str) -> Kept[PersonEntry] | None:
        async with transaction(self._engine) as connection:
            return await _read(connection, person)

    async def edit(self, person: str, change: Change[PersonEntry], *, by: By) -> Edited[PersonEntry]:
        """Add a person or change one; a change to None deactivates. Raises `RosterError` and what `change` raises."""
        async with transaction(self._engine) as connection:
            await take_turns(connection)
            before = await _read(connection, person)
            wanted = change(before)
            if wanted is None:
                if before is None:
                    return Edited(before=None, after=None)
                wanted = before.entry.model_copy(update={"is_active": False})
            return await _write(connection, before, Kept(person, wanted), by)


async def _read(connection: AsyncConnection, person: str) -> Kept[PersonEntry] | None:
    row = (await connection.execute(select(*_FIELDS).where(people.c.person_id == person))).one_or_none()
    return None if row is None else _kept(row)


async def _write(
    connection: AsyncConnection, before: Kept[PersonEntry] | None, after: Kept[PersonEntry], by: By
) -> Edited[PersonEntry]:
    around = await read_around(connection)
    hours, faults = open_hours(after.entry.calendar, by.at)
    faults += person_faults(after.name, after.entry, around)
    round_about = circle_faults({**around.manager_of, after.name: after.entry.manager})
    faults += [fault for person, fault in round_about if person == after.name]
    if before is None and len(around.is_active) >= MOST_PEOPLE:
        faults.append(Fault("", "too_many", f"a roster has at most {MOST_PEOPLE:,} people"))
    if faults:
        raise RosterError(*faults)
    edited = Edited(before=before, after=after)
    if edited.is_changed:
        await write_people(connection, [(after, hours)], by.at)
        await record(connection, "person", [(after.name, before, after)], by)
    warnings = [*person_warnings(after.entry, around)]
    if after.entry.is_active:
        return Edited(before=before, after=after, warnings=tuple(warnings))
    warnings += await relied_on(connection, after.name)
    warnings += await empty_team_warnings(connection, await teams_of(connection, [after.name]))
    owned = await count_open(connection, owner=after.name)
    return Edited(before=before, after=after, warnings=tuple(warnings), open_leads=owned)


async def read_people(connection: AsyncConnection) -> dict[str, Kept[PersonEntry]]:
    """Everyone, by id."""
    return {row.person_id: _kept(row) for row in await connection.execute(select(*_FIELDS))}


async def write_people(
    connection: AsyncConnection, written: Sequence[tuple[Kept[PersonEntry], Calendar | None]], at: datetime
) -> None:
    """People as checked, each with their expanded hours. Who is deactivated has left by `at`, or before."""
    if not written:
        return
    rows = [_row(kept, hours) | {"left_at": None if kept.entry.is_active else at} for kept, hours in written]
    statement = insert(people)
    new = statement.excluded
    changed: dict[str, Any] = {name: new[name] for name in rows[0] if name != "person_id"}
    changed["left_at"] = case((new.is_active, None), else_=func.coalesce(people.c.left_at, new.left_at))
    await connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=changed), rows)


def _row(kept: Kept[PersonEntry], hours: Calendar | None) -> dict[str, Any]:
    entry = kept.entry
    return entry.model_dump(exclude={"calendar", "skills", "territories"}) | {
        "person_id": kept.name,
        "skills": list(entry.skills),
        "territories": list(entry.territories),
        "calendar": entry.calendar.model_dump(mode="json") if entry.calendar else None,
        "open_hours": hours.model_dump(mode="json") if hours else None,
    }


def _kept(row: Row[Any]) -> Kept[PersonEntry]:
    # rows of another hand may be older than a rule: they are shown as they stand, and mended when they are written
    fields = {name: getattr(row, name) for name in PersonEntry.model_fields}
    fields |= {name: tuple(fields[name]) for name in ("skills", "territories")}
    if fields["calendar"] is not None:
        fields["calendar"] = Calendar.model_validate(fields["calendar"])
    return Kept(row.person_id, PersonEntry.model_construct(**fields))
