"""The dates that the all-day events of an iCalendar text (RFC 5545) cover. Everything that can grow is bounded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

MAX_EVENTS = 2_000
MAX_EVENT_DAYS = 366
MAX_RECURRENCE_YEARS = 10_000
"""Years looked at for all recurring events together, each once more for every eight values its rule lists; a fraction
of a millisecond each."""
MAX_OCCURRENCES = 100_000
"""Of all recurring events together, also those before the first year asked for: COUNT counts them."""
_KNOWN_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
_KNOWN_PARTS |= {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_LARGEST = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53}
_LONGEST_LIST = 366
_DAY_PARTS = {"BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO"}
_ONE_DAY = timedelta(days=1)


class ICalError(ValueError):
    """iCalendar text that is refused; `message` says which event and why."""

    def __init__(self, message: str, code: str = "bad_ical") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class _Event:
    """One all-day event: its first date, its length, and the dates its later occurrences start on."""

    number: int
    start: date
    days: int
    rule: dict[str, list[Any]] | None
    added: frozenset[date]
    dropped: frozenset[date]

    def refusal(self, message: str, code: str = "bad_ical") -> ICalError:
        return ICalError(f"event {self.number}: {message}", code)


@lru_cache(maxsize=64)
def dates_of_ical(text: str, first_year: int, last_year: int) -> tuple[date, ...]:
    """All dates of the years from first to last that an event covers, sorted.

    Events last whole days, recur yearly at most, and may have RDATE and EXDATE; cancelled ones are left out. Raises
    ICalError for text that is broken, holds no event or anything else, or is too much.
    """
    events = list(_events(text))
    looked_at = sum(len(_years(event, first_year, last_year)) * _breadth(event) for event in events if event.rule)
    if looked_at > MAX_RECURRENCE_YEARS:
        raise _too_many()
    left = MAX_OCCURRENCES
    covered: set[int] = set()
    for event in events:
        recurring = [*islice(_recurring(event, first_year, last_year), left)] if event.rule else []
        left -= len(recurring)
        if left <= 0:
            raise _too_many()
        covered.update(_days_of(event, recurring, first_year, last_year))
    return tuple(map(date.fromordinal, sorted(covered)))


def _too_many() -> ICalError:
    return ICalError("too many recurring events", "too_many")


def _events(text: str) -> Iterator[_Event]:
    import icalendar  # noqa: PLC0415 (a quarter of a second, for the few that use it)

    try:
        calendar = icalendar.Calendar.from_ical(text)
    except Exception:  # noqa: BLE001 (a stranger's text: whatever the parser trips over is the text's fault)
        raise ICalError("not an iCalendar text: it starts with BEGIN:VCALENDAR and ends with END:VCALENDAR") from None
    events = calendar.walk("VEVENT") if calendar.name == "VCALENDAR" else []
    if not events:
        raise ICalError("a VCALENDAR with at least one VEVENT is needed")
    if len(events) > MAX_EVENTS:
        raise ICalError(f"at most {MAX_EVENTS} events", "too_many")
    for number, event in enumerate(events, start=1):
        if event.errors:
            raise ICalError(f"event {number}: {event.errors[0][0] or 'a line'} cannot be read")
        try:
            read = _read(number, event)
        except ICalError:
            raise
        except Exception:  # noqa: BLE001 (as above: values of the wrong type or number)
            raise ICalError(f"event {number}: its dates cannot be read") from None
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield read


def _read(number: int, event: Any) -> _Event:
    if "DTSTART" not in event:
        raise ICalError(f"event {number}: DTSTART is missing")
    if "RECURRENCE-ID" in event:
        raise ICalError(f"event {number}: a moved occurrence is not known here; use EXDATE and an event of its own")
    start = event["DTSTART"].dt
    end = event["DTEND"].dt if "DTEND" in event else None
    if end is None:
        end = start + (event["DURATION"].dt if "DURATION" in event else _ONE_DAY)
    first, last = _whole_day(start), _whole_day(end)
    if first is None or last is None:
        raise ICalError(f"event {number}: only all-day events close dates; write hours as breaks or date_overrides")
    if last < first:
        raise ICalError(f"event {number}: it ends before it starts", "reversed_range")
    days = max((last - first).days, 1)
    if days > MAX_EVENT_DAYS:
        raise ICalError(f"event {number}: it is longer than {MAX_EVENT_DAYS} days", "too_many")
    rule = {name.upper(): values for name, values in event["RRULE"].items()} if "RRULE" in event else None
    return _Event(number, first, days, rule, _listed(number, event, "RDATE"), _listed(number, event, "EXDATE"))


def _whole_day(moment: object) -> date | None:
    """The date, also where a sender writes it as midnight; None for a time of day and what else the parser gives."""
    if isinstance(moment, datetime):
        return moment.date() if moment.time() == time() else None
    return moment if isinstance(moment, date) else None


def _listed(number: int, event: Any, name: str) -> frozenset[date]:
    lists = event.get(name, [])
    days = [_whole_day(item.dt) for one in (lists if isinstance(lists, list) else [lists]) for item in one.dts]
    if None in days:
        raise ICalError(f"event {number}: {name} lists something else than whole days")
    return frozenset(day for day in days if day is not None)


def _days_of(event: _Event, recurring: list[date], first_year: int, last_year: int) -> Iterator[int]:
    """The days an event covers within the years, each once, as ordinals."""
    next_day, end = date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal() + 1
    for start in sorted({event.start, *recurring, *event.added} - event.dropped):
        first, after = start.toordinal(), min(start.toordinal() + event.days, end)
        yield from range(max(first, next_day), after)
        next_day = max(next_day, after)


def _breadth(event: _Event) -> int:
    """How many times more than a plain one a rule costs."""
    return 1 + sum(len(values) for values in (event.rule or {}).values()) // 8


def _years(event: _Event, first_year: int, last_year: int) -> range:
    """The years in which occurrences have to be found; counted ones are found from the start."""
    assert event.rule is not None  # noqa: S101 (asked of recurring events only)
    step = int(event.rule.get("INTERVAL", [1])[0])
    if not 1 <= step <= MAX_RECURRENCE_YEARS:
        raise event.refusal("INTERVAL is 1 or more")
    since = event.start.year
    if "COUNT" not in event.rule and since < first_year - 1:
        since += -(-(first_year - 1 - since) // step) * step
    return range(since, last_year + 1, step)


def _recurring(event: _Event, first_year: int, last_year: int) -> Iterator[date]:
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped] # noqa: PLC0415 (icalendar brings it)

    rule = dict(event.rule or {})
    if rule.get("FREQ") != ["YEARLY"] or not rule.keys() <= _KNOWN_PARTS:
        raise event.refusal("only yearly recurrences of whole days are known (RRULE:FREQ=YEARLY with BY… of dates)")
    if any(not 1 <= abs(int(value)) <= most for name, most in _LARGEST.items() for value in rule.get(name, [])):
        raise event.refusal("RRULE names a month, day or week that no year has")
    if any(len(values) > _LONGEST_LIST for values in rule.values()):
        raise event.refusal("RRULE lists more days than a year has", "too_many")
    count = int(rule.pop("COUNT", [0])[0])
    until = rule.pop("UNTIL", [date.max])[0]
    until = until.date() if isinstance(until, datetime) else until
    if not rule.keys() & _DAY_PARTS:
        rule.setdefault("BYMONTH", [event.start.month])
        rule["BYMONTHDAY"] = [event.start.day]
    # One year at a time: the library would search a rule that never matches (30 February) up to the year 9999.
    rule["INTERVAL"] = [date.max.year]
    text = ";".join(f"{name}={','.join(map(str, values))}" for name, values in rule.items())
    found = 0
    for year in _years(event, first_year, last_year):
        try:
            occurrences = [moment.date() for moment in rrulestr(text, dtstart=datetime(year, 1, 1))]  # noqa: DTZ001
        except ValueError:
            raise event.refusal("RRULE cannot be read") from None
        for day in occurrences:
            if day < event.start or day.year != year:
                continue
            found += 1
            if day > until or (count and found > count):
                return
            yield day
