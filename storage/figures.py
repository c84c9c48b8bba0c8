"""The figures that operators watch, from what the steps have written: a few rows of an index, never all leads."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.announced import OTHER
from storage.engine import transaction
from storage.tables import announced, hand_offs, teams
from storage.tables.hand_offs import IS_IGNORED_NOW

Place = tuple[str, str]
"""A team of the roster, or `other`, and a segment."""
_CORRECTIONS = {"breach_retracted": "breach", "ignored_retracted": "ignored"}
"""Type of the decision → what it corrects."""


@dataclass(frozen=True, slots=True)
class Figures:
    """As of one instant."""

    ignored_now: Mapping[Place, int] = field(default_factory=dict)
    """Hand-offs under way that are ignored and that nobody has looked after since; 0 where there once was one."""
    ignored_ever: Mapping[Place, int] = field(default_factory=dict)
    """How often a hand-off was announced as ignored; never falls."""
    corrections: Mapping[str, int] = field(default_factory=dict)
    """What was taken back, `breach` or `ignored` → how often; never falls."""


async def read_figures(engine: AsyncEngine) -> Figures:
    """Raises `DatabaseAwayError`."""
    async with transaction(engine) as connection:
        now = [*await connection.execute(ignored_now_query())]
        said = [*await connection.execute(select(announced))]
        known = set(await connection.scalars(select(teams.c.team_id)))
    return _figures(now, said, known)


def ignored_now_query() -> Select[str, str, int]:
    return (
        select(hand_offs.c.team, hand_offs.c.segment, func.count().label("hand_offs"))
        .where(text(IS_IGNORED_NOW))
        .group_by(hand_offs.c.team, hand_offs.c.segment)
    )


def _figures(now: list[Row[str, str, int]], said: list[Row[str, str, str, int]], known: set[str]) -> Figures:
    ever = {(row.team, row.segment): row.total for row in said if row.kind == "ignored_announced"}
    ignored = Counter(dict.fromkeys(ever, 0))
    for found in now:
        ignored[found.team if found.team in known else OTHER, found.segment] += found.hand_offs
    corrections = {
        what: sum(row.total for row in said if row.kind == decision) for decision, what in _CORRECTIONS.items()
    }
    return Figures(dict(ignored), ever, corrections)
