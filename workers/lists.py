"""The activities of bulk lists with their real parts."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.list_letter import LateList, TellOfList
from activities.list_look import ListResult, LookAfterList
from activities.step import StoreAway
from leads.brief import Hearer
from storage.engine import DatabaseAwayError
from storage.list_letters import Late, ListLetters
from storage.list_turns import ListLook, ListTurns
from storage.playbooks import Shelves
from workers.notices import channel_of, letters_of
from workers.settings import Settings

GONE = ListResult(state="unknown", wake_at=None)
"""Nobody ever spoke of a list of this name."""


class Turns(Protocol):
    """`storage.list_turns.ListTurns`, as far as it is used here."""

    async def look(self, name: str, now: datetime) -> ListLook | None: ...


class Letters(Protocol):
    """`storage.list_letters.ListLetters`, as far as it is used here."""

    async def late(self, name: str, now: datetime) -> Late | None: ...

    async def told(self, name: str, due_at: datetime, now: datetime) -> None: ...


class StoredLists:
    """A `ListStore` for the activity."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def look(self, name: str, now: datetime) -> ListResult:
        """One look. Raises `StoreAway` while the database is away."""
        try:
            look = await self._turns.look(name, now)
        except DatabaseAwayError as away:
            raise StoreAway("the database is away: look again") from away
        if look is None:
            return GONE
        wake_at = look.look_at.isoformat() if look.look_at else None
        return ListResult(state=look.state, wake_at=wake_at, released=look.released, owes_letter=look.owes_letter)


class StoredLateLists:
    """`LateLists` for the activity."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def late(self, name: str, now: datetime) -> LateList | None:
        found = await self._letters.late(name, now)
        if found is None:
            return None
        hearer = Hearer(key=found.person_id, role="marketing", name=found.person, of=name, email=found.email)
        return LateList(
            name=name,
            hearer=hearer,
            timezone=found.timezone,
            event_ended_at=found.event_ended_at,
            due_at=found.due_at,
            uploaded_at=found.uploaded_at,
            took=found.took,
        )

    async def told(self, name: str, due_at: datetime, now: datetime) -> None:
        await self._letters.told(name, due_at, now)


def look_activity(engine: AsyncEngine, shelves: Shelves) -> LookAfterList:
    return LookAfterList(StoredLists(ListTurns(engine, shelves)))


def tell_activity(settings: Settings, engine: AsyncEngine, shelves: Shelves) -> TellOfList:
    """Without a mail server the letter goes to the log."""
    return TellOfList(StoredLateLists(ListLetters(engine, shelves)), letters_of(settings), channel_of(settings))
