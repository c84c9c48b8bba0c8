"""The buyer comes back while sales is at it: an answer is owed, and the lead stays where it is."""

from datetime import datetime
from typing import Any

import pytest

from leads.entries import Entry
from leads.stages import Stage
from leads.state import Clock
from tests.builders import Story, at, captured, fact, raised, touched

WORKED = [captured(at(0)), raised(at(0)), touched(at(5))]
OPPORTUNITY = [*WORKED, fact("lead.opportunity_opened", at(10), by="ana")]
WON = [*OPPORTUNITY, fact("lead.won", at(20))]
BOUGHT_ELSEWHERE = [captured(at(0)), fact("lead.won", at(1))]
"""A win is all that the other system told; nobody here ever had it."""


def told(*entries: Entry) -> Story:
    story = Story(people=("ana", "ben"))
    story.step(at(1), *entries[:2])
    for entry in entries[2:]:
        story.step(entry.effective_at, entry)
    return story


def replies(story: Story) -> list[Clock]:
    return [clock for clock in story.lead.clocks.values() if clock.clock == "reply"]


def wrote(when: datetime, **data: Any) -> Entry:
    return fact("lead.replied", when, **({"channel": "email"} | data))


@pytest.mark.parametrize(
    ("life", "stage", "owner"),
    [
        (WORKED, Stage.WORKING, "ana"),
        (OPPORTUNITY, Stage.OPPORTUNITY, "ana"),
        (WON, Stage.WON, "ana"),
        (BOUGHT_ELSEWHERE, Stage.WON, None),
    ],
)
def test_a_hand_raised_again_asks_for_an_answer_and_moves_nothing(
    life: list[Entry], stage: Stage, owner: str | None
) -> None:
    story = told(*life)
    hand_offs = len(story.lead.hand_offs)

    turn = story.step(at(30), raised(at(30)))

    [reply] = replies(story)
    assert (reply.due_at, reply.owner) == (at(30, hours=4), owner)
    assert (story.lead.stage, len(story.lead.hand_offs), story.lead.anomalies) == (stage, hand_offs, 0)
    to = f"owner:{owner}" if owner else "team:sales"
    assert [(n, t) for n, t in story.notices() if n == "asked_again"] == [("asked_again", (to,))]
    assert turn.wake_at is not None  # also of a lead that has ended
    assert turn.phase == "close_loop"


ANSWERS: list[tuple[list[Entry], list[tuple[datetime, str | None, str | None]]]] = [
    # what happened from 09:30 on                           replies: due (4 working hours), how they ended, why
    ([wrote(at(30))], [(at(30, hours=4), None, None)]),
    ([wrote(at(30)), wrote(at(60))], [(at(30, hours=4), None, None)]),  # the first word counts
    ([wrote(at(30)), touched(at(40))], [(at(30, hours=4), "met", "real_touch")]),
    ([wrote(at(30)), touched(at(40), by="ben")], [(at(30, hours=4), "met", "by_other")]),
    (
        [wrote(at(30)), touched(at(40)), wrote(at(50))],
        [(at(30, hours=4), "met", "real_touch"), (at(50, hours=4), None, None)],
    ),
    ([wrote(at(30)), touched(at(31, hours=4))], [(at(30, hours=4), "breached", "real_touch")]),
    ([wrote(at(30), mode="bulk")], []),  # out of office
    ([wrote(at(30), channel="call", connected=True, by="ana")], []),  # called, and was answered
    ([wrote(at(30)), fact("lead.won", at(40))], [(at(30, hours=4), "cancelled", "skipped")]),
    ([wrote(at(30)), fact("lead.lost", at(40), reason="chose_other")], [(at(30, hours=4), "cancelled", "chose_other")]),
]  # fmt: skip


@pytest.mark.parametrize(("happened", "promised"), ANSWERS)
def test_what_an_answer_is_owed_for(
    happened: list[Entry], promised: list[tuple[datetime, str | None, str | None]]
) -> None:
    story = told(*WORKED, *happened)

    assert [(clock.due_at, clock.outcome, clock.why) for clock in replies(story)] == promised


def test_before_the_first_touch_the_first_touch_is_the_answer() -> None:
    assert replies(told(captured(at(0)), raised(at(0)), wrote(at(5)))) == []


def test_a_mail_to_the_owner_is_no_news_to_them() -> None:
    story = told(*WORKED, wrote(at(30)))

    assert "asked_again" not in dict(story.notices())


def test_a_late_touch_between_two_mails_gives_the_second_its_own_time() -> None:
    story = told(*WORKED, wrote(at(30)), wrote(at(60)))
    story.sleep_until(at(31, hours=4))
    assert len(story.decided("breach_announced")) == 1

    story.step(at(32, hours=4), touched(at(45)))

    assert [(c.due_at, c.outcome) for c in replies(story)] == [(at(30, hours=4), "met"), (at(60, hours=4), None)]
    assert len(story.decided("breach_retracted")) == 1
    assert story.refolded_with_tick() == story.lead


def test_a_lost_deal_goes_back_to_its_closer_within_ninety_days_and_is_handed_out_anew_later() -> None:
    lost = [*OPPORTUNITY, fact("lead.assigned", at(11), owner="ben", reason="on leave")]
    for days, owner in ((89, "ben"), (91, "ana")):
        story = told(*lost, fact("lead.lost", at(20), reason="chose_other"))
        story.last_assigned = {"ben": at(0, days=1)}  # whose turn it was not

        story.step(at(30, days=days), raised(at(30, days=days)))

        assert (story.lead.stage, story.lead.owner, len(story.lead.hand_offs)) == (Stage.ASSIGNED, owner, 2)
