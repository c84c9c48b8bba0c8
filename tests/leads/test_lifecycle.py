"""One turn of a life: what it may decide, how time runs in it, and how history is brought in."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from leads.entries import Entry
from leads.fold import refold
from leads.lifecycle import Phase
from leads.stages import Stage
from leads.state import RULES_VERSION, Lead
from tests.builders import Story, at, captured, fact, raised, touched

HOT = [captured(at(0)), raised(at(0))]


def history(*entries: Entry) -> list[Entry]:
    return [replace(entry, backfill=True) for entry in entries]


def test_with_more_mail_unread_nothing_is_decided_however_much_is_due() -> None:
    story = Story()
    story.step(at(1), *HOT)

    turn = story.step(at(hours=8), fact("lead.engaged", at(2), kind="page_viewed"), may_decide=False)

    assert (turn.entries, len(story.decided("rung_fired"))) == ([], 0)
    assert story.step(at(hours=8), touched(at(5))).decisions == []  # the touch was in the mail not read yet
    assert set(story.outcomes().values()) == {"met"}


def test_with_more_mail_unread_a_command_is_not_weighed() -> None:
    story = Story()
    story.step(at(1), *HOT)

    turn = story.step(at(2), may_decide=False, ask=None)

    assert (turn.entries, turn.refusal) == ([], None)


def test_the_tick_never_goes_back() -> None:
    story = Story()
    story.step(at(20), *HOT)

    turn = story.step(at(5), fact("lead.engaged", at(3), kind="page_viewed"))  # a worker whose clock is behind

    assert turn.lead.tick == at(20) + timedelta(microseconds=1)
    assert all(entry.effective_at >= at(20) for entry in story.journal if entry.source == "leadloop")


def test_a_turn_without_news_leaves_the_tick_where_it_was() -> None:
    story = Story()
    story.step(at(1), *HOT)

    assert story.step(at(2)).lead.tick == at(1)


@pytest.mark.parametrize(
    ("entries", "phase"),
    [
        ([touched(at(0))], Phase.CAPTURE),
        ([captured(at(0))], Phase.CAPTURE),
        ([captured(at(0)), fact("lead.recycled", at(0))], Phase.NURTURE),
        ([captured(at(0)), fact("lead.qualified", at(0))], Phase.HAND_OFF),
        ([captured(at(0)), fact("lead.assigned", at(0), owner="ana")], Phase.FOLLOW_UP),
        ([captured(at(0)), fact("lead.accepted", at(0), by="ana")], Phase.FOLLOW_UP),
        ([captured(at(0)), fact("lead.assigned", at(0), owner="ana"), touched(at(0))], Phase.CLOSE_LOOP),
        ([captured(at(0)), fact("lead.opportunity_opened", at(0))], Phase.CLOSE_LOOP),
        ([captured(at(0)), fact("lead.won", at(0))], Phase.ENDED),
    ],
)
def test_each_stage_is_a_phase_of_the_workflow(entries: list[Entry], phase: Phase) -> None:
    assert Story(people=()).step(at(1), *entries).phase is phase


def test_history_alarms_nobody_then_or_later() -> None:
    story = Story()
    turn = story.step(at(days=30), *history(*HOT, fact("lead.assigned", at(1), owner="ana")))
    story.sleep_until(at(days=120))

    assert story.notices() == []
    assert {entry.data.why for entry in story.decided("rung_skipped")} == {"backfill"}  # type: ignore[attr-defined]  # by type
    assert {e.type for e in turn.decisions} == {"rung_skipped"}
    assert story.decided("breach_announced") == story.decided("ignored_announced") == []


def test_history_without_an_owner_waits_in_a_queue_and_burdens_nobody() -> None:
    story = Story()
    story.step(at(days=30), *history(*HOT))

    hand_off = story.lead.hand_offs[0]
    assert (hand_off.owner, hand_off.queue, hand_off.queue_why) == (None, "sales", "backfill")
    assert [entry.type for entry in story.journal if entry.source == "leadloop"] == ["queued", "rung_skipped"]


def test_points_out_of_history_qualify_a_lead_without_alarming_anybody() -> None:
    story = Story()
    points = [fact("lead.engaged", at(i), kind="page_viewed", points=30) for i in range(2)]
    story.step(at(days=30), *history(captured(at(0)), *points))
    story.sleep_until(at(days=60))

    assert (story.lead.stage, story.lead.hand_offs[0].queue_why) == (Stage.QUALIFIED, "backfill")
    assert story.notices() == []


def test_points_of_today_qualify_a_lead_out_of_history_as_any_other() -> None:
    story = Story()
    old = history(captured(at(0)), fact("lead.engaged", at(0), kind="page_viewed", points=30))
    story.step(at(days=30), *old)

    story.step(at(days=31), fact("lead.engaged", at(days=31), kind="page_viewed", points=30))

    assert (story.lead.stage, story.lead.owner) == (Stage.ASSIGNED, "ana")
    assert story.notices() == [("assigned", ("owner:ana",))]


def test_history_brought_in_twice_changes_nothing() -> None:
    story = Story()
    story.step(at(days=30), *history(*HOT))
    once = story.lead

    assert refold("lead-1", story.journal * 2, story.shelf)[0] == replace(once, tick=None)


def test_a_state_of_older_rules_is_folded_again() -> None:
    story = Story()
    story.step(at(1), *HOT)
    story.lead.rules_version = RULES_VERSION - 1
    story.lead.score = 77  # what the older rules made of it

    turn = story.step(at(2))

    assert (turn.refolded, turn.lead.score, turn.lead.rules_version) == (True, 0, RULES_VERSION)


def test_what_happened_in_2100_and_in_1970_is_folded_like_anything_else() -> None:
    for year in (1970, 2100):
        when = datetime(year, 6, 2, tzinfo=at(0).tzinfo)
        story = Story()
        story.step(when, captured(when), raised(when))
        assert story.lead.stage is Stage.ASSIGNED


def test_the_first_and_the_last_dates_there_are_stop_no_lead() -> None:
    far, early = "2099-12-31T23:59:59Z", "1970-01-01T00:00:00Z"
    story = Story()
    story.step(
        at(9),
        *HOT,
        touched(at(1), evidence="self_reported", logged_at=far, next_step_at=far),
        touched(at(2), evidence="self_reported", logged_at=early),
        fact("lead.snoozed", at(3), until=far),
        fact("lead.snoozed", at(4), until=early),
        fact("lead.meeting_booked", at(5), at=far, by="ana"),
        fact("lead.recycled", at(6), wake_at=far),
    )

    assert (story.lead.stage, story.lead.anomalies) == (Stage.NURTURING, 1)  # a snooze over before it starts
    assert story.turn is not None
    assert (story.lead.wake_at, story.turn.wake_at) == (at(6, days=3660), at(6, days=365))  # nurtured for a year
    assert story.refolded_with_tick() == story.lead


def test_a_lead_is_not_shared_between_folds() -> None:
    one, two = Lead("a"), Lead("b")
    one.profile["name"] = "x"
    one.rungs["r"] = "fired"

    assert (two.profile, two.rungs) == ({}, {})
