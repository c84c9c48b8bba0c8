"""Forward facts always apply: from every stage to every later one. Only contradictions are anomalies."""

from datetime import datetime

import pytest

from leads.entries import Entry
from leads.stages import PATH, Stage
from tests.builders import Story, at, captured, fact, touched

TO_REACH: dict[Stage, list[Entry]] = {
    Stage.CAPTURED: [captured(at(0))],
    Stage.NURTURING: [captured(at(0)), fact("lead.recycled", at(2), reason="no_need")],
    Stage.QUALIFIED: [captured(at(0)), fact("lead.qualified", at(2))],
    Stage.ASSIGNED: [captured(at(0)), fact("lead.assigned", at(2), owner="ana")],
    Stage.ACCEPTED: [captured(at(0)), fact("lead.assigned", at(1), owner="ana"), fact("lead.accepted", at(2))],
    Stage.WORKING: [captured(at(0)), fact("lead.assigned", at(1), owner="ana"), touched(at(2))],
    Stage.OPPORTUNITY: [captured(at(0)), fact("lead.opportunity_opened", at(2), by="ana")],
    Stage.WON: [captured(at(0)), fact("lead.won", at(2))],
}
"""A short way to each stage."""


def says(stage: Stage, when: datetime) -> list[Entry]:
    """What a system reports when a lead is in a stage, and nothing it has skipped."""
    return {
        Stage.NURTURING: [fact("lead.recycled", when, reason="no_need")],
        Stage.QUALIFIED: [fact("lead.qualified", when)],
        Stage.ASSIGNED: [fact("lead.assigned", when, owner="ben")],
        Stage.ACCEPTED: [fact("lead.accepted", when, by="ben")],
        Stage.WORKING: [fact("lead.assigned", when, owner="ben"), touched(when, by="ben")],
        Stage.OPPORTUNITY: [fact("lead.opportunity_opened", when, by="ben")],
        Stage.WON: [fact("lead.won", when, by="ben")],
    }[stage]


def in_stage(stage: Stage) -> Story:
    """With nobody at work, so that only facts move it."""
    story = Story(people=())
    story.step(at(3), *TO_REACH[stage])
    assert story.lead.stage is stage
    return story


STAGES = [stage for stage in PATH if stage is not Stage.PROVISIONAL]
FORWARD = [(origin, target) for n, origin in enumerate(STAGES) for target in STAGES[n + 1 :]]


@pytest.mark.parametrize(("origin", "target"), FORWARD)
def test_every_later_stage_can_be_reached_at_once(origin: Stage, target: Stage) -> None:
    story = in_stage(origin)

    story.step(at(5), *says(target, at(4)))

    assert story.lead.stage is target
    assert story.lead.anomalies == 0
    running = {str(clock.clock) for clock in story.lead.running()}
    skipped = (
        {"speed_to_lead", "accept", "first_touch", "effort"} if target in (Stage.OPPORTUNITY, Stage.WON) else set()
    )
    assert not running & skipped  # nothing that was skipped is still promised
    assert {"breached", "dodged"}.isdisjoint(clock.outcome for clock in story.lead.clocks.values())


@pytest.mark.parametrize("origin", [*STAGES[:-1], Stage.WON])
def test_every_stage_can_be_lost(origin: Stage) -> None:
    story = in_stage(origin)

    story.step(at(5), fact("lead.lost", at(4), reason="chose_other"))

    assert (story.lead.stage, story.lead.anomalies, story.lead.hand_off) == (Stage.LOST, 0, None)


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Stage.NURTURING, fact("lead.rejected", at(4), reason="no_fit")),  # nobody has it
        (Stage.WON, fact("lead.accepted", at(4), by="ben")),
        (Stage.WON, fact("lead.assigned", at(4), owner="ben")),
        (Stage.WON, fact("lead.recycled", at(4), reason="no_need")),
        (Stage.WON, fact("lead.disqualified", at(4), reason="no_fit")),
        (Stage.OPPORTUNITY, fact("lead.reopened", at(4))),  # it is open
    ],
)
def test_a_contradiction_is_noted_and_changes_nothing(origin: Stage, said: Entry) -> None:
    story = in_stage(origin)

    story.step(at(5), said)

    assert (story.lead.stage, story.lead.anomalies) == (origin, 1)


def test_a_late_win_credits_the_hand_off_it_came_of_and_skips_what_was_promised() -> None:
    story = in_stage(Stage.ASSIGNED)

    story.step(at(5), fact("lead.won", at(4)))

    [hand_off] = story.lead.hand_offs
    assert (hand_off.result, hand_off.opportunity_at) == ("won", at(4))
    assert {c.why for c in story.lead.clocks.values() if c.outcome == "cancelled"} == {"skipped"}
