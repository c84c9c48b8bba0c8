"""Ignored is a horizon: whatever the ladders did, untouched by then is ignored, for good; late word takes it back."""

import pytest

from leads.entries import Entry
from leads.horizon import ignored_hand_offs
from tests.builders import Story, at, captured, fact, raised, touched

HORIZON = at(hours=9)
"""One business day after Monday 09:00."""
AFTER = at(1, hours=9)


def untouched(*entries: Entry) -> Story:
    story = Story(people=("ana",))
    story.step(at(0), captured(at(0)), raised(at(0)), *entries)
    story.sleep_until(AFTER)
    return story


def ignored(story: Story) -> list[str]:
    return [hand_off.id for hand_off in ignored_hand_offs(story.lead, AFTER)]


@pytest.mark.parametrize(
    ("happened", "is_ignored"),
    [
        ([], True),
        ([touched(at(60))], False),
        ([touched(HORIZON)], False),  # the horizon itself is still in time
        ([touched(at(0, hours=9.01))], True),  # a later touch does not take it out
        ([fact("lead.recycled", at(60), reason="no_need")], False),  # it ended before
        ([fact("lead.opportunity_opened", at(60))], False),  # no touch was told, but somebody was at it
        ([touched(at(60), mode="sequence_auto")], True),
        ([fact("lead.disqualified", at(9.5, hours=9), kind="not_a_lead")], False),  # found out later
    ],
)
def test_who_was_ignored(happened: list[Entry], *, is_ignored: bool) -> None:
    story = untouched()
    story.step(at(20, hours=9), *happened)

    assert bool(ignored(story)) is is_ignored


def test_it_is_announced_once_and_the_manager_hears() -> None:
    story = untouched()
    story.sleep_until(at(days=9))

    assert len(story.decided("ignored_announced")) == 1
    assert [to for template, to in story.notices() if template == "ignored"] == [("manager:ana",)]


def test_late_word_of_a_touch_in_time_takes_it_back_once_for_whoever_heard() -> None:
    story = untouched()

    story.step(at(30, hours=9), touched(at(60)))
    story.sleep_until(at(days=9))

    assert len(story.decided("ignored_retracted")) == 1
    assert [to for template, to in story.notices() if template == "ignored_retracted"] == [("manager:ana",)]
    assert (ignored(story), story.refolded_with_tick()) == ([], story.lead)


def test_spam_found_a_month_later_leaves_every_number_and_nobody_is_bothered() -> None:
    story = untouched()
    story.sleep_until(at(days=30))
    told = len(story.notices())

    story.step(at(days=30), fact("lead.disqualified", at(days=30), kind="not_a_lead"))

    assert (ignored(story), story.lead.is_counted) == ([], False)
    assert len(story.decided("breach_retracted")) == len(story.decided("breach_announced"))
    assert len(story.decided("ignored_retracted")) == 1
    assert len(story.notices()) == told


def test_reopened_it_counts_again() -> None:
    story = untouched()
    story.step(at(days=3), fact("lead.disqualified", at(days=3), kind="not_a_lead"))

    story.step(at(days=4), fact("lead.reopened", at(days=4)))

    assert story.lead.is_counted
    assert len(story.decided("ignored_announced")) == 2
    assert story.refolded_with_tick() == story.lead
