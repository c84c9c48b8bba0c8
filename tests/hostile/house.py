"""The real app on a real database, lived in by leads and people with nasty names; time is what a test says it is."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import yaml
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.digests import Digests
from activities.integrations.smtp import compose
from activities.letters import Letter, Letters
from api.app import create_app
from api.dependencies import Dependencies, Limits
from leads.brief import Standing
from storage.accounts import AccountStore
from storage.actions import ActionStore
from storage.commands import CommandStore
from storage.engine import Patience, create_engine
from storage.journal import Journal
from storage.keys import KeyStore, Scope
from storage.list_store import ListStore
from storage.playbook_store import PlaybookStore
from storage.playbooks import Shelves, publish
from storage.preview_store import PreviewStore
from storage.queries import LeadQueries
from storage.rollouts import RolloutStore
from storage.roster import Person, Team, set_members, upsert_person, upsert_team
from storage.roster_store import RosterStore
from storage.shadow_report import ShadowReports
from storage.starter_roster import seed_starter
from storage.step_store import StepStore
from storage.tables import actions
from tests.hostile.corpus import STRINGS
from tests.journeys.house import house_rules
from workers.api_health import ApiHealth
from workers.weighing import ProcessWeighers

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PATIENCE = Patience(statement_seconds=60, lock_seconds=30)
"""A busy machine is none of what is tested here."""
SENDER = "leadloop@sales.example"
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
_MOST_BYTES = 900_000
_NO_TEMPORAL = "127.0.0.1:1"


def rules() -> str:
    """Nobody is spared a letter, and hours are read in the zone a lead claims to live in."""
    document = yaml.safe_load(house_rules(notices={"most": 1000, "quiet": None}))
    for segment in document["segments"]:
        segment["promises"]["first_touch"]["zone"] = "buyer"
    return yaml.safe_dump(document, sort_keys=False)


def storable(text: str) -> bool:
    """Whether PostgreSQL can hold it, and it says something: what a roster can be given."""
    return bool(text.strip()) and "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


@dataclass
class Resident:
    """A lead whose every text is one of the corpus, with a person and a team of the same name."""

    name: str
    text: str
    lead_id: UUID | None = None
    letters: list[Letter] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return f"person-{[*STRINGS].index(self.name)}"

    @property
    def team(self) -> str:
        """As an event can name it."""
        return self.text.strip()[:200].strip()


class StepDesk:
    """Weighs a command at once, in this process; in place of Temporal."""

    def __init__(self, house: "House") -> None:
        self._house = house

    async def give(self, lead_id: str, command_id: str) -> str:
        taken = await self._house.steps.take_step(UUID(lead_id), self._house.now, UUID(command_id))
        return taken.answer or "refused"


class House:
    """What all residents share."""

    def __init__(self, engine: AsyncEngine, journal: Journal) -> None:
        self.engine = engine
        self.now = NOW
        self.shelves = Shelves(engine)
        self.steps = StepStore(engine, self.shelves)
        self.outbox = ActionStore(engine, self.shelves)
        self.digests = Digests(Letters("https://leads.example", "leadloop.example"))
        self.registry = CollectorRegistry()
        self.residents: list[Resident] = []
        self.app = self._app(journal)
        self.client = httpx2.AsyncClient()
        self.written = ""
        """What was logged while its residents lived."""

    def _app(self, journal: Journal) -> FastAPI:
        return create_app(
            Dependencies(
                journal=journal,
                keys=KeyStore(self.engine),
                health=ApiHealth(self.engine, _NO_TEMPORAL),
                rollouts=RolloutStore(self.engine),
                playbooks=PlaybookStore(self.engine),
                previews=PreviewStore(self.engine, PlaybookStore(self.engine), ProcessWeighers()),
                roster=RosterStore(self.engine),
                leads=LeadQueries(self.engine, self.shelves),
                reports=ShadowReports(self.engine, self.shelves),
                accounts=AccountStore(self.engine, self.shelves),
                commands=CommandStore(self.engine),
                lists=ListStore(self.engine, self.shelves),
                desk=StepDesk(self),
                now=lambda: self.now,
                registry=self.registry,
                limits=Limits(key_failures_per_minute=1_000_000, store_seconds=60),
            )
        )

    async def send(self, events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers to these events, in as many batches as it takes."""
        answers = []
        for batch in _batches(events):
            answer = await self.client.post("/v1/events?partial=true", content=batch, headers=BATCH)
            assert answer.status_code in (202, 400), answer.text[:500]
            answers.append(answer.json())
        return answers

    async def lives(self, resident: Resident, span: timedelta) -> None:
        """The lead wakes whenever it wants to for so long, and its notices are written."""
        assert resident.lead_id is not None
        now = self.now
        taken = await self.steps.take_step(resident.lead_id, now)
        while True:
            assert taken.stuck_code is None, f"{resident.name}: {taken.stuck_code}"
            resident.letters += await self._letters(resident.lead_id, now)
            if taken.wake_at is None or taken.wake_at > self.now + span:
                return
            now = taken.wake_at
            taken = await self.steps.take_step(resident.lead_id, now)

    async def _letters(self, lead_id: UUID, now: datetime) -> list[Letter]:
        """What is to go out; nothing is sent, and each notice is claimed once."""
        async with self.engine.connect() as connection:
            asked = select(actions.c.action_id).where(actions.c.lead_id == lead_id, actions.c.state == "pending")
            pending = [*await connection.scalars(asked)]
        letters = []
        for action_id in pending:
            claim = await self.outbox.claim(action_id, now)
            post = await self.outbox.post(claim, now) if claim.standing is Standing.GRANTED else None
            for parcel in post.parcels if post else ():
                letters.append(self.digests.write(parcel, now))
                if len(letters) == 1:
                    # as if there were a second: what a digest says of it
                    twice = replace(parcel, notices=parcel.notices * 2, claims=parcel.claims * 2)
                    letters.append(self.digests.write(twice, now))
        return letters


def raw(letter: Letter) -> bytes:
    """As it goes over the wire."""
    return compose(letter, SENDER).as_bytes()


def _batches(events: Iterable[dict[str, Any]]) -> Iterable[bytes]:
    batch: list[bytes] = []
    size = 0
    for event in events:
        text = json.dumps(event).encode()
        if batch and (size + len(text) > _MOST_BYTES or len(batch) == Limits().max_events):
            yield b"[" + b",".join(batch) + b"]"
            batch, size = [], 0
        batch.append(text)
        size += len(text) + 1
    yield b"[" + b",".join(batch) + b"]"


@asynccontextmanager
async def open_house(database_url: str) -> AsyncIterator[House]:
    """A house with its people hired: each storable text is somebody's name, and a team's id and name."""
    engine = create_engine(database_url, pool_size=8, patience=PATIENCE)
    journal = Journal(engine)
    house = House(engine, journal)
    async with engine.begin() as connection:
        await publish(connection, rules(), author="test", comment="rules", now=NOW - timedelta(days=60))
        await seed_starter(connection)
        for name, text in STRINGS.items():
            resident = Resident(name, text)
            house.residents.append(resident)
            if storable(text):
                email = f"{resident.owner}@example.com"
                person = Person(person_id=resident.owner, name=text, email=email, manager="mira")
                await upsert_person(connection, person)
                await upsert_team(connection, Team(team_id=resident.team, name=text))
                await set_members(connection, resident.team, [resident.owner])
    _, secret = await KeyStore(engine).create("tests", [Scope.ADMIN], may_act_for_others=True)
    transport, headers = httpx2.ASGITransport(app=house.app), {"Authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://leadloop", headers=headers) as client:
        house.client = client
        yield house
    await journal.close()
    await engine.dispose()
