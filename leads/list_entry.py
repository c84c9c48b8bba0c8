"""A bulk list as marketing writes it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from leads.events import WrittenInstant
from leads.listed import LIST_NAME_PATTERN
from leads.roster import RosterId

ListName = Annotated[str, StringConstraints(pattern=LIST_NAME_PATTERN)]


class ListEntry(BaseModel):
    """What is said of a list before its leads come in, or after."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    event_ended_at: WrittenInstant | None = Field(
        default=None, description="When the trade show or the webinar was over: from then on marketing owes the upload."
    )
    marketing_owner: RosterId | None = Field(default=None, description="Who owes it, and hears when it is late.")
    team: RosterId | None = Field(
        default=None,
        description="Whose people and hours the release goes by; the playbook's segment says so when left out.",
    )
    per_rep_a_day: int | None = Field(
        default=None, ge=1, le=1_000, strict=True, description="Released to one person in a day; else the playbook's."
    )
