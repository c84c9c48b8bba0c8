"""Asking sales what came of it: where a closer gives back, and of a sample of wins; nobody too often."""

from typing import Any

import pytest

from leads.entries import Entry
from leads.feedback import wants_feedback
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

ALL_WINS = {"feedback": {"share_of_wins": 1.0}}
WON = fact("lead.won", at(20))


def told(*entries: Entry, burden: int = 0, **rules: Any) -> Story:
    story = Story(shelf(playbook(**(ALL_WINS | rules))), people=("ana", "ben"))
    story.burden = {"ana": burden, "carl": burden}
    story.step(at(0), captured(at(0)), raised(at(0)))
    for entry in (touched(at(5)), *entries):
        story.step(entry.effective_at, entry)
    return story


def asked(story: Story) -> list[str]:
    return [entry.type for entry in story.journal if entry.type in ("feedback_asked", "feedback_spared")]


def test_a_win_of_the_sample_is_asked_about_and_the_lead_waits_for_the_answer() -> None:
    story = told(WON)

    [clock] = story.lead.running()
    assert (clock.clock, clock.owner, clock.due_at) == ("feedback", "ana", at(20, days=2))  # two business days
    assert story.notices()[-1] == ("feedback_asked", ("owner:ana",))
    assert story.turn is not None
    assert (story.turn.phase, story.turn.wake_at) == ("close_loop", at(20, days=2))


@pytest.mark.parametrize("answer", ["fact", "command"])
def test_the_answer_ends_it(answer: str) -> None:
    story = told(WON)

    if answer == "fact":
        story.step(at(60), fact("lead.feedback_given", at(60), by="ana", quality=4))
    else:
        assert story.give(at(60), "feedback", "ana", quality=4).refusal is None

    [clock] = [c for c in story.lead.clocks.values() if c.clock == "feedback"]
    assert clock.outcome == "met"
    assert story.turn is not None
    assert (story.turn.phase, story.turn.wake_at) == ("ended", None)


def test_without_an_answer_the_owner_and_then_the_manager_are_reminded_and_the_life_ends() -> None:
    story = told(WON)
    story.sleep_until(at(days=30))

    assert story.notices()[-2:] == [("breach", ("owner:ana",)), ("escalation", ("manager:ana",))]
    assert story.turn is not None
    assert story.turn.wake_at is None


@pytest.mark.parametrize(
    ("life", "burden", "rules", "decided"),
    [
        ([WON], 1, {}, ["feedback_spared"]),  # one a day
        ([WON], 1, {"feedback": {"share_of_wins": 1, "most_a_day": 2}}, ["feedback_asked"]),
        ([WON], 0, {"feedback": {"share_of_wins": 0}}, []),
        ([fact("lead.lost", at(20), reason="chose_other")], 0, {}, []),  # the reason is the feedback
        ([fact("lead.rejected", at(20), reason="no_fit")], 0, {}, []),
        ([fact("lead.feedback_given", at(19), by="ana"), WON], 0, {}, []),  # told already
        ([fact("lead.assigned", at(10), owner="carl", team="closers"),
          fact("lead.returned", at(20), reason="no_fit", by="carl")], 0, {}, ["feedback_asked"]),
        ([fact("lead.assigned", at(10), owner="carl", team="closers"),
          fact("lead.returned", at(20), reason="no_fit", by="carl")], 0, {"feedback": {"on_return": False}}, []),
        ([WON], 0, {"mode": "shadow"}, []),
    ],
)  # fmt: skip
def test_who_is_asked(life: list[Entry], burden: int, rules: dict[str, object], decided: list[str]) -> None:
    assert asked(told(*life, burden=burden, **rules)) == decided


def test_a_quarter_of_all_wins_is_the_sample() -> None:
    [hand_off] = told(WON).lead.hand_offs
    book, wanted = playbook(), 0
    for number in range(10_000):
        hand_off.id = f"crm/{number}"
        wanted += wants_feedback(book, hand_off)

    assert 2_300 < wanted < 2_700


def test_a_win_that_is_heard_of_a_week_later_is_not_asked_about() -> None:
    story = told()

    story.step(at(days=7), WON)

    assert asked(story) == []
