"""A store and a clock that behave, and an app on top of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import httpx2
from fastapi import FastAPI

from api.app import create_app
from api.dependencies import Dependencies, Limits
from leads.playbook import Playbook
from leads.playbook_diff import Difference, differences
from leads.playbook_effective import effective
from leads.running import Running
from leads.telling.words import Names
from storage.accounts import AccountRecord
from storage.engine import DatabaseAwayError
from storage.journal import Preview
from storage.keys import KeyRecord, Scope
from storage.new_event import EntityKey, EventConflict, EventKey, NewEvent, Receipt
from storage.playbook_store import NoSuchRevisionError, NoSuchTeamError, OfTeam, RevisionRecord
from storage.playbooks import OvertakenError, read_draft, read_playbook
from storage.posting import Verdict
from tests.api.lead_fakes import FakeCommands, FakeDesk, FakeLeads, FakeReports
from tests.api.list_fakes import FakeLists
from tests.api.preview_fakes import FakePreviews
from tests.api.rollout_fakes import FakeRollouts
from tests.api.roster_fakes import FakeRoster

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ADMIN = "admin-secret"
SENDER = "sender-secret"
_NAMESPACE = UUID("6f1c3c1e-7a0b-4b57-9d7e-0d5c2f8f5a11")


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class FakeJournal:
    """Keeps events in memory, all of a call or none. `away` makes it unreachable."""

    stored: dict[EventKey, tuple[NewEvent, Receipt]] = field(default_factory=dict)
    calls: int = 0
    away: bool = False

    async def append(self, events: Sequence[NewEvent], recorded_at: datetime) -> list[Receipt]:
        self.calls += 1
        assert recorded_at.utcoffset() == timedelta(0)
        verdicts = self._verdicts(events)
        conflicts = [event.key for event, verdict in zip(events, verdicts, strict=True) if verdict is Verdict.CONFLICT]
        if conflicts:
            raise EventConflict(conflicts)
        return [self._take(event) for event in events]

    async def preview(self, events: Sequence[NewEvent]) -> list[Preview]:
        verdicts = self._verdicts(events)
        return [Preview(event.source, event.id, verdict, None) for event, verdict in zip(events, verdicts, strict=True)]

    @property
    def events(self) -> list[NewEvent]:
        return [event for event, _ in self.stored.values()]

    def _verdicts(self, events: Sequence[NewEvent]) -> list[Verdict]:
        if self.away:
            raise DatabaseAwayError
        verdicts = []
        for event in events:
            old = self.stored.get(event.key)
            same = old is not None and old[0].digest == event.digest
            verdicts.append(Verdict.NEW if old is None else Verdict.DUPLICATE if same else Verdict.CONFLICT)
        return verdicts

    def _take(self, event: NewEvent) -> Receipt:
        if event.key in self.stored:
            old = self.stored[event.key][1]
            return Receipt(old.source, old.id, old.lead_id, old.sequence, duplicate=True)
        entity: EntityKey = event.entity_key
        sequence = 1 + sum(other.entity_key == entity for other in self.events)
        lead_id = uuid5(_NAMESPACE, repr(entity)) if event.stream == "lead" else None
        receipt = Receipt(event.source, event.id, lead_id, sequence, duplicate=False)
        self.stored[event.key] = (event, receipt)
        return receipt


@dataclass
class FakeKeys:
    """Keys by secret. `looked_up` counts how often one was searched for."""

    records: dict[str, KeyRecord] = field(default_factory=dict)
    looked_up: int = 0
    away: bool = False

    async def create(
        self, principal: str, scopes: Collection[Scope], sources: Collection[str], *, may_act_for_others: bool
    ) -> tuple[str, str]:
        number = len(self.records) + 1
        secret = f"secret-{number}"
        self.add(secret, principal, *scopes, sources=sources, may_act_for_others=may_act_for_others)
        return self.records[secret].key_id, secret

    async def find(self, secret: str) -> KeyRecord | None:
        self.looked_up += 1
        if self.away:
            raise DatabaseAwayError
        record = self.records.get(secret)
        return record if record and record.revoked_at is None else None

    async def list(self) -> list[KeyRecord]:
        return list(self.records.values())

    async def revoke(self, key_id: str) -> bool:
        for secret, record in self.records.items():
            if record.key_id == key_id:
                self.records[secret] = _record(record, revoked_at=NOW)
                return True
        return False

    def add(
        self,
        secret: str,
        principal: str,
        *scopes: Scope,
        sources: Collection[str] = (),
        may_act_for_others: bool = False,
    ) -> None:
        self.records[secret] = KeyRecord(
            key_id=f"key-{len(self.records) + 1:03}",
            principal=principal,
            scopes=frozenset(scopes),
            sources=frozenset(sources),
            may_act_for_others=may_act_for_others,
            created_at=NOW,
            revoked_at=None,
        )


def _record(record: KeyRecord, *, revoked_at: datetime) -> KeyRecord:
    return KeyRecord(
        key_id=record.key_id,
        principal=record.principal,
        scopes=record.scopes,
        sources=record.sources,
        may_act_for_others=record.may_act_for_others,
        created_at=record.created_at,
        revoked_at=revoked_at,
    )


@dataclass
class FakePlaybooks:
    """Revisions in memory, read as the real ones are."""

    kept: list[tuple[RevisionRecord, str]] = field(default_factory=list)

    async def checked(self, source: str, now: datetime) -> Playbook:
        return read_playbook(source, now)

    async def publish(
        self,
        source: str,
        *,
        author: str,
        comment: str,
        now: datetime,
        onto: int | None = None,
        repeats: int | None = None,
        running: Running | None = None,
    ) -> RevisionRecord:
        await self.checked(source, now)
        if onto not in (None, len(self.kept)):
            raise OvertakenError(len(self.kept))
        record = RevisionRecord(
            number=len(self.kept) + 1,
            published_at=now,
            in_force_from=now,
            author=author,
            comment=comment,
            repeats=repeats,
            running=running or Running(),
        )
        self.kept.append((record, source))
        return record

    async def revisions(self, *, before: int | None, limit: int) -> list[RevisionRecord]:
        return [record for record, _ in reversed(self.kept) if before is None or record.number < before][:limit]

    async def roll_back(
        self,
        number: int,
        *,
        author: str,
        comment: str,
        now: datetime,
        onto: int | None = None,
        running: Running | None = None,
    ) -> RevisionRecord:
        source = self._source(number)
        return await self.publish(
            source, author=author, comment=comment, now=now, onto=onto, repeats=number, running=running
        )

    async def changes(self, old: int, new: int) -> list[Difference]:
        return await self.changes_of(self._source(new), old)

    async def changes_of(self, source: str, against: int) -> list[Difference]:
        return differences(read_draft(self._source(against)).shaped(), read_draft(source).shaped())

    async def newest(self) -> int:
        return len(self.kept)

    async def effective(self, team: str, number: int | None = None) -> OfTeam:
        if team not in ("sales", "closers"):
            raise NoSuchTeamError(team)
        of_revision = number or len(self.kept)
        playbook = read_draft(self._source(of_revision)).shaped()
        return OfTeam(team, team.capitalize(), of_revision, effective(playbook, team))

    def _source(self, number: int) -> str:
        if not 1 <= number <= len(self.kept):
            raise NoSuchRevisionError
        return self.kept[number - 1][1]

    async def revision(self, number: int) -> tuple[RevisionRecord, str] | None:
        return next((found for found in self.kept if found[0].number == number), None)

    async def in_words(self, number: int | None) -> tuple[RevisionRecord, Playbook, Names] | None:
        found = await self.revision(len(self.kept) if number is None else number)
        return None if found is None else (found[0], read_draft(found[1]).shaped(), Names({"ana": "Ana Example"}))


@dataclass
class FakeHealth:
    database_state: str = "ok"
    temporal_state: str = "ok"
    asked: int = 0

    async def database(self) -> str:
        self.asked += 1
        return self.database_state

    async def temporal(self) -> str:
        return self.temporal_state


@dataclass
class FakeAccounts:
    """The newest last."""

    kept: list[AccountRecord] = field(default_factory=list)

    async def list(
        self, *, key: str | None = None, domain: str | None = None, after: UUID | None = None, limit: int = 50
    ) -> list[AccountRecord]:
        found = [
            one for one in reversed(self.kept)
            if key in (None, one.key) and (domain is None or domain in one.domains)
            and (after is None or one.account_id < after)
        ]  # fmt: skip
        return found[:limit]

    async def get(self, account_id: UUID) -> AccountRecord | None:
        return next((one for one in self.kept if one.account_id == account_id), None)


@dataclass
class Api:
    """An app on fakes, with an admin's and a sender's key, and a client."""

    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)
    journal: FakeJournal = field(default_factory=FakeJournal)
    keys: FakeKeys = field(default_factory=FakeKeys)
    health: FakeHealth = field(default_factory=FakeHealth)
    playbooks: FakePlaybooks = field(default_factory=FakePlaybooks)
    previews: FakePreviews = field(default_factory=FakePreviews)
    rollouts: FakeRollouts = field(default_factory=FakeRollouts)
    roster: FakeRoster = field(default_factory=FakeRoster)
    leads: FakeLeads = field(default_factory=FakeLeads)
    reports: FakeReports = field(default_factory=FakeReports)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    commands: FakeCommands = field(default_factory=FakeCommands)
    desk: FakeDesk = field(default_factory=FakeDesk)
    lists: FakeLists = field(default_factory=FakeLists)
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys.add(ADMIN, "admin", Scope.ADMIN, may_act_for_others=True)
        self.keys.add(SENDER, "web", Scope.EVENTS_WRITE)
        self.dependencies = Dependencies(
            journal=self.journal,
            keys=self.keys,
            health=self.health,
            playbooks=self.playbooks,
            previews=self.previews,
            rollouts=self.rollouts,
            roster=self.roster,
            leads=self.leads,
            reports=self.reports,
            accounts=self.accounts,
            commands=self.commands,
            desk=self.desk,
            lists=self.lists,
            now=self.clock,
            limits=self.limits,
            **self.extra,
        )
        self.app: FastAPI = create_app(self.dependencies)

    def client(self, secret: str | None = SENDER, address: str = "192.0.2.1") -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        transport = httpx2.ASGITransport(app=self.app, client=(address, 4711))
        return httpx2.AsyncClient(transport=transport, base_url="http://leadloop", headers=headers)

    def metric(self, name: str, **labels: str) -> float:
        return self.dependencies.registry.get_sample_value(name, labels) or 0.0
