"""Each passing of the baton, as numbers and lists see it."""

from sqlalchemy import Index, Table, TypedColumns, text

from storage.tables.base import (
    UPDATED_OFTEN,
    count,
    flag,
    instant,
    maybe_instant,
    maybe_word,
    metadata,
    uuid_key,
    word,
    word_key,
)

IS_IGNORED_NOW = "is_ignored AND NOT quiet AND ended_at IS NULL AND touched_at IS NULL AND opportunity_at IS NULL"
"""Ignored, and nobody has looked after it since; what history brought in is in no number."""


class HandOffColumns(TypedColumns):
    """A hand-off of the folded state. Written by the step in which it changes."""

    lead_id = uuid_key()
    id = word_key()
    """Names what opened it."""
    number = count()
    """Its place in the lead's life, from 1."""
    kind = word()
    giver = maybe_word()
    sourced_by = maybe_word()
    """The hand-off from marketing that it came of; null: this one."""
    segment = word()
    revision = count()
    team = word()
    owner = maybe_word()
    queue = maybe_word()
    waits_since = maybe_instant()
    """In the queue until Leadloop finds somebody of the team who is free."""
    opened_at = instant()
    raised_at = maybe_instant()
    owner_since = maybe_instant()
    accepted_at = maybe_instant()
    touched_at = maybe_instant()
    touched_by = maybe_word()
    conversed_at = maybe_instant()
    opportunity_at = maybe_instant()
    attempts = count()
    """Real touches that count as attempts to reach the buyer."""
    hops = count()
    """How often a ladder has moved it."""
    horizon_at = instant()
    """Without a real touch by then it is ignored."""
    is_ignored = flag()
    """Nobody had looked after it by its horizon, which has passed. A later touch does not take that back."""
    ended_at = maybe_instant()
    ended_by = maybe_word()
    result = maybe_word()
    reason = maybe_word()
    is_under_worked = flag()
    """Given up as unreachable before the agreed effort."""
    quiet = flag()
    """Out of history brought in later."""


hand_offs = Table(
    "hand_offs",
    metadata,
    HandOffColumns,
    Index("hand_offs_ignored_now_ix", "team", "segment", postgresql_where=text(IS_IGNORED_NOW)),
    Index(None, "owner", "opened_at", postgresql_where=text("owner IS NOT NULL")),
    Index(None, "opened_at"),
    Index(
        "hand_offs_in_hand_ix",
        "owner",
        postgresql_include=["lead_id", "segment", "touched_at", "opportunity_at", "quiet"],
        postgresql_where=text("ended_at IS NULL AND owner IS NOT NULL"),
    ),
    Index("hand_offs_waiting_ix", "team", "waits_since", postgresql_where=text("waits_since IS NOT NULL")),
    postgresql_with=UPDATED_OFTEN,
)


class TurnColumns(TypedColumns):
    """A lead given to somebody, by Leadloop or by a claim. Kept as the leads are."""

    lead_id = uuid_key()
    cycle = word_key()
    """The decision or command that gave it."""
    team_id = word()
    person_id = word()
    at = instant()
    given_back_at = maybe_instant()
    """Found to be no lead, or one that could not be worked: it costs no turn and counts for no day."""


turns = Table(
    "turns",
    metadata,
    TurnColumns,
    Index("turns_of_person_ix", "person_id", "at", postgresql_where=text("given_back_at IS NULL")),
)
