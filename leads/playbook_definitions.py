"""What the words mean here, as sales and marketing have agreed, with who answers for it and until when it holds."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from leads.calendar_fields import CalendarDate
from leads.promises import Part
from leads.stages import Stage

_WRITTEN = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""Lines of text, without what steers a terminal."""
Meaning = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True, pattern=_WRITTEN)]
"""What a word means, in the words of whoever agreed on it."""


class Definitions(Part):
    """Agreed by one of sales and one of marketing, who look at it again by a date."""

    lead: Meaning
    qualified_lead: Meaning
    real_touch: Meaning
    stages: dict[Stage, Meaning] = Field(default_factory=dict)
    sales_owner: str = Field(description="Id of the person who answers for it in sales.")
    marketing_owner: str = Field(description="Id of the person who answers for it in marketing.")
    review_by: CalendarDate = Field(description="The last day on which it holds without another look.")

    def overdue_for(self, zone: ZoneInfo, now: datetime) -> timedelta:
        """For how long the review is overdue: from the end of its day in `zone`; zero while it is not."""
        return overdue_for(self.review_by.isoformat(), zone, now)


def overdue_for(review_by: str, zone: ZoneInfo, now: datetime) -> timedelta:
    """For how long a review is overdue whose last day is `review_by` (`2026-12-31`) in `zone`; zero while it is not."""
    ends_at = datetime.fromisoformat(review_by).replace(tzinfo=zone) + timedelta(days=1)
    return max(now - ends_at, timedelta())
