"""After a conversation something follows: a next step is promised each time, from the date agreed if there is one."""

from datetime import datetime
from typing import Any

import pytest

from leads.entries import Entry
from leads.state import Clock
from tests.builders import Story, at, captured, fact, raised, touched

DAY = {"days": 1}


def spoke(when: datetime, **data: Any) -> Entry:
    return touched(when, connected=True, **data)


def told(*entries: Entry) -> Story:
    story = Story(people=("ana", "ben"))
    story.step(at(0), captured(at(0)), raised(at(0)))
    for entry in entries:
        story.step(entry.effective_at, entry)
    return story


def steps(story: Story) -> list[Clock]:
    return [clock for clock in story.lead.clocks.values() if clock.clock == "next_step"]


LIVES: list[tuple[list[Entry], list[tuple[datetime, str | None, str | None]]]] = [
    # what happened                          next steps: due (nine working hours), how it ended, why
    ([touched(at(5))], []),  # an attempt agrees on nothing
    ([spoke(at(5))], [(at(5, days=1), None, None)]),
    ([touched(at(5), next_step_at=at(days=2).isoformat())], [(at(hours=9, days=2), None, None)]),  # from Wed 09:00
    ([spoke(at(5)), touched(at(50))], [(at(5, days=1), "met", "real_touch"), (at(50, days=1), None, None)]),
    (
        [spoke(at(5)), touched(at(50), by="ben")],
        [(at(5, days=1), "met", "by_other"), (at(50, days=1), None, None)],
    ),
    (
        [spoke(at(5)), fact("lead.opportunity_opened", at(60))],
        [(at(5, days=1), "met", "stage_moved"), (at(60, days=1), None, None)],  # an opportunity has a next step too
    ),
    ([spoke(at(5)), fact("lead.won", at(60))], [(at(5, days=1), "met", "stage_moved")]),
    ([spoke(at(5)), fact("lead.rejected", at(60), reason="no_fit")], [(at(5, days=1), "met", "stage_moved")]),
    (
        [spoke(at(5)), touched(at(6, days=1))],
        [(at(5, days=1), "breached", "real_touch"), (at(6, days=2), None, None)],
    ),
    ([spoke(at(5)), fact("lead.disqualified", at(9), kind="not_a_lead")], [(at(5, days=1), "met", "stage_moved")]),
]


@pytest.mark.parametrize(("happened", "promised"), LIVES)
def test_what_follows_a_conversation(
    happened: list[Entry], promised: list[tuple[datetime, str | None, str | None]]
) -> None:
    assert [(clock.due_at, clock.outcome, clock.why) for clock in steps(told(*happened))] == promised


def test_a_touch_before_the_date_agreed_ends_the_promise_when_it_is_made() -> None:
    story = told(spoke(at(5), next_step_at=at(days=7).isoformat()), touched(at(days=1)))

    first, second = steps(story)
    assert (first.outcome, first.ended_at, second.is_running) == ("met", at(days=1), True)


def test_a_callback_rests_every_promise_until_the_date_and_is_due_from_then() -> None:
    story = told(touched(at(5)))

    refused = story.give(at(10), "callback", "ana", at=at(days=7)).refusal

    assert refused is None
    [step] = steps(story)
    assert (step.due_at, step.subject) == (at(hours=9, days=7), "callback")
    [effort] = [clock for clock in story.lead.running() if clock.clock == "effort"]
    assert effort.due_at > at(days=14)  # it was due then, before the week of rest
    assert story.lead.owner == "ana"


def test_the_buyer_who_comes_back_earlier_ends_the_rest() -> None:
    story = told(touched(at(5)))
    story.give(at(10), "callback", "ana", at=at(days=7))

    story.step(at(20), fact("lead.replied", at(20), channel="email"))

    assert [end for _, end in story.lead.pauses] == [at(20)]
    assert {str(clock.clock) for clock in story.lead.running()} >= {"reply", "effort", "next_step"}
