"""The members of a team as a step reads them: rows of the roster, with what each has in hand."""

from functools import lru_cache
from typing import Any

from leads.business_time import BusinessTime, working_time
from leads.calendar import Calendar
from leads.presence import here_from
from leads.routing import AskMembers, Member


def params_of(question: AskMembers) -> dict[str, Any]:
    """What the statements ask about."""
    return {
        "team": question.team,
        "at": question.at,
        "day_from": question.day_from,
        "segment": question.segment,
        "with_hours": question.hours is not None,
        "skills": list(question.skills),
        "territories": list(question.territories),
    }


def member(row: Any, question: AskMembers) -> Member:
    """A row of READ_MEMBERS as the core takes it."""
    away = [(start, end) for start, end in row.away]
    hours = question.hours
    if hours is not None and row.open_hours is not None:
        hours = _hours(row.open_hours)
    return Member(
        person=row.person_id,
        position=row.position,
        is_active=row.is_active,
        is_absent=any(start <= question.at < end for start, end in away),
        weight=row.weight,
        place=row.place,
        owed=row.owed,
        assigned_count=row.assigned_count,
        last_assigned_at=row.last_assigned_at,
        was_away=row.was_away,
        open_leads=row.open_leads,
        max_open_leads=row.max_open_leads,
        new_today=row.new_today,
        max_new_leads_per_day=row.max_new_leads_per_day,
        untouched=row.untouched,
        here_from=here_from(hours, away, question.at),
        skills=tuple(row.skills),
        territories=tuple(row.territories),
    )


@lru_cache(maxsize=2_000)
def _hours(document: str) -> BusinessTime:
    """Somebody's own hours: read once for as long as they stay the same."""
    return working_time(Calendar.model_validate_json(document))
