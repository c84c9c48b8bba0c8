"""Ladders for people: rungs apart, late word waited for by team, and whose breach it was."""

from datetime import timedelta

import pytest

from leads.decisions import RungFired
from leads.ladder import climb
from leads.life import Life
from leads.revisions import Shelf
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched


def ruled(*rungs: dict[str, object], target: str = "PT10M", **rules: object) -> Shelf:
    return shelf(playbook(
        segments=[{
            "name": "all", "team": "sales", "ignored_after": {"target": "PT27H"},
            "promises": {"first_touch": {"target": target, "ladder": "own"}},
        }],
        ladders={"own": [{"rung": f"r{n}", **rung} for n, rung in enumerate(rungs)]},
        **rules,
    ))  # fmt: skip


OWNER = {"notify": ["owner"]}
CHANNEL = {"notify": ["channel"]}
LADDERS = [
    # the places of a ladder of ten minutes                                        minutes at which they ring
    ([{"at": "50%", **OWNER}, {"at": "due", **OWNER}], [5, 10]),
    ([{"at": "80%", **OWNER}, {"at": "due", **OWNER}], [8, 13]),  # at least five minutes apart
    ([{"at": "due", **OWNER}, {"at": "due", **CHANNEL}], [10, 10]),  # one place
    ([{"at": "due", **OWNER}, {"at": "due+PT1M", **OWNER}, {"at": "due+PT2M", **OWNER}], [10, 15, 20]),
    ([{"at": "due", **OWNER}, {"at": "due+PT1M", **OWNER}, {"at": "due+PT30M", **OWNER}], [10, 15, 40]),
]


@pytest.mark.parametrize(("rungs", "minutes"), LADDERS)
def test_no_place_of_a_ladder_comes_sooner_than_five_minutes_after_the_one_before(
    rungs: list[dict[str, object]], minutes: list[float]
) -> None:
    story = Story(ruled(*rungs), people=("ana",))
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))
    story.sleep_until(at(hours=5))

    fired = [e.effective_at for e in story.decided("rung_fired") if isinstance(e.data, RungFired)]
    assert fired == [at(minute) for minute in minutes]


@pytest.mark.parametrize(
    ("evidence", "waits"),
    [
        ({"lag": "PT2M"}, 2),
        ({"lag": "PT2M", "sources": {"dialer": "PT1M", "crm": "PT10M"}, "teams": {"sales": ["dialer", "crm"]}}, 10),
        ({"lag": "PT2M", "sources": {"dialer": "PT1M"}, "teams": {"sales": ["dialer"]}}, 1),
        ({"lag": "PT2M", "sources": {"dialer": "PT1M"}, "teams": {"closers": ["dialer"]}}, 2),  # of another team
    ],
)
def test_who_is_not_the_owner_hears_once_late_word_of_this_team_would_be_there(
    evidence: dict[str, object], waits: int
) -> None:
    story = Story(ruled({"at": "due", **OWNER}, {"at": "due", **CHANNEL}, evidence=evidence), people=("ana",))
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))

    steps = climb(Life(story.lead, story.shelf), next(c for c in story.lead.running() if c.clock == "first_touch"))

    assert [step.fires_at for step in steps] == [at(10), at(10 + waits)]


def test_a_breach_stays_with_the_owner_of_its_time_and_the_next_one_promises_anew() -> None:
    story = Story(people=("ana", "ben"))
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(20))

    story.step(at(21), fact("lead.assigned", at(21), owner="ben"))  # inside the team, six minutes after it was due

    touches = [clock for clock in story.lead.clocks.values() if clock.clock == "first_touch"]
    assert [(c.owner, c.outcome, c.due_at) for c in touches] == [("ana", "breached", at(15)), ("ben", None, at(36))]
    [speed] = [clock for clock in story.lead.clocks.values() if clock.clock == "speed_to_lead"]
    assert speed.owner == "ana"  # it broke under her

    story.step(at(30), touched(at(30), by="ben"))
    assert [c.outcome for c in touches] == ["breached", "met"]


def test_somebody_absent_is_not_given_a_lead_by_a_ladder_and_hops_are_bounded() -> None:
    story = Story(people=("ana", "ben", "cleo", "dora"))
    story.absent = {"ben"}
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(hours=8))

    owners = [e.data.owner for e in story.decided("assigned")]  # type: ignore[attr-defined]  # by type
    assert owners == ["ana", "cleo", "dora"]  # two hops are the most


def test_an_absence_moves_no_due_instant() -> None:
    here, away = Story(people=("ana", "ben")), Story(people=("ana", "ben"))
    for story in (here, away):
        story.step(at(0), captured(at(0)), raised(at(0)))
    away.absent = {"ana"}
    for story in (here, away):
        story.sleep_until(at(14))

    assert [c.due_at for c in here.lead.clocks.values()] == [c.due_at for c in away.lead.clocks.values()]
    assert timedelta(minutes=15) == next(c.due_at - c.started_at for c in away.lead.running())
