"""The price of a deadline: ratios measured in one run, with floors generous enough for a busy machine."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

from leads.business_time import Pause
from tests.leads.calendar_samples import berlin, h, hours

ROUNDS = 12
CALLS = 2_000


def seconds(call: Callable[[], object]) -> float:
    begun = perf_counter()
    for _ in range(CALLS):
        call()
    return perf_counter() - begun


def best_of_interleaved(*calls: Callable[[], object]) -> list[float]:
    """The least seconds of each, measured in turns so that a slow moment hits all alike."""
    for call in calls:
        call()
    rounds = [[seconds(call) for call in calls] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def test_a_one_year_target_costs_at_most_twice_a_one_hour_target() -> None:
    time = hours([["09:00", "12:30"], ["13:30", "17:00"]], holidays=["2026-12-25", "2027-01-01"])
    start = berlin("2026-03-27 16:30")
    year_of_work, year_of_hours = h(52 * 5 * 7), timedelta(days=365)

    hour, working_year, clock_year = best_of_interleaved(
        lambda: time.due(start, h(1)), lambda: time.due(start, year_of_work), lambda: time.due(start, year_of_hours)
    )

    assert working_year <= 2 * hour
    assert clock_year <= 2 * hour  # 8,760 working hours are five years of days


def test_fifty_thousand_deadlines_a_second_leave_room() -> None:
    time = hours()
    start = berlin("2026-03-27 16:30")
    weekend = [Pause(berlin("2026-03-27 16:45"), berlin("2026-03-30 09:15"))]

    plain, paused = best_of_interleaved(lambda: time.due(start, h(30)), lambda: time.due(start, h(30), weekend))

    assert CALLS / plain > 50_000
    assert CALLS / paused > 25_000
