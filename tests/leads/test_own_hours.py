"""Promises that run in the team's calendar, or in the owner's own hours, as the roster had them when they started.

The office works 09:00 to 18:00 UTC; Ana works 14:00 to 18:00, so that two hours end at 16:00.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from leads.calendar import Calendar
from leads.decisions import HoursTaken
from leads.explain import explain
from leads.fold import refold
from leads.revisions import Shelf
from leads.state import Clock, OwnHours
from leads.telling.promises import PromiseStory
from leads.telling.words import Names
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched
from tests.leads.laws import any_arrival_ends_the_same, every_decision_comes_out_again

DAYS = ("mon", "tue", "wed", "thu", "fri")


def calendar(start: str, end: str, zone: str = "UTC", **more: Any) -> Calendar:
    return Calendar.model_validate({"timezone": zone, "weekly": {day: [[start, end]] for day in DAYS}} | more)


TEN = timedelta(minutes=10)
AFTERNOONS = OwnHours(calendar("14:00", "18:00"))


def promised(first_touch: dict[str, Any], **more: Any) -> Shelf:
    return shelf(playbook(**{
        "segments": [{
            "name": "all", "team": "sales", "ignored_after": {"target": "PT27H"},
            "promises": {"first_touch": {"target": "PT2H"} | first_touch} | more.pop("promises", {}),
        }],
    } | more))  # fmt: skip


def in_own_hours(hours: OwnHours = AFTERNOONS, **first_touch: Any) -> Story:
    story = Story(promised({"hours": "owner"} | first_touch), people=("ana", "ben"))
    story.hours = {"ana": hours}
    return story


def first_touch(story: Story) -> Clock:
    return [clock for clock in story.lead.clocks.values() if clock.clock == "first_touch"][-1]


def june(day: int, hour: float) -> datetime:
    return datetime(2026, 6, day, tzinfo=UTC) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("hours", "due_at"),
    [
        # assigned on Monday at 09:00; two hours of working time
        (OwnHours(), at(hours=2)),  # the roster knows no more: the office
        (AFTERNOONS, june(1, 16)),
        (OwnHours(calendar("09:00", "18:00", "America/New_York")), june(1, 15)),  # from 13:00 UTC on
        (OwnHours(None, ((june(1, 8), june(1, 13)),)), june(1, 15)),  # away until 13:00, in the office's hours
        (OwnHours(AFTERNOONS.calendar, ((june(1, 15), june(2, 15)),)), june(2, 16)),  # one hour each day
        (OwnHours(AFTERNOONS.calendar, ((june(1, 15), june(1, 16)), (june(1, 15.5), june(2, 9)))), june(2, 15)),
        (OwnHours(AFTERNOONS.calendar, ((june(1, 16), june(9, 9)),)), june(1, 16)),  # leaves as it is due
        (OwnHours(calendar("14:00", "18:00", holidays=["2026-06-01"])), june(2, 16)),
        (OwnHours(calendar("14:00", "18:00", date_overrides={"2026-06-01": [["10:00", "11:00"]]})), june(2, 15)),
        # working on one date only would leave it without end: the office
        (OwnHours(Calendar.model_validate({"timezone": "UTC", "date_overrides": {"2026-06-02": [["09:00", "10:00"]]}})),
         at(hours=2)),
    ],
)  # fmt: skip
def test_it_runs_while_the_owner_works(hours: OwnHours, due_at: datetime) -> None:
    story = in_own_hours(hours)
    story.step(at(0), captured(at(0)), raised(at(0)))

    assert (story.lead.owner, first_touch(story).due_at) == ("ana", due_at)
    assert story.timeline[f"clock:{first_touch(story).key}"].data["due_at"] == due_at


def test_an_owner_named_by_the_crm_has_own_hours_too() -> None:
    story = in_own_hours()
    story.step(at(30), captured(at(0)), fact("lead.assigned", at(1), owner="ana"))

    [taken] = story.decided("hours_taken")
    assert first_touch(story).due_at == june(1, 16)
    assert (taken.effective_at, taken.recorded_at) == (at(1), at(30))  # counts from the start of the promise


def test_what_ended_before_the_roster_was_asked_is_judged_by_the_owners_hours_all_the_same() -> None:
    story = in_own_hours(target="PT15M")
    # a quarter of an hour of the office's would have been over at 09:15; Ana's begins at 14:00
    story.step(at(60), captured(at(0)), fact("lead.assigned", at(0), owner="ana"), touched(at(30)))

    assert (first_touch(story).outcome, first_touch(story).due_at) == ("met", june(1, 14.25))
    assert story.decided("breach_announced") == []
    assert story.refolded_with_tick() == story.lead


def test_what_comes_in_while_the_owner_is_away_came_in_while_closed() -> None:
    away = OwnHours(None, ((at(0), at(hours=3)),))
    story = in_own_hours(away, target="PT15M", if_arrived_closed="PT1H")
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="ana"))

    assert (first_touch(story).terms[0].target, first_touch(story).due_at) == ("PT1H", at(hours=4))


def test_a_later_absence_and_an_edit_of_the_roster_move_nothing_that_runs() -> None:
    story = in_own_hours()
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.hours = {"ana": OwnHours(calendar("09:00", "10:00"), ((at(1), at(days=3)),))}

    story.step(at(60), raised(at(60)), fact("lead.updated", at(60), company="Acme"))

    assert first_touch(story).due_at == june(1, 16)
    assert len(story.decided("hours_taken")) == 1


def test_a_swap_in_the_team_leaves_it_and_a_move_by_the_ladder_promises_anew_in_the_next_ones_hours() -> None:
    story = in_own_hours(ladder="hot")
    story.people = ["ana", "ben", "cleo"]
    story.hours |= {"cleo": OwnHours(calendar("09:00", "18:00", "America/New_York"))}
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.give(at(10), "reassign", "mira", owner="ben")
    swapped = first_touch(story)
    assert (swapped.owner, swapped.terms[0].person, swapped.due_at) == ("ben", "ana", june(1, 16))

    story.sleep_until(june(1, 18))

    moved = first_touch(story)  # ten minutes of Ana's hours later; 12:10 in New York
    assert (moved.owner, moved.started_at, moved.due_at) == ("cleo", june(1, 16) + TEN, june(1, 18) + TEN)


def test_asking_again_counts_in_the_hours_the_promise_has() -> None:
    story = in_own_hours(target="PT4H")
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))
    story.hours = {}
    story.step(at(60), raised(at(60)))

    assert {term.own for term in first_touch(story).terms} == {OwnHours(AFTERNOONS.calendar)}
    assert first_touch(story).due_at == june(1, 18)


def test_the_warning_stands_in_the_owners_hours() -> None:
    story = in_own_hours(ladder="hot")
    story.step(at(0), captured(at(0)), raised(at(0)))

    assert story.turn is not None
    assert story.turn.wake_at == june(1, 15)  # half of two hours from 14:00 on


def test_history_asks_nobody() -> None:
    story = in_own_hours()
    story.step(at(0), captured(at(0), backfill=True), fact("lead.assigned", at(0), owner="ana", backfill=True))

    assert story.decided("hours_taken") == []
    assert first_touch(story).due_at == at(hours=2)


@pytest.mark.parametrize(("team", "due_at"), [("sales", june(1, 9 + 2)), ("field", june(1, 14))])
def test_a_promise_may_run_in_the_calendar_of_whichever_team_has_the_lead(team: str, due_at: datetime) -> None:
    calendars = {"office": calendar("09:00", "18:00"), "late": calendar("12:00", "20:00")}
    story = Story(promised({"hours": "team"}, calendars=calendars, teams={"field": {"calendar": "late"}}))
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="zoe", team=team))

    assert first_touch(story).due_at == due_at
    assert story.decided("hours_taken") == []


def test_who_has_no_hours_of_their_own_works_as_the_team_does() -> None:
    calendars = {"office": calendar("09:00", "18:00"), "late": calendar("12:00", "20:00")}
    story = Story(promised({"hours": "owner"}, calendars=calendars, teams={"field": {"calendar": "late"}}))
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="zoe", team="field"))

    assert first_touch(story).due_at == june(1, 14)


def test_far_holidays_are_not_kept_with_a_promise() -> None:
    days = [f"{year}-12-25" for year in range(2016, 2037)]
    story = in_own_hours(OwnHours(calendar("14:00", "18:00", holidays=days)))
    story.step(at(0), captured(at(0)), raised(at(0)))

    [taken] = [entry.data for entry in story.decided("hours_taken") if isinstance(entry.data, HoursTaken)]
    assert taken.calendar is not None
    assert [str(day) for day in taken.calendar.holidays] == ["2026-12-25", "2027-12-25"]


def test_any_order_of_arrival_ends_the_same_and_the_roster_is_never_asked_twice() -> None:
    story = in_own_hours(target="PT15M", if_arrived_closed="PT30M", ladder="hot")
    story.step(at(50), captured(at(0)), fact("lead.assigned", at(5), owner="ana"), raised(at(20)))
    story.step(at(60), fact("lead.assigned", at(2), owner="ana"))
    story.step(at(70), fact("lead.assigned", at(40), owner="ben", team="field"), touched(at(45), by="zoe"))
    story.sleep_until(at(days=2))

    chance = Random(1)
    for _ in range(50):
        any_arrival_ends_the_same(story, chance)
    assert every_decision_comes_out_again(story) > 0
    names = [entry.id for entry in story.decided("hours_taken")]
    assert len(names) == len(set(names))
    assert refold("lead-1", story.journal, story.shelf)[0].clocks == story.lead.clocks


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ({"hours": "owner", "time": "elapsed"}, "needs time: working"),
        ({"hours": "team", "calendar": "office"}, "drop one of the two"),
        ({"hours": "owner", "zone": "buyer"}, "drop zone, or hours: owner"),
    ],
)
def test_hours_that_contradict_each_other_are_refused(promise: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        promised(promise)


@pytest.mark.parametrize("clock", ["assign", "speed_to_lead"])
def test_nobodys_own_hours_are_refused(clock: str) -> None:
    with pytest.raises(ValueError, match="nobody owns the lead when this starts"):
        promised({}, promises={clock: {"target": "PT1H", "hours": "owner"}})


def said(story: Story, now: datetime) -> PromiseStory:
    told = explain(story.lead, story.journal, story.shelf, now, names=Names({"ana": "Ana Huber", "ben": "Ben Roth"}))
    return next(promise for promise in told.promises if promise.clock == "first_touch")


def test_the_arithmetic_is_told_in_the_hours_that_counted() -> None:
    hours = OwnHours(calendar("14:00", "18:00", "Europe/Berlin"), ((june(1, 13), june(2, 13)),))
    story = in_own_hours(hours)
    story.step(at(0), captured(at(0)), raised(at(0)))

    reckoning = said(story, at(1)).reckoning
    assert reckoning.sentence == "2 hours of working time (Ana Huber's own hours, Europe/Berlin)"
    assert (reckoning.calendar, reckoning.person, reckoning.timezone) == (None, "ana", "Europe/Berlin")
    assert [line.sentence for line in reckoning.lines] == [
        "Mon 1 Jun 11:00: closed until Mon 1 Jun 14:00",
        "Mon 1 Jun 14:00–15:00: 1 hour counted, 1 hour left",
        "Mon 1 Jun 15:00–Tue 2 Jun 15:00: Ana Huber is away, 4 hours of working time not counted",
        "Tue 2 Jun 15:00–16:00: 1 hour counted, nothing left",
    ]


def test_whose_hours_they_are_is_said_after_a_swap_and_where_the_roster_has_none() -> None:
    story = in_own_hours(OwnHours())
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.give(at(10), "reassign", "mira", owner="ben")

    reckoning = said(story, at(11)).reckoning
    assert reckoning.sentence == ("2 hours of working time (office calendar, UTC; Ana Huber has no hours of their own)")
    assert reckoning.notes == ("It goes on in the hours of Ana Huber, with whom it began.",)
