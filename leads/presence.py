"""When somebody is there: in their working hours, and not absent."""

from collections.abc import Sequence
from datetime import datetime

from leads.business_time import BusinessTime
from leads.open_hours import NoOpenTimeError

Absences = Sequence[tuple[datetime, datetime]]
"""From, until; in the order of their beginning. They may overlap or touch."""


def here_from(hours: BusinessTime | None, absences: Absences, at: datetime) -> datetime | None:
    """The first instant from `at` on at which they are there; `at` itself if they are now, None if never again.

    Without `hours` whoever is not absent is there day and night.
    """
    instant = at
    for start, end in [(instant, instant), *absences]:
        opened = _opened(hours, instant)
        if opened is None:
            return None
        instant = opened
        if start <= instant < end:
            instant = end
    return _opened(hours, instant)


def _opened(hours: BusinessTime | None, at: datetime) -> datetime | None:
    try:
        return at if hours is None else hours.next_open(at)
    except NoOpenTimeError:
        return None
