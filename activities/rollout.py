"""Reaching the leads of a rollout for a while: what the workflow of a revision's rollout has done.

Which leads, how fast and how far it has come is known to the store alone; here travel numbers, codes and instants.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.failures import with_code

REACH = "reach_leads"
PORTION_SECONDS = 30.0
"""How long one activity goes on before it tells the workflow, which keeps its history short."""


@dataclass(frozen=True)
class Standing:
    """How a rollout stands. Plain strings, so that a state unknown to this build passes through."""

    state: str
    starts_at: str | None = None
    """RFC 3339: the revision is not in force before then."""
    progress: str = ""
    """For Temporal's page: numbers only."""


class RolloutStore(Protocol):
    """Where rollouts stand."""

    async def go_on(self, revision: int, seconds: float, beat: Callable[[], None]) -> Standing:
        """Reach leads for so long at most; `beat` is called every second or so. Raises errors with a code."""


class ReachLeads:
    """The activity `reach_leads`."""

    def __init__(self, store: RolloutStore, seconds: float = PORTION_SECONDS) -> None:
        self._store = store
        self._seconds = seconds

    @activity.defn(name=REACH)
    async def reach_leads(self, revision: int) -> Standing:
        """Go on with a rollout for a while. Raises `ApplicationError` with a code and nothing else."""
        with with_code("reach_failed"):
            return await self._store.go_on(revision, self._seconds, activity.heartbeat)


def starts_at(standing: Standing) -> datetime | None:
    return datetime.fromisoformat(standing.starts_at) if standing.starts_at else None
