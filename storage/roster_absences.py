"""Absences, for those who keep the roster: in the rows that `person.absent` events write too, as the one truth."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.roster import AbsenceEntry
from storage.engine import transaction
from storage.ids import uuid7
from storage.roster_changes import By, record
from storage.roster_checks import read_around
from storage.roster_kept import Change, Edited, Fault, Kept, RosterError, take_turns
from storage.tables import absences

ROSTER_SOURCE = "urn:leadloop:roster"
"""The source of absences that were told over the API, and of no event."""
MOST_AHEAD = 200
"""Absences of a person that have not ended."""


class RosterAbsences:
    """Reads and edits absences. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(
        self,
        *,
        person: str | None = None,
        ends_after: datetime | None = None,
        starts_before: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> list[Kept[AbsenceEntry]]:
        """The earliest first, later than the start and id in `after`."""
        query = select(absences).order_by(absences.c.starts_at, absences.c.absence_id).limit(limit)
        if person is not None:
            query = query.where(absences.c.person_id == person)
        if ends_after is not None:
            query = query.where(absences.c.ends_at > ends_after)
        if starts_before is not None:
            query = query.where(absences.c.starts_at < starts_before)
        if after is not None:
            query = query.where(tuple_(absences.c.starts_at, absences.c.absence_id) > after)
        async with transaction(self._engine) as connection:
            return [_kept(row) for row in await connection.execute(query)]

    async def get(self, absence_id: UUID) -> Kept[AbsenceEntry] | None:
        async with transaction(self._engine) as connection:
            return await _read(connection, absence_id)

    async def add(self, entry: AbsenceEntry, *, by: By) -> Edited[AbsenceEntry]:
        """Tell of an absence; one that is known already, to the minute and the deputy, is left as it is.

        Raises `RosterError`.
        """
        async with transaction(self._engine) as connection:
            await take_turns(connection)
            if (known := await _same(connection, entry)) is not None:
                return Edited(before=known, after=known)
            faults = await _faults(connection, entry)
            query = select(func.count()).where(absences.c.person_id == entry.person, absences.c.ends_at > by.at)
            if (await connection.scalar(query) or 0) >= MOST_AHEAD:
                faults.append(Fault("person", "too_many", f"a person has at most {MOST_AHEAD} absences ahead"))
            if faults:
                raise RosterError(*faults)
            name = uuid7()
            row = _row(entry) | {"absence_id": name, "source": ROSTER_SOURCE, "event_id": str(name)}
            await connection.execute(insert(absences).values(row))
            after = Kept(str(name), entry, ROSTER_SOURCE)
            await record(connection, "absence", [(entry.person, None, after)], by)
        return Edited(before=None, after=after)

    async def edit(self, absence_id: UUID, change: Change[AbsenceEntry], *, by: By) -> Edited[AbsenceEntry]:
        """Change an absence that is known, or take it back. Raises `RosterError` and what `change` raises."""
        async with transaction(self._engine) as connection:
            await take_turns(connection)
            before = await _read(connection, absence_id)
            wanted = change(before)
            after = Kept(before.name, wanted, before.origin) if before and wanted else None
            edited = Edited(before=before, after=after)
            if before is None or not edited.is_changed:
                return edited
            if wanted is None:
                await connection.execute(delete(absences).where(absences.c.absence_id == absence_id))
            else:
                if faults := await _faults(connection, wanted, was=before.entry.person):
                    raise RosterError(*faults)
                here = absences.c.absence_id == absence_id
                await connection.execute(update(absences).where(here).values(_row(wanted)))
            await record(connection, "absence", [(before.entry.person, before, after)], by)
        return edited


async def _read(connection: AsyncConnection, absence_id: UUID) -> Kept[AbsenceEntry] | None:
    row = (await connection.execute(select(absences).where(absences.c.absence_id == absence_id))).one_or_none()
    return None if row is None else _kept(row)


async def _same(connection: AsyncConnection, entry: AbsenceEntry) -> Kept[AbsenceEntry] | None:
    query = select(absences).where(
        *(absences.c[name].is_not_distinct_from(value) for name, value in _row(entry).items())
    )
    row = (await connection.execute(query.order_by(absences.c.absence_id).limit(1))).one_or_none()
    return None if row is None else _kept(row)


async def _faults(connection: AsyncConnection, entry: AbsenceEntry, was: str | None = None) -> list[Fault]:
    around = await read_around(connection)
    named = {"person": entry.person, "deputy": entry.deputy}
    faults = [
        Fault(place, "unknown_person", f"there is no person '{person}' in the roster: add them first")
        for place, person in named.items()
        if person is not None and person not in around.is_active
    ]
    if was is not None and entry.person != was:
        reason = "an absence stays its person's: take it back and tell of another"
        faults.append(Fault("person", "other_person", reason))
    return faults


def _row(entry: AbsenceEntry) -> dict[str, Any]:
    return {
        "person_id": entry.person,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "deputy": entry.deputy,
    }


def _kept(row: Row[Any]) -> Kept[AbsenceEntry]:
    # an event may tell of longer absences, and of people the roster does not know
    entry = AbsenceEntry.model_construct(
        person=row.person_id, starts_at=row.starts_at, ends_at=row.ends_at, deputy=row.deputy
    )
    return Kept(str(row.absence_id), entry, row.source)
