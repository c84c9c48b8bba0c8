"""What admins keep: the roster, the playbook's revisions and the API's keys."""

from typing import Any

from sqlalchemy import ARRAY, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, TypedColumns
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables.base import (
    big_count,
    count,
    flag,
    instant,
    maybe_instant,
    maybe_word,
    metadata,
    word,
    word_key,
)


class TeamColumns(TypedColumns):
    team_id = word_key()
    name = word()
    calendar = maybe_word()
    mode = word("full")
    """shadow, notify_owner or full."""
    turn = big_count()
    """Counts assignments; whose turn it is follows from it."""
    channel_email = maybe_word()
    """Where the team's chat or list takes mail; without one, its channel is the log."""


teams = Table("teams", metadata, TeamColumns)


class PersonColumns(TypedColumns):
    person_id = word_key()
    name = word()
    email = word()
    manager = maybe_word()
    deputy = maybe_word()
    is_active = flag(starts=True)


people = Table("people", metadata, PersonColumns)


class TeamMemberColumns(TypedColumns):
    team_id: Column[str] = Column(Text, ForeignKey("teams.team_id", ondelete="CASCADE"), primary_key=True)
    person_id: Column[str] = Column(Text, ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True)
    position = count()
    assigned_count = big_count()
    last_assigned_at = maybe_instant()


team_members = Table("team_members", metadata, TeamMemberColumns, Index(None, "person_id"))


class AbsenceColumns(TypedColumns):
    """Named by the event that told of it; may concern a person the roster does not know yet."""

    source = word_key()
    event_id = word_key()
    person_id = word()
    starts_at = instant()
    ends_at = instant()
    deputy = maybe_word()


absences = Table("absences", metadata, AbsenceColumns, Index(None, "person_id", "ends_at"))


class PlaybookRevisionColumns(TypedColumns):
    number: Column[int] = Column(Integer, primary_key=True, autoincrement=False)
    published_at = instant()
    in_force_from = instant()
    author = word()
    comment = word()
    source_text = word()
    """The document as the admin wrote it."""
    document: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    """The same, expanded: holidays as dates, defaults filled in."""


playbook_revisions = Table("playbook_revisions", metadata, PlaybookRevisionColumns)


class ApiKeyColumns(TypedColumns):
    key_id = word_key()
    digest: Column[bytes] = Column(LargeBinary, nullable=False)
    principal = word()
    scopes: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    sources: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    """The event sources the key may speak for; empty means all."""
    may_act_for_others = flag()
    created_at = instant()
    revoked_at = maybe_instant()


api_keys = Table("api_keys", metadata, ApiKeyColumns)
