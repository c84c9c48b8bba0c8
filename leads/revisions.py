"""Published playbooks, ready for use: which revision is in force when, and the time arithmetic of its spans."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leads.business_time import ELAPSED_TIME, BusinessTime, Pause, working_time
from leads.calendar import Calendar
from leads.durations import parse_duration
from leads.events import HandOffKind
from leads.overrides import ladder_with, overridden, terms_with
from leads.playbook import Playbook, Rules, Segment
from leads.playbook_touch import RealTouch
from leads.promises import ClockName, Ladder, Promise, Span, Terms
from leads.running import Choice, Running
from leads.state import Clock, HandOff, OwnHours, Term

Pauses = list[tuple[datetime, datetime]]


class Revision:
    """One published playbook, immutable: its number, since when it is in force, what it says.

    And what it does to promises that ran when it came into force.
    """

    def __init__(
        self, number: int, in_force_from: datetime, playbook: Playbook, running: Running | None = None
    ) -> None:
        self.number = number
        self.in_force_from = in_force_from
        self.playbook = playbook
        self.running = running or Running()
        self._own_hours: dict[str, BusinessTime] = {}
        self._terms: dict[tuple[str, HandOffKind | None, str], Terms] = {}

    def hours(self, time: str, calendar: str | None = None, zone: str | None = None) -> BusinessTime:
        """The hours a span runs in: a calendar's (the playbook's own when none is named), or all of them.

        With `zone` the calendar's hours are read in another zone.
        """
        if time == "elapsed":
            return ELAPSED_TIME
        name = calendar or self.playbook.calendar
        if zone is not None:
            return working_time(_in_zone(self.playbook.calendars[name], zone))
        hours = self._own_hours.get(name)
        if hours is None:  # to find a calendar's hours by its content costs as much as a deadline
            hours = self._own_hours[name] = working_time(self.playbook.calendars[name])
        return hours

    def after(self, start: datetime, span: Span) -> datetime:
        """The instant at which `span` has run since `start`."""
        return self.hours(span.time, span.calendar).due(start, span.length)

    def term(
        self,
        promise: Promise,
        start: datetime,
        buyer_zone: object = None,
        *,
        team: str | None = None,
        owner: str | None = None,
        own: OwnHours | None = None,
    ) -> Term:
        """How a clock of `owner` in `team` that starts at `start` reads its promise.

        What arrives while closed may have its own target. Hours of the buyer's are read in `buyer_zone` where that is
        a zone; else the calendar's own holds. Hours of the owner's are those in `own`, once they are known.
        """
        zone = buyer_zone if promise.zone == "buyer" and isinstance(buyer_zone, str) and is_zone(buyer_zone) else None
        term = Term(
            start=start, target=promise.target, time=promise.time, calendar=self._calendar(promise, team), zone=zone
        )
        if promise.hours == "owner" and owner is not None:
            term.person, term.own = owner, own
        if promise.if_arrived_closed and not self._is_open(term):
            term.target = promise.if_arrived_closed
        return term

    def _calendar(self, promise: Promise, team: str | None) -> str | None:
        if promise.time == "elapsed":
            return None
        if promise.hours == "calendar":
            return promise.calendar or self.playbook.calendar
        return self.playbook.calendar_of(team)

    def _is_open(self, term: Term) -> bool:
        is_away = any(begin <= term.start < end for begin, end in away_of(term))
        return not is_away and self.hours_of(term).is_open(term.start)

    def hours_of(self, term: Term) -> BusinessTime:
        """The hours a term counts in; whoever works in them may be away, too: `away_of`."""
        if term.own is not None and term.own.calendar is not None:
            return working_time(term.own.calendar)
        return self.hours(term.time, term.calendar, term.zone)

    def counts_alike(self, term: Term, other: "Revision", theirs: Term) -> bool:
        """Whether a term counts the same hours as a term of another revision."""
        if term.time != theirs.time or term.zone != theirs.zone or term.own != theirs.own:
            return False
        if term.own is not None and term.own.calendar is not None:
            return True
        mine = self.playbook.calendars[term.calendar] if term.calendar else None
        return mine == (other.playbook.calendars[theirs.calendar] if theirs.calendar else None)

    def used(self, term: Term, until: datetime, pauses: Pauses) -> timedelta:
        """What of a term's target has been used from its start until then, without pauses."""
        if until <= term.start:
            return timedelta()
        stops = [Pause(start, end) for start, end in (*pauses, *away_of(term))]
        return self.hours_of(term).elapsed(term.start, until, stops)

    def terms(self, hand_off: HandOff | None, segment: Segment) -> Terms:
        """What its team promises: by the kind of the hand-off where that has terms of its own, else by the segment."""
        return self.terms_in(hand_off.team if hand_off else segment.team, hand_off, segment)

    def terms_in(self, team: str | None, hand_off: HandOff | None, segment: Segment) -> Terms:
        """What is promised of it in a team, which may promise more than all do; in no team, what all do."""
        passing = self.playbook.passing(hand_off.kind) if hand_off else None
        terms: Terms = passing or segment
        own = self.playbook.overrides_of(team)
        if team is None or own is None:
            return terms
        key = (team, hand_off.kind if hand_off and passing else None, segment.name)
        if key not in self._terms:
            of_kinds = {str(kind): of_clocks for kind, of_clocks in own.hand_offs.items()}
            overrides = of_kinds.get(str(key[1]), {}) if passing else own.segments.get(segment.name, {})
            self._terms[key] = terms_with(terms, team, overrides)
        return self._terms[key]

    def _rules(self, hand_off: HandOff | None, segment: Segment) -> Rules:
        return (self.playbook.passing(hand_off.kind) if hand_off else None) or segment

    def touch_rule(self, hand_off: HandOff | None, segment: Segment) -> RealTouch:
        """What counts as a touch: of the hand-off's kind where that has terms of its own, else of the segment."""
        own = self._rules(hand_off, segment).real_touch
        return own.on(self.playbook.real_touch) if own else self.playbook.real_touch

    @cached_property
    def counts_touches_apart(self) -> bool:
        """Whether a touch that counts for some leads does not for others."""
        return any(part.real_touch for part in (*self.playbook.segments, *self.playbook.hand_offs.values()))

    @cached_property
    def limits_stages(self) -> bool:
        """Whether a lead may not stay in some stage for ever."""
        parts = (*self.playbook.segments, *self.playbook.hand_offs.values())
        return bool(self.playbook.stages) or any(part.stages for part in parts)

    def stage_limit(
        self, team: str | None, stage: str | None, hand_off: HandOff | None, segment: Segment
    ) -> Promise | None:
        """How long a team may leave a lead in a stage, where that is limited; a limit of the segment's is for all."""
        rules = self._rules(hand_off, segment)
        if any(name == stage for name in rules.stages):
            return next(limit for name, limit in rules.stages.items() if name == stage)
        limit = next((limit for name, limit in self.playbook.stages.items() if name == stage), None)
        own = self.playbook.overrides_of(team)
        if limit is None or team is None or own is None:
            return limit
        return overridden(limit, team, next((o for name, o in own.stages.items() if name == stage), None))

    def rungs(self, clock: Clock) -> Ladder:
        """The ladder a clock climbs."""
        return ladder_with(self.playbook.ladders[clock.ladder], clock.warn_at) if clock.ladder else ()

    def run_out(self, term: Term, length: timedelta, pauses: Pauses) -> datetime:
        """When `length` has run since the term's start; pauses and absences move it by the open time they cover.

        What had been used before the term began counts; what was used up by then runs out as it begins.
        """
        hours = self.hours_of(term)
        pauses = [*pauses, *away_of(term)]
        if term.used_seconds:
            length -= timedelta(seconds=term.used_seconds)
            if length <= timedelta():
                return term.start
        if not pauses:
            return hours.due(term.start, length)
        due = hours.due(term.start, length, [Pause(start, end) for start, end in pauses])
        assert due is not None  # noqa: S101 - every pause kept here has an end
        return due

    def due(self, term: Term, pauses: Pauses) -> datetime:
        """When a term's target is used up."""
        return self.run_out(term, length_of(term), pauses)

    def select(self, facts: Mapping[str, Any]) -> Segment:
        """The first segment whose condition holds; the last has none."""
        segments = self.playbook.segments
        return next((s for s in segments if s.when is None or s.when.holds(facts)), segments[-1])


@lru_cache(maxsize=256)
def is_zone(name: str) -> bool:
    """Whether this names a zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=1024)
def _in_zone(calendar: Calendar, zone: str) -> Calendar:
    return Calendar.model_validate(calendar.model_dump() | {"timezone": zone})


def away_of(term: Term) -> Pauses:
    """When the person whose own hours a term counts in is away, as far as that was known when it started."""
    return list(term.own.away) if term.own is not None else []


def length_of(term: Term) -> timedelta:
    return parse_duration(term.target)


class NoPlaybookError(Exception):
    """No playbook has been published yet: publish one first."""


class Shelf:
    """All published revisions. Which one is in force depends on the instant asked about and nothing else."""

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self._revisions = sorted(revisions, key=lambda r: (r.in_force_from, r.number))
        if not self._revisions:
            raise NoPlaybookError
        self._since = [revision.in_force_from for revision in self._revisions]
        self._by_number = {revision.number: revision for revision in self._revisions}
        self._spares_old_leads = any(revision.running.spares_old_leads for revision in self._revisions)

    @property
    def changes(self) -> list[datetime]:
        """When each revision came into force, the earliest first."""
        return list(self._since)

    def in_force(self, at: datetime) -> Revision:
        """The revision in force at `at`; before the first was published, the first."""
        following = bisect_right(self._since, at)
        return self._revisions[following - 1 if following else 0]

    def promised(self, at: datetime, captured_at: datetime | None, clock: ClockName | None = None) -> Revision:
        """Under which revision a promise starts at `at`: one for new leads only is passed over for older leads.

        Without a clock: the segment and the horizon.
        """
        if not self._spares_old_leads or captured_at is None:
            return self.in_force(at)
        place = max(bisect_right(self._since, at) - 1, 0)
        while place and self._since[place] > captured_at:
            if self._revisions[place].running.of(clock) is not Choice.NEW_LEADS_ONLY:
                break
            place -= 1
        return self._revisions[place]

    def number(self, number: int) -> Revision:
        return self._by_number[number]

    @property
    def reaching(self) -> tuple[Revision, ...]:
        """Those that change promises under way, in the order in which they came into force."""
        return tuple(revision for revision in self._revisions if revision.running.reaches)

    @property
    def latest(self) -> int:
        return max(self._by_number)

    def with_draft(self, draft: Playbook, at: datetime, running: Running | None = None) -> "Shelf":
        """The shelf if `draft` were published on top, in force from `at`."""
        return Shelf([*self._revisions, Revision(self.latest + 1, at, draft, running)])
