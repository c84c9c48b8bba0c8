"""How a team shares its leads out: by weight, within limits, among those who are there, fairly after an absence."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.playbook_routing import Fairness, Method, Present, Sharing
from leads.routing import Choice, Knows, Member, Wanted, choose, member_of
from tests.builders import at

NOON = at(hours=3)


def given_out(
    members: list[Member], count: int, sharing: Sharing, *, since: datetime = NOON, away: frozenset[str] = frozenset()
) -> tuple[list[Member], list[str]]:
    """The members after so many leads, a minute apart, and who got them."""
    got: list[str] = []
    for number in range(count):
        now = since + timedelta(minutes=number)
        seen = [replace(m, is_absent=m.person in away) for m in members]
        choice = choose(seen, Wanted(now, sharing))
        if choice.person is None:
            continue
        got.append(choice.person)
        members = [_after(m, choice, now) if m.person == choice.person else m for m in members]
    return members, got


def _after(member: Member, choice: Choice, now: datetime) -> Member:
    return replace(
        member, place=choice.place, owed=choice.owed, last_assigned_at=now, was_away=False,
        open_leads=member.open_leads + 1, new_today=member.new_today + 1, untouched=member.untouched + 1,
    )  # fmt: skip


def team(*weights: int, **roster: Any) -> list[Member]:
    return [Member(f"p{n}", n, weight=weight, place=0, last_assigned_at=at(0), **roster)
            for n, weight in enumerate(weights)]  # fmt: skip


WEIGHTS = st.lists(st.integers(1, 9), min_size=1, max_size=6)
SHARINGS = st.builds(Sharing, method=st.sampled_from(Method), after_absence=st.sampled_from(Fairness))


@settings(max_examples=60, deadline=None)
@given(weights=WEIGHTS, sharing=SHARINGS, rounds=st.integers(1, 4))
def test_shares_follow_the_weights(weights: list[int], sharing: Sharing, rounds: int) -> None:
    _, got = given_out(team(*weights), rounds * sum(weights), sharing)

    for number, weight in enumerate(weights):
        # a stride is cut to whole millionths, which in so few leads is less than one of them
        assert abs(got.count(f"p{number}") - rounds * weight) <= 1


@settings(max_examples=60, deadline=None)
@given(limits=st.lists(st.integers(0, 5), min_size=1, max_size=6), which=st.integers(0, 2), sharing=SHARINGS)
def test_nobody_is_ever_given_more_than_their_limit(limits: list[int], which: int, sharing: Sharing) -> None:
    names = ("max_open_leads", "max_new_leads_per_day")
    members = team(*[1] * len(limits))
    if which < 2:
        limited: list[dict[str, Any]] = [{names[which]: most} for most in limits]
        members = [replace(m, **limit) for m, limit in zip(members, limited, strict=True)]
    cap = 3 if which == 2 else None
    got: list[str | None] = []
    for number in range(sum(limits) + 20):
        choice = choose(members, Wanted(NOON + timedelta(minutes=number), sharing, most_untouched=cap))
        got.append(choice.person)
        members = [_after(m, choice, NOON) if m.person == choice.person else m for m in members]

    for member, most in zip(members, limits, strict=True):
        assert got.count(member.person) == (3 if which == 2 else most)


@settings(max_examples=60, deadline=None)
@given(weights=WEIGHTS, sharing=SHARINGS, away=st.sets(st.integers(0, 5)), left=st.sets(st.integers(0, 5)))
def test_nobody_who_is_away_or_has_left_is_given_anything(
    weights: list[int], sharing: Sharing, away: set[int], left: set[int]
) -> None:
    members = [replace(m, is_active=m.position not in left) for m in team(*weights)]
    absent = frozenset(f"p{n}" for n in away)

    _, got = given_out(members, 30, sharing, away=absent)

    gone = absent | {f"p{n}" for n in left}
    assert not gone & set(got)
    assert len(got) == (30 if {m.person for m in members} - gone else 0)


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    missed=st.integers(1, 40),
    method=st.sampled_from(Method),
)
def test_who_keeps_their_place_gets_no_more_than_their_share_after_an_absence(
    weights: list[int], missed: int, method: Method
) -> None:
    sharing = Sharing(method=method, after_absence=Fairness.KEEP_PLACE)
    members, _ = given_out(team(*weights), missed, sharing, away=frozenset({"p0"}))
    members = [replace(m, was_away=m.person == "p0") for m in members]

    _, got = given_out(members, 3 * sum(weights), sharing, since=NOON + timedelta(hours=2))

    assert abs(got.count("p0") - 3 * weights[0]) <= 1 + max(weights) / min(weights)


@pytest.mark.parametrize(
    ("sharing", "first"),
    [
        (Sharing(after_absence=Fairness.CATCH_UP, most_to_catch_up=3), ["p0", "p0", "p0", "p0"]),  # 3, and the turn
        (Sharing(after_absence=Fairness.KEEP_PLACE), ["p0", "p1", "p2", "p0"]),
        (Sharing(method=Method.COUNT, after_absence=Fairness.CATCH_UP), ["p0"] * 4),  # until all have five
        (Sharing(method=Method.COUNT, after_absence=Fairness.KEEP_PLACE), ["p0", "p1", "p2", "p0"]),
    ],
)
def test_what_somebody_gets_who_comes_back_after_ten_leads(sharing: Sharing, first: list[str]) -> None:
    members, _ = given_out(team(1, 1, 1), 10, sharing, away=frozenset({"p0"}))
    members = [replace(m, was_away=m.person == "p0") for m in members]

    assert given_out(members, 4, sharing, since=NOON + timedelta(hours=2))[1] == first


@pytest.mark.parametrize(
    ("sharing", "most_in_a_row"),
    [
        (Sharing(), 1),
        (Sharing(joiners=Fairness.CATCH_UP, most_to_catch_up=2), 3),
        (Sharing(method=Method.COUNT), 1),
        (Sharing(method=Method.COUNT, joiners=Fairness.CATCH_UP), 6),  # six each have been given in the period
    ],
)
def test_a_joiner_joins_the_round_or_catches_up(sharing: Sharing, most_in_a_row: int) -> None:
    members, _ = given_out(team(1, 1), 12, sharing)

    _, got = given_out([*members, Member("new", 2)], 9, sharing, since=NOON + timedelta(hours=1))

    others = [place for place, person in enumerate(got) if person != "new"]
    runs = [got[: others[0]], *(got[a + 1 : b] for a, b in pairwise(others))]
    assert max(map(len, runs)) == most_in_a_row


def test_the_count_begins_anew_with_each_period() -> None:
    sharing = Sharing(method=Method.COUNT)
    ana = Member("ana", 0, place=9_000_000, last_assigned_at=at(days=-5))  # nine last week
    ben = Member("ben", 1, place=1_000_000, last_assigned_at=at(0))  # one this week

    assert choose([ana, ben], Wanted(NOON, sharing, period_from=at(days=-1))).person == "ana"
    assert choose([ana, ben], Wanted(NOON, sharing, period_from=at(days=-7))).person == "ben"


def test_a_turn_that_is_owed_comes_before_all_others_and_costs_none() -> None:
    ana = Member("ana", 0, place=5_000_000, owed=1, last_assigned_at=at(1))
    ben = Member("ben", 1, place=5_000_000, last_assigned_at=at(0))

    choice = choose([ana, ben], Wanted(NOON))

    assert (choice.person, choice.place, choice.owed) == ("ana", 5_000_000, 0)


LATER, DUE = at(hours=9), at(hours=5)


@pytest.mark.parametrize(
    ("present", "here_from", "skipped"),
    [
        (Present.ANYONE, LATER, None),
        (Present.AT_WORK, NOON, None),
        (Present.AT_WORK, DUE, "not_at_work"),
        (Present.AT_WORK, None, "not_at_work"),
        (Present.IN_TIME, NOON, None),
        (Present.IN_TIME, DUE - timedelta(minutes=1), None),
        (Present.IN_TIME, DUE, "too_late"),  # comes as it is due: nothing is left
        (Present.IN_TIME, None, "too_late"),
    ],
)
def test_who_is_there(present: Present, here_from: datetime | None, skipped: str | None) -> None:
    choice = choose([Member("ana", 0, here_from=here_from)], Wanted(NOON, Sharing(present=present), due_at=DUE))

    assert choice.candidates[0].skipped == skipped


@pytest.mark.parametrize(
    ("member", "chosen"),
    [
        (Member("ana", 0), "ana"),
        (Member("ana", 0, max_open_leads=1, open_leads=1), "ana"),  # the work on it is theirs already
        (Member("ana", 0, here_from=LATER), "ana"),
        (Member("ana", 0, is_absent=True), "ben"),
        (Member("ana", 0, is_active=False), "ben"),
    ],
)
def test_who_has_reached_out_already_gets_it_though_full(member: Member, chosen: str) -> None:
    wanted = Wanted(NOON, Sharing(present=Present.AT_WORK))
    ben = Member("ben", 1, here_from=NOON)

    assert choose([member, ben], wanted, prefer=[Knows("ana", "sales", "touched", is_firm=True)]).person == chosen


def test_a_candidate_holds_all_that_was_known_of_the_member() -> None:
    member = Member(
        "ana", 0, weight=3, place=7, owed=1, assigned_count=4, last_assigned_at=at(0), was_away=True, open_leads=2,
        max_open_leads=9, new_today=1, max_new_leads_per_day=3, untouched=1, here_from=NOON, skills=("german",),
        territories=("DE",),
    )  # fmt: skip
    [candidate] = choose([member], Wanted(NOON)).candidates

    read_again = type(candidate).model_validate_json(candidate.model_dump_json())
    assert member_of(read_again, 0) == member
    assert type(candidate)(person="ben").model_dump() == {"person": "ben"}  # what is by default is not written
