"""Who was told of what, as far as it decides whether more may be sent; and what is held back to go out together."""

from sqlalchemy import CheckConstraint, Index, Table, TypedColumns, text

from storage.tables.base import (
    UPDATED_OFTEN,
    flag,
    instant,
    maybe_instant,
    maybe_uuid,
    metadata,
    uuid,
    uuid_key,
    word,
    word_key,
)


class LetterColumns(TypedColumns):
    """One notice to one hearer. Rows of one hearer change under that hearer's lock; old ones are removed."""

    action_id = uuid_key()
    hearer = word_key()
    """A person's id, or `channel:<team>`."""
    lead_id = uuid()
    role = word()
    """In which the hearer hears; quiet hours go by it."""
    state = word()
    """held, taken (being sent) or sent."""
    at = instant()
    """Since when it is in this state."""
    release_at = maybe_instant()
    """Of what is held when it goes out; of what is taken when its worker is given up for dead."""
    letter_id = maybe_uuid()
    """The letter it goes out in: the action's own id, or the id of a digest, which other rows have too."""
    is_repeat = flag()
    """A worker died over it, or the mail server gave no answer: it may have gone out before."""


letters = Table(
    "letters",
    metadata,
    LetterColumns,
    CheckConstraint("state IN ('held', 'taken', 'sent')", name="state"),
    Index(None, "hearer", "at"),
    Index("letters_unsent_ix", "hearer", "release_at", postgresql_where=text("state <> 'sent'")),
    postgresql_with=UPDATED_OFTEN,
)
