"""Bulk lists: what is said of each, and how each of their leads stands."""

from sqlalchemy import CheckConstraint, Index, Table, TypedColumns, text

from storage.tables.base import (
    UPDATED_OFTEN,
    count,
    instant,
    maybe_instant,
    maybe_number,
    maybe_word,
    metadata,
    uuid_key,
    word,
    word_key,
)


class ListColumns(TypedColumns):
    """A list is there from the first word of it: announced before the event, or with its first lead."""

    name = word_key()
    created_at = instant()
    created_by = maybe_word()
    """Null: a lead named it before anybody announced it."""
    event_ended_at = maybe_instant()
    marketing_owner = maybe_word()
    """Who in marketing promised the upload."""
    team = maybe_word()
    """Whose capacity and hours the release goes by; null: as the playbook's segments have it."""
    per_rep_a_day = maybe_number()
    state = word("open")
    state_at = maybe_instant()
    state_by = maybe_word()
    rows_read = count()
    """Of the file imported last."""
    rows_rejected = count()
    late_due_at = maybe_instant()
    """The due instant of the upload whose breach was announced."""
    late_told_at = maybe_instant()
    look_at = maybe_instant()
    """When it is to be looked after next; null: not before something is said of it."""
    rung_at = maybe_instant()
    rings = count()


lists = Table(
    "lists",
    metadata,
    ListColumns,
    CheckConstraint("state IN ('open', 'paused', 'cancelled')", name="state"),
    Index("lists_look_ix", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    postgresql_with=UPDATED_OFTEN,
)


class ListLeadColumns(TypedColumns):
    """A lead's place in a list, as its folded state has it; `leaving` while the word of its release is unread."""

    list = word_key()
    lead_id = uuid_key()
    uploaded_at = instant()
    status = word()
    since = instant()
    why = maybe_word()
    hand_off = maybe_word()
    """The hand-off that its release opened."""


list_leads = Table(
    "list_leads",
    metadata,
    ListLeadColumns,
    Index(None, "list", "status", "uploaded_at", "lead_id"),
    Index("list_leads_paced_ix", "list", "since", postgresql_where=text("why = 'lead.released'")),
    Index(None, "lead_id"),
    postgresql_with=UPDATED_OFTEN,
)
