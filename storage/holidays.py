"""Holidays by country and from iCalendar text, expanded to dates when a playbook revision is published.

The dates are stored with the revision, so that no update of a library moves a promise. Both libraries load when first
needed: the first country takes most of a second.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from leads.calendar import Calendar, CalendarError, CountryHolidays, ICalHolidays
from storage.ical_dates import ICalError, dates_of_ical

MAX_YEARS = 64
MAX_SOURCES = 20
"""Countries and iCalendar texts of one calendar; each takes milliseconds."""
LAST_KNOWN_YEAR = 2100  # the library's end: beyond it every country silently has no holidays


class HolidaysError(CalendarError):
    """A holiday source that cannot be expanded: `place` in the calendar and the reason."""


def expand_holidays(calendar: Calendar, first_year: int, last_year: int) -> Calendar:
    """The calendar with all its holidays as plain dates: those given as dates, and the sources' from year to year.

    Raises HolidaysError for an unknown country or subdivision, and for iCalendar text that is broken or too much.
    """
    if not 0 <= last_year - first_year < MAX_YEARS:
        raise HolidaysError("too_many", "holidays", f"can be expanded for 1 to {MAX_YEARS} years")
    if sum(not isinstance(holiday, date) for holiday in calendar.holidays) > MAX_SOURCES:
        raise HolidaysError("too_many", "holidays", f"at most {MAX_SOURCES} countries and iCalendar texts")
    return calendar.with_holidays(_dates(calendar, first_year, last_year))


def _dates(calendar: Calendar, first_year: int, last_year: int) -> Iterator[date]:
    for position, holiday in enumerate(calendar.holidays):
        place = f"holidays[{position}]"
        if isinstance(holiday, CountryHolidays):
            yield from _of_country(holiday, first_year, last_year, place)
        elif isinstance(holiday, ICalHolidays):
            yield from _of_ical(holiday, first_year, last_year, place)
        else:
            yield holiday


def _of_ical(holiday: ICalHolidays, first_year: int, last_year: int, place: str) -> Iterable[date]:
    try:
        return dates_of_ical(holiday.ical, first_year, last_year)
    except ICalError as refused:
        raise HolidaysError(refused.code, f"{place}.ical", refused.message) from None


def _of_country(holiday: CountryHolidays, first_year: int, last_year: int, place: str) -> Iterable[date]:
    if last_year > LAST_KNOWN_YEAR:
        raise HolidaysError("out_of_range", place, f"public holidays are known up to {LAST_KNOWN_YEAR}")
    try:
        if re.fullmatch("[A-Z]{2,3}", holiday.country) and holiday.subdivision != "":
            return _country_dates(holiday.country, holiday.subdivision, first_year, last_year)
    except (NotImplementedError, AttributeError):  # what the library raises for a name it does not have
        pass
    raise _unknown(holiday, place)


@lru_cache(maxsize=256)
def _country_dates(country: str, subdivision: str | None, first_year: int, last_year: int) -> tuple[date, ...]:
    import holidays  # noqa: PLC0415 (most of a second, for those who name a country)

    known = holidays.country_holidays(country, subdiv=subdivision, years=range(first_year, last_year + 1))
    return tuple(sorted(day for day in known if known.country))


def _unknown(holiday: CountryHolidays, place: str) -> HolidaysError:
    import holidays  # noqa: PLC0415

    subdivisions = holidays.list_supported_countries().get(holiday.country)
    if subdivisions is None:
        reason = 'no public holidays are known for it; write an ISO 3166 code, as "DE"'
        return HolidaysError("unknown_country", f"{place}.country", reason)
    known = f"known are {', '.join(subdivisions)}" if subdivisions else "this country has none"
    return HolidaysError("unknown_subdivision", f"{place}.subdivision", f"no such subdivision; {known}")
