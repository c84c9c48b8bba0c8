"""One snapshot of the leads, read in pages for a preview."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.accounts import AskAccount
from leads.lifecycle import AskJournal
from leads.own_hours import MOST_ABSENCES, AskHours
from leads.routing import AskBurden, AskCompany, AskOwner, AskTaker
from storage import preview_sql, turn_rows, turn_sql
from storage.accounts_sql import FIND, facts_among
from storage.engine import driver_connection
from storage.preview_batches import LeadText, RevisionText, TeamQuestion, Travelling
from storage.standings import READ_STANDING, standing_of

SLOTS = 2
"""Previews at once, over all processes."""
ENTRIES_AT_ONCE = 5_000
"""Of the journals read at once."""
MOST_UNREAD = 500
"""Unread mail of a lead; a step reads no more at once either."""
MOST_ENTRIES = 20_000
"""Of a lead whose journal is read."""
_LOCK = 7_243_002
_MILLION = 1_000_000
_NO_LEAD = UUID(int=0)
"""Whose own hand-off is not counted in what people have in hand: here nobody's."""


class PreviewsBusyError(Exception):
    """As many previews run as may at once."""


class Snapshot:
    """What is committed at one instant. Its methods may be called by several tasks; they take turns."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def revisions(self) -> tuple[RevisionText, ...]:
        """All that are published."""
        return tuple(RevisionText(*row) for row in await self._rows(preview_sql.REVISIONS))

    async def count_open(self) -> int:
        return await self._count(preview_sql.COUNT_OPEN)

    async def count_past(self, since: datetime) -> int:
        return await self._count(preview_sql.COUNT_PAST, since=since)

    def open_leads(self, share: float) -> AsyncIterator[list[UUID]]:
        """Pages of their ids; an even sample where `share` is under 1."""
        return self._pages(preview_sql.OPEN, preview_sql.NEXT_OPEN, share=round(share * _MILLION))

    def past_leads(self, since: datetime, share: float) -> AsyncIterator[list[UUID]]:
        """Pages of those handed to sales, or on inside sales, since then."""
        return self._pages(preview_sql.PAST, preview_sql.NEXT_PAST, since=since, share=round(share * _MILLION))

    async def states(self, lead_ids: Sequence[UUID]) -> tuple[list[LeadText], int]:
        """How leads stand, with the mail no step has read; and how many are left out for too much of it."""
        rows = await self._rows(preview_sql.STATES, leads=list(lead_ids), most=MOST_UNREAD)
        fit = [row for row in rows if row.unread <= MOST_UNREAD]
        return [LeadText(str(row.lead_id), row.state, row.mail) for row in fit], len(rows) - len(fit)

    async def portions(self, lead_ids: Sequence[UUID]) -> tuple[list[list[UUID]], int]:
        """The leads in portions whose journals are read at once, and how many are left out for too long a one."""
        rows = await self._rows(preview_sql.SIZES, leads=list(lead_ids))
        fit = [(row.lead_id, row.entries) for row in rows if row.entries <= MOST_ENTRIES]
        return list(_portions(fit)), len(rows) - len(fit)

    async def journals(self, lead_ids: Sequence[UUID]) -> dict[str, str]:
        """Journals by lead, as far as steps have read them."""
        rows = await self._rows(preview_sql.READ, leads=list(lead_ids))
        return {str(row.lead_id): row.journal for row in rows}

    async def lives(self, lead_ids: Sequence[UUID]) -> list[LeadText]:
        """Whole journals without the decisions that a what-if takes anew."""
        rows = await self._rows(preview_sql.LIVES, leads=list(lead_ids), left_out=preview_sql.LEFT_OUT)
        return [LeadText(str(row.lead_id), journal=row.journal) for row in rows]

    async def answer(self, question: Travelling, now: datetime) -> Any:
        """What a step would be told, without the lock; of a team the rows of its members."""
        match question:
            case TeamQuestion():
                asked = question._asdict() | {name: list(getattr(question, name)) for name in ("skills", "territories")}
                rows = await self._rows(turn_sql.READ_MEMBERS, **asked, lead_id=_NO_LEAD)
                return [SimpleNamespace(**row._asdict()) for row in rows]
            case AskBurden():
                rows = await self._rows(turn_sql.READ_BURDEN, person=question.person, now=now)
                return int(rows[0].asked)
            case AskHours():
                of = {"person": question.person, "since": question.since, "most": MOST_ABSENCES}
                return turn_rows.hours_of((await self._rows(turn_sql.READ_HOURS, **of))[0])
            case AskAccount():
                return facts_among(await self._rows(FIND, keys=list(question.keys)), question.keys)
            case AskCompany():
                # which lead it is asked of is not known here; its own rows are as good as another's
                return None
            case AskOwner() | AskTaker():
                return standing_of(await self._rows(READ_STANDING, person=question.person, now=now))
            case AskJournal():
                raise TypeError("a journal is read with its lead")

    async def _pages(self, declare: str, fetch: str, **params: Any) -> AsyncIterator[list[UUID]]:
        """Through a cursor of the server, which ends with the transaction."""
        # its parameters stand in its text: a server plans no cursor with places left open
        await psycopg.AsyncClientCursor(self._connection).execute(declare, params)
        while page := await self._rows(fetch):
            yield [row.lead_id for row in page]

    async def _count(self, statement: str, **params: Any) -> int:
        return int((await self._rows(statement, **params))[0].leads)

    async def _rows(self, statement: str, **params: Any) -> list[Any]:
        async with self._connection.cursor(row_factory=namedtuple_row) as cursor:
            await cursor.execute(statement, params)
            return await cursor.fetchall()


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """A transaction that only reads, in one of few slots. Raises `PreviewsBusyError` and `DatabaseAwayError`."""
    async with driver_connection(engine) as connection, connection.transaction():
        await connection.execute(preview_sql.SNAPSHOT)
        for slot in range(SLOTS):
            taken = await (await connection.execute(preview_sql.TAKE_SLOT, {"lock": _LOCK, "slot": slot})).fetchone()
            if taken and taken[0]:
                break
        else:
            raise PreviewsBusyError
        yield Snapshot(connection)


def _portions(sizes: Sequence[tuple[UUID, int]]) -> Iterator[list[UUID]]:
    portion: list[UUID] = []
    entries = 0
    for lead_id, size in sizes:
        if portion and entries + size > ENTRIES_AT_ONCE:
            yield portion
            portion, entries = [], 0
        portion.append(lead_id)
        entries += size
    if portion:
        yield portion
