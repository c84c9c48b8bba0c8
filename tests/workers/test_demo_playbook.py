"""The demo's playbook: the default one in which an hour lasts what it says, whatever the span."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import yaml

from leads.durations import parse_duration
from leads.promises import ClockName
from storage.playbooks import default_text, read_playbook
from tests.storage.new_events import NOON
from workers.demo.plan import hour_seconds
from workers.demo.playbook import MOST_ASKED_A_DAY, SHORTEST_TARGET_SECONDS, demo_playbook, is_duration


def spans(part: Any, *place: Any) -> Iterator[tuple[tuple[Any, ...], timedelta]]:
    """Every duration of a playbook, with its place."""
    if isinstance(part, dict | list):
        for name, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from spans(value, *place, name)
    elif isinstance(part, str):
        text = part.removeprefix("due+").removeprefix("due-")
        if is_duration(text) and place[-1] != "if_arrived_closed":
            yield place, parse_duration(text)


def test_an_hour_lasts_what_it_says_in_every_span() -> None:
    default = yaml.safe_load(default_text())
    made = dict(spans(yaml.safe_load(demo_playbook(default_text(), 60))))
    found = dict(spans(default))
    assert made.keys() == found.keys()
    hot = next(number for number, segment in enumerate(default["segments"]) if segment["name"] == "hot")
    for place, length in found.items():
        of_the_audit = place[:2] == ("segments", hot) and place[3:4] in (("speed_to_lead",), ("first_touch",))
        least = SHORTEST_TARGET_SECONDS if place[-1] == "target" else 0.1
        seconds = max(length.total_seconds() / 60, least)
        assert made[place].total_seconds() == (60 if of_the_audit else pytest.approx(seconds, abs=0.05)), place


def test_all_kinds_of_spans_are_among_them() -> None:
    names = {place[-1] for place, _ in spans(yaml.safe_load(default_text()))}
    assert names >= {"target", "at", "max_gap", "cool_off", "length", "polled_crm", "rungs_apart", "within", "wait"}


@pytest.mark.parametrize("minutes", [2, 3, 10, 60, 1440])
def test_it_is_valid_and_always_open_however_long_the_demo_lasts(minutes: float) -> None:
    made = read_playbook(demo_playbook(default_text(), hour_seconds(minutes)), NOON)
    assert made.calendars["office"].weekly["sun"] == made.calendars["office"].weekly["mon"]
    assert made.notices.quiet is None
    assert 1 <= made.feedback.most_a_day <= MOST_ASKED_A_DAY


def test_the_promise_is_the_audit_s_hour_and_the_rest_is_the_default_one() -> None:
    made, default = read_playbook(demo_playbook(default_text(), 60), NOON), read_playbook(default_text(), NOON)
    hot, hot_before = made.segment("hot"), default.segment("hot")
    assert hot.promises[ClockName.FIRST_TOUCH].length == timedelta(minutes=1)
    # nine hours are the horizon
    assert hot.ignored_after.length == hot_before.ignored_after.length / 60 == timedelta(minutes=9)
    assert [rung.offset for rung in made.ladders["hot"]] == [rung.offset / 60 for rung in default.ladders["hot"]]
    assert set(made.reasons) == set(default.reasons)
    # one a day of 24 real hours, in which 60 shortened ones pass in each
    assert made.feedback.most_a_day == 60


def test_no_promise_is_too_short_for_a_machine() -> None:
    made = read_playbook(demo_playbook(default_text(), hour_seconds(2)), NOON)
    shortest = min(promise.length for segment in made.segments for promise in segment.promises.values())
    assert shortest == timedelta(seconds=SHORTEST_TARGET_SECONDS)
