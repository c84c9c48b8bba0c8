"""What the last hunt for leaks could not mend."""

from sqlalchemy import Table, TypedColumns

from storage.tables.base import count, instant, metadata, word_key


class LeakColumns(TypedColumns):
    kind = word_key()
    leads = count()
    """How many were left."""
    looked_at = instant()


leaks_left = Table("leaks_left", metadata, LeakColumns)
