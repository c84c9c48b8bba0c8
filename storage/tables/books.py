"""The journal and what ingest needs around it: receipts, mailboxes and identities."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, SmallInteger, Table, TypedColumns, text

from storage.tables.base import (
    UPDATED_OFTEN,
    big_count,
    big_key,
    count,
    document,
    flag,
    instant,
    maybe_instant,
    maybe_uuid,
    maybe_word,
    metadata,
    uuid,
    uuid_key,
    word,
    word_key,
)


class JournalColumns(TypedColumns):
    """One entry of an entity's journal. `lead_id` holds the account's or the person's id in their streams."""

    lead_id = uuid_key()
    book = word_key()
    number = big_key()
    kind: Column[int] = Column(SmallInteger, nullable=False)
    type = word()
    effective_at = instant()
    source = word()
    event_id = word()
    data = document()
    recorded_at = instant()
    actor = maybe_word()
    backfill = flag()


SPARED = (
    "kind = 2 AND type IN ('notice_withheld', 'rung_skipped', 'queued') AND data->>'why' IN ('shadow', 'notify_owner')"
)
"""Decisions that say what a team's mode kept from happening."""

journal = Table(
    "journal",
    metadata,
    JournalColumns,
    CheckConstraint("book IN ('mail', 'own')", name="book"),
    Index(
        "journal_spared_ix",
        text("coalesce(data->>'team', data->>'queue')"),
        "effective_at",
        postgresql_where=text(SPARED),
    ),
)
"""Append-only. Every key contains `lead_id`, so that the table can be partitioned by hash of it."""


class ReceiptColumns(TypedColumns):
    source = word_key()
    event_id = word_key()
    digest: Column[bytes] = Column(LargeBinary, nullable=False)
    lead_id = maybe_uuid()
    sequence: Column[int] = Column(BigInteger, nullable=False)
    received_at = instant()


receipts = Table(
    "receipts",
    metadata,
    ReceiptColumns,
    CheckConstraint("octet_length(digest) = 32", name="digest"),
)
"""What has been accepted, by (source, id); apart from the journal, so that each can be partitioned its own way."""


class MailboxColumns(TypedColumns):
    lead_id = uuid_key()
    last_sequence = big_count()
    """The number of the newest mail."""
    read_to = big_count()
    """The newest mail a step has folded; unread is what is above."""
    rung_at = maybe_instant()
    rings = count()
    """Rings since the last answer."""
    ring_due_at = maybe_instant()
    """None once all is read."""


mailboxes = Table(
    "mailboxes",
    metadata,
    MailboxColumns,
    # names no column that every batch changes: such an index would have to follow every batch
    Index("mailboxes_ring_due_ix", "ring_due_at", postgresql_where=text("ring_due_at IS NOT NULL")),
    postgresql_with=UPDATED_OFTEN,
)


class IdentityColumns(TypedColumns):
    stream = word_key()
    """lead, account or person."""
    system = word_key()
    """Whose key it is; `default` for a sender that names none."""
    key = word_key()
    entity_id = uuid()


identities = Table("identities", metadata, IdentityColumns, Index(None, "entity_id"))
