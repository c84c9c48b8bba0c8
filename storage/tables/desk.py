"""What admins keep: the roster, the playbook's revisions and the API's keys."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables.base import (
    big_count,
    count,
    flag,
    instant,
    maybe_document,
    maybe_instant,
    maybe_number,
    maybe_uuid,
    maybe_word,
    metadata,
    uuid_key,
    word,
    word_key,
    words,
)


class TeamColumns(TypedColumns):
    team_id = word_key()
    name = word()
    turn = big_count()
    """Counts assignments; whose turn it is follows from it."""
    channel_email = maybe_word()
    """Where the team's chat or list takes mail; without one, its channel is the log."""
    sponsor = maybe_word()
    """A person's id: who answers for the team above its managers."""


teams = Table("teams", metadata, TeamColumns)


class PersonColumns(TypedColumns):
    person_id = word_key()
    name = word()
    email = word()
    manager = maybe_word()
    deputy = maybe_word()
    is_active = flag(starts=True)
    timezone = maybe_word()
    calendar = maybe_document()
    """Own working hours as they were written."""
    open_hours = maybe_document()
    """The same with holidays as dates, expanded when they were written: no library update moves them."""
    skills = words()
    territories = words()
    max_open_leads = maybe_number()
    max_new_leads_per_day = maybe_number()
    left_at = maybe_instant()
    """When the person was last deactivated."""


people = Table("people", metadata, PersonColumns)


class TeamMemberColumns(TypedColumns):
    team_id: Column[str] = Column(Text, ForeignKey("teams.team_id", ondelete="CASCADE"), primary_key=True)
    person_id: Column[str] = Column(Text, ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True)
    position = count()
    weight: Column[int] = Column(Integer, nullable=False, server_default=text("1"))
    assigned_count = big_count()
    last_assigned_at = maybe_instant()
    place: Column[int | None] = Column(BigInteger)
    """How far ahead in the round; `leads.routing` reckons with it."""
    owed = count()
    """Turns to be had before all others."""


team_members = Table("team_members", metadata, TeamMemberColumns, Index(None, "person_id"))


class AbsenceColumns(TypedColumns):
    """Named by the event that told of it; may concern a person the roster does not know yet."""

    source = word_key()
    event_id = word_key()
    person_id = word()
    starts_at = instant()
    ends_at = instant()
    deputy = maybe_word()
    absence_id: Column[UUID] = Column(Uuid, nullable=False, server_default=text("gen_random_uuid()"))
    """Its name over the API, whoever told of it."""


absences = Table(
    "absences",
    metadata,
    AbsenceColumns,
    Index(None, "person_id", "ends_at"),
    Index(None, "ends_at"),
    Index(None, "starts_at", "absence_id"),
    Index(None, "absence_id", unique=True),
)


class RosterChangeColumns(TypedColumns):
    """Who changed what of the roster by hand. Absences that events tell of stand in the journal instead."""

    change_id = uuid_key()
    """UUIDv7: in the order of time."""
    at = instant()
    actor = word()
    kind = word()
    """person, team or absence."""
    subject = word()
    """The id of the person or team; of an absence that of its person."""
    what = word()
    """added, changed or removed."""
    before = maybe_document()
    after = maybe_document()


roster_changes = Table("roster_changes", metadata, RosterChangeColumns, Index(None, "kind", "subject", "change_id"))


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
    repeats = maybe_number()
    """The earlier revision that a rollback brought back."""
    running = maybe_document()
    """What it does to promises that ran when it came into force; null: nothing, they finish as they were."""


playbook_revisions = Table("playbook_revisions", metadata, PlaybookRevisionColumns)


class PlaybookRolloutColumns(TypedColumns):
    """How far a revision has reached the leads whose promises it moves."""

    revision: Column[int] = Column(Integer, primary_key=True, autoincrement=False)
    state = word()
    """A lead adopts the revision at its next step while this is running, superseded or done; else it does not."""
    begun_at = instant()
    ended_at = maybe_instant()
    changed_by = word()
    """Who published it, or paused, resumed or cancelled it last."""
    why = maybe_word()
    """Why it ended before its end."""
    total = maybe_number()
    """Leads to be reached, counted as it begins; null before that."""
    reached = count()
    adopted = count()
    """Of those reached: leads that had something to adopt."""
    reached_to = maybe_uuid()
    """The last lead reached: they are gone through by their ids."""
    ring_due_at = maybe_instant()
    """When its workflow is to be rung; null: nothing is to be done."""


playbook_rollouts = Table(
    "playbook_rollouts",
    metadata,
    PlaybookRolloutColumns,
    CheckConstraint("state IN ('running', 'paused', 'cancelled', 'superseded', 'done')", name="state"),
)


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
