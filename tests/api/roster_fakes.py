"""A roster in memory: keeps what it is given, and checks nothing that takes a database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel

from leads.roster import AbsenceEntry, PersonEntry, TeamEntry
from leads.roster_file import RosterRow
from storage.roster_changes import By, RosterChange
from storage.roster_import import Imported, Outcome, RowResult
from storage.roster_kept import Change, Edited, Kept, RosterError, document

Entry = TypeVar("Entry", bound=BaseModel)
ORIGIN = "urn:leadloop:roster"
_NAMESPACE = UUID("0b0f4c6e-52a1-4b3e-8f0e-6a1f6d1f2f11")


@dataclass
class FakeChanges:
    made: list[RosterChange] = field(default_factory=list)

    async def list(
        self, *, kind: str | None = None, subject: str | None = None, before: UUID | None = None, limit: int = 50
    ) -> Sequence[RosterChange]:
        fitting = [change for change in reversed(self.made) if kind in (None, change.kind)]
        fitting = [change for change in fitting if subject in (None, change.subject)]
        return [change for change in fitting if before is None or change.change_id < before][:limit]

    def record(self, kind: str, subject: str, done: Edited[Entry], by: By) -> None:
        what = "added" if done.before is None else "removed" if done.after is None else "changed"
        before = document(done.before.entry) if done.before else None
        after = document(done.after.entry) if done.after else None
        change_id = UUID(int=len(self.made) + 1)
        self.made.append(
            RosterChange(
                change_id=change_id, at=by.at, actor=by.actor, kind=kind, subject=subject, what=what, before=before,
                after=after,
            )
        )  # fmt: skip


@dataclass
class FakeShelf(Generic[Entry]):
    """Entries by id. The next edit fails with `fault`, where there is one."""

    kind: str
    changes: FakeChanges
    kept: dict[str, Kept[Entry]] = field(default_factory=dict)
    fault: RosterError | None = None

    def _page(self, after: str | None, limit: int) -> list[Kept[Entry]]:
        return [self.kept[name] for name in sorted(self.kept) if after is None or name > after][:limit]

    def _edit(self, name: str, change: Change[Entry], by: By, subject: str | None = None) -> Edited[Entry]:
        before = self.kept.get(name)
        wanted = change(before)
        if self.fault:
            raise self.fault
        done = Edited(before=before, after=Kept(name, wanted, ORIGIN) if wanted else None)
        if done.after:
            self.kept[name] = done.after
        else:
            self.kept.pop(name, None)
        if done.is_changed:
            self.changes.record(self.kind, subject or name, done, by)
        return done


class FakePeople(FakeShelf[PersonEntry]):
    async def list(
        self, *, team: str | None = None, is_active: bool | None = None, after: str | None = None, limit: int = 50
    ) -> Sequence[Kept[PersonEntry]]:
        assert team is None or team
        return [kept for kept in self._page(after, limit) if is_active in (None, kept.entry.is_active)]

    async def get(self, person: str) -> Kept[PersonEntry] | None:
        return self.kept.get(person)

    async def edit(self, person: str, change: Change[PersonEntry], *, by: By) -> Edited[PersonEntry]:
        def kept_on(kept: Kept[PersonEntry] | None) -> PersonEntry | None:
            wanted = change(kept)
            return kept.entry.model_copy(update={"is_active": False}) if wanted is None and kept else wanted

        return self._edit(person, kept_on, by)


class FakeTeams(FakeShelf[TeamEntry]):
    async def list(
        self, *, member: str | None = None, after: str | None = None, limit: int = 50
    ) -> Sequence[Kept[TeamEntry]]:
        found = self._page(after, limit)
        return [kept for kept in found if member is None or member in {one.person for one in kept.entry.members}]

    async def get(self, team: str) -> Kept[TeamEntry] | None:
        return self.kept.get(team)

    async def edit(self, team: str, change: Change[TeamEntry], *, by: By) -> Edited[TeamEntry]:
        return self._edit(team, change, by)


class FakeAbsences(FakeShelf[AbsenceEntry]):
    async def list(
        self,
        *,
        person: str | None = None,
        ends_after: datetime | None = None,
        starts_before: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[Kept[AbsenceEntry]]:
        found = sorted(self.kept.values(), key=lambda kept: (kept.entry.starts_at, UUID(kept.name)))
        return [
            kept
            for kept in found
            if person in (None, kept.entry.person)
            and (ends_after is None or kept.entry.ends_at > ends_after)
            and (starts_before is None or kept.entry.starts_at < starts_before)
            and (after is None or (kept.entry.starts_at, UUID(kept.name)) > after)
        ][:limit]

    async def get(self, absence_id: UUID) -> Kept[AbsenceEntry] | None:
        return self.kept.get(str(absence_id))

    async def add(self, entry: AbsenceEntry, *, by: By) -> Edited[AbsenceEntry]:
        name = str(uuid5(_NAMESPACE, entry.model_dump_json()))
        return self._edit(name, lambda _: entry, by, entry.person)

    async def edit(self, absence_id: UUID, change: Change[AbsenceEntry], *, by: By) -> Edited[AbsenceEntry]:
        return self._edit(str(absence_id), change, by)


class FakeImport:
    """Takes every row that can be read."""

    async def people(self, rows: Sequence[RosterRow], *, partial: bool, dry_run: bool, by: By) -> Imported:
        assert by.actor
        results = [
            RowResult(row.line, row.person, Outcome.REFUSED if row.reasons else Outcome.ADDED, tuple(row.reasons))
            for row in rows
        ]
        is_refused = any(row.reasons for row in rows) and not partial
        return Imported(rows=results, is_applied=not is_refused and not dry_run)


class FakeRoster:
    def __init__(self) -> None:
        self.changes = FakeChanges()
        self.people = FakePeople("person", self.changes)
        self.teams = FakeTeams("team", self.changes)
        self.absences = FakeAbsences("absence", self.changes)
        self.imports = FakeImport()
