"""A buyer who asks again: a new hand-off, or the same clocks with the earlier due; never a second alarm."""

from datetime import datetime

import pytest

from leads.entries import Entry
from leads.stages import Stage
from tests.builders import Story, at, captured, fact, raised, touched


def dues(story: Story) -> dict[str, datetime]:
    return {str(clock.clock): clock.due_at for clock in story.lead.running()}


def test_a_raised_hand_on_an_untouched_hand_off_keeps_the_earlier_due() -> None:
    story = Story(people=())
    story.step(at(10), captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ana"), raised(at(10)))

    assert dues(story) == {"speed_to_lead": at(15), "first_touch": at(16)}  # not 25 and 26
    assert len(story.lead.hand_offs) == 1


def test_a_raised_hand_tightens_slower_promises() -> None:
    story = Story(people=())
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)), fact("lead.assigned", at(0), owner="ana"))
    assert dues(story) == {"first_touch": at(hours=8)}

    story.step(at(60), raised(at(60)))

    assert dues(story) == {"speed_to_lead": at(75), "first_touch": at(75)}
    hand_off = story.lead.hand_offs[0]
    assert (hand_off.segment, hand_off.ignored_at) == ("hot", at(60, days=1))  # 9 h from 10:00


def test_a_promise_about_to_run_out_is_not_given_more_time() -> None:
    story = Story(people=())
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)), fact("lead.assigned", at(0), owner="ana"))

    story.step(at(475), raised(at(475)))  # 8 h = 480 min: five left, and hot would give fifteen

    assert dues(story) == {"speed_to_lead": at(490), "first_touch": at(480)}


def test_the_owner_hears_of_it_once_however_often_the_buyer_asks() -> None:
    story = Story(people=("ana",))
    story.step(at(0), captured(at(0)), raised(at(0)))
    for minute in range(1, 6):
        story.step(at(minute), raised(at(minute)))

    assert [template for template, _ in story.notices()] == ["assigned", "asked_again"]


def test_what_was_asked_before_there_was_an_owner_is_no_news_to_him() -> None:
    story = Story(people=("ana",))
    story.step(at(2), captured(at(0)), raised(at(0)), raised(at(1)))

    assert [template for template, _ in story.notices()] == ["assigned"]


def ended(*how: Entry) -> Story:
    story = Story(people=("ana", "ben"))
    story.step(at(1), captured(at(0)), raised(at(0)))
    story.step(at(4), touched(at(2), by="ana"), *how)
    return story


AGAIN = at(days=1)


@pytest.mark.parametrize(
    ("how", "stage", "hand_offs"),
    [
        (fact("lead.recycled", at(3), reason="no_need"), Stage.ASSIGNED, 2),
        (fact("lead.lost", at(3), reason="no_need"), Stage.ASSIGNED, 2),
        (fact("lead.disqualified", at(3), reason="no_fit"), Stage.ASSIGNED, 2),
        (fact("lead.disqualified", at(3), kind="hard", reason="no_fit"), Stage.DISQUALIFIED, 1),
        (fact("lead.disqualified", at(3), kind="not_a_lead"), Stage.DISQUALIFIED, 1),
        (fact("lead.won", at(3)), Stage.WON, 1),
        (fact("lead.opportunity_opened", at(3)), Stage.OPPORTUNITY, 1),
        (fact("lead.updated", at(3), company="Acme"), Stage.WORKING, 1),  # still worked on
    ],
)
def test_where_a_raised_hand_finds_the_lead_decides(how: Entry, stage: Stage, hand_offs: int) -> None:
    story = ended(how)

    story.step(AGAIN, raised(AGAIN))

    assert (story.lead.stage, len(story.lead.hand_offs)) == (stage, hand_offs)
    assert story.lead.owner == "ana"
    assert story.lead.anomalies == 0


def test_a_new_hand_off_has_clocks_of_its_own_and_is_a_re_inquiry() -> None:
    story = ended(fact("lead.lost", at(3), reason="no_need"))

    story.step(AGAIN, raised(AGAIN))

    assert story.lead.hand_offs[-1].kind == "re_inquiry"
    assert dues(story) == {"speed_to_lead": at(15, days=1), "first_touch": at(15, days=1)}


def test_handed_over_again_it_is_untouched_again_whoever_reached_out_before() -> None:
    story = ended(touched(at(5)), fact("lead.lost", at(30), reason="chose_other"))
    assert not story.lead.is_untouched

    story.step(at(60), raised(at(60)))
    assert story.lead.is_untouched

    story.step(at(70), touched(at(70)))
    assert not story.lead.is_untouched


def test_a_hard_no_is_no_longer_one_after_the_lead_was_won() -> None:
    story = ended(fact("lead.disqualified", at(3), kind="hard"), fact("lead.won", at(3.5)), fact("lead.lost", at(3.6)))

    story.step(AGAIN, raised(AGAIN))

    assert story.lead.stage is Stage.ASSIGNED


def test_a_person_may_reopen_what_was_ruled_out_hard() -> None:
    story = ended(fact("lead.disqualified", at(3), kind="hard"))

    turn = story.give(AGAIN, "reopen", "ana")

    assert (turn.refusal, story.lead.stage) == (None, Stage.ASSIGNED)


def test_a_live_hand_on_a_hand_off_out_of_history_is_a_new_one_for_the_same_owner() -> None:
    story = Story()
    history = [captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ben")]
    story.step(at(days=30), *[_as_history(entry) for entry in history])
    assert story.notices() == []

    story.step(at(days=31), raised(at(days=31)))

    assert story.lead.owner == "ben"
    assert story.notices() == [("assigned", ("owner:ben",))]
    assert dues(story) == {"speed_to_lead": at(15, days=31), "first_touch": at(15, days=31)}


def test_a_live_owner_of_a_hand_off_out_of_history_promises_from_now_on() -> None:
    story = Story()
    story.step(at(days=30), _as_history(captured(at(0))), _as_history(raised(at(0))))
    assert story.lead.hand_offs[0].queue_why == "backfill"

    story.give(at(days=31), "reassign", "boss", owner="ben")

    [clock] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert (clock.due_at, clock.quiet) == (at(15, days=31), False)
    assert story.notices() == [("assigned", ("owner:ben",))]
    assert story.decided("ignored_announced") == []


def _as_history(entry: Entry) -> Entry:
    return fact(entry.type, entry.effective_at, backfill=True, **entry.data.model_dump(mode="json", exclude_unset=True))
