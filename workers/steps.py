"""The step's activity on the real store: translates between the two rooms, which know nothing of each other."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from activities.step import ActionRef, StepResult, StoreAway
from leads.lifecycle import Phase
from storage.engine import DatabaseAwayError
from storage.step_store import Taken, UnknownLeadError

NO_SUCH_LEAD = StepResult(phase=Phase.ENDED, stage="unknown", wake_at=None, answer="refused")
"""Erased, or never heard of: there is no life to lead."""


class Store(Protocol):
    """`storage.step_store.StepStore`, as far as it is used here."""

    async def take_step(self, lead_id: UUID, now: datetime, command_id: UUID | None = None) -> Taken: ...


class StoredSteps:
    """A `StepStore` for the activity."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take_step(self, lead_id: str, now: datetime, command_id: str | None) -> StepResult:
        """One step. Raises `StoreAway` while the database is away."""
        try:
            taken = await self._store.take_step(UUID(lead_id), now, UUID(command_id) if command_id else None)
        except DatabaseAwayError as away:
            raise StoreAway("the database is away: step again") from away
        except UnknownLeadError:
            return NO_SUCH_LEAD
        return StepResult(
            phase=taken.phase.value,
            stage=taken.stage.value,
            wake_at=taken.wake_at.isoformat() if taken.wake_at else None,
            actions=[ActionRef(str(action.id), action.kind) for action in taken.actions],
            has_more=taken.has_more,
            answer=taken.answer,
            watch=_watch(taken),
            is_exact=taken.is_exact,
        )


def _watch(taken: Taken) -> str:
    if taken.stuck_code is not None:
        return f"stuck: {taken.stuck_code}"
    return f"{taken.due_clock} due {taken.due_at:%Y-%m-%dT%H:%M:%SZ}" if taken.due_clock and taken.due_at else ""
