from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.business_time import ELAPSED_TIME, Pause
from leads.spell_out import MAX_STRETCHES, spell_out
from tests.leads.calendar_samples import berlin, h, hours


def test_a_deadline_over_a_weekend_is_told_opening_by_opening() -> None:
    assert [str(line) for line in spell_out(hours(), berlin("2026-03-27 16:30"), h(2))] == [
        "2026-03-27 16:30–17:00 30 min used, 90 min left",
        "2026-03-30 09:00–10:30 90 min used, 0 min left",
    ]


def test_pauses_and_holidays_are_told_where_they_fall() -> None:
    time = hours([["09:00", "12:30"], ["13:30", "17:00"]], holidays=["2026-03-30", "2026-04-04"])
    pauses = [Pause(berlin("2026-03-27 16:00"), berlin("2026-03-27 16:30"))]

    assert [str(line) for line in spell_out(time, berlin("2026-03-27 15:30"), h(7), pauses)] == [
        "2026-03-27 15:30–16:00 30 min used, 6 h 30 min left",
        "2026-03-27 16:00–16:30 paused, 30 min of open time not counted",
        "2026-03-27 16:30–17:00 30 min used, 6 h left",
        "2026-03-30 holiday, closed",
        "2026-03-31 09:00–12:30 3 h 30 min used, 2 h 30 min left",
        "2026-03-31 13:30–16:00 2 h 30 min used, 0 min left",
    ]


def test_a_pause_without_end_ends_the_story() -> None:
    lines = spell_out(hours(), berlin("2026-03-27 16:00"), h(2), [Pause(berlin("2026-03-27 16:30"))])

    assert [str(line) for line in lines] == [
        "2026-03-27 16:00–16:30 30 min used, 90 min left",
        "2026-03-27 16:30 paused, with no end yet",
    ]


def test_night_shifts_midnight_and_elapsed_time_read_naturally() -> None:
    night = hours([["22:00", "06:00"]], days=7)
    evening = hours([["20:00", "24:00"]], days=7)

    assert str(spell_out(night, berlin("2026-03-28 22:00"), h(7))[0]) == (
        "2026-03-28 22:00–2026-03-29 06:00 7 h used, 0 min left"  # the night of the clock change
    )
    assert str(spell_out(evening, berlin("2026-03-28 22:00"), h(2))[0]) == "2026-03-28 22:00–24:00 2 h used, 0 min left"
    assert str(spell_out(ELAPSED_TIME, berlin("2026-05-05 12:00"), timedelta(seconds=90))[0]) == (
        "2026-05-05 10:00–10:01:30 1 min 30 s used, 0 min left"  # told in UTC
    )


def test_a_long_story_ends_with_a_summary() -> None:
    lines = spell_out(hours(), berlin("2026-03-27 09:00"), h(4_000))

    assert len(lines) == MAX_STRETCHES
    assert lines[-1].used == h(4_000 - 8 * (MAX_STRETCHES - 1))
    assert lines[-1].left == h(0)


def test_nothing_to_do_needs_no_words() -> None:
    assert spell_out(hours(), berlin("2026-03-28 12:00"), h(0)) == []


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 20_000),
    st.integers(1, 6_000),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 3_000)), max_size=4),
)
def test_the_lines_add_up_to_the_target(begin: int, target: int, stops: list[tuple[int, int]]) -> None:
    time, origin = hours(holidays=["2026-03-30"]), berlin("2026-03-27 00:00")
    start = origin + timedelta(minutes=begin)
    pauses = [Pause(origin + timedelta(minutes=at), origin + timedelta(minutes=at + length)) for at, length in stops]

    lines = spell_out(time, start, timedelta(minutes=target), pauses)

    counted = [line for line in lines if line.kind == "counted"]
    assert sum((line.used for line in counted), timedelta()) == timedelta(minutes=target)
    assert counted[-1].left == timedelta()
    assert counted[-1].end == time.due(start, timedelta(minutes=target), pauses)
    assert [line.start for line in lines] == sorted(line.start for line in lines)
