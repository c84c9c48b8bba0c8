"""Where each lead stands: the narrow row for lists, the folded state, and what a step derives and issues."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    TypedColumns,
    UniqueConstraint,
    text,
)

from storage.tables.base import (
    UPDATED_OFTEN,
    big_count,
    count,
    document,
    flag,
    instant,
    maybe_document,
    maybe_instant,
    maybe_number,
    maybe_word,
    metadata,
    ordered_document,
    small_count,
    stored_instant,
    uuid,
    uuid_key,
    word,
    word_key,
)


class LeadColumns(TypedColumns):
    """The narrow row behind lists and filters. Personal data stands here for display and duplicate search only."""

    lead_id = uuid_key()
    created_at = instant()
    stage = word("provisional")
    stage_since = maybe_instant()
    segment = maybe_word()
    team = maybe_word()
    owner = maybe_word()
    queue = maybe_word()
    source = maybe_word()
    is_open = flag(starts=True)
    is_counted = flag(starts=True)
    """False: found to be no lead at all; in no number, also not in those of the past."""
    provisional = flag(starts=True)
    captured_at = maybe_instant()
    due_at = maybe_instant()
    """The earliest open promise."""
    due_clock = maybe_word()
    ignored_at = maybe_instant()
    untouched = flag(starts=True)
    waits_in = maybe_word()
    """The bulk list in which it waits to be released."""
    wake_at = maybe_instant()
    stuck_since = maybe_instant()
    stuck_code = maybe_word()
    score = count()
    revision = maybe_number()
    rules_version = count()
    updated_at = instant()
    name = maybe_word()
    email = maybe_word()
    phone = maybe_word()
    company = maybe_word()
    email_normalised = maybe_word()
    phone_normalised = maybe_word()
    gone_told = maybe_word()
    """Of its owner's absence, or leaving, what it was told last."""


OWNERLESS = (
    "is_open AND owner IS NULL AND queue IS NULL"
    " AND stage IN ('qualified', 'assigned', 'accepted', 'working', 'opportunity')"
)
"""With sales, and belonging to nobody."""
UNWAKEABLE = "is_open AND wake_at IS NULL"
"""Open, and nothing would wake it; so is a lead before its first step."""

leads = Table(
    "leads",
    metadata,
    LeadColumns,
    # ids are time-ordered (UUIDv7): newest first is the id descending, and so is the page's cursor
    Index(None, "stage", "lead_id"),
    Index(None, "team", "lead_id", postgresql_where=text("team IS NOT NULL")),
    Index(None, "owner", "lead_id", postgresql_where=text("owner IS NOT NULL")),
    Index(None, "source", "lead_id", postgresql_where=text("source IS NOT NULL")),
    # a stage together with one of these: else a list that nothing fits walks all leads of the one or the other
    Index("leads_team_stage_ix", "team", "stage", "lead_id", postgresql_where=text("team IS NOT NULL")),
    Index("leads_owner_stage_ix", "owner", "stage", "lead_id", postgresql_where=text("owner IS NOT NULL")),
    Index("leads_source_stage_ix", "source", "stage", "lead_id", postgresql_where=text("source IS NOT NULL")),
    Index("leads_team_untouched_ix", "team", "lead_id", postgresql_where=text("untouched AND team IS NOT NULL")),
    Index("leads_owner_untouched_ix", "owner", "lead_id", postgresql_where=text("untouched AND owner IS NOT NULL")),
    Index("leads_wake_ix", "wake_at", postgresql_where=text("wake_at IS NOT NULL")),
    Index(
        "leads_ignored_ix",
        "lead_id",
        postgresql_include=["stage", "team", "owner", "source"],
        postgresql_where=text("ignored_at IS NOT NULL"),
    ),
    Index("leads_ignored_stage_ix", "stage", "lead_id", postgresql_where=text("ignored_at IS NOT NULL")),
    Index("leads_ownerless_ix", "lead_id", postgresql_where=text(OWNERLESS)),
    Index("leads_unwakeable_ix", "lead_id", postgresql_where=text(UNWAKEABLE)),
    Index("leads_open_ix", "lead_id", postgresql_where=text("is_open")),
    Index("leads_stuck_ix", "lead_id", postgresql_where=text("stuck_since IS NOT NULL")),
    Index(None, "email_normalised", postgresql_where=text("email_normalised IS NOT NULL")),
    Index(None, "phone_normalised", postgresql_where=text("phone_normalised IS NOT NULL")),
    postgresql_with=UPDATED_OFTEN,
)


class LeadStateColumns(TypedColumns):
    lead_id = uuid_key()
    state = ordered_document()
    """In the order of the fold, which decisions of one tick go by."""
    rules_version = count()
    tick = maybe_instant()
    """The instant the last step saw; never goes back."""
    own_number = big_count()
    """The last number given in the lead's own book."""


lead_states = Table("lead_states", metadata, LeadStateColumns, postgresql_with=UPDATED_OFTEN)


class TimelineColumns(TypedColumns):
    lead_id = uuid_key()
    number: Column[int] = Column(Integer, primary_key=True, autoincrement=False)
    key = word()
    at = instant()
    recorded_at = instant()
    kind = word()
    data = document()


timeline = Table("timeline", metadata, TimelineColumns, UniqueConstraint("lead_id", "key"))


class ClockColumns(TypedColumns):
    lead_id = uuid_key()
    key = word_key()
    """Names the cause: the hand-off and what started it."""
    clock = word()
    hand_off = maybe_word()
    subject = maybe_word()
    """What exactly is promised: the stage to leave, the meeting to tell of."""
    owner = maybe_word()
    team = maybe_word()
    segment = maybe_word()
    revision = maybe_number()
    started_at = instant()
    due_at = maybe_instant()
    ended_at = maybe_instant()
    outcome = maybe_word()
    why = maybe_word()
    breached_at = maybe_instant()
    announced_at = maybe_instant()
    held_revision = maybe_number()
    """The revision that would have it broken the moment it is adopted, which somebody is to confirm."""
    held_due_at = maybe_instant()


clocks = Table(
    "clocks",
    metadata,
    ClockColumns,
    # in the order of lists, and with all that a list asks of promises: of those kept there are too many to be rare
    Index("clocks_clock_lead_id_ix", "clock", "lead_id", "outcome"),
    Index("clocks_missed_ix", "outcome", "lead_id", "clock", postgresql_where=text("outcome <> 'met'")),
    Index("clocks_running_ix", "lead_id", "clock", "due_at", postgresql_where=text("ended_at IS NULL")),
    Index(
        "clocks_held_ix",
        "held_revision",
        "lead_id",
        postgresql_where=text("held_revision IS NOT NULL AND ended_at IS NULL"),
    ),
    Index("clocks_team_broken_ix", "team", "breached_at", postgresql_where=text("breached_at IS NOT NULL")),
    Index("clocks_asked_ix", "owner", "started_at", postgresql_where=text("clock = 'feedback'")),
    postgresql_with=UPDATED_OFTEN,
)


class ActionColumns(TypedColumns):
    action_id = uuid_key()
    lead_id = uuid()
    key = word()
    kind = word()
    channel = maybe_word()
    recipient = maybe_word()
    template = maybe_word()
    payload = document()
    state = word("pending")
    attempts = small_count()
    issued_at = instant()
    claimed_at = maybe_instant()
    retry_at = maybe_instant()
    done_at = maybe_instant()
    error_code = maybe_word()
    thread = maybe_word()


actions = Table(
    "actions",
    metadata,
    ActionColumns,
    UniqueConstraint("lead_id", "key"),
    CheckConstraint("state IN ('pending', 'claimed', 'done', 'withdrawn', 'parked')", name="state"),
    Index("actions_undone_ix", "lead_id", postgresql_where=text("state IN ('pending', 'claimed')")),
    Index(
        "actions_hour_ix",
        text("coalesce(retry_at, issued_at)"),
        postgresql_where=text("state IN ('pending', 'claimed')"),
    ),
    Index("actions_parked_ix", "lead_id", postgresql_where=text("state = 'parked'")),
    postgresql_with=UPDATED_OFTEN,
)


class CommandColumns(TypedColumns):
    command_id = uuid_key()
    lead_id = uuid()
    name = word()
    body = document()
    actor = word()
    created_at = instant()
    expires_at = instant()
    stored_at = stored_instant()
    """Its life is measured from here too: whoever weighs it may have looked at the clock long ago."""
    state = word("pending")
    answer = maybe_document()
    answered_at = maybe_instant()


commands = Table(
    "commands",
    metadata,
    CommandColumns,
    CheckConstraint("state IN ('pending', 'granted', 'refused', 'expired')", name="state"),
    Index(None, "lead_id", "created_at"),
)
