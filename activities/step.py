"""The step: what a lead's workflow does each time it wakes, as one short activity around one transaction.

What travels here is kept by Temporal for months, so it is ids, codes and instants only, and every reader ignores what
it does not know: a worker of an older build must be able to replay what a newer one wrote.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.failures import with_code

STEP = "step"


class StoreAway(Exception):  # noqa: N818  the field says a store is away, not an away error
    """The database does not answer, or not in time; nothing is known to be written. Step again later."""

    code = "store_away"


@dataclass(frozen=True)
class StepRequest:
    """Whose step, and when: `now` is the workflow's present as RFC 3339, aware."""

    lead_id: str
    now: str
    command_id: str | None = None
    """A command to be weighed in this step."""


@dataclass(frozen=True)
class ActionRef:
    """An action that is not done yet."""

    id: str
    kind: str
    """The name of the activity that does it."""
    retry_at: str | None = None
    """RFC 3339: not before then; None means now."""


@dataclass(frozen=True)
class StepResult:
    """Where the lead stands after a step. Plain strings, so that a kind unknown to this build passes through."""

    phase: str
    stage: str
    wake_at: str | None
    """RFC 3339: when to look again; None once the lead has ended."""
    actions: list[ActionRef] = field(default_factory=list)
    """All that are undone, those under way included."""
    has_more: bool = False
    """More mail is unread: step again at once."""
    answer: str | None = None
    """To the command: granted, refused or expired."""
    watch: str = ""
    """What the lead waits for, for Temporal's page: codes and instants only."""
    is_exact: bool = False
    """`wake_at` is when an action is to be tried: people wait for it, so that no phase may take its time."""


class StepStore(Protocol):
    """Where leads live."""

    async def take_step(self, lead_id: str, now: datetime, command_id: str | None) -> StepResult:
        """Take one step in one transaction; taken twice it changes nothing the second time.

        Raises `StoreAway` for an outage. A fact that cannot be digested marks the lead stuck instead of raising.
        """


class Step:
    """The activity `step`."""

    def __init__(self, store: StepStore) -> None:
        self._store = store

    @activity.defn(name=STEP)
    async def step(self, request: StepRequest) -> StepResult:
        """One step of one lead. Raises `ApplicationError` with a code and nothing else."""
        with with_code("step_failed"):
            return await self._store.take_step(request.lead_id, datetime.fromisoformat(request.now), request.command_id)
