"""What a team was spared while it was told less than all: notices, promises broken, leads moved; by week.

Notices and moves are counted as they were decided at the time. Whether a promise was broken is counted as it stands in
the books today: what late word has put right since is in no number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.playbook_teams import NoticeMode
from leads.revisions import Shelf
from storage.engine import transaction
from storage.playbook_store import NoSuchTeamError
from storage.playbooks import Shelves
from storage.tables import playbook_revisions, teams
from storage.tables.books import SPARED

LONGEST_REPORT = timedelta(days=400)

_SPARED = f"""
    SELECT lead_id, type, effective_at, data FROM journal
    WHERE {SPARED} AND coalesce(data->>'team', data->>'queue') = :team
        AND effective_at >= :since AND effective_at < :until
"""  # noqa: S608  words of ours
_NOTICES = text(f"""
SELECT date_trunc('week', j.effective_at, :zone) AT TIME ZONE :zone AS week, j.data->>'why' AS mode,
       j.data->>'template' AS template, j.data->>'rung' AS rung,
       CASE WHEN j.data->>'rung' IS NOT NULL THEN split_part(j.data->>'about', ':', 1) END AS clock,
       split_part(hearer.role, ':', 1) AS role, count(*) AS count
FROM ({_SPARED}) AS j CROSS JOIN LATERAL jsonb_array_elements_text(j.data->'to') AS hearer (role)
WHERE j.type = 'notice_withheld'
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2 DESC, 7 DESC, 3, 4, 5, 6
""")  # noqa: S608  words of ours
_MOVES = text(f"""
SELECT date_trunc('week', j.effective_at, :zone) AT TIME ZONE :zone AS week,
       count(*) FILTER (WHERE j.type = 'queued' AND j.data->>'would_give' IS NOT NULL) AS given_out,
       count(*) FILTER (WHERE j.type = 'queued' AND h.owner = j.data->>'would_give') AS as_the_crm,
       count(*) FILTER (WHERE j.type = 'rung_skipped' AND j.data->>'would_give' IS NOT NULL) AS reassigned,
       count(*) FILTER (WHERE j.type = 'rung_skipped' AND (j.data->>'would_queue')::boolean) AS back_to_queue
FROM ({_SPARED}) AS j LEFT JOIN hand_offs h ON h.lead_id = j.lead_id AND h.id = j.data->>'hand_off'
WHERE j.type <> 'notice_withheld'
GROUP BY 1 ORDER BY 1
""")  # noqa: S608  words of ours
_BREACHES = text("""
SELECT date_trunc('week', c.breached_at, :zone) AT TIME ZONE :zone AS week, c.clock, count(*) AS count
FROM clocks c JOIN leads l ON l.lead_id = c.lead_id AND l.is_counted
WHERE c.team = :team AND c.breached_at >= :since AND c.breached_at < :until AND EXISTS (
    SELECT FROM unnest(CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[])) AS quiet (begins_at, ends_at)
    WHERE c.breached_at >= quiet.begins_at AND c.breached_at < quiet.ends_at
)
GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class SparedNotices:
    """Notices of one kind that somebody of a role would have heard."""

    mode: str
    role: str
    """owner, deputy, manager, team, team_manager or channel."""
    template: str
    clock: str | None
    rung: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """What a team was spared in a week that starts on `week`, a Monday."""

    week: date
    notices: Sequence[SparedNotices] = ()
    breaches: Sequence[tuple[str, int]] = ()
    """Clock and how many of it were broken."""
    given_out: int = 0
    """Leads that would have been given to somebody."""
    as_the_crm: int = 0
    """Of them, those that the CRM gave to the same person."""
    reassigned: int = 0
    back_to_queue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    team: str
    name: str
    mode: NoticeMode
    """At the end of the report."""
    since: datetime
    until: datetime
    timezone: str
    weeks: Sequence[Spared]


class ShadowReports:
    """Reads what teams were spared. Every method raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine, shelves: Shelves) -> None:
        self._engine = engine
        self._shelves = shelves

    async def report(self, team: str, since: date, now: datetime) -> ShadowReport:
        """From the day `since`, in the zone of the team's calendar, until now, `LONGEST_REPORT` at most.

        Raises `NoSuchTeamError` and `leads.revisions.NoPlaybookError`.
        """
        async with transaction(self._engine) as connection:
            name = await connection.scalar(select(teams.c.name).where(teams.c.team_id == team))
            newest = await connection.scalar(select(func.max(playbook_revisions.c.number)))
        if name is None:
            raise NoSuchTeamError(team)
        shelf = await self._shelves.at_least(newest or 0)
        playbook = shelf.in_force(now).playbook
        zone = playbook.calendars[playbook.calendar_of(team)].zone
        begin = _midnight(max(since, (now - LONGEST_REPORT).date()), zone)
        quiet = [*quiet_periods(shelf, team, begin, now)]
        asked = {"team": team, "zone": str(zone), "since": begin, "until": now}
        periods = {"begins": [start for start, _ in quiet], "ends": [end for _, end in quiet]}
        async with transaction(self._engine) as connection:
            notices = [*await connection.execute(_NOTICES, asked)]
            moves = [*await connection.execute(_MOVES, asked)]
            breaches = [*await connection.execute(_BREACHES, asked | periods)]
        return ShadowReport(
            team=team, name=name, mode=playbook.mode_of(team), since=begin, until=now, timezone=str(zone),
            weeks=_by_week(notices, moves, breaches),
        )  # fmt: skip


def quiet_periods(shelf: Shelf, team: str, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """When a team was told less than all, in [since, until)."""
    changes = [since, *(at for at in shelf.changes if since < at < until), until]
    return [
        (start, end)
        for start, end in pairwise(changes)
        if shelf.in_force(start).playbook.mode_of(team) is not NoticeMode.FULL and start < end
    ]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _by_week(notices: Sequence[Any], moves: Sequence[Any], breaches: Sequence[Any]) -> list[Spared]:
    weeks = sorted({row.week for row in (*notices, *moves, *breaches)})
    moved = {row.week: row for row in moves}
    return [
        Spared(
            week=week.date(),
            notices=[
                SparedNotices(
                    mode=row.mode, role=row.role, template=row.template, clock=row.clock, rung=row.rung, count=row.count
                )
                for row in notices
                if row.week == week
            ],
            breaches=[(row.clock, row.count) for row in breaches if row.week == week],
            given_out=moved[week].given_out if week in moved else 0,
            as_the_crm=moved[week].as_the_crm if week in moved else 0,
            reassigned=moved[week].reassigned if week in moved else 0,
            back_to_queue=moved[week].back_to_queue if week in moved else 0,
        )
        for week in weeks
    ]
