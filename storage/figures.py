"""The figures that operators watch: what has been counted of all timelines, and what is read as it stands now."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leads.counting import OTHER
from leads.playbook_definitions import overdue_for
from storage.engine import transaction
from storage.leaks import read_left
from storage.owners_gone import owned_by_leavers_query
from storage.tables import hand_offs, tally_queue, teams
from storage.tables.hand_offs import IS_IGNORED_NOW
from storage.tallies import Totals, read_totals

Place = tuple[str, str]
"""A team of the roster, or `other`, and a segment."""


_REVIEW = """
SELECT document->'definitions'->>'review_by' AS review_by,
       document->'calendars'->(document->>'calendar')->>'timezone' AS timezone, now() AS now
FROM playbook_revisions ORDER BY number DESC LIMIT 1
"""


_ROLLOUTS = """
SELECT (
    SELECT coalesce(sum(greatest(total - reached, 0)), 0) FROM playbook_rollouts WHERE state IN ('running', 'paused')
)::integer AS leads_left, (
    SELECT count(*) FROM clocks WHERE held_revision IS NOT NULL AND ended_at IS NULL AND due_at > now()
)::integer AS held
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """As of one instant."""

    totals: Totals = field(default_factory=dict)
    """Counters and histograms, sample by sample; never fall."""
    uncounted: int = 0
    """Steps whose lines are not counted yet, looked at up to ten thousand."""
    leaks: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    """Kind → leads that the last hunt for leaks could not mend, and when it looked."""
    ignored_now: Mapping[Place, int] = field(default_factory=dict)
    """Hand-offs under way that are ignored and that nobody has looked after since; 0 where there once was one."""
    review_overdue_seconds: float | None = None
    """For how long the review of the newest playbook's definitions is overdue; 0 while it is not, None without any."""
    owned_by_leavers: int = 0
    """Open leads of people who have left."""
    rollout_leads_left: int = 0
    """Leads that rollouts under way or paused have not reached yet; 0 while they have not been counted."""
    rollout_promises_held: int = 0
    """Promises that a revision would have broken at once, waiting to be confirmed."""


async def read_figures(engine: AsyncEngine) -> Figures:
    """Raises `DatabaseAwayError`."""
    async with transaction(engine) as connection:
        totals = await read_totals(connection)
        rollouts = (await connection.execute(text(_ROLLOUTS))).one()
        return Figures(
            totals=totals,
            uncounted=await connection.scalar(_uncounted_query()) or 0,
            leaks=await read_left(connection),
            ignored_now=await _ignored_now(connection, totals),
            review_overdue_seconds=await _review_overdue(connection),
            owned_by_leavers=await connection.scalar(owned_by_leavers_query()) or 0,
            rollout_leads_left=rollouts.leads_left,
            rollout_promises_held=rollouts.held,
        )


async def _review_overdue(connection: AsyncConnection) -> float | None:
    review = (await connection.execute(text(_REVIEW))).one_or_none()
    if review is None or review.review_by is None:
        return None
    return overdue_for(review.review_by, ZoneInfo(review.timezone), review.now).total_seconds()


async def _ignored_now(connection: AsyncConnection, totals: Totals) -> dict[Place, int]:
    known = set(await connection.scalars(select(teams.c.team_id)))
    ever = ((labels[0], labels[1]) for metric, labels, _ in totals if metric == "hand_offs_ignored")
    ignored = Counter(dict.fromkeys(ever, 0))
    for found in await connection.execute(ignored_now_query()):
        ignored[found.team if found.team in known else OTHER, found.segment] += found.hand_offs
    return dict(ignored)


def ignored_now_query() -> Select[str, str, int]:
    return (
        select(hand_offs.c.team, hand_offs.c.segment, func.count().label("hand_offs"))
        .where(text(IS_IGNORED_NOW))
        .group_by(hand_offs.c.team, hand_offs.c.segment)
    )


def _uncounted_query() -> Select[int]:
    some = select(tally_queue.c.id).limit(10_000).subquery()
    return select(func.count()).select_from(some)
