"""Who gets a lead: the next in turn, sticky to whoever knows the buyer; and how a lead waits when nobody can."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from leads.decisions import Assigned, Queued
from leads.routing import Knows, Member, Wanted, choose
from leads.waiting import next_look
from tests.builders import Story, at, captured, fact, raised, touched

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def member(person: str, position: int, last: int | None = None, **how: Any) -> Member:
    return Member(person, position, last_assigned_at=None if last is None else DAY + timedelta(hours=last), **how)


ANA, BEN, CLEO = member("ana", 0, 9), member("ben", 1, 8), member("cleo", 2, 10)


@pytest.mark.parametrize(
    ("members", "without", "prefer", "chosen"),
    [
        ([ANA, BEN, CLEO], [], [], "ben"),  # had one longest ago
        ([ANA, BEN, CLEO], ["ben"], [], "ana"),
        ([ANA, BEN, CLEO], ["ben", "ana"], [], "cleo"),
        ([ANA, BEN, CLEO], ["ben", "ana", "cleo"], [], None),
        ([ANA, BEN, CLEO], [], ["cleo"], "cleo"),
        ([ANA, BEN, CLEO], [], ["zoe", "cleo", "ana"], "cleo"),  # the first of them who is there
        ([ANA, BEN, CLEO], ["cleo"], ["cleo"], "ben"),  # who gave it back is not preferred
        ([ANA, BEN, member("dora", 3)], [], [], "dora"),  # never had one
        ([member("dora", 3), member("emil", 1)], [], [], "emil"),  # both new: by place in the team
        ([member("ben", 1, 8, is_absent=True), ANA], [], ["ben"], "ana"),
        ([member("ben", 1, 8, is_active=False), ANA], [], ["ben"], "ana"),
        ([], [], ["ana"], None),
    ],
)
def test_who_is_chosen(members: list[Member], without: list[str], prefer: list[str], chosen: str | None) -> None:
    knows = [Knows(person, "sales", "former_owner") for person in prefer]

    assert choose(members, Wanted(DAY), without=without, prefer=knows).person == chosen


def test_why_the_others_were_passed_over_is_kept() -> None:
    members = [member("ana", 0, is_active=False), member("ben", 1, is_absent=True), CLEO, member("dora", 3)]

    choice = choose(members, Wanted(DAY), without=["cleo"])

    assert [(c.person, c.skipped) for c in choice.candidates] == [
        ("ana", "left"), ("ben", "absent"), ("cleo", "had it before"), ("dora", None),
    ]  # fmt: skip


def test_leads_go_round_the_team_in_turn() -> None:
    last: dict[str, datetime] = {}
    owners = []
    for minute in range(5):
        story = Story()
        story.last_assigned = last
        story.step(at(minute), captured(at(minute)), raised(at(minute)))
        owners.append(story.lead.owner)

    assert owners == ["ana", "ben", "cleo", "ana", "ben"]


def test_who_has_touched_it_already_gets_it() -> None:
    story = Story()

    story.step(at(3), captured(at(0)), raised(at(1)), touched(at(2), by="cleo"))

    assert (story.lead.owner, story.lead.stage) == ("cleo", "working")


def test_the_decision_keeps_what_it_saw_and_who_could_have_had_it() -> None:
    story = Story()
    story.absent = {"ana"}
    story.step(at(1), captured(at(0)), raised(at(0)))

    [decision] = [e.data for e in story.decided("assigned") if isinstance(e.data, Assigned)]
    assert (decision.saw, decision.revision, decision.owner) == (2, 1, "ben")
    assert [(c.person, c.skipped) for c in decision.candidates] == [("ana", "absent"), ("ben", None), ("cleo", None)]


def test_a_lead_nobody_can_take_waits_where_it_is_seen_and_the_team_is_told_once() -> None:
    story = Story()
    story.absent = {"ana", "ben", "cleo"}
    story.step(at(0), captured(at(0)), raised(at(0)))

    story.sleep_until(at(days=100))

    [decision] = [e.data for e in story.decided("queued") if isinstance(e.data, Queued)]
    assert (decision.queue, decision.why, decision.retry_at) == ("sales", "nobody_free", at(15))
    assert [notice for notice in story.notices() if notice[0] == "unassigned"] == [
        ("unassigned", ("team:sales", "team_manager:sales")),
    ]
    assert len(story.journal) < 15  # looking in vain is not journalled


def test_whoever_comes_back_gets_it_at_the_next_look() -> None:
    story = Story()
    story.absent = {"ana", "ben", "cleo"}
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(40))
    story.absent = set()

    story.sleep_until(at(hours=1))

    # looks at 15, 15 + 30 = 45 minutes
    assert [(e.data.owner, e.effective_at) for e in story.decided("assigned") if isinstance(e.data, Assigned)] == [
        ("ana", at(45)),
    ]


def test_looks_are_ever_further_apart_and_a_day_at_most() -> None:
    story = Story(people=())
    story.step(at(0), captured(at(0)), raised(at(0)))
    [hand_off] = story.lead.hand_offs
    looks, now = [at(0)], at(0)
    for _ in range(12):
        look = next_look(hand_off, now)
        assert look is not None
        looks.append(look)
        now = look

    waits = [(later - earlier) // timedelta(minutes=1) for earlier, later in pairwise(looks)]
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440, 1440, 1440]
    assert next_look(hand_off, at(1)) == at(15)
    ages = at(days=20_000)  # of one lead nobody ever took, found without counting every day
    later = next_look(hand_off, ages)
    assert later is not None
    assert timedelta() < later - ages <= timedelta(days=1)


def test_a_lead_put_into_a_queue_by_a_person_waits_for_a_person() -> None:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.give(at(1), "reassign", "boss", team="sales")

    story.sleep_until(at(days=10))

    assert (story.lead.owner, story.lead.hand_offs[0].queue_why) == (None, "reassigned")
    assert story.turn is not None
    assert story.turn.wake_at is not None


def test_owners_nobody_knows_are_taken_at_the_senders_word() -> None:
    story = Story()

    story.step(at(2), captured(at(0)), fact("lead.assigned", at(1), owner="agency-7"), touched(at(2), by="stranger"))

    assert (story.lead.owner, story.lead.stage) == ("agency-7", "working")
