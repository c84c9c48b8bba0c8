"""Why clocks stand still: a snooze, waiting on the buyer, a legal hold; and which promises each of them stops."""

from datetime import datetime
from typing import Any

import pytest

from leads.explain import explain
from leads.revisions import Shelf
from leads.state import Clock
from leads.telling.words import Names
from tests.builders import Story, at, captured, fact, playbook, shelf, touched


def promised(paused_by: list[str] | None = None, **changes: Any) -> Shelf:
    promise: dict[str, Any] = {"target": "PT4H"} | ({} if paused_by is None else {"paused_by": paused_by})
    segment = {
        "name": "all",
        "team": "sales",
        "ignored_after": {"target": "PT27H"},
        "promises": {"first_touch": promise},
    }
    return shelf(playbook(segments=[segment], stages={}, **{"snooze_before_touch": True} | changes))


def assigned(*events: Any, on: Shelf | None = None) -> Story:
    story = Story(on or promised(), people=())
    story.step(at(0), captured(at(0)), fact("lead.assigned", at(0), owner="ana"))
    for event in events:
        story.step(event.effective_at, event)
    return story


def clock(story: Story) -> Clock:
    return next(c for c in story.lead.clocks.values() if c.clock == "first_touch")


def paused(kind: str, minute: float, until: float) -> Any:
    return fact("lead.snoozed", at(minute), kind=kind, until=at(until).isoformat(), id_=f"{kind}@{minute}")


REPLY = fact("lead.replied", at(40), channel="email")


@pytest.mark.parametrize(
    ("events", "due_at"),
    [
        # four hours from 09:00; each pause from 09:20 to 10:20 unless the buyer speaks at 09:40
        ([], at(hours=4)),
        ([paused("snooze", 20, 80)], at(60, hours=4)),
        ([paused("waiting_on_buyer", 20, 80)], at(60, hours=4)),
        ([paused("legal_hold", 20, 80)], at(60, hours=4)),
        ([paused("snooze", 20, 80), REPLY], at(20, hours=4)),
        ([paused("waiting_on_buyer", 20, 80), REPLY], at(20, hours=4)),
        ([paused("legal_hold", 20, 80), REPLY], at(60, hours=4)),  # no word of the buyer lifts it
        ([paused("legal_hold", 20, 80), paused("legal_hold", 30, 50)], at(30, hours=4)),  # the latest word of a kind
        ([paused("legal_hold", 20, 80), paused("snooze", 30, 40)], at(60, hours=4)),  # another kind shortens nothing
        ([paused("snooze", 20, 80), paused("legal_hold", 50, 110)], at(90, hours=4)),  # what overlaps counts once
    ],
)
def test_clocks_stand_still_for_as_long_as_the_kind_of_pause_holds(events: list[Any], due_at: datetime) -> None:
    story = assigned(*events)

    assert clock(story).due_at == due_at
    assert story.lead == story.refolded_with_tick()


@pytest.mark.parametrize(
    ("paused_by", "kind", "stops"),
    [
        (["legal_hold"], "legal_hold", True),
        (["legal_hold"], "snooze", False),
        (["legal_hold"], "waiting_on_buyer", False),
        (["snooze", "waiting_on_buyer"], "legal_hold", False),
        ([], "snooze", False),
        (None, "legal_hold", True),
    ],
)
def test_a_promise_says_what_stops_it(paused_by: list[str] | None, kind: str, *, stops: bool) -> None:
    story = assigned(paused(kind, 20, 80), on=promised(paused_by))

    assert clock(story).due_at == at(60 if stops else 0, hours=4)


def test_what_began_before_the_promise_stops_it_too() -> None:
    story = Story(promised(["legal_hold"]), people=())
    story.step(at(0), captured(at(0)), paused("legal_hold", 0, 60), paused("snooze", 0, 120))
    story.step(at(10), fact("lead.assigned", at(10), owner="ana"))

    assert clock(story).due_at == at(60, hours=4)


def test_a_legal_hold_outlasts_a_hand_off_and_a_snooze_does_not() -> None:
    for kind, due_at in (("legal_hold", at(hours=2 + 4)), ("snooze", at(70, hours=4))):
        story = assigned(touched(at(10)), paused(kind, 20, 120))
        story.step(at(60), fact("lead.recycled", at(60), reason="no_need"))
        story.step(at(70), fact("lead.hand_raised", at(70), kind="demo"))
        story.step(at(70), fact("lead.assigned", at(70), owner="ana", id_="again"))

        latest = [c for c in story.lead.clocks.values() if c.clock == "first_touch"][-1]
        assert latest.due_at == due_at, kind


@pytest.mark.parametrize(
    ("rules", "kind", "until", "refusal"),
    [
        ({}, "snooze", 60, "no snooze before the first touch: reach out once, then snooze"),
        ({}, "waiting_on_buyer", 60, "no waiting on buyer before the first touch: reach out once, then snooze"),
        ({}, "legal_hold", 60, None),
        ({"snooze": {"before_touch": True}}, "snooze", 60, None),
        ({"legal_hold": {"before_touch": False}}, "legal_hold", 60, "no legal hold before the first touch: reach out"),
        ({"legal_hold": {"allowed": False}}, "legal_hold", 60, "the playbook allows no pause of the kind legal_hold"),
        ({"legal_hold": {"at_most": "P2D"}}, "legal_hold", 2881, "a legal hold lasts 2 days at most"),
        ({"legal_hold": {"at_most": "PT90M"}}, "legal_hold", 91, "a legal hold lasts PT1H30M at most"),
        ({"legal_hold": {"at_most": "P2D"}}, "legal_hold", 2880, None),
    ],
)
def test_the_playbook_says_which_pauses_there_are(
    rules: dict[str, Any], kind: str, until: float, refusal: str | None
) -> None:
    story = assigned(on=promised(snooze_before_touch=False, pauses=rules))

    turn = story.give(at(0), "snooze", kind=kind, until=at(until, hours=0).isoformat())

    assert (turn.refusal or "").startswith(refusal or "")
    assert (turn.refusal is None) is (refusal is None)


def test_what_another_system_says_is_bounded_and_never_refused() -> None:
    rules = {"waiting_on_buyer": {"at_most": "PT30M"}, "legal_hold": {"allowed": False}}
    story = assigned(paused("waiting_on_buyer", 0, 999), paused("legal_hold", 60, 999), on=promised(pauses=rules))

    assert clock(story).due_at == at(30, hours=4)
    assert story.lead.anomalies == 1


def test_it_is_said_why_clocks_stand_still() -> None:
    story = assigned(paused("legal_hold", 20, 80))

    told = explain(story.lead, story.journal, story.shelf, at(30), names=Names({"ana": "Ana"}))

    [promise] = [found for found in told.promises if found.clock == "first_touch"]
    [pause] = promise.pauses
    assert pause.sentence.startswith("Paused Mon 1 Jun 09:20–10:20: ")
    assert "said that nobody may work on it until Mon 1 Jun 10:20" in pause.sentence
    assert "It is put off until Mon 1 Jun 10:20" in told.summary
