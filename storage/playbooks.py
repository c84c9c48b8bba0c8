"""Published playbooks: kept as numbered revisions, read as a shelf.

A revision comes into force a few seconds after it is published, so that every process has heard of it by then and no
fold has used the one before for an instant that is already the new one's.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.calendar import Calendar, CalendarError
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from storage.holidays import expand_holidays
from storage.plain_yaml import YamlTextError, load_yaml
from storage.tables import playbook_revisions

IN_FORCE_AFTER = timedelta(seconds=5)
"""From publishing to being in force."""
FROM_THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the first revision is in force: history brought in later is read under it."""
MAX_BYTES = 1 << 20
MOST_FAULTS = 50
"""Told of one document; who mends them hears of the others next."""
LONGEST_KEY = 40
"""Characters told of a key that is not known."""
HOLIDAY_YEARS_BACK, HOLIDAY_YEARS_AHEAD = 10, 10
_LOCK = 7_243_001
"""Names the advisory lock under which revisions are numbered."""


class PlaybookError(ValueError):
    """A document that is no usable playbook; `faults` has every one found, with its place."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def default_text(timezone: str = "UTC") -> str:
    """The commented playbook Leadloop starts with, its calendar in `timezone`."""
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    return text.replace("timezone: UTC", f"timezone: {timezone}", 1)


def read_playbook(source: str, year: int) -> Playbook:
    """A playbook from its YAML text, holidays expanded around `year`. Raises PlaybookError with every fault found."""
    if len(source.encode()) > MAX_BYTES:
        raise PlaybookError(f"a playbook is at most {MAX_BYTES >> 20} MiB")
    try:
        playbook = Playbook.model_validate(load_yaml(source))
        return playbook.model_copy(update={"calendars": _expanded(playbook, year)})
    except ValidationError as error:
        raise PlaybookError(*_faults(error)) from None
    except (YamlTextError, CalendarError) as error:
        raise PlaybookError(str(error)) from None


def _expanded(playbook: Playbook, year: int) -> dict[str, Calendar]:
    first, last = year - HOLIDAY_YEARS_BACK, year + HOLIDAY_YEARS_AHEAD
    return {name: expand_holidays(calendar, first, last) for name, calendar in playbook.calendars.items()}


def _faults(error: ValidationError) -> Iterator[str]:
    faults = error.errors(include_url=False, include_input=False)
    yield from (_fault(fault) for fault in faults[:MOST_FAULTS])
    if len(faults) > MOST_FAULTS:
        yield f"and {len(faults) - MOST_FAULTS:,} more"


def _fault(fault: Any) -> str:
    place = ".".join(str(part)[:LONGEST_KEY] for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])


async def publish(connection: AsyncConnection, source: str, *, author: str, comment: str, now: datetime) -> int:
    """Publish a document as the next revision, atomically. Returns its number. Raises PlaybookError."""
    playbook = read_playbook(source, now.year)
    return await publish_read(connection, playbook, source, author=author, comment=comment, now=now)


async def publish_read(
    connection: AsyncConnection, playbook: Playbook, source: str, *, author: str, comment: str, now: datetime
) -> int:
    """`publish` for a playbook that has been read from `source` already: large documents are read in a thread."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    newest = await connection.scalar(select(func.coalesce(func.max(playbook_revisions.c.number), 0)))
    number = (newest or 0) + 1
    row = {
        "number": number,
        "published_at": now,
        "in_force_from": now + IN_FORCE_AFTER if number > 1 else FROM_THE_BEGINNING,
        "author": author,
        "comment": comment,
        "source_text": source,
        "document": playbook.model_dump(mode="json", by_alias=True),
    }
    await connection.execute(insert(playbook_revisions).values(row))
    return number


async def ensure_default(connection: AsyncConnection, now: datetime, timezone: str = "UTC") -> None:
    """Publish the default playbook if there is none yet. Raises PlaybookError for an unknown zone."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if await connection.scalar(select(func.count()).select_from(playbook_revisions)) == 0:
        await publish(connection, default_text(timezone), author="leadloop", comment="The default playbook", now=now)


async def load_shelf(connection: AsyncConnection) -> Shelf:
    """All published revisions. Raises `leads.revisions.NoPlaybookError` when there is none."""
    rows = await connection.execute(
        select(playbook_revisions.c.number, playbook_revisions.c.in_force_from, playbook_revisions.c.document)
    )
    return Shelf(Revision(row.number, row.in_force_from, Playbook.model_validate(row.document)) for row in rows)


class Shelves:
    """The shelf as this process last read it; read again when a newer revision is heard of."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._shelf: Shelf | None = None
        self._loading = asyncio.Lock()

    async def at_least(self, number: int) -> Shelf:
        """A shelf that holds revision `number`."""
        if self._shelf is None or self._shelf.latest < number:
            async with self._loading:
                if self._shelf is None or self._shelf.latest < number:
                    async with self._engine.connect() as connection:
                        self._shelf = await load_shelf(connection)
        return self._shelf
