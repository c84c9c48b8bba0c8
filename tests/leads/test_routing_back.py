"""Who knows the buyer gets the lead again: the rep, or the closer in another team."""

from datetime import datetime

import pytest

from tests.builders import at, captured, fact, raised, shelf, touched
from tests.paper import PaperStory

TO_CARL = fact("lead.assigned", at(20), owner="carl", team="closers", by="ana")
LOST = fact("lead.lost", at(60), by="carl", reason="chose_other")


def lost_by_the_closer() -> PaperStory:
    story = PaperStory(shelf())
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.step(at(5), touched(at(5), connected=True))
    story.step(at(20), TO_CARL)
    story.step(at(60), touched(at(50), by="carl", connected=True), LOST)
    return story


@pytest.mark.parametrize(
    ("again", "owner", "team"),
    [
        (at(days=30), "carl", "closers"),  # a closer's own deal, within 90 days
        (at(days=100), "ben", "sales"),  # forgotten: the next in turn of the segment's team
    ],
)
def test_a_lost_deal_goes_back_to_its_closer_while_the_memory_is_fresh(again: datetime, owner: str, team: str) -> None:
    story = lost_by_the_closer()
    story.sleep_until(again)
    story.step(again, raised(again))

    hand_off = story.lead.hand_offs[-1]
    assert (hand_off.kind, hand_off.owner, hand_off.team) == ("re_inquiry", owner, team)


def test_a_closer_who_is_away_leaves_it_to_the_team_of_the_segment() -> None:
    story = lost_by_the_closer()
    story.absent = {"carl"}
    story.step(at(days=30), raised(at(days=30)))

    hand_off = story.lead.hand_offs[-1]
    assert (hand_off.owner, hand_off.team) == ("ana", "sales")  # who had it before him


def test_another_closer_does_not_get_it_in_his_place() -> None:
    story = lost_by_the_closer()
    story.absent = {"carl", "ana"}
    story.step(at(days=30), raised(at(days=30)))

    assert story.lead.hand_offs[-1].owner == "ben"
