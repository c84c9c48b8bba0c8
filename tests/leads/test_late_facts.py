"""Facts that come late: what was decided stands or is overtaken, false alarms are taken back, nothing is told twice.

Hot leads: first touch 15 min after the owner is set, +10 min to the next owner.
"""

from datetime import datetime

import pytest

from leads.entries import Entry
from leads.stages import Stage
from leads.state import Outcome
from tests.builders import TO_REACH, Story, at, captured, fact, playbook, raised, shelf, touched
from tests.leads.strategies import every_ladder_climbs

HOT = [captured(at(0)), raised(at(0))]


def hot(until: datetime, people: tuple[str, ...] = ("ana", "ben", "cleo")) -> Story:
    """Raised at 0, assigned to ana at 1 (due 16, speed to lead 15), slept through until an instant."""
    story = Story(people=people)
    story.step(at(1), *HOT)
    story.sleep_until(until)
    return story


def outcomes(story: Story) -> list[tuple[str, str | None, str | None]]:
    return [
        (str(clock.clock), clock.owner, clock.outcome)
        for clock in story.lead.clocks.values()
        if clock.clock in TO_REACH
    ]


def told(story: Story, *templates: str) -> list[tuple[str, tuple[str, ...]]]:
    return [notice for notice in story.notices() if notice[0] in templates]


def agrees(story: Story) -> None:
    assert story.refolded_with_tick() == story.lead


def test_a_late_touch_takes_back_the_breach_and_tells_those_who_had_been_told() -> None:
    story = hot(at(20))
    assert told(story, "breach") == [("breach", ("owner:ana",)), ("breach", ("channel:sales",))]

    story.step(at(21), touched(at(10)))

    assert [outcome for *_, outcome in outcomes(story)] == ["met", "met", "met"]
    assert told(story, "retraction") == [("retraction", ("owner:ana", "channel:sales"))]
    assert len(story.decided("breach_retracted")) == 2  # nobody had been told of speed to lead: no ladder
    agrees(story)


def test_the_correction_goes_into_the_thread_of_the_first_notice_once() -> None:
    story = hot(at(20))
    first = next(e.id for e in story.decided("notice_issued") if e.data.template == "breach")  # type: ignore[attr-defined]  # by type

    story.step(at(21), touched(at(10)))
    story.step(at(22), touched(at(11)))
    story.sleep_until(at(hours=8))

    [correction] = [e.data for e in story.decided("notice_issued") if e.data.template == "retraction"]  # type: ignore[attr-defined]  # by type
    assert correction.corrects == first  # type: ignore[attr-defined]  # by type


@pytest.mark.parametrize(
    ("word", "outcome", "retracted"),
    [
        (touched(at(10), evidence="system"), "met", 2),
        (touched(at(10), evidence="self_reported", logged_at=at(20)), "met", 2),  # within the hour: believed
        (touched(at(10), evidence="self_reported", logged_at=at(90)), "met_late", 0),  # does not retract
        (touched(at(18)), "breached", 0),
    ],
)
def test_only_believable_word_of_a_touch_in_time_takes_a_breach_back(word: Entry, outcome: str, retracted: int) -> None:
    story = hot(at(24), people=("ana",))

    story.step(at(100), word)

    assert {outcome for clock, _, outcome in outcomes(story) if clock != "assign"} == {outcome}
    assert len(story.decided("breach_retracted")) == retracted


def test_an_owner_given_by_a_rung_stays_when_a_late_touch_overtakes_the_move() -> None:
    story = hot(at(30))
    assert story.lead.owner == "ben"

    story.step(at(31), touched(at(10), by="ana"))

    assert (story.lead.owner, story.lead.stage) == ("ben", Stage.WORKING)
    assert outcomes(story) == [("assign", None, "met"), ("speed_to_lead", "ana", "met"), ("first_touch", "ana", "met")]
    assert told(story, "overtaken") == [("overtaken", ("owner:ben",))]
    story.step(at(32), touched(at(11), by="ana"))
    story.sleep_until(at(days=1))
    assert len(told(story, "overtaken")) == 1
    agrees(story)


def test_a_late_disqualification_ends_everything_that_followed_it() -> None:
    story = hot(at(30))

    story.step(at(31), fact("lead.disqualified", at(2), kind="not_a_lead"))

    assert story.lead.stage is Stage.DISQUALIFIED
    assert {outcome for *_, outcome in outcomes(story) if outcome != Outcome.MET} == {"cancelled"}
    assert not any(story.lead.breaches_announced.values())
    assert told(story, "overtaken") == [("overtaken", ("owner:ben",))]
    assert story.turn is not None
    assert story.turn.wake_at is None
    agrees(story)


def test_a_late_assignment_to_the_same_person_is_no_news() -> None:
    story = hot(at(10))  # half of the time was said at 8.5

    story.step(at(11), fact("lead.assigned", at(0.5), owner="ana"))

    [clock] = story.lead.running()[-1:]
    assert (clock.due_at, clock.owner) == (at(15.5), "ana")
    assert told(story, "overtaken", "assigned") == [("assigned", ("owner:ana",))]
    story.sleep_until(at(15.5))
    assert [e.data.rung for e in story.decided("rung_fired")] == ["half", "due", "due_channel"]  # type: ignore[attr-defined]  # by type
    agrees(story)


def test_a_late_assignment_to_another_leaves_the_owner_the_world_was_told_of() -> None:
    story = hot(at(10))

    story.step(at(11), fact("lead.assigned", at(0.5), owner="ben"))

    assert story.lead.owner == "ana"
    [clock] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert (clock.owner, clock.due_at) == ("ana", at(15.5))
    assert told(story, "overtaken") == [("overtaken", ("owner:ana",))]
    story.sleep_until(at(20))
    assert [e.data.rung for e in story.decided("rung_fired")] == ["half", "due", "due_channel"]  # type: ignore[attr-defined]  # by type
    agrees(story)


def test_an_earlier_raised_hand_arriving_late_lets_no_rung_fire_again() -> None:
    story = hot(at(20))

    story.step(at(21), raised(at(-5)), captured(at(-5), source="chat"))
    story.sleep_until(at(hours=8))

    rungs = [(e.data.clock, e.data.rung) for e in story.decided("rung_fired")]  # type: ignore[attr-defined]  # by type
    assert len(rungs) == len(set(rungs))
    [speed] = [clock for clock in story.lead.clocks.values() if clock.clock == "speed_to_lead"]
    assert (speed.started_at, speed.due_at) == (at(-5), at(15))  # closed at 08:55; asking again at 09:00 is due earlier
    assert story.decided("breach_retracted") == []
    assert len(told(story, "assigned")) == len({to for _, to in told(story, "assigned")})
    agrees(story)


def test_notices_about_a_hand_off_are_not_repeated_when_its_name_changes() -> None:
    story = Story(people=())
    story.step(at(1), *HOT)
    story.sleep_until(at(days=3))  # unassigned, then ignored

    story.step(at(days=3), fact("lead.qualified", at(0)))  # at the same instant, and sorted behind: no new name
    story.step(at(2, days=3), raised(at(-5)), captured(at(-6)))
    story.sleep_until(at(days=9))

    assert [template for template, _ in told(story, "unassigned", "ignored")] == ["unassigned", "ignored"]
    agrees(story)


def test_a_correction_finds_the_notices_sent_under_the_clocks_earlier_name() -> None:
    story = hot(at(20))

    story.step(at(21), fact("lead.assigned", at(0.5), owner="ana"), touched(at(10)))

    assert told(story, "retraction") == [("retraction", ("owner:ana", "channel:sales"))]


def test_a_late_rejection_lets_the_lead_be_routed_anew() -> None:
    story = hot(at(10))

    story.step(at(11), fact("lead.rejected", at(0.5), reason="wrong_territory", by="cleo"))

    hand_off = story.lead.hand_off
    assert hand_off is not None
    assert hand_off.owner is not None
    assert hand_off.owner != "cleo"
    assert story.lead.stage is Stage.ASSIGNED
    assert any(clock.clock == "first_touch" and clock.hand_off == hand_off.id for clock in story.lead.running())
    agrees(story)


def test_an_owner_who_stays_without_a_promise_is_given_one_by_a_new_decision() -> None:
    story = Story(every_ladder_climbs())
    story.step(at(1), captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ana"))
    story.sleep_until(at(20))  # moved to the next at 16
    story.step(at(21), fact("lead.assigned", at(10), owner="ben", team="sales"))
    story.give(at(22), "reassign", "boss", team="sales")
    owner = story.lead.owner

    story.step(at(30), fact("lead.rejected", at(21.5), reason="wrong_territory", by="cleo"))

    hand_off = story.lead.hand_off
    assert hand_off is not None
    assert (owner, hand_off.held) == (None, None)
    assert hand_off.owner is not None or hand_off.queue is not None
    agrees(story)


def test_a_late_snooze_takes_a_breach_back_and_its_end_may_bring_it_again() -> None:
    """Over closed hours a snooze and its early end move due away and back to the same instant."""
    story = Story(shelf(playbook(snooze_before_touch=True)), people=("ana",))
    evening = 8 * 60 + 50  # 17:50: ten minutes today, five tomorrow
    story.step(at(evening), captured(at(evening)), raised(at(evening)))
    story.sleep_until(at(10, days=1))
    due = at(5, days=1)
    assert [e.data.due_at for e in story.decided("breach_announced")] == [due, due]  # type: ignore[attr-defined]  # by type

    story.step(at(11, days=1), fact("lead.snoozed", at(550), until=at(days=2).isoformat()))  # 18:10 until Wednesday
    assert len(story.decided("breach_retracted")) == 2
    story.step(at(12, days=1), fact("lead.replied", at(600), channel="email"))  # 19:00: still closed

    assert len(story.decided("breach_announced")) == 4
    assert all(story.lead.breaches_announced.values())
    ids = [entry.id for entry in story.journal]
    assert len(ids) == len(set(ids))
    assert len(told(story, "retraction")) == 1
    agrees(story)


def test_two_rungs_that_move_the_lead_at_one_tick_keep_their_order() -> None:
    story = Story(every_ladder_climbs(), people=("ana", "ben", "cleo", "dora"))
    story.step(at(0), captured(at(0)), raised(at(0)))

    story.sleep_until(at(hours=4))

    agrees(story)


def test_a_fact_from_a_clock_that_is_ahead_of_ours_is_decided_on_in_its_own_time() -> None:
    story = Story()

    story.step(at(0), captured(at(4)), raised(at(4)))

    assert story.lead.owner == "ana"
    assert story.decided("assigned")[0].effective_at == at(4)
    agrees(story)


def test_a_late_win_before_the_raised_hand_makes_the_alarm_moot() -> None:
    story = hot(at(20))

    story.step(at(21), fact("lead.won", at(-1)), captured(at(-2)))

    assert (story.lead.stage, story.outcomes(), story.lead.hand_offs) == (Stage.WON, {}, [])
    assert not any(story.lead.breaches_announced.values())
    agrees(story)
