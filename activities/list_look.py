"""What a bulk list's life does each time it wakes: look after the list, and tell marketing of a broken promise."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.failures import with_code

LOOK_AFTER_LIST = "look_after_list"
TELL_OF_LIST = "tell_of_list"


@dataclass(frozen=True)
class ListRequest:
    """Which list, and when: `now` is the workflow's present as RFC 3339, aware."""

    name: str
    now: str


@dataclass(frozen=True)
class ListResult:
    """Where a list stands after a look."""

    state: str
    wake_at: str | None
    """RFC 3339: when to look again; None: not before the doorbell rings."""
    released: int = 0
    owes_letter: bool = False


class ListStore(Protocol):
    """Where lists are looked after."""

    async def look(self, name: str, now: datetime) -> ListResult:
        """One look in one transaction. Raises `StoreAway` for an outage."""


class LookAfterList:
    """The activity `look_after_list`."""

    def __init__(self, store: ListStore) -> None:
        self._store = store

    @activity.defn(name=LOOK_AFTER_LIST)
    async def look(self, request: ListRequest) -> ListResult:
        """One look at one list. Raises `ApplicationError` with a code and nothing else."""
        with with_code("look_failed"):
            return await self._store.look(request.name, datetime.fromisoformat(request.now))
