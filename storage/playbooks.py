"""Published playbooks: kept as numbered revisions, read as a shelf.

A revision comes into force a few seconds after it is published, so that every process has heard of it by then and no
fold has used the one before for an instant that is already the new one's.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.calendar import Calendar, CalendarError
from leads.faults import Fault, LocatedFault
from leads.playbook import Playbook
from leads.playbook_check import check, dead_calendars
from leads.playbook_names import Known
from leads.revisions import Revision, Shelf
from leads.running import Running
from storage.begin_rollout import begin_rollout
from storage.holidays import expand_holidays
from storage.plain_yaml import Lines, YamlTextError, load_with_lines
from storage.tables import playbook_revisions

IN_FORCE_AFTER = timedelta(seconds=5)
"""From publishing to being in force."""
FROM_THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the first revision is in force: history brought in later is read under it."""
MAX_BYTES = 1 << 20
MOST_FAULTS = 50
"""Told of one document; who mends them hears of the others next."""
HOLIDAY_YEARS_BACK, HOLIDAY_YEARS_AHEAD = 10, 10
_LOCK = 7_243_001
"""Names the advisory lock under which revisions are numbered."""


class PlaybookError(ValueError):
    """A document that is no usable playbook; `faults` has every one found, up to `MOST_FAULTS`, and `more` the rest."""

    def __init__(self, faults: Sequence[LocatedFault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        self.more = len(faults) - len(self.faults)
        super().__init__("; ".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for each fault, as a person reads them."""
        return (*map(str, self.faults), *((f"and {self.more:,} more",) if self.more else ()))


def default_text(timezone: str = "UTC") -> str:
    """The commented playbook Leadloop starts with, its calendar in `timezone`."""
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    return text.replace("timezone: UTC", f"timezone: {timezone}", 1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that has been read as YAML, and may be anything."""

    source: str
    document: Any
    lines: Lines

    def shaped(self) -> Playbook:
        """The playbook as written, whether it makes sense or not. Raises `PlaybookError` where it is none at all."""
        playbook, faults = check(self.document)
        if playbook is None:
            raise self._refused(faults)
        return playbook

    def checked(self, now: datetime, known: Known | None = None) -> Playbook:
        """The playbook, holidays expanded around `now`. Raises `PlaybookError` with every fault found."""
        playbook, faults = check(self.document, known)
        if playbook is not None:
            calendars, calendar_faults = _expanded(playbook.calendars, now)
            playbook, faults = playbook.model_copy(update={"calendars": calendars}), [*faults, *calendar_faults]
        if playbook is None or faults:
            raise self._refused(faults)
        return playbook

    def _refused(self, faults: Sequence[Fault]) -> PlaybookError:
        located = [LocatedFault(self.lines.of(fault.path), fault.place, fault.reason) for fault in faults]
        return PlaybookError(sorted(located, key=lambda fault: fault.line or 0))


def read_draft(source: str) -> Draft:
    """A text as YAML. Raises `PlaybookError` where it is none."""
    if len(source.encode()) > MAX_BYTES:
        raise PlaybookError([LocatedFault(None, "", f"a playbook is at most {MAX_BYTES >> 20} MiB")])
    try:
        return Draft(source, *load_with_lines(source))
    except YamlTextError as error:
        raise PlaybookError([LocatedFault(error.line, "", error.message)]) from None


def read_playbook(source: str, now: datetime, known: Known | None = None) -> Playbook:
    """A playbook from its YAML text, holidays expanded around `now`. Raises `PlaybookError` with every fault found.

    Teams and people are looked up in `known`, where that is at hand.
    """
    return read_draft(source).checked(now, known)


def _expanded(calendars: Mapping[str, Calendar], now: datetime) -> tuple[dict[str, Calendar], list[Fault]]:
    """Each calendar with its holidays as dates, as far as they can be had; and what is wrong with them."""
    first, last = now.year - HOLIDAY_YEARS_BACK, now.year + HOLIDAY_YEARS_AHEAD
    expanded, faults = {}, []
    for name, calendar in calendars.items():
        try:
            expanded[name] = expand_holidays(calendar, first, last)
        except CalendarError as refused:
            place = tuple(int(part) if part.isdigit() else part for part in re.findall(r"\w+", refused.place))
            faults.append(Fault(("calendars", name, *place), refused.message.removeprefix(f"{refused.place}: ")))
    return expanded, [*faults, *dead_calendars(expanded, now)]


async def publish(connection: AsyncConnection, source: str, *, author: str, comment: str, now: datetime) -> int:
    """Publish a document as the next revision, atomically. Returns its number. Raises PlaybookError."""
    playbook = read_playbook(source, now)
    return await publish_read(connection, playbook, source, author=author, comment=comment, now=now)


class OvertakenError(Exception):
    """Another revision was published meanwhile: `newest`. Look at what it changed, and publish onto that."""

    def __init__(self, newest: int) -> None:
        super().__init__(newest)
        self.newest = newest


async def publish_read(
    connection: AsyncConnection,
    playbook: Playbook,
    source: str,
    *,
    author: str,
    comment: str,
    now: datetime,
    onto: int | None = None,
    repeats: int | None = None,
    running: Running | None = None,
) -> int:
    """`publish` for a playbook that has been read from `source` already: large documents are read in a thread.

    `onto` is the revision that must be the newest still, else `OvertakenError` is raised; `repeats` the one that is
    brought back. `running` is what becomes of promises under way; its rollout begins with it.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    newest = await connection.scalar(select(func.coalesce(func.max(playbook_revisions.c.number), 0))) or 0
    if onto is not None and onto != newest:
        raise OvertakenError(newest)
    number = newest + 1
    row = {
        "number": number,
        "published_at": now,
        "in_force_from": now + IN_FORCE_AFTER if number > 1 else FROM_THE_BEGINNING,
        "author": author,
        "comment": comment,
        "source_text": source,
        "document": playbook.model_dump(mode="json", by_alias=True),
        "repeats": repeats,
        "running": running.model_dump(mode="json") if running else None,
    }
    await connection.execute(insert(playbook_revisions).values(row))
    if number > 1:
        in_force_from = now + IN_FORCE_AFTER
        await begin_rollout(connection, number, running or Running(), by=author, now=now, ring_at=in_force_from)
    return number


async def ensure_default(connection: AsyncConnection, now: datetime, timezone: str = "UTC") -> None:
    """Publish the default playbook if there is none yet. Raises PlaybookError for an unknown zone."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if await connection.scalar(select(func.count()).select_from(playbook_revisions)) == 0:
        await publish(connection, default_text(timezone), author="leadloop", comment="The default playbook", now=now)


async def load_shelf(connection: AsyncConnection) -> Shelf:
    """All published revisions. Raises `leads.revisions.NoPlaybookError` when there is none."""
    rows = await connection.execute(
        select(
            playbook_revisions.c.number,
            playbook_revisions.c.in_force_from,
            playbook_revisions.c.document,
            playbook_revisions.c.running,
        )
    )
    return Shelf(
        Revision(
            row.number,
            row.in_force_from,
            Playbook.model_validate(row.document),
            Running.model_validate(row.running or {}),
        )
        for row in rows
    )


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
