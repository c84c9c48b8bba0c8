"""Letters on their way: how many a person gets one by one, when none shall come, and what goes out together.

Times are instants; a quiet time of the day is read where the person lives, else in the zone of the playbook's calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from leads.brief import NOWHERE, Brief, Claim, Hearer, Whereabouts
from leads.business_time import working_time
from leads.durations import parse_duration
from leads.open_hours import NoOpenTimeError
from leads.playbook import Notices, Playbook
from leads.playbook_lists import Lists
from leads.revisions import is_zone
from leads.state import Outcome

URGENCY = (
    "retraction", "ignored_retracted", "escalation", "breach", "ignored", "warning", "asked_again", "unassigned",
    "assigned", "taken_over", "overtaken", "feedback_asked",
)  # fmt: skip
"""What stands first where several notices stand in one letter."""
ALARMS = ("warning", "breach", "escalation")
GATHERED = ("taken_over",)
"""Come in numbers: they go out together, unless something in them cannot wait."""
_WORTH_WAITING = 5
"""While no more than one in so many minutes left is lost by it."""
CORRECTIONS = {"retraction": ("breach", "escalation"), "ignored_retracted": ("ignored",)}
"""Template → the templates it takes back."""
QUIETED = ("owner", "stand_in", "sponsor")
"""Roles that are left alone in quiet hours; whoever has to act for others hears at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What goes to one hearer in one letter: one notice, or several as a digest."""

    letter_id: UUID
    """The action's own id; of a digest, one made of all it was to hold, so that a repeat is recognised."""
    hearer: Hearer
    notices: tuple[Brief, ...]
    """Those spelt out, most urgent first."""
    claims: tuple[Claim, ...]
    """On every action in it, spelt out or not."""
    more: int = 0
    """How many are not spelt out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A notice that was held for a hearer who needs it no more."""

    claim: Claim
    hearer: str
    letter_id: UUID | None = None
    """The letter in which it may have gone out before, from a worker that died; None: it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is to be done for one notice now."""

    brief: Brief
    parcels: tuple[Parcel, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    held_until: datetime | None = None
    """When the first hearer is told for whom it is held back; None: it is for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How a parcel fared."""

    parcel: Parcel
    code: str | None = None
    """Why it did not go; None: it went."""
    retry_at: datetime | None = None
    """When to try again what did not go; None: not before a person has changed something."""
    in_doubt: bool = False
    """Whether it may have gone all the same: nobody said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an action ends for now; one that is held for somebody still is put off until that is to go out."""

    state: Literal["done", "pending", "parked", "withdrawn"]
    code: str | None = None
    retry_at: datetime | None = None
    is_no_try: bool = False
    """Nothing failed: going on later costs it none of its attempts."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How one playbook wants people to be told."""

    notices: Notices
    zone: ZoneInfo
    lists: Lists

    @classmethod
    def of(cls, playbook: Playbook) -> "Manners":
        return cls(playbook.notices, ZoneInfo(playbook.calendars[playbook.calendar].timezone), playbook.lists)

    @property
    def within(self) -> timedelta:
        return parse_duration(self.notices.within)

    @property
    def digest_after(self) -> timedelta:
        return parse_duration(self.notices.digest_after)

    def gathers_for(self, *, is_of_list: bool) -> timedelta:
        """How long what is to go out together is gathered."""
        return parse_duration(self.lists.digest_after) if is_of_list else self.digest_after

    def quiet_until(self, at: datetime, where: Whereabouts = NOWHERE) -> datetime | None:
        """The end of the quiet hours that hold at `at` for somebody who is `where`; None: none do.

        Where the playbook says so, who has hours of their own is told in these, a night shift too, and in no others.
        """
        if self.notices.only_at_work and where.hours is not None:
            try:
                opens = working_time(where.hours).next_open(at)
            except NoOpenTimeError:  # hours that were only for some dates, all past
                return self._after_quiet(at, where)
            return opens if opens > at else None
        return self._after_quiet(at, where)

    def _after_quiet(self, at: datetime, where: Whereabouts) -> datetime | None:
        if self.notices.quiet is None:
            return None
        zone = self._zone_of(where)
        first, last = self.notices.quiet
        today = at.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            end_day = day if last > first else day + timedelta(days=1)
            if _instant(day, first, zone) <= at < (end := _instant(end_day, last, zone)):
                return end
        return None

    def _zone_of(self, where: Whereabouts) -> ZoneInfo:
        if where.zone is not None and is_zone(where.zone):
            return ZoneInfo(where.zone)
        return where.hours.zone if where.hours is not None else self.zone

    def not_before(self, role: str, at: datetime, where: Whereabouts = NOWHERE) -> datetime:
        """The first instant from `at` on at which whoever hears in this role may be told."""
        return (self.quiet_until(at, where) if role in QUIETED else None) or at

    def gathers(self, brief: Brief, now: datetime) -> bool:
        """Whether a notice waits for others of its kind: not where its promise is due too soon for that."""
        due_at = brief.promise.due_at if brief.promise else None
        return brief.template in GATHERED and (due_at is None or due_at - now > _WORTH_WAITING * self.digest_after)

    def hold(
        self,
        role: str,
        now: datetime,
        lately: int,
        gathering: datetime | None,
        where: Whereabouts = NOWHERE,
        *,
        gathers: bool = False,
        is_of_list: bool = False,
    ) -> datetime | None:
        """Until when a new notice is held; None: it goes out now.

        `lately` letters have gone to the hearer `within`; `gathering` is when the next digest of its sort leaves, if
        one does within the time for which such notices are gathered. Those of a bulk list never go out one by one.
        """
        if (awake := self.not_before(role, now, where)) > now:
            return awake
        if gathering is None and lately < self.notices.most and not (gathers or is_of_list):
            return None
        return self.not_before(role, gathering or now + self.gathers_for(is_of_list=is_of_list), where)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=None), zone).astimezone(UTC)


def letter_id(actions: Iterable[UUID]) -> UUID:
    """The id of the letter that holds these actions: of one, its own."""
    first, *others = sorted(actions)
    return uuid5(first, " ".join(map(str, others))) if others else first


def is_wanted(brief: Brief, hearer: str) -> bool:
    """Whether this hearer needs a notice that others may have got already: a step takes back only what nobody has."""
    if brief.template in CORRECTIONS:
        return any(hearer in corrected.told for corrected in brief.corrected)
    if brief.template in ALARMS and brief.promise is not None:
        promise = brief.promise
        is_moved_as_told = promise.outcome == Outcome.BREACHED and promise.ended_at == brief.issued_at
        return promise.ended_at is None or is_moved_as_told
    return brief.template != "unassigned" or brief.owner_now is None
