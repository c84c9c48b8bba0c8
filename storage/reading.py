"""Reading a lead's journal."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.entries import Book, Entry
from storage.codec import to_entry
from storage.tables import journal, mailboxes


async def read_mail(connection: AsyncConnection, lead_id: UUID, after: int, limit: int) -> list[Entry]:
    """At most `limit` mail entries numbered above `after`, in their order. Raises `UnknownEntryError`."""
    rows = await connection.execute(
        select(journal)
        .where(journal.c.lead_id == lead_id, journal.c.book == Book.MAIL.value, journal.c.number > after)
        .order_by(journal.c.number)
        .limit(limit)
    )
    return [to_entry(row) for row in rows]


async def with_unread(connection: AsyncConnection, lead_ids: Collection[UUID]) -> set[UUID]:
    """Those of the leads that have mail no step has folded yet."""
    rows = await connection.scalars(
        select(mailboxes.c.lead_id).where(
            mailboxes.c.lead_id == any_(literal(list(lead_ids), ARRAY(Uuid))),
            mailboxes.c.last_sequence > mailboxes.c.read_to,
        )
    )
    return set(rows)


async def read_all(connection: AsyncConnection, lead_id: UUID) -> list[Entry]:
    """The whole journal of a lead, both books, in the order of their numbers. Raises `UnknownEntryError`."""
    rows = await connection.execute(
        select(journal).where(journal.c.lead_id == lead_id).order_by(journal.c.book, journal.c.number)
    )
    return [to_entry(row) for row in rows]
