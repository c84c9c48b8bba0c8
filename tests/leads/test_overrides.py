"""A team may promise more than all do, within bounds; never less. What it promises holds for its own new clocks."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leads.explain import explain
from leads.ladder import Step, climb
from leads.life import Life
from leads.playbook import Playbook
from leads.playbook_check import check
from leads.playbook_diff import differences
from leads.playbook_ladders import ladder_faults
from leads.playbook_overrides import override_faults
from leads.promises import ClockName
from leads.revisions import Revision, Shelf
from leads.running import Choice, Running
from leads.state import Clock
from leads.telling.changes import line_of
from tests.builders import MONDAY, Story, at, captured, fact, playbook, raised, shelf, touched
from tests.leads.test_override_refusals import DEFAULT, HOT, ROSTER, overriding


def own(override: Any, **more: Any) -> Playbook:
    """Of the default playbook, with no wait for late word, where sales overrides the first touch of hot leads."""
    d = deepcopy(DEFAULT) | {"evidence": {"lag": "PT0S"}}
    overriding(override, **more)(d)
    playbook_, faults = check(d, ROSTER)
    assert (faults, playbook_ is None) == ([], False)
    return playbook_ or playbook()


def first_touch(story: Story) -> Clock:
    return [clock for clock in story.lead.clocks.values() if clock.clock is ClockName.FIRST_TOUCH][-1]


def assigned_to(team: str, when: datetime, owner: str = "ana") -> Any:
    return fact("lead.assigned", when, owner=owner, team=team)


def started(book: Playbook, when: datetime = MONDAY, team: str = "sales") -> Story:
    story = Story(shelf(book), people=("ana",))
    story.step(when, captured(when), raised(when), assigned_to(team, when))
    return story


def rungs(story: Story, clock: Clock) -> dict[str, Step]:
    return {step.rung.rung: step for step in climb(Life(story.lead, story.shelf), clock)}


def test_a_teams_clocks_run_by_its_own_terms() -> None:
    story = started(own({"target": "PT10M", "warn_at": {"half": "20%"}}))
    clock = first_touch(story)

    assert (clock.due_at, clock.terms_of) == (at(10), "sales")
    assert rungs(story, clock)["half"].due_at == at(2)  # 20 % of 10 minutes
    assert rungs(story, clock)["manager"].due_at == at(70)


def test_another_team_has_the_terms_of_all() -> None:
    clock = first_touch(started(own({"target": "PT10M"}), team="others"))
    assert (clock.due_at, clock.terms_of) == (at(15), None)


def test_a_move_to_another_team_gives_new_clocks_its_terms_and_leaves_those_that_run() -> None:
    book = own({"target": "PT10M"}, clock="speed_to_lead")
    story = started(book)
    speed = next(c for c in story.lead.clocks.values() if c.clock is ClockName.SPEED_TO_LEAD)

    story.step(at(5), assigned_to("others", at(5), owner="otto"))

    assert (speed.due_at, speed.terms_of, speed.team) == (at(10), "sales", "others")
    assert (first_touch(story).due_at, first_touch(story).terms_of) == (at(20), None)


def test_the_effort_agreed_is_that_of_the_team_it_started_in() -> None:
    book = own({"attempts": 9}, clock="effort")
    story = started(book)
    # the first touch starts the effort, and is one of the attempts
    story.step(at(60), *(touched(at(1 + n), channel=("call", "email")[n % 2], connected=False) for n in range(8)))
    [hand_off] = story.lead.hand_offs

    assert (hand_off.effort and hand_off.effort.attempts, hand_off.is_effort_made) == (8, False)
    story.step(at(70), touched(at(70), connected=False))
    assert story.lead.hand_offs[0].is_effort_made


def test_the_page_says_that_the_team_promises_more() -> None:
    story = started(own({"target": "PT10M"}))

    told_ = explain(story.lead, story.journal, story.shelf, at(1))

    [promise] = [promise for promise in told_.promises if promise.clock == "first_touch"]
    assert promise.reckoning.sentence == "10 minutes of working time (office calendar, UTC)"
    assert promise.reckoning.notes == ("sales promises more here: for all it is 15 minutes.",)


minutes = st.integers(1, 600)
places = st.one_of(
    st.integers(1, 99).map(lambda percent: f"{percent}%"), st.integers(1, 300).map(lambda m: f"due-PT{m}M")
)
in_two_weeks = st.integers(0, 14 * 24 * 60).map(at)


@st.composite
def books(draw: st.DrawFn) -> tuple[Playbook, Playbook]:
    """The same playbook without, and with an override that passes the check."""
    org: dict[str, Any] = {"target": f"PT{draw(minutes)}M", "ladder": "one", "overridable": True}
    if draw(st.booleans()):
        org["if_arrived_closed"] = f"PT{draw(minutes)}M"
    names = st.sampled_from(["target", "if_arrived_closed"])
    override: dict[str, Any] = draw(st.dictionaries(names, minutes.map(lambda m: f"PT{m}M")))
    if draw(st.booleans()):
        override["warn_at"] = {"early": draw(places)}
    d = deepcopy(DEFAULT) | {"evidence": {"lag": "PT0S"}}
    d["ladders"]["one"] = [
        {"rung": "early", "at": draw(places), "notify": ["owner"]}, {"rung": "due", "at": "due", "notify": ["owner"]},
        {"rung": "late", "at": "due+PT30M", "notify": ["manager"]},
    ]  # fmt: skip
    d["segments"][HOT]["promises"]["first_touch"] = org
    plain = deepcopy(d)
    d["teams"] = {"sales": {"overrides": {"segments": {"hot": {"first_touch": override}}}}}
    assume(not list(override_faults(d)) and not list(ladder_faults(plain)))
    return Playbook.model_validate(plain), Playbook.model_validate(d)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(books(), in_two_weeks)
def test_an_override_never_loosens_a_promise_whenever_it_starts(
    both: tuple[Playbook, Playbook], when: datetime
) -> None:
    plain, with_own = (started(book, when) for book in both)

    assert first_touch(with_own).due_at <= first_touch(plain).due_at
    for_all, in_team = (
        {name: step.due_at for name, step in rungs(story, first_touch(story)).items()} for story in (plain, with_own)
    )
    assert for_all.keys() >= in_team.keys()
    assert all(in_team[name] <= for_all[name] for name in in_team)


def test_a_shelf_with_overrides_is_read_again_as_it_was() -> None:
    book = own({"target": "PT10M", "warn_at": {"half": "20%"}})
    assert Playbook.model_validate(book.model_dump(mode="json", by_alias=True)) == book
    assert isinstance(shelf(book), Shelf)


def test_a_difference_says_which_team_overrides_what() -> None:
    before = own({"target": "PT10M", "warn_at": {"half": "40%"}})
    after = own({"target": "PT5M", "warn_at": {"half": "20%"}}, allowed={"shortest": "PT5M"})

    assert [line_of(change) for change in differences(before, after)] == [
        "segment hot, first_touch, overridable: true → {shortest: PT5M}",
        "team sales, override of segment hot, first_touch, target: PT10M → PT5M",
        "team sales, override of segment hot, first_touch, warn_at, half: 40% → 20%",
    ]


def test_a_clock_adopts_the_terms_that_a_revision_gives_to_its_team() -> None:
    story = Story(Shelf([Revision(1, at(days=-9), own({"target": "PT14M"})), tightened(at(2))]), people=("ana",))
    story.step(MONDAY, captured(MONDAY), raised(MONDAY), assigned_to("sales", MONDAY))

    story.adopts = frozenset({2})
    story.step(at(3))

    # 2 of 14 minutes were used when the revision came into force
    assert (first_touch(story).due_at, first_touch(story).terms_of) == (at(10), "sales")


def tightened(since: datetime) -> Revision:
    return Revision(2, since, own({"target": "PT10M"}), Running(default=Choice.CARRY))
