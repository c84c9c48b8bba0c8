"""Bulk lists on a real database: leads that come with one, and looks at it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from storage.list_store import ListPage, ListStore
from storage.list_turns import ListLook, ListTurns
from storage.rings import Rings
from storage.roster_changes import By
from storage.tables import absences, leads
from tests.builders import at, captured, fact
from tests.storage.step_desk import StepDesk

UPLOAD = at(-60)
"""An hour before the team opens on Monday."""


class ListDesk:
    """A step desk with a list `expo` on it."""

    def __init__(self, desk: StepDesk) -> None:
        self.steps = desk
        self.lists = ListStore(desk.engine, desk.shelves)
        self.turns = ListTurns(desk.engine, desk.shelves)
        self.rings = Rings(desk.engine)

    async def comes_in(self, *people: int, name: str = "expo", when: datetime = UPLOAD, **data: Any) -> list[UUID]:
        """Leads of the list, each with an address of its own unless said otherwise; read by their lives."""
        made = []
        for person in people:
            said = {"email": f"p{person}@fair.example", "source": "trade_show"} | data
            entry = captured(when, id_=f"{name}-{person}", list=name, **said)
            made.append(await self.steps.told(entry, subject=f"{name}-{person}"))
        return made

    async def scores(self, lead: UUID, person: int, points: int) -> None:
        word = fact("lead.engaged", UPLOAD, id_=f"points-{person}", kind="event_attended", points=points)
        assert await self.steps.told(word, subject=f"expo-{person}") == lead

    async def look(self, now: datetime, name: str = "expo") -> ListLook:
        """One look, and what it told the leads read by their lives."""
        look = await self.turns.look(name, now)
        assert look is not None
        while rung := await self.rings.take_mail(now, 500):
            for lead in rung:
                await self.steps.step(lead, now)
        return look

    async def page(self, now: datetime, name: str = "expo") -> ListPage:
        page = await self.lists.get(name, now)
        assert page is not None
        return page

    async def counts(self, now: datetime, name: str = "expo") -> dict[str, int]:
        """What is not nothing on the list's page."""
        return {what: count for what, count in (await self.page(now, name)).counts.items() if count}

    async def standing(self, *lead_ids: UUID) -> list[tuple[str, str | None, str | None]]:
        """Stage, owner and list of each."""
        async with self.steps.engine.connect() as connection:
            query = select(leads.c.lead_id, leads.c.stage, leads.c.owner, leads.c.waits_in)
            found = {row.lead_id: (row.stage, row.owner, row.waits_in) for row in await connection.execute(query)}
        return [found[lead_id] for lead_id in lead_ids]

    async def is_away(self, person: str, begin: datetime, end: datetime) -> None:
        row = {"source": "t", "event_id": person, "person_id": person, "starts_at": begin, "ends_at": end}
        async with self.steps.engine.begin() as connection:
            await connection.execute(insert(absences).values(row))


def by(now: datetime, actor: str = "max") -> By:
    return By(actor=actor, at=now)
