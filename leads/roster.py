"""The roster as admins write it: people, teams and absences. Live data, no part of the playbook.

Ids stand outside of these documents: they name what is kept, and never change.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from leads.calendar import Calendar
from leads.calendar_fields import ZoneName
from leads.events import WrittenInstant

LONGEST_ABSENCE = timedelta(days=366)
MOST_TEAMS = 500
MOST_MEMBERS = 500
MOST_LABELS = 50
MOST_WEIGHT = 100
MOST_CAPACITY = 100_000
_SPOKEN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
_ADDRESS = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
)

ROSTER_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@+:\-]*$"
RosterId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ROSTER_ID_PATTERN)]
"""Names a person or a team for good: as the CRM or the staff directory names them. Fits a path."""
TAKEN_TEAM = "other"
"""What the metrics call a team that is not in the roster."""


def _is_free(team_id: str) -> str:
    if team_id == TAKEN_TEAM:
        raise PydanticCustomError(
            "taken", "'other' stands in the metrics for teams not in the roster: choose another id"
        )
    return team_id


NewTeamId = Annotated[RosterId, AfterValidator(_is_free)]
DisplayName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_SPOKEN)]
Address = Annotated[str, StringConstraints(max_length=254, strip_whitespace=True, pattern=_ADDRESS)]
"""One e-mail address in ASCII (RFC 5321), since a mail server must be able to take it."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=_SPOKEN)]
Capacity = Annotated[int, Field(ge=0, le=MOST_CAPACITY, strict=True)]


def _each_once(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(labels)))


Labels = Annotated[tuple[Label, ...], Field(max_length=MOST_LABELS), AfterValidator(_each_once)]
"""Sorted, each once."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


UtcInstant = Annotated[WrittenInstant, AfterValidator(_in_utc)]
"""Whatever its offset was: the same instant is the same entry, and has the same version."""


class PersonEntry(_Strict):
    """Somebody who owns leads, hears of them or stands in. Who has left is kept, and no longer active."""

    name: DisplayName
    email: Address
    manager: RosterId | None = Field(default=None, description="Hears of what the person lets slip.")
    deputy: RosterId | None = Field(default=None, description="Stands in during an absence that names nobody else.")
    is_active: bool = Field(default=True, strict=True, description="False: has left, and is given nothing any more.")
    timezone: ZoneName | None = Field(default=None, description="Where the person is, as an IANA zone.")
    calendar: Calendar | None = Field(default=None, description="Own working hours, in the form of the playbook.")
    skills: Labels = Field(default=(), description="What the person can: languages, products.")
    territories: Labels = Field(default=(), description="What the person covers: countries, regions, branches.")
    max_open_leads: Capacity | None = Field(default=None, description="Open leads at a time; null: no limit.")
    max_new_leads_per_day: Capacity | None = Field(default=None, description="New leads a day; null: no limit.")


class MemberEntry(_Strict):
    """A place in a team. Whoever has twice the weight is to get twice the leads."""

    person: RosterId
    weight: Annotated[int, Field(ge=1, le=MOST_WEIGHT, strict=True)] = 1


class TeamEntry(_Strict):
    """People among whom leads go round."""

    name: DisplayName
    channel_email: Address | None = Field(
        default=None, description="Where the team's chat or list takes mail; without one its channel is the log."
    )
    sponsor: RosterId | None = Field(
        default=None, description="Who answers for the team above its managers; a rung of a ladder may tell them."
    )
    members: Annotated[tuple[MemberEntry, ...], Field(max_length=MOST_MEMBERS)] = Field(
        default=(), description="In their order; who stays keeps their turn."
    )

    @model_validator(mode="after")
    def _holds_each_person_once(self) -> Self:
        persons = [member.person for member in self.members]
        if len(set(persons)) < len(persons):
            raise PydanticCustomError("member_twice", "members: each person stands in a team once")
        return self


class AbsenceEntry(_Strict):
    """From `from` until before `until`. The deputy, where named, stands in instead of the person's usual one."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    person: RosterId
    starts_at: UtcInstant = Field(alias="from")
    ends_at: UtcInstant = Field(alias="until")
    deputy: RosterId | None = None

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("reversed_range", "until must be later than from")
        if self.ends_at - self.starts_at > LONGEST_ABSENCE:
            reason = f"an absence is at most {LONGEST_ABSENCE.days} days: deactivate who stays away for longer"
            raise PydanticCustomError("too_long", "{reason}", {"reason": reason})
        if self.deputy == self.person:
            raise PydanticCustomError("own_deputy", "deputy: nobody stands in for themselves")
        return self


def circles(manager_of: Mapping[str, str | None]) -> list[list[str]]:
    """Managers who go round: each circle once, everyone in it managed by the next, the last by the first."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for person in manager_of:
        way: dict[str, None] = {}
        at: str | None = person
        while at is not None and at not in seen:
            seen.add(at)
            way[at] = None
            at = manager_of.get(at)
        if at is not None and at in way:
            names = [*way]
            found.append(names[names.index(at) :])
    return found
