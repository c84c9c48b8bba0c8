"""What people read when they ask why: whole stories, and the sentences they end in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from leads.explain import Explanation, explain
from leads.telling.promises import PromiseStory
from leads.telling.words import Delivery, Names
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

NAMES = Names({"ana": "Ana Huber", "ben": "Ben Roth", "cleo": "Cleo Maier"}, {"sales": "Sales"})


def told(story: Story, now: datetime, **more: Any) -> Explanation:
    return explain(story.lead, story.journal, story.shelf, now, names=NAMES, **more)


def promise(explanation: Explanation, title: str) -> PromiseStory:
    return next(story for story in explanation.promises if story.title == title)


def sentences(parts: Iterable[Any]) -> list[str]:
    return [part.sentence for part in parts]


@pytest.fixture
def hot() -> Story:
    """A raised hand at 09:10, with Ben away; Ana gets it."""
    story = Story()
    story.absent = {"ben"}
    story.step(at(10), captured(at(10)), raised(at(10), words="Can you show us?"))
    return story


def test_a_running_promise_says_who_has_it_since_when_and_what_is_due(hot: Story) -> None:
    told_now = told(hot, at(13))

    assert told_now.summary == (
        "Ana Huber has this lead and has not reached out yet. "
        "Answer to the raised hand is due on Mon 1 Jun 09:25 (in 12 minutes). 1 promise kept, none missed so far."
    )
    assert told_now.stage.sentence == "Assigned since Mon 1 Jun 09:10: Leadloop gave it to Ana Huber."
    assert told_now.stage.because is not None
    assert (told_now.stage.because.kind, told_now.stage.because.at) == ("decision", at(10))
    assert told_now.timezone == "UTC"
    first_touch = promise(told_now, "First touch by Ana Huber")
    assert first_touch.sentence == "First touch by Ana Huber is due on Mon 1 Jun 09:25 (in 12 minutes)."
    assert first_touch.started == "Runs from Mon 1 Jun 09:10, when Leadloop gave it to Ana Huber."
    assert first_touch.kept_by == "Kept by a real touch by anyone in sales."
    assert first_touch.reckoning.sentence == "15 minutes of working time (office calendar, UTC)"
    assert sentences(first_touch.reckoning.lines) == ["Mon 1 Jun 09:10–09:25: 15 minutes counted, nothing left"]


def test_the_owner_is_explained_by_the_candidates_and_why_each_was_skipped(hot: Story) -> None:
    owner = told(hot, at(13)).owner

    assert owner.sentence == (
        "Ana Huber has had it since Mon 1 Jun 09:10: Leadloop gave it out, and Ana Huber was next in turn."
    )
    assert sentences(owner.candidates) == [
        "Ana Huber was chosen.",
        "Ben Roth was absent.",
        "Cleo Maier was free too, but it was not their turn.",
    ]
    assert [(c.person, c.chosen, c.skipped) for c in owner.candidates] == [
        ("ana", True, None),
        ("ben", False, "absent"),
        ("cleo", False, None),
    ]


def test_what_happens_next_stands_in_its_order(hot: Story) -> None:
    # the ladder of hot leads: 50%, due, due+10 minutes, due+1 hour; the horizon is one business day of nine hours
    assert sentences(told(hot, at(13)).coming) == [
        "Mon 1 Jun 09:17 (in 4 minutes 30 seconds): half of the time for the first touch is gone; Ana Huber is told.",
        "Mon 1 Jun 09:25 (in 12 minutes): the answer to the raised hand is due.",
        "Mon 1 Jun 09:25 (in 12 minutes): the first touch is due; Ana Huber is told and the channel of Sales is told.",
        (
            "Mon 1 Jun 09:35 (in 22 minutes): the first touch is 10 minutes overdue; "
            "it goes to somebody else in Sales, if anyone is free."
        ),
        "Mon 1 Jun 10:25 (in 1 hour 12 minutes): the first touch is 1 hour overdue; Ana Huber's manager is told.",
        "Tue 2 Jun 09:10 (in 23 hours 57 minutes): without a real touch it counts as ignored, for good.",
    ]


def test_a_broken_promise_says_how_late_it_is_and_which_alarms_went_out(hot: Story) -> None:
    hot.sleep_until(at(40))
    told_now = told(hot, at(40), deliveries={entry.id: Delivery("done") for entry in hot.journal})

    assert told_now.owner.sentence == (
        "Cleo Maier has had it since Mon 1 Jun 09:35: Leadloop moved it on from Ana Huber to Cleo Maier, "
        "because nobody had reached out, and Cleo Maier was next in turn."
    )
    assert promise(told_now, "Answer to the raised hand").sentence == (
        "Answer to the raised hand was due on Mon 1 Jun 09:25 and is 15 minutes late."
    )
    lost = promise(told_now, "First touch by Ana Huber")
    assert lost.sentence == (
        "First touch by Ana Huber was broken: due on Mon 1 Jun 09:25, and 10 minutes later Leadloop moved it on from "
        "Ana Huber to Cleo Maier, because nobody had reached out."
    )
    assert lost.breach == "Announced as broken on Mon 1 Jun 09:25."
    assert sentences(lost.ladder) == [
        "Mon 1 Jun 09:17 (half of the time gone): Ana Huber was reminded.",
        "Mon 1 Jun 09:25 (when due): Ana Huber was told that the promise is broken.",
        "Mon 1 Jun 09:25 (when due): the channel of Sales was told that the promise is broken.",
        (
            "Mon 1 Jun 09:35 (10 minutes past due): Leadloop moved it on from Ana Huber to Cleo Maier, "
            "because nobody had reached out."
        ),
        "1 hour past due: not reached, the promise had ended.",
    ]


def test_a_touch_in_time_says_who_kept_the_promise_and_by_how_much(hot: Story) -> None:
    hot.step(at(18), touched(at(17), by="cleo", connected=True))
    told_now = told(hot, at(20))

    assert told_now.summary == (
        "Ana Huber is working on this lead; the last touch was on Mon 1 Jun 09:17 (3 minutes ago). "
        "Next step is due on Tue 2 Jun 09:17 (in 23 hours 57 minutes). 3 promises kept, none missed so far."
    )
    assert promise(told_now, "First touch by Ana Huber").sentence == (
        "First touch by Ana Huber was kept: Cleo Maier spoke with the buyer by phone on Mon 1 Jun 09:17, "
        "8 minutes before it was due, though it was up to Ana Huber."
    )
    assert sentences(told_now.ignored) == ["Looked after: Cleo Maier reached out on Mon 1 Jun 09:17."]
    assert sentences(told_now.coming) == [
        "Tue 2 Jun 09:17 (in 23 hours 57 minutes): the next step is due; Ana Huber is told.",
        "Wed 3 Jun 09:17 (in 47 hours 57 minutes): the next step is 9 hours overdue; Ana Huber's manager is told.",
        "Wed 1 Jul 09:17 (in 30 days): moving on from “in work” is due; Ana Huber is told.",
        "Wed 1 Jul 18:17 (in 30 days): moving on from “in work” is 9 hours overdue; Ana Huber's manager is told.",
    ]


def test_a_late_touch_explains_the_retraction_and_the_decision_it_overtook(hot: Story) -> None:
    hot.sleep_until(at(40))
    hot.step(at(110), touched(at(12), recorded_at=at(110)))
    told_now = told(hot, at(111))

    kept = promise(told_now, "First touch by Ana Huber")
    assert kept.state == "met"
    assert kept.breach == (
        "Announced as broken on Mon 1 Jun 09:25; taken back on Mon 1 Jun 10:50, when word came that it had been kept."
    )
    assert sentences(told_now.overtaken) == [
        (
            "Mon 1 Jun 09:35: Leadloop moved it on from Ana Huber to Cleo Maier, because nobody had reached out. "
            "But on Mon 1 Jun 09:12 Ana Huber called; word of that came only 1 hour 38 minutes later, "
            "on Mon 1 Jun 10:50. "
            "So the decision moves nothing in the books; what Cleo Maier was told stands."
        )
    ]
    assert told_now.owner.owner == "cleo"
    assert told_now.owner.sentence.endswith("since people had been told, Cleo Maier keeps it.")


def test_nobody_free_says_that_it_waits_and_until_when() -> None:
    story = Story()
    story.absent = {"ana", "ben", "cleo"}
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0), reason="budget"))
    told_now = told(story, at(5), unread=2)

    assert told_now.summary == (
        "Nobody has this lead: it waits in the queue of Sales, because nobody was free to take it. "
        "Finding an owner is due on Mon 1 Jun 09:15 (in 10 minutes). "
        "2 events have come in since and are not in this yet."
    )
    assert sentences(told_now.owner.candidates)[0] == "Ana Huber was absent."
    assert "Mon 1 Jun 09:15 (in 10 minutes): Leadloop looks again for somebody free in Sales." in sentences(
        told_now.coming
    )


def test_what_arrives_at_night_is_counted_from_opening() -> None:
    story = Story()
    story.step(at(hours=12), captured(at(hours=12)), raised(at(hours=12)))
    reckoning = promise(told(story, at(hours=12)), "First touch by Ana Huber").reckoning

    assert reckoning.sentence == (
        "1 hour of working time from opening, because it came in while closed (office calendar, UTC)"
    )
    assert sentences(reckoning.lines) == [
        "Mon 1 Jun 21:00: closed until Tue 2 Jun 09:00",
        "Tue 2 Jun 09:00–10:00: 1 hour counted, nothing left",
    ]


def test_times_are_those_of_the_promise_s_calendar() -> None:
    office = {"timezone": "America/New_York", "weekly": {"mon": [["09:00", "18:00"]]}}
    story = Story(shelf(playbook(calendars={"office": office})))
    story.step(at(hours=8), captured(at(hours=8)), raised(at(hours=8)))  # 17:00 UTC is 13:00 there
    told_now = told(story, at(hours=8))

    assert told_now.timezone == "America/New_York"
    assert sentences(promise(told_now, "First touch by Ana Huber").reckoning.lines) == [
        "Mon 1 Jun 13:00–13:15: 15 minutes counted, nothing left"
    ]


def test_the_end_of_the_day_a_pause_and_a_weekend_are_spelled_out() -> None:
    story = Story(shelf(playbook(snooze_before_touch=True)))
    friday = at(days=4, hours=7)  # Friday 16:00
    story.step(friday, captured(friday), fact("lead.qualified", friday))
    story.give(at(days=4, hours=8), "snooze", until=at(days=7, hours=1).isoformat(), reason="on holiday")
    told_now = told(story, at(days=5))
    first_touch = promise(told_now, "First touch by Ana Huber")

    # 8 hours: 1 on Friday until the pause at 17:00, 7 from Monday 10:00
    assert sentences(first_touch.reckoning.lines) == [
        "Fri 5 Jun 16:00–17:00: 1 hour counted, 7 hours left",
        "Fri 5 Jun 17:00–Mon 8 Jun 10:00: paused, 2 hours of open time not counted",
        "Mon 8 Jun 10:00–17:00: 7 hours counted, nothing left",
    ]
    assert "It is put off until Mon 8 Jun 10:00 (in 2 days 1 hour)." in told_now.summary
    assert "Mon 8 Jun 10:00 (in 2 days 1 hour): the pause ends and the promises run on." in sentences(told_now.coming)
    assert sentences(first_touch.pauses) == [
        "Paused Fri 5 Jun 17:00–Mon 8 Jun 10:00: Ana Huber put it off until Mon 8 Jun 10:00 (“on holiday”)."
    ]
