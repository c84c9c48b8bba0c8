"""Waiving a promise: for managers, with a reason; it counts neither way, and what was said of it stays said."""

import pytest

from tests.builders import Story, at, captured, playbook, raised, shelf

NOBODYS_OWN = "nobody waives a promise of their own: ask your manager"
NOT_YOURS = "only the manager of ana may waive it, or whom the playbook names under waiving"


def told() -> Story:
    story = Story(shelf(playbook(waiving={"also": ["ops"]})), people=("ana",))
    story.step(at(0), captured(at(0)), raised(at(0)))
    return story


@pytest.mark.parametrize(
    ("actor", "clock", "refused"),
    [
        ("mira", "first_touch", None),  # the manager
        ("ops", "first_touch", None),  # named in the playbook
        ("ana", "first_touch", NOBODYS_OWN),
        ("ben", "first_touch", NOT_YOURS),
        ("mira", "reply", "no promise reply is running; running are: first_touch, speed_to_lead"),
        ("ana", "speed_to_lead", NOBODYS_OWN),
    ],
)
def test_who_may_waive_what(actor: str, clock: str, refused: str | None) -> None:
    assert told().give(at(5), "waive", actor, clock=clock, reason="outage").refusal == refused


def test_it_counts_neither_way_and_nobody_is_alarmed_any_more() -> None:
    story = told()

    story.give(at(5), "waive", "mira", clock="first_touch", reason="outage")
    story.sleep_until(at(hours=5))

    [clock] = [c for c in story.lead.clocks.values() if c.clock == "first_touch"]
    assert (clock.outcome, clock.why, clock.ended_at) == ("waived", "outage", at(5))
    assert story.decided("rung_fired") == []


def test_what_was_announced_stays_announced() -> None:
    story = told()
    story.sleep_until(at(20))

    story.give(at(20), "waive", "mira", clock="first_touch", reason="outage")
    story.sleep_until(at(hours=5))

    assert len(story.decided("breach_retracted")) == 0
    assert story.refolded_with_tick() == story.lead
