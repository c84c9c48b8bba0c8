"""Whom to tell of a list that is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.list_pace import upload_promise
from storage.engine import transaction
from storage.playbooks import Shelves
from storage.tables import list_leads, lists, people, playbook_revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A list that is late, and the person of the roster who is to hear of it."""

    person_id: str
    person: str
    email: str
    timezone: str
    event_ended_at: datetime
    due_at: datetime
    uploaded_at: datetime | None
    took: timedelta


class UnknownOwnerError(Exception):
    """The list's marketing owner is not in the roster, or has left: name another."""

    code = "unknown_person"


class ListLetters:
    """Raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def late(self, name: str, now: datetime) -> Late | None:
        """None where nobody is to be told, or has been. Raises `UnknownOwnerError`."""
        uploaded = select(func.min(list_leads.c.uploaded_at)).where(list_leads.c.list == name).scalar_subquery()
        query = (
            select(lists, uploaded.label("uploaded_at"), people.c.name.label("person"), people.c.email)
            .outerjoin(people, (people.c.person_id == lists.c.marketing_owner) & people.c.is_active)
            .where(lists.c.name == name)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        if row is None or row.late_due_at is None or row.late_told_at is not None or row.event_ended_at is None:
            return None
        if row.marketing_owner is None:
            return None
        if row.person is None or row.email is None:
            raise UnknownOwnerError
        shelf = await self._shelves.at_least(newest or 0)
        promise = upload_promise(shelf, row.event_ended_at, row.uploaded_at, now)
        playbook = shelf.in_force(now).playbook
        return Late(
            person_id=row.marketing_owner,
            person=row.person,
            email=row.email,
            timezone=playbook.calendars[playbook.calendar].timezone,
            event_ended_at=row.event_ended_at,
            due_at=row.late_due_at,
            uploaded_at=row.uploaded_at,
            took=promise.took,
        )

    async def told(self, name: str, due_at: datetime, now: datetime) -> None:
        """That they have heard of this due instant."""
        heard = update(lists).where(lists.c.name == name, lists.c.late_due_at == due_at).values(late_told_at=now)
        async with transaction(self._engine) as connection:
            await connection.execute(heard)
