"""Bulk lists in memory: keeps what is said of them; nothing is ever released."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from leads.list_entry import ListEntry
from leads.list_pace import upload_promise
from storage.list_store import COUNTS, ListCancelledError, ListPage, ListState
from storage.roster_changes import By
from storage.roster_kept import Change, Edited, Kept
from tests.api.roster_fakes import FakeChanges, FakeShelf
from tests.builders import shelf


@dataclass
class FakeLists(FakeShelf[ListEntry]):
    kind: str = "list"
    changes: FakeChanges = field(default_factory=FakeChanges)
    states: dict[str, tuple[ListState, By]] = field(default_factory=dict)

    async def list(self, now: datetime, *, after: str | None = None, limit: int = 50) -> Sequence[ListPage]:
        return [self._shown(kept, now) for kept in self._page(after, limit)]

    async def get(self, name: str, now: datetime) -> ListPage | None:
        return self._shown(self.kept[name], now) if name in self.kept else None

    async def edit(self, name: str, change: Change[ListEntry], *, by: By) -> Edited[ListEntry]:
        return self._edit(name, change, by)

    async def order(self, name: str, state: ListState, by: By) -> bool:
        if name not in self.kept:
            return False
        if self.states.get(name, ("open", by))[0] == "cancelled" != state:
            raise ListCancelledError
        self.states[name] = (state, by)
        return True

    def _shown(self, kept: Kept[ListEntry], now: datetime) -> ListPage:
        state, by = self.states.get(kept.name, ("open", None))
        ended_at = kept.entry.event_ended_at
        row: Any = SimpleNamespace(
            name=kept.name, state=state, state_by=by and by.actor, state_at=by and by.at, late_told_at=None,
            rows_read=0, rows_rejected=0, look_at=None, **kept.entry.model_dump(),
        )  # fmt: skip
        return ListPage(
            said=kept,
            row=row,
            team=kept.entry.team or "sales",
            per_rep_a_day=kept.entry.per_rep_a_day or 20,
            counts=dict.fromkeys(COUNTS, 0),
            uploaded_at=None,
            last_uploaded_at=None,
            promise=upload_promise(shelf(), ended_at, None, now.astimezone(UTC)) if ended_at else None,
        )
