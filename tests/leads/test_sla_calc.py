from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leads.calendar import Calendar, parse_calendar
from leads.sla_calc import calculate
from tests.leads.calendar_samples import document

NOW = datetime(2026, 3, 26, 12, tzinfo=UTC)
FRIDAY = "2026-03-27T16:30:00+01:00"


def no_sources(calendar: Calendar, first_year: int, last_year: int) -> Calendar:
    raise AssertionError(f"{calendar.timezone} has dates only, for {first_year} and {last_year}")


def new_year(calendar: Calendar, first_year: int, last_year: int) -> Calendar:
    """Every source means 1 January, of the years asked for only."""
    return calendar.with_holidays([date(year, 1, 1) for year in range(first_year, last_year + 1)])


def ask(**request: Any) -> Any:
    return calculate({"calendar": document(), **request}, None, expand=no_sources, now=NOW)


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        ({"op": "due", "start": FRIDAY, "target": "PT2H"}, "2026-03-30T10:30:00+02:00"),
        ({"op": "due", "start": "2026-03-27T15:30:00Z", "target": "PT2H", "pauses": []}, "2026-03-30T10:30:00+02:00"),
        ({"op": "due", "start": FRIDAY, "target": "PT0.5S"}, "2026-03-27T16:30:00.500000+01:00"),
        ({"op": "elapsed", "from": FRIDAY, "to": "2026-03-30T10:30:00+02:00"}, 7_200),
        ({"op": "elapsed", "from": "2026-03-27T16:59:59.5+01:00", "to": "2026-03-28T00:00:00Z"}, 0.5),
        ({"op": "elapsed", "from": FRIDAY, "to": FRIDAY}, 0),
        ({"op": "is_open", "at": "2026-03-27T09:00:00+01:00"}, True),
        ({"op": "is_open", "at": "2026-03-27T17:00:00+01:00"}, False),
        ({"op": "next_open", "at": "2026-03-28T12:00:00Z"}, "2026-03-30T09:00:00+02:00"),
        ({"op": "next_close", "at": "2026-03-28T12:00:00Z"}, "2026-03-30T17:00:00+02:00"),
        ({"op": "validate"}, True),
    ],
)
def test_each_operation_answers_in_the_calendars_zone(request_: dict[str, Any], result: object) -> None:
    assert ask(**request_) == {"result": result}


def test_pauses_move_a_due_instant_and_one_that_lasts_leaves_it_unknown() -> None:
    pause = ["2026-03-27T16:00:00+01:00", "2026-03-30T10:00:00+02:00"]  # 2 open hours, 90 min of them after the start
    due = {"op": "due", "start": FRIDAY, "target": "PT2H"}

    assert ask(**due, pauses=[pause]) == {"result": "2026-03-30T12:00:00+02:00"}
    assert ask(**due, pauses=[[pause[0], None]])["error"]["code"] == "paused"
    assert ask(op="elapsed", **{"from": FRIDAY}, to=pause[1], pauses=[[FRIDAY, None]]) == {"result": 0}


@pytest.mark.parametrize(
    ("request_", "code", "says"),
    [
        ({"op": "due", "start": FRIDAY, "target": "P1D"}, "bad_duration", "target: days and weeks"),
        ({"op": "due", "start": FRIDAY}, "missing_key", "target: is missing"),
        ({"op": "due", "start": "2026-03-27T16:30:00", "target": "PT1H"}, "bad_instant", "start: "),
        ({"op": "due", "start": "1969-12-31T00:00:00Z", "target": "PT1H"}, "out_of_range", "start: "),
        ({"op": "due", "start": FRIDAY, "target": "PT1H", "pause": []}, "unknown_key", "pause: no such key"),
        ({"op": "due", "start": FRIDAY, "target": "PT1H", "pauses": [[FRIDAY]]}, "bad_pause", "pauses[0]: "),
        ({"op": "due", "start": FRIDAY, "target": "PT1H", "pauses": {}}, "bad_value", "pauses: must be a list"),
        (
            {"op": "due", "start": FRIDAY, "target": "PT1H", "pauses": [[FRIDAY, "2026-03-27T00:00:00Z"]]},
            "reversed_range",
            "pauses[0]: ",
        ),
        ({"op": "elapsed", "from": FRIDAY, "to": "2026-03-27T00:00:00Z"}, "reversed_range", "end is before"),
        ({"op": "is_open", "at": "noon"}, "bad_instant", "at: "),
        ({"op": "validate", "calendar": {"timezone": "Mars/Base"}}, "unknown_zone", "timezone: "),
        ({"op": "validate", "calendar": []}, "bad_calendar", "calendar: "),
        ({"op": "is_open", "at": FRIDAY, "calendar": None}, "missing_calendar", "--calendar"),
        ({"op": "dew"}, "unknown_op", "due, elapsed, is_open, next_open, next_close, validate"),
        ({"op": ["due"]}, "unknown_op", "due"),
        ({}, "unknown_op", "due"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(request_: dict[str, Any], code: str, says: str) -> None:
    error = ask(**request_)["error"]

    assert error["code"] == code
    assert says in error["message"]


def test_a_calendar_that_does_not_open_in_the_next_400_days_is_not_valid() -> None:
    def validate(day: str) -> Any:
        return ask(op="validate", calendar={"timezone": "UTC", "date_overrides": {day: [["09:00", "17:00"]]}})

    assert validate("2027-04-30") == {"result": True}  # 399 days and 21 hours from 12:00 on 2026-03-26
    assert validate("2027-05-01")["error"]["code"] == "no_open_time"
    assert validate("2026-03-25")["error"]["code"] == "no_open_time"


def test_a_default_calendar_serves_requests_without_one() -> None:
    default = parse_calendar(document(timezone="Asia/Kolkata"))
    request = {"op": "next_open", "at": "2026-03-28T12:00:00Z"}

    answer = calculate(request, default, expand=no_sources, now=NOW)

    assert answer == {"result": "2026-03-30T09:00:00+05:30"}


def test_holidays_are_expanded_as_far_as_the_answer_reaches() -> None:
    office = document(holidays=[{"country": "DE"}])

    def due(target: str) -> Any:
        request = {"op": "due", "calendar": office, "start": "2026-12-31T16:00:00+01:00", "target": target}
        return calculate(request, None, expand=new_year, now=NOW)

    # 2027-01-01 is a Friday. 1 h on the day itself, then nothing until Monday.
    assert due("PT2H") == {"result": "2027-01-04T10:00:00+01:00"}
    # 13 years on: every weekday but New Year's Days has 8 h, the one hour of the first day comes back on the last.
    assert due(f"PT{weekdays_without_new_year('2026-12-31', '2040-01-02') * 8}H") == {
        "result": "2040-01-02T16:00:00+01:00"
    }


def weekdays_without_new_year(first: str, last: str) -> int:
    days = (
        date.fromordinal(n) for n in range(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())
    )
    return sum(day.weekday() < 5 and (day.month, day.day) != (1, 1) for day in days)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from([FRIDAY, "PT1H"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
CALENDARS = st.sampled_from([document(), {"timezone": "UTC"}, document(holidays=[{"country": "DE"}]), None]) | JSON
REQUESTS = st.fixed_dictionaries(
    {"op": st.sampled_from(["due", "elapsed", "is_open", "next_open", "next_close", "validate"]) | JSON},
    optional={
        "calendar": CALENDARS,
        **{key: st.sampled_from([FRIDAY, "2199-12-31T23:59:59Z"]) | JSON for key in ("start", "from", "to", "at")},
        "target": st.sampled_from(["PT1H", "PT87840H"]) | JSON,
        "pauses": st.lists(st.lists(st.sampled_from([FRIDAY, None]) | JSON, max_size=3), max_size=3) | JSON,
    },
)
DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]


@settings(max_examples=400, deadline=None)
@given(JSON | REQUESTS)
@example({"op": "due", "calendar": {"timezone": "\ud800"}, "start": "\ud800", "target": "\ud800"})
@example({"op": "due", "\ud800": 1})
@example({"op": "validate", "calendar": {"a": 10**5_000}})
def test_any_json_gets_an_answer(request_: object) -> None:
    answer = calculate(request_, None, expand=new_year, now=NOW)

    assert answer.keys() in ({"result"}, {"error"})
    if "error" in answer:
        assert answer["error"].keys() == {"code", "message"}
        assert answer["error"]["message"].encode()


def test_a_request_nested_without_end_gets_an_answer() -> None:
    answer = calculate({"op": "validate", "calendar": {"weekly": DEEP}}, None, expand=no_sources, now=NOW)

    assert "error" in answer
