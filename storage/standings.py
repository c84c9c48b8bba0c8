"""How an owner stands in the roster: here, away or gone, and who can stand in."""

from collections.abc import Sequence
from typing import Any

from leads.decisions import OwnerStanding

# `away` is whichever current absence ends last; a deputy named for it comes before the usual one
READ_STANDING = """
WITH RECURSIVE line (way, person_id, steps) AS (
    VALUES ('self', %(person)s::text, 0)
    UNION ALL
    SELECT next.way, next.person_id, line.steps + 1
    FROM line
    JOIN people p ON p.person_id = line.person_id
    LEFT JOIN LATERAL (
        SELECT deputy FROM absences a
        WHERE a.person_id = p.person_id AND a.starts_at <= %(now)s AND a.ends_at > %(now)s AND a.deputy IS NOT NULL
        ORDER BY a.ends_at DESC, a.absence_id LIMIT 1
    ) AS named ON true
    CROSS JOIN LATERAL (
        VALUES ('deputy', coalesce(named.deputy, p.deputy)), ('manager', p.manager)
    ) AS next (way, person_id)
    WHERE line.way IN ('self', next.way) AND next.person_id IS NOT NULL AND line.steps < 5
)
SELECT line.way, line.person_id, p.person_id IS NOT NULL AS is_known,
       coalesce(p.is_active, line.way = 'self') AS is_active, away.starts_at, away.ends_at
FROM line
LEFT JOIN people p ON p.person_id = line.person_id
LEFT JOIN LATERAL (
    SELECT starts_at, ends_at FROM absences a
    WHERE a.person_id = line.person_id AND a.starts_at <= %(now)s AND a.ends_at > %(now)s
    ORDER BY a.ends_at DESC, a.absence_id LIMIT 1
) AS away ON true
ORDER BY line.steps
"""
"""The owner, and up the lines of deputies and of managers; somebody the roster does not know counts as here."""


def standing_of(rows: Sequence[Any]) -> OwnerStanding:
    """From the rows of `READ_STANDING`."""
    own = rows[0]
    here: dict[str, str] = {}
    for row in rows:
        if row.is_active and row.ends_at is None and row.person_id != own.person_id:
            here.setdefault(row.way, row.person_id)
    return OwnerStanding(
        person=own.person_id,
        is_known=own.is_known,
        is_active=own.is_active,
        away_from=own.starts_at,
        away_until=own.ends_at,
        deputy=here.get("deputy"),
        manager=here.get("manager"),
    )
