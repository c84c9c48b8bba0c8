"""What the playbook says of bulk lists: what marketing promises of them, and how sales gets them."""

from typing import Literal

from pydantic import Field

from leads.promises import Elapsed, Part, Span


class Lists(Part):
    """Leads of trade shows, webinars and bought lists wait until they are released to sales."""

    upload: Span = Field(
        default=Span(target="PT18H"),
        description="From the event's end until the list comes in: marketing's own promise.",
    )
    per_rep_a_day: int = Field(default=20, ge=1, le=1_000, description="Leads of lists that one person gets in a day.")
    order: Literal["score", "uploaded"] = Field(
        default="score", description="Who is released first: the highest score, or as the list came in."
    )
    digest_after: Elapsed = Field(default="PT15M", description="What a person gets of a list is gathered so long.")
