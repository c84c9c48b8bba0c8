"""Back to marketing: with a reason, a date, a rest, and not for ever."""

from datetime import timedelta
from typing import Any

from leads.entries import Entry
from leads.stages import Stage
from tests.builders import Story, at, captured, fact, playbook, raised, shelf

DAY = timedelta(days=1)


def told(*entries: Entry, **rules: Any) -> Story:
    story = Story(shelf(playbook(**rules)), people=("ana", "ben"))
    story.step(at(0), captured(at(0)), raised(at(0)))
    for entry in entries:
        story.step(entry.effective_at, entry)
    return story


def round_(number: int) -> list[Entry]:
    return [fact("lead.recycled", at(5, days=number), reason="no_need"), raised(at(9, days=number))]


def test_after_three_rounds_it_is_ruled_out_until_it_asks() -> None:
    story = told(*round_(1), *round_(2), *round_(3))
    assert (story.lead.loops, story.lead.stage) == (3, Stage.ASSIGNED)

    story.step(at(days=4), fact("lead.recycled", at(days=4), reason="no_need"))

    assert (story.lead.stage, story.lead.ended_reason, story.lead.anomalies) == (
        Stage.DISQUALIFIED, "gone_round_too_often", 0,
    )  # fmt: skip
    story.step(at(days=5), raised(at(days=5)))
    assert story.lead.stage is Stage.ASSIGNED


def test_by_command_a_fourth_round_is_refused() -> None:
    story = told(*round_(1), *round_(2), *round_(3))

    refused = story.give(at(days=4), "recycle", story.lead.owner or "", reason="no_need").refusal

    assert refused == "it went back to marketing 3 times, and 3 are the most: disqualify it, or keep it"


def test_the_command_takes_a_date_or_that_of_the_reason() -> None:
    for data, wakes_at in (({}, at(5) + 180 * DAY), ({"wake_at": at(days=20)}, at(days=20))):
        story = told()

        assert story.give(at(5), "recycle", "ana", reason="no_need", **data).refusal is None

        assert (story.lead.stage, story.lead.wake_at) == (Stage.NURTURING, wakes_at)
        assert story.lead.hand_offs[0].ended_by == "ana"


def test_until_it_has_cooled_off_no_score_brings_it_back_but_a_raised_hand_does() -> None:
    keen = fact("lead.engaged", at(days=10), kind="page_viewed", points=90)
    story = told(fact("lead.recycled", at(5), reason="no_need"), keen)
    assert (story.lead.stage, story.lead.rests_until) == (Stage.NURTURING, at(5, days=30))

    story.sleep_until(at(5, days=30))

    assert story.lead.stage is Stage.ASSIGNED  # at the end of the thirty days, long before the wake-up date

    story = told(fact("lead.recycled", at(5), reason="no_need"), raised(at(days=1)))
    assert story.lead.stage is Stage.ASSIGNED
