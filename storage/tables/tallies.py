"""What has been counted of all timelines, and how far."""

from sqlalchemy import ARRAY, BigInteger, Column, Float, Identity, Table, Text, TypedColumns, text

from storage.tables.base import UPDATED_OFTEN, metadata, uuid, uuid_key, word_key


class TallyColumns(TypedColumns):
    """One sample of a counter or a histogram. Never falls."""

    metric = word_key()
    labels: Column[list[str]] = Column(ARRAY(Text), primary_key=True)
    """Values, in the order of the metric's labels."""
    part = word_key()
    """Of a histogram: the upper bound of a bucket, not added up, or `sum`; of a counter nothing."""
    total: Column[float] = Column(Float, nullable=False, server_default=text("0"))


tallies = Table("tallies", metadata, TallyColumns, postgresql_with=UPDATED_OFTEN)


class TallyCursorColumns(TypedColumns):
    """Up to which line a lead's timeline is counted."""

    lead_id = uuid_key()
    number: Column[int] = Column(BigInteger, nullable=False)


tally_cursors = Table("tally_cursors", metadata, TallyCursorColumns, postgresql_with=UPDATED_OFTEN)


class TallyQueueColumns(TypedColumns):
    """Leads whose timeline has grown. A step adds a row and waits for nobody; whoever counts takes it away."""

    id: Column[int] = Column(BigInteger, Identity(always=True), primary_key=True)
    lead_id = uuid()


tally_queue = Table(
    "tally_queue",
    metadata,
    TallyQueueColumns,
    # rows come and go all the time: dead ones must not pile up at the front of the key, where the next are looked for
    postgresql_with={"autovacuum_vacuum_scale_factor": 0.0, "autovacuum_vacuum_threshold": 2000},
)


class TallyLabelColumns(TypedColumns):
    """Values of open labels that have a place of their own; all others are folded."""

    label = word_key()
    value = word_key()


tally_labels = Table("tally_labels", metadata, TallyLabelColumns)
