"""A lead with its people in a real database, and notices to be sent about it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.brief import Claim
from leads.decisions import NoticeIssued
from leads.entries import Entry
from leads.state import dump_state
from storage.actions import ActionStore
from storage.codec import to_row
from storage.playbooks import Shelves, ensure_default
from storage.tables import absences, actions, journal, lead_states, leads, people, team_members, teams
from tests.builders import Story

LEAD = UUID("01900000-0000-7000-8000-000000000001")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PERSONAL = {"name": "Jane Doe", "company": "Acme GmbH", "email": "jane@acme.example", "phone": "+49 30 123456"}
WORDS = "We replace our CRM in autumn.\nCan you show us the routing?"


class Desk:
    """Ana, Ben and their manager Mira sell; `store` is what the activity sees of the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.store = ActionStore(engine, Shelves(engine))

    async def open(self) -> None:
        """Hire the people and publish the default playbook."""
        async with self.engine.begin() as connection:
            await ensure_default(connection, NOON)
            await connection.execute(insert(teams).values(team_id="sales", name="Sales"))
        await self.hire("mira")
        await self.hire("ana", manager="mira", deputy="ben")
        await self.hire("ben", manager="mira")

    async def hire(self, person: str, **columns: Any) -> None:
        row = {"person_id": person, "name": f"{person.capitalize()} Example", "email": f"{person}@sales.example"}
        async with self.engine.begin() as connection:
            await connection.execute(insert(people).values(**(row | columns)))
            if person != "mira":
                await connection.execute(insert(team_members).values(team_id="sales", person_id=person))

    async def change(self, person: str, **columns: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(people).where(people.c.person_id == person).values(**columns))

    async def send_away(self, person: str, deputy: str | None = None) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(
                insert(absences).values(
                    source="hr", event_id=f"{person} away", person_id=person, deputy=deputy,
                    starts_at=NOON - timedelta(days=30), ends_at=NOON + timedelta(days=30),
                )
            )  # fmt: skip

    async def keep(self, story: Story) -> None:
        """Store the lead as its story left it, in place of what was kept before."""
        async with self.engine.begin() as connection:
            for table in (leads, lead_states, journal):
                await connection.execute(delete(table).where(table.c.lead_id == LEAD))
            await connection.execute(insert(leads).values(lead_id=LEAD, created_at=NOON, updated_at=NOON))
            state = {"lead_id": LEAD, "state": json.loads(dump_state(story.lead))}
            await connection.execute(insert(lead_states).values(**state))
            for entry in story.journal:
                await connection.execute(insert(journal).values(**to_row(LEAD, entry)))

    async def issue(
        self, notice: Entry | NoticeIssued, key: str = "notice_issued:1", at: datetime = NOON, lead: UUID = LEAD
    ) -> UUID:
        """Store a notice for the activity; returns the action's id."""
        data = notice.data if isinstance(notice, Entry) else notice
        assert isinstance(data, NoticeIssued)
        key, at = (notice.id, notice.effective_at) if isinstance(notice, Entry) else (key, at)
        action_id = uuid5(lead, key)
        payload = data.model_dump(mode="json", exclude={"saw", "revision", "template"}, exclude_none=True)
        row = {"action_id": action_id, "lead_id": lead, "key": key, "kind": "notify", "template": data.template}
        async with self.engine.begin() as connection:
            await connection.execute(insert(actions).values(**row, payload=payload, issued_at=at))
        return action_id

    async def row(self, action_id: UUID) -> Any:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(actions).where(actions.c.action_id == action_id))).one()

    async def set_row(self, action_id: UUID, **values: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(actions).where(actions.c.action_id == action_id).values(**values))

    async def claimed(self, action_id: UUID, at: datetime = NOON) -> Claim:
        return await self.store.claim(action_id, at)


def notice(template: str = "warning", *to: str, **data: Any) -> NoticeIssued:
    """A notice that names no decision of any story."""
    return NoticeIssued(saw=1, revision=1, template=template, to=to or ("owner:ana",), **({"about": "none"} | data))
