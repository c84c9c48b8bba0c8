"""What the roster's stores give and take: kept entries with a version, edits, and refusals with their places."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = 0x1EAD_0057
Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an entry does not fit what is kept: where, a stable code, and what to do."""

    place: str
    """As `members.0.person`; empty where it is about the whole."""
    code: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason


class RosterError(ValueError):
    """An entry that does not fit the roster or the playbook; `faults` has every reason. Nothing was changed."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class Kept(Generic[Entry]):
    """An entry under its id."""

    name: str
    entry: Entry
    origin: str | None = None
    """Who told of an absence: the source of its event, or `ROSTER_SOURCE`."""

    @cached_property
    def version(self) -> str:
        """The same for the same content, whoever wrote it."""
        return hashlib.sha256(json.dumps([self.name, document(self.entry)], sort_keys=True).encode()).hexdigest()[:32]


Change = Callable[[Kept[Entry] | None], Entry | None]
"""From what is kept (None: nothing) to what shall be (None: nothing). What it raises leaves all as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Generic[Entry]):
    """What came of a change."""

    before: Kept[Entry] | None
    after: Kept[Entry] | None
    warnings: tuple[str, ...] = ()
    """What is allowed, and may not have been meant."""
    open_leads: int | None = None
    """Of a person who was deactivated: the open leads that are still theirs."""

    @property
    def is_changed(self) -> bool:
        return (self.before and self.before.version) != (self.after and self.after.version)


def document(entry: BaseModel) -> dict[str, object]:
    """The entry as JSON."""
    return entry.model_dump(mode="json", by_alias=True)


async def take_turns(connection: AsyncConnection) -> None:
    """One edit of the roster at a time, until the end of the transaction: checks look at more than one row."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
