"""What the HTTP side is given from outside: its collaborators, its clock and its limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import Request

from leads.list_entry import ListEntry
from leads.playbook import Playbook
from leads.playbook_diff import Difference
from leads.roster import AbsenceEntry, PersonEntry, TeamEntry
from leads.roster_file import RosterRow
from leads.running import Running
from leads.telling.words import Names
from leads.what_if.report import Preview as DraftPreview
from storage.accounts import AccountRecord
from storage.commands import NewCommand, StoredCommand
from storage.journal import Preview
from storage.keys import KeyRecord, Scope
from storage.list_store import ListPage, ListState
from storage.new_event import NewEvent, Receipt
from storage.playbook_store import OfTeam, RevisionRecord
from storage.preview_store import Asked, Progress
from storage.queries import LeadDetail, LeadFilter, Modes, StoredLead
from storage.rollouts import HeldClock, Rollout
from storage.roster_changes import By, RosterChange
from storage.roster_import import Imported
from storage.roster_kept import Change, Edited, Kept
from storage.shadow_report import ShadowReport
from storage.timelines import Timeline


class Journal(Protocol):
    async def append(self, events: Sequence[NewEvent], recorded_at: datetime) -> list[Receipt]:
        """All of them or none; one receipt each, in order. Raises `EventConflict` or `UnstorableEventError`."""

    async def preview(self, events: Sequence[NewEvent]) -> list[Preview]:
        """What `append` would say of each; stores nothing."""


class Keys(Protocol):
    async def create(
        self, principal: str, scopes: frozenset[Scope], sources: frozenset[str], *, may_act_for_others: bool
    ) -> tuple[str, str]: ...

    async def find(self, secret: str) -> KeyRecord | None: ...

    async def list(self) -> list[KeyRecord]: ...

    async def revoke(self, key_id: str) -> bool: ...


class Playbooks(Protocol):
    async def checked(self, source: str, now: datetime) -> Playbook:
        """What could be published now. Raises `storage.playbooks.PlaybookError` with every fault."""

    async def publish(
        self,
        source: str,
        *,
        author: str,
        comment: str,
        now: datetime,
        onto: int | None = None,
        running: Running | None = None,
    ) -> RevisionRecord:
        """Raises `storage.playbooks.PlaybookError` with every fault, and `OvertakenError`."""

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
        """Raises as `publish`, and `storage.playbook_store.NoSuchRevisionError`."""

    async def changes(self, old: int, new: int) -> list[Difference]:
        """Raises `NoSuchRevisionError`."""

    async def changes_of(self, source: str, against: int) -> list[Difference]:
        """Of a draft. Raises `NoSuchRevisionError` and `PlaybookError`."""

    async def effective(self, team: str, number: int | None = None) -> OfTeam:
        """Raises `NoSuchRevisionError` and `storage.playbook_store.NoSuchTeamError`."""

    async def newest(self) -> int:
        """0 where none is published."""

    async def revisions(self, *, before: int | None, limit: int) -> list[RevisionRecord]:
        """The newest first."""

    async def revision(self, number: int) -> tuple[RevisionRecord, str] | None:
        """With its document."""

    async def in_words(self, number: int | None) -> tuple[RevisionRecord, Playbook, Names] | None:
        """A revision, the newest without a number, with the names of those it speaks of."""


class Previews(Protocol):
    async def preview(self, asked: Asked, now: datetime, tell: Callable[[Progress], None]) -> DraftPreview:
        """Raises `storage.playbooks.PlaybookError` with every fault, `PreviewsBusyError` and `NoPlaybookError`."""


class Rollouts(Protocol):
    """`storage.rollouts.RolloutStore` says what each raises."""

    async def list(self, *, before: int | None, limit: int, now: datetime) -> Sequence[Rollout]:
        """The newest first."""

    async def get(self, revision: int, /, *, now: datetime) -> Rollout: ...

    async def held(
        self, revision: int, /, *, after: tuple[UUID, str] | None, limit: int, now: datetime
    ) -> Sequence[HeldClock]: ...

    async def pause(self, revision: int, /, *, by: str, now: datetime) -> Rollout: ...

    async def resume(self, revision: int, /, *, by: str, now: datetime) -> Rollout: ...

    async def cancel(self, revision: int, /, *, by: str, now: datetime) -> Rollout: ...

    async def confirm(self, revision: int, /, *, by: str, now: datetime) -> int: ...

    async def waive(self, revision: int, /, *, by: str, now: datetime) -> int: ...


class RosterPeople(Protocol):
    async def list(
        self, *, team: str | None = None, is_active: bool | None = None, after: str | None = None, limit: int = 50
    ) -> Sequence[Kept[PersonEntry]]:
        """By id."""

    async def get(self, person: str, /) -> Kept[PersonEntry] | None: ...

    async def edit(self, person: str, change: Change[PersonEntry], /, *, by: By) -> Edited[PersonEntry]:
        """Raises `storage.roster_kept.RosterError` and what `change` raises; None deactivates."""


class RosterTeams(Protocol):
    async def list(
        self, *, member: str | None = None, after: str | None = None, limit: int = 50
    ) -> Sequence[Kept[TeamEntry]]:
        """By id."""

    async def get(self, team: str, /) -> Kept[TeamEntry] | None: ...

    async def edit(self, team: str, change: Change[TeamEntry], /, *, by: By) -> Edited[TeamEntry]:
        """Raises `storage.roster_kept.RosterError` and what `change` raises; None takes it away."""


class RosterAbsences(Protocol):
    async def list(
        self,
        *,
        person: str | None = None,
        ends_after: datetime | None = None,
        starts_before: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[Kept[AbsenceEntry]]:
        """By their start."""

    async def get(self, absence_id: UUID, /) -> Kept[AbsenceEntry] | None: ...

    async def add(self, entry: AbsenceEntry, /, *, by: By) -> Edited[AbsenceEntry]:
        """Raises `storage.roster_kept.RosterError`."""

    async def edit(self, absence_id: UUID, change: Change[AbsenceEntry], /, *, by: By) -> Edited[AbsenceEntry]:
        """Raises `storage.roster_kept.RosterError` and what `change` raises; None takes it back."""


class RosterChanges(Protocol):
    async def list(
        self, *, kind: str | None = None, subject: str | None = None, before: UUID | None = None, limit: int = 50
    ) -> Sequence[RosterChange]:
        """The newest first."""


class RosterImport(Protocol):
    async def people(self, rows: Sequence[RosterRow], /, *, partial: bool, dry_run: bool, by: By) -> Imported:
        """All rows or none, or with `partial` those that fit."""


class Roster(Protocol):
    @property
    def people(self) -> RosterPeople: ...

    @property
    def teams(self) -> RosterTeams: ...

    @property
    def absences(self) -> RosterAbsences: ...

    @property
    def changes(self) -> RosterChanges: ...

    @property
    def imports(self) -> RosterImport: ...


class Leads(Protocol):
    """Reads leads; `storage.queries.LeadQueries` says what each answers."""

    async def list_leads(
        self, wanted: LeadFilter, *, now: datetime, after: UUID | None = None, limit: int = 50
    ) -> list[Any]: ...

    async def get_lead(self, lead_id: UUID) -> LeadDetail | None: ...

    async def modes(self, now: datetime) -> Modes: ...

    async def timeline(self, lead_id: UUID, *, after: int = 0, limit: int = 100) -> Timeline | None: ...

    async def load_state(self, lead_id: UUID) -> StoredLead | None: ...


class Reports(Protocol):
    async def report(self, team: str, since: date, now: datetime, /) -> ShadowReport:
        """Raises `storage.playbook_store.NoSuchTeamError` and `leads.revisions.NoPlaybookError`."""


class Accounts(Protocol):
    async def list(
        self, *, key: str | None = None, domain: str | None = None, after: UUID | None = None, limit: int = 50
    ) -> list[AccountRecord]: ...

    async def get(self, account_id: UUID) -> AccountRecord | None: ...


class Commands(Protocol):
    async def put(self, asked: NewCommand, now: datetime) -> StoredCommand:
        """Store a command, or find what stands under its id. Raises `NoSuchLeadError` and `NotInRosterError`."""

    async def read(self, command_id: UUID) -> StoredCommand | None: ...


class CommandDesk(Protocol):
    async def give(self, lead_id: str, command_id: str) -> str:
        """Have a stored command weighed, safely also twice: granted, refused or expired.

        Raises `workflows.lead_commands.CommandUnanswered`.
        """


class Lists(Protocol):
    """Bulk lists; `storage.list_store.ListStore` says what each answers. Reading raises `NoPlaybookError`."""

    async def list(self, now: datetime, *, after: str | None = None, limit: int = 50) -> Sequence[ListPage]: ...

    async def get(self, name: str, now: datetime, /) -> ListPage | None: ...

    async def edit(self, name: str, change: Change[ListEntry], /, *, by: By) -> Edited[ListEntry]:
        """Raises `storage.roster_kept.RosterError` and what `change` raises."""

    async def order(self, name: str, state: ListState, by: By, /) -> bool:
        """False where there is no such list. Raises `storage.list_store.ListCancelledError`."""


class Health(Protocol):
    """Both answer within a second or two and never raise."""

    async def database(self) -> str:
        """`ok`, `unreachable` or `migrations_behind`."""

    async def temporal(self) -> str:
        """`ok` or `away`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    max_body_bytes: int = 1_048_576
    body_seconds: float = 30
    """From the first byte of a body to its last."""
    max_events: int = 1_000
    future_tolerance: timedelta = timedelta(minutes=5)
    store_seconds: float = 20
    """What a request waits for the database before it is told that the store is away."""
    preview_seconds: float = 600
    """After which a preview of a draft is given up."""
    key_failures_per_minute: int = 20
    """Wrong keys from one address before further unknown keys are not even looked up."""
    key_memory_seconds: float = 5
    """How long a key found good is not looked up again; a key revoked elsewhere works that much longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    journal: Journal
    keys: Keys
    health: Health
    playbooks: Playbooks
    previews: Previews
    rollouts: Rollouts
    roster: Roster
    leads: Leads
    reports: Reports
    accounts: Accounts
    commands: Commands
    desk: CommandDesk
    lists: Lists
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=True))
    limits: Limits = Limits()
    routers: Sequence[APIRouter] = ()
    """Further routes, beside those `api.app` knows."""


def install(app: FastAPI, dependencies: Dependencies) -> None:
    app.state.dependencies = dependencies


def dependencies_of(request: Request) -> Dependencies:
    """For handlers: what the app was made with."""
    found: Dependencies = request.app.state.dependencies
    return found
