"""A lead of a bulk list waits: nothing is promised of it until it is released, or the buyer speaks."""

import pytest

from leads.decisions import Assigned
from leads.entries import Entry
from leads.events import HandKind
from leads.listed import ListStatus
from leads.stages import Stage
from tests.builders import MONDAY, Story, at, captured, fact, raised, touched

FAIR = at(days=-3)
UPLOAD = MONDAY
"""The list comes in on Monday 09:00, three days after the fair."""


def listed(**data: object) -> Entry:
    return captured(FAIR, recorded_at=UPLOAD, source="trade_show", list="expo", **data)


def released(when_minutes: float) -> Entry:
    return fact("lead.released", at(when_minutes), list="expo", sender="urn:leadloop:lists")


def waiting() -> Story:
    story = Story()
    story.step(UPLOAD, listed())
    return story


def status(story: Story) -> tuple[str, str | None]:
    listing = story.lead.listings["expo"]
    return listing.status, listing.why


def test_nothing_is_promised_of_it_and_nobody_hears() -> None:
    story = waiting()

    made = story.sleep_until(at(days=100))

    assert (story.lead.stage, story.lead.waits_in) == (Stage.CAPTURED, "expo")
    assert (story.lead.clocks, made, story.lead.is_untouched) == ({}, [], False)


def test_it_is_still_looked_at_from_time_to_time() -> None:
    story = waiting()

    assert story.turn is not None
    assert story.turn.wake_at == at(days=30)


def test_its_promises_run_from_its_release() -> None:
    """First touch in two business days, 18 working hours: Monday 14:00 + 18 h = Wednesday 14:00."""
    story = waiting()

    story.step(at(hours=5), released(300))

    hand_off = story.lead.hand_off
    assert hand_off is not None
    assert (hand_off.segment, hand_off.opened_at, hand_off.bulk) == ("event", at(hours=5), "expo")
    [first_touch] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert first_touch.due_at == at(days=2, hours=5)
    assert status(story) == (ListStatus.RELEASED, "lead.released")


def test_what_is_told_of_it_names_the_list_so_that_it_goes_out_with_the_others() -> None:
    story = waiting()
    story.step(at(hours=5), released(300))

    told = story.decided("notice_issued")

    assert [(e.data.template, e.data.list) for e in told] == [("assigned", "expo")]  # type: ignore[attr-defined]  # by type


@pytest.mark.parametrize(
    ("word", "segment"),
    [
        (raised(at(60)), "hot"),
        (fact("lead.replied", at(60), channel="email"), "event"),
        (touched(at(60), by="ben"), "event"),
    ],
    ids=["raised hand", "reply", "touch"],
)
def test_it_waits_no_longer_once_the_buyer_speaks_or_somebody_reaches_out(word: Entry, segment: str) -> None:
    story = waiting()

    story.step(at(60), word)

    hand_off = story.lead.hand_off
    assert hand_off is not None
    assert (hand_off.segment, hand_off.opened_at, hand_off.bulk) == (segment, at(60), None)
    assert (story.lead.waits_in, status(story)) == (None, (ListStatus.RELEASED, word.type))


def test_a_reply_is_owed_an_answer() -> None:
    story = waiting()

    story.step(at(60), fact("lead.replied", at(60), channel="email"))

    assert {str(clock.clock) for clock in story.lead.running()} >= {"reply", "first_touch"}


def test_whoever_reached_out_gets_it() -> None:
    story = waiting()

    story.step(at(60), touched(at(60), by="cleo"))

    [given] = story.decided("assigned")
    assert isinstance(given.data, Assigned)
    assert (given.data.owner, story.lead.stage) == ("cleo", Stage.WORKING)


def test_a_hand_raised_at_the_fair_counts_from_the_upload() -> None:
    """The delay is marketing's: sales answers within 15 minutes of hearing of it, Monday 09:15."""
    story = Story()
    asked = fact("lead.hand_raised", at(days=-3, minutes=5), recorded_at=UPLOAD, kind=HandKind.DEMO)

    story.step(UPLOAD, listed(), asked)

    [speed] = [clock for clock in story.lead.running() if clock.clock == "speed_to_lead"]
    assert (speed.started_at, speed.due_at) == (UPLOAD, at(15))
    assert story.decided("breach_announced") == []


def test_a_talk_at_the_fair_releases_nobody() -> None:
    story = Story()

    story.step(UPLOAD, listed(), fact("lead.touched", FAIR, recorded_at=UPLOAD, by="ana", channel="meeting"))

    assert (story.lead.waits_in, story.lead.real_touches) == ("expo", 1)


def test_one_under_way_stays_as_it_is() -> None:
    story = Story()
    story.step(at(days=-5), captured(at(days=-5)), raised(at(days=-5)))
    before = story.lead.hand_offs[0].id

    story.step(UPLOAD, listed())

    assert ([h.id for h in story.lead.hand_offs], story.lead.waits_in) == ([before], None)
    assert status(story) == (ListStatus.KNOWN, None)


def test_one_that_asked_between_the_fair_and_the_upload_keeps_its_clock() -> None:
    """Heard by the website the day after the fair; the list, dated before that, comes in two days later."""
    story = Story()
    story.step(at(days=-2), captured(at(days=-2)), raised(at(days=-2)))
    [speed] = [clock for clock in story.lead.clocks.values() if clock.clock == "speed_to_lead"]

    story.step(UPLOAD, listed())

    [again] = [clock for clock in story.lead.clocks.values() if clock.clock == "speed_to_lead"]
    assert (again.started_at, again.due_at) == (speed.started_at, speed.due_at)
    assert status(story) == (ListStatus.KNOWN, "lead.hand_raised")
    assert len(story.lead.hand_offs) == 1


def test_one_that_was_nurtured_waits_too_and_its_score_does_not_let_it_out() -> None:
    story = Story()
    story.step(at(days=-9), captured(at(days=-9)))
    story.sleep_until(at(days=-8))

    story.step(UPLOAD, listed(), fact("lead.engaged", UPLOAD, kind="event_attended", points=90))

    assert (story.lead.stage, story.lead.waits_in, story.lead.hand_offs) == (Stage.NURTURING, "expo", [])


def test_cancelled_it_goes_on_with_marketing() -> None:
    story = waiting()

    story.step(at(60), fact("lead.unlisted", at(60), list="expo", reason="cancelled"))

    assert (story.lead.stage, story.lead.waits_in, status(story)) == (
        Stage.NURTURING, None, (ListStatus.OUT, "cancelled"),
    )  # fmt: skip


def test_released_twice_it_is_handed_over_once() -> None:
    story = waiting()
    story.step(at(60), raised(at(60)))

    story.step(at(120), released(120))

    assert len(story.lead.hand_offs) == 1


def test_a_word_about_another_list_does_nothing() -> None:
    story = waiting()

    story.step(at(60), fact("lead.released", at(60), list="other"))

    assert story.lead.waits_in == "expo"


def test_a_raised_hand_after_the_release_makes_it_one_of_its_own_again() -> None:
    story = waiting()
    story.step(at(60), released(60))

    story.step(at(90), raised(at(90)))

    assert story.lead.hand_off is not None
    assert (story.lead.hand_off.segment, story.lead.hand_off.bulk) == ("hot", None)


def test_history_waits_in_no_list() -> None:
    story = Story()

    story.step(UPLOAD, captured(FAIR, recorded_at=UPLOAD, list="expo", backfill=True))

    assert (story.lead.waits_in, story.lead.listings) == (None, {})
