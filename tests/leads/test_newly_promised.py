"""Promises an edit adds, drops and brings back, and leads it moves to another segment."""

from datetime import datetime
from typing import Any

import pytest

from leads.running import Choice
from leads.state import Outcome
from tests.builders import at, captured, fact, touched
from tests.leads.editions import EDITED_AT, begun, book, clock, edited, reached


def with_promise(name: str, target: str = "PT6H", **more: Any) -> Any:
    return book("PT4H", promises={name: {"target": target} | more})


@pytest.mark.parametrize(
    ("choice", "due"),
    [(Choice.CARRY, at(hours=6)), (Choice.RESTART, at(hours=8)), (Choice.KEEP, None), (Choice.NEW_LEADS_ONLY, None)],
)
def test_a_promise_the_edit_adds_counts_as_the_choice_says(choice: Choice, due: datetime | None) -> None:
    story = reached(begun(edited(book("PT4H"), with_promise("accept"), choice=choice)))

    assert [c.due_at for c in story.lead.running() if c.clock == "accept"] == ([due] if due else [])


def test_a_promise_the_edit_adds_is_not_broken_as_it_is_made() -> None:
    story = reached(begun(edited(book("PT4H"), with_promise("accept", "PT1H"))))

    assert clock(story, "accept").due_at == at(hours=3)  # an hour from 11:00: since 09:00 it would be over


def test_what_has_been_done_is_not_promised_again() -> None:
    story = begun(edited(book("PT4H"), with_promise("accept")))
    story.step(at(hours=1), fact("lead.accepted", at(hours=1), by="ana"))

    reached(story)

    assert not [c for c in story.lead.clocks.values() if c.clock == "accept"]


@pytest.mark.parametrize("name", ["speed_to_lead", "assign", "effort", "next_step", "meeting_outcome"])
def test_each_promise_is_added_for_whoever_waits_for_it(name: str) -> None:
    more: dict[str, Any] = {"attempts": 3} if name == "effort" else {}
    on = edited(book("PT4H"), with_promise(name, **more))
    story = begun(on)
    waits = {
        "speed_to_lead": [fact("lead.hand_raised", at(1), kind="demo")],
        "assign": [],
        "effort": [touched(at(1))],
        "next_step": [touched(at(1), connected=True)],
        "meeting_outcome": [fact("lead.meeting_booked", at(1), at=at(hours=3).isoformat(), by="ana")],
    }
    if name == "assign":
        story = type(story)(on, people=())
        story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))
    story.step(at(1), *waits[name])

    reached(story)

    assert clock(story, name).is_running
    assert clock(story, name).revision == 2
    assert story.lead == story.refolded_with_tick()


def test_how_long_a_lead_may_stay_where_it_stands_counts_from_when_it_came_there() -> None:
    after = book("PT4H", stages={"assigned": {"target": "PT5H"}})
    story = reached(begun(edited(book("PT4H"), after)))

    assert clock(story, "stage").due_at == at(hours=5)

    story.step(at(hours=3), touched(at(hours=3)))
    assert clock(story, "stage").outcome is Outcome.MET


def test_a_promise_dropped_and_brought_back_goes_on_from_where_it_began() -> None:
    dropped = book(None, promises={"reply": {"target": "PT1H"}})
    story = begun(edited(book("PT6H"), dropped, book("PT6H")))
    reached(story, EDITED_AT, 2)
    assert clock(story).why == "policy"

    reached(story, at(hours=3), 3)

    assert clock(story).due_at == at(hours=6)
    assert [c.key for c in story.lead.clocks.values() if c.clock == "first_touch"] == [clock(story).key]
    assert story.lead == story.refolded_with_tick()


def test_a_promise_waived_is_not_brought_back_by_an_edit() -> None:
    story = begun(edited(book("PT6H"), book("PT5H")))
    story.give(at(hours=1), "waive", "mira", clock="first_touch", reason="agreed")

    reached(story)

    assert clock(story).outcome is Outcome.WAIVED
    assert len([c for c in story.lead.clocks.values() if c.clock == "first_touch"]) == 1


def segments(*limits: tuple[str, int, str]) -> Any:
    """First matches win: from so many points on, the name and its target; the last without a limit."""
    made: list[dict[str, Any]] = [
        {"name": name, "team": "sales", "ignored_after": {"target": "PT90H"},
         "promises": {"first_touch": {"target": target}}}
        | ({"when": {"field": "score", "op": "ge", "value": points}} if points else {})
        for name, points, target in limits
    ]  # fmt: skip
    return book(segments=made)


def test_an_edit_that_moves_a_lead_to_another_segment_gives_it_that_promise() -> None:
    before = segments(("hot", 50, "PT1H"), ("rest", 0, "PT8H"))
    after = segments(("hot", 10, "PT4H"), ("rest", 0, "PT8H"))
    story = begun(edited(before, after))
    story.step(at(1), fact("lead.engaged", at(1), kind="page_viewed", points=20))

    reached(story)

    assert story.lead.hand_offs[0].segment == clock(story).segment == "hot"
    assert clock(story).due_at == at(hours=4)
    assert story.lead.hand_offs[0].team == "sales"
    assert "segment_moved" in {line.kind for line in story.timeline.values()}


def test_what_has_become_known_since_moves_no_lead_when_an_edit_does_not() -> None:
    before = segments(("hot", 50, "PT1H"), ("rest", 0, "PT8H"))
    after = segments(("hot", 50, "PT1H"), ("rest", 0, "PT6H"))
    story = begun(edited(before, after))
    story.step(at(1), fact("lead.engaged", at(1), kind="page_viewed", points=60))

    reached(story)

    assert story.lead.hand_offs[0].segment == "rest"
    assert clock(story).due_at == at(hours=6)


def test_a_lead_whose_segment_is_gone_goes_where_the_conditions_say() -> None:
    before = segments(("vip", 50, "PT1H"), ("rest", 0, "PT8H"))
    after = segments(("hot", 50, "PT3H"), ("other", 0, "PT6H"))
    story = begun(edited(before, after))

    reached(story)

    assert story.lead.hand_offs[0].segment == "other"
    assert clock(story).due_at == at(hours=6)


def test_fewer_attempts_than_have_been_made_are_enough() -> None:
    effort = {"ladder": "one"}
    before = book("PT4H", promises={"effort": effort | {"target": "PT9H", "attempts": 5}})
    after = book("PT4H", promises={"effort": effort | {"target": "PT9H", "attempts": 2}})
    story = begun(edited(before, after))
    for minute in (10, 20, 30):
        story.step(at(minute), touched(at(minute)))

    reached(story)

    assert clock(story, "effort").outcome is Outcome.MET
