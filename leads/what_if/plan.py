"""A draft beside what is published: the two shelves a what-if folds under."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.running import Running

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft as if it were published: in force from `at`, the instant at which every lead is looked at."""

    at: datetime
    published: Shelf
    draft: Shelf
    """`published` with the draft on top."""
    alone: Shelf
    """The draft in force from the beginning, and nothing else."""
    adopts: frozenset[int] = frozenset()
    """Revisions whose publication reaches leads as it is."""

    @classmethod
    def of(
        cls,
        published: Shelf,
        draft: Playbook,
        now: datetime,
        running: Running | None = None,
        adopts: frozenset[int] = frozenset(),
    ) -> Self:
        """Looked at now, or once the newest revision is in force. `running`: what the draft does to promises."""
        at = max(now, published.number(published.latest).in_force_from)
        alone = Shelf([Revision(published.latest + 1, _EVER, draft)])
        return cls(at, published, published.with_draft(draft, at, running), alone, adopts)

    @property
    def number(self) -> int:
        """Which revision the draft would be."""
        return self.draft.latest

    @property
    def base(self) -> int:
        """The revision the draft is compared with: the newest."""
        return self.published.latest
