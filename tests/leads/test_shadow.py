"""A team in shadow: all is computed and noted, nobody hears, nothing is moved; and no storm when the shadow lifts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from leads.decisions import Queued, RungSkipped
from leads.explain import explain
from leads.playbook import Playbook
from leads.promises import ClockName
from leads.revisions import Revision, Shelf
from leads.state import Outcome
from tests.builders import Story, at, captured, fact, playbook, raised, touched
from tests.retaken import retaken

LONG_AGO = at(days=-365)
HOT = (captured(at(0)), raised(at(0)))
BY_THE_CRM = fact("lead.assigned", at(1), owner="ana")


def mode(name: str, **changes: Any) -> Playbook:
    return playbook(teams={"sales": {"mode": name}}, **changes)


def then(*modes: tuple[datetime, str]) -> Shelf:
    """Sales is in these modes, each from its instant on."""
    return Shelf(Revision(number, since, mode(name)) for number, (since, name) in enumerate(modes, start=1))


SHADOW = then((LONG_AGO, "shadow"))


def lived(shelf: Shelf, *entries: Any, until: datetime) -> Story:
    story = Story(shelf)
    story.step(at(1), *entries)
    story.sleep_until(until)
    return story


def rungs(story: Story) -> dict[str, str]:
    """Of the first touch."""
    return {
        key.rpartition("/")[2]: how for key, how in story.lead.rungs.items() if key.startswith(ClockName.FIRST_TOUCH)
    }


def all_agree(story: Story) -> Iterator[str | None]:
    yield from (again.difference for again in retaken(story.lead.lead_id, story.journal, story.shelf))


def test_all_clocks_run_and_nobody_hears() -> None:
    story = lived(SHADOW, *HOT, BY_THE_CRM, until=at(days=3))

    assert story.notices() == []
    assert story.lead.owner == "ana"
    assert set(rungs(story).values()) == {"shadow"}
    assert story.decided("rung_fired") == []
    assert len(story.decided("breach_announced")) == 2  # speed to lead and first touch
    assert len(story.decided("ignored_announced")) == 1
    assert set(all_agree(story)) == {None}


def test_what_would_have_been_told_is_noted_with_who_would_have_heard() -> None:
    story = lived(SHADOW, *HOT, BY_THE_CRM, until=at(days=3))

    assert story.withheld() == [
        ("assigned", ("owner:ana",)),
        ("warning", ("owner:ana",)),
        ("breach", ("owner:ana",)),
        ("breach", ("channel:sales",)),
        ("escalation", ("manager:ana",)),
        ("ignored", ("manager:ana",)),
    ]


def test_nobody_is_given_the_lead_and_it_is_noted_who_would_have_been() -> None:
    story = lived(SHADOW, *HOT, until=at(days=3))

    [queued] = [entry.data for entry in story.decided("queued")]
    assert isinstance(queued, Queued)
    assert (queued.why, queued.queue, queued.would_give) == ("shadow", "sales", "ana")
    assert [candidate.person for candidate in queued.candidates] == ["ana", "ben", "cleo"]
    assert story.lead.owner is None
    assert story.decided("assigned") == []
    assert set(all_agree(story)) == {None}


def test_a_ladder_moves_nothing_and_it_is_noted_where_it_would_have() -> None:
    story = lived(SHADOW, captured(at(0)), fact("lead.qualified", at(0)), BY_THE_CRM, until=at(days=9))

    spared = {e.data.rung: e.data for e in story.decided("rung_skipped") if isinstance(e.data, RungSkipped)}
    assert (spared["move"].would_give, spared["move"].team) == ("ben", "sales")
    assert spared["queue"].would_queue
    assert (story.lead.owner, story.lead.hand_offs[0].hops) == ("ana", 0)
    assert set(all_agree(story)) == {None}


def test_the_crm_says_whose_it_is() -> None:
    story = lived(SHADOW, *HOT, until=at(5))

    story.step(at(6), fact("lead.assigned", at(6), owner="cleo"))

    assert (story.lead.owner, story.lead.hand_offs[0].queue) == ("cleo", None)
    assert story.withheld()[-1] == ("assigned", ("owner:cleo",))


@pytest.mark.parametrize("name", ["full", "notify_owner"])
def test_another_team_is_as_loud_as_ever(name: str) -> None:
    shelf = Shelf([Revision(1, LONG_AGO, playbook(mode=name, teams={"closers": {"mode": "shadow"}}))])
    story = lived(shelf, *HOT, BY_THE_CRM, until=at(20))

    assert ("breach", ("owner:ana",)) in story.notices()
    assert story.lead.withheld.keys() == {e.id for e in story.decided("notice_withheld") if name == "notify_owner"}


def test_what_only_those_above_the_owner_would_hear_is_withheld_where_owners_alone_are_told() -> None:
    story = Story(then((LONG_AGO, "notify_owner")), people=("ana",))
    story.step(at(1), *HOT, BY_THE_CRM)
    story.sleep_until(at(days=3))

    assert story.notices() == [("assigned", ("owner:ana",)), ("warning", ("owner:ana",)), ("breach", ("owner:ana",))]
    assert story.withheld() == [
        ("breach", ("channel:sales",)), ("escalation", ("manager:ana",)), ("ignored", ("manager:ana",)),
    ]  # fmt: skip


LIFTED_AT = at(30)
"""The lead of 09:00 was due at 09:16: its promise broke in shadow."""


def test_what_broke_in_shadow_alarms_nobody_after_it_lifts() -> None:
    story = lived(then((LONG_AGO, "shadow"), (LIFTED_AT, "full")), *HOT, BY_THE_CRM, until=at(hours=8))

    assert story.notices() == []
    # the manager's rung stands an hour past due, at 10:16, when the team is out of shadow
    assert rungs(story)["manager"] == "shadow"
    assert story.lead.owner == "ana"
    assert set(all_agree(story)) == {None}


def test_what_breaks_after_it_lifts_alarms() -> None:
    """Due at 09:16, shadow lifted at 09:10: half of the time went in shadow, the promise did not break there."""
    story = lived(then((LONG_AGO, "shadow"), (at(10), "full")), *HOT, BY_THE_CRM, until=at(20))

    assert rungs(story)["half"] == "shadow"
    assert story.notices() == [("breach", ("owner:ana",)), ("breach", ("channel:sales",))]


def test_a_step_that_comes_late_finds_what_came_due_in_shadow() -> None:
    """Nothing was looked at while the worker was away; the shadow lifted meanwhile."""
    story = Story(then((LONG_AGO, "shadow"), (LIFTED_AT, "full")))
    story.step(at(1), *HOT, BY_THE_CRM)

    story.step(at(40))

    assert story.notices() == []
    assert rungs(story) == {"half": "outage", "due": "outage", "due_channel": "outage", "move": "shadow"}


def test_a_lead_left_by_shadow_stays_in_its_queue_and_one_that_just_came_is_given_out() -> None:
    shelf = then((LONG_AGO, "shadow"), (at(60), "full"))
    old = lived(shelf, *HOT, until=at(days=2))
    just = Story(shelf)
    just.step(at(50), captured(at(50)), raised(at(50)))
    just.sleep_until(at(70))

    assert (old.lead.owner, old.lead.hand_offs[0].queue) == (None, "sales")
    assert old.notices() == [("ignored", ("team_manager:sales",))]  # that horizon passed out of shadow
    # the first look was at 09:50, the second at 10:05; in shadow it would have been Ana's turn
    assert (just.lead.owner, just.notices()[0]) == ("ben", ("assigned", ("owner:ben",)))
    assert set(all_agree(just)) == {None}


def test_going_into_shadow_quietens_what_runs() -> None:
    story = lived(then((LONG_AGO, "full"), (at(10), "shadow")), *HOT, BY_THE_CRM, until=at(hours=3))

    assert story.notices() == [("assigned", ("owner:ana",)), ("warning", ("owner:ana",))]
    assert rungs(story)["due"] == "shadow"


def test_a_false_alarm_of_shadow_needs_no_correction() -> None:
    story = lived(SHADOW, *HOT, BY_THE_CRM, until=at(20))

    story.step(at(25), touched(at(10), recorded_at=at(25)))

    assert len(story.decided("breach_retracted")) == 2
    assert story.notices() == []


def test_a_closer_in_shadow_is_not_asked_what_came_of_it_then_or_later() -> None:
    won = fact("lead.won", at(40), by="ana", opportunity="o1")
    shelf = Shelf(
        Revision(number, since, mode(name, feedback={"share_of_wins": 1.0}))
        for number, (since, name) in enumerate([(LONG_AGO, "shadow"), (at(60), "full")], start=1)
    )
    story = lived(shelf, *HOT, BY_THE_CRM, until=at(30))

    story.step(at(40), won)
    story.step(at(hours=2))

    assert [entry.data.why for entry in story.decided("feedback_spared")] == ["shadow"]  # type: ignore[attr-defined]  # by type
    assert ("feedback_asked", ("owner:ana",)) in story.withheld()
    assert story.decided("feedback_asked") == []


def test_the_books_are_kept_as_ever() -> None:
    story = lived(SHADOW, *HOT, BY_THE_CRM, until=at(20))
    story.step(at(30), touched(at(30)))

    assert {str(c.clock): c.outcome for c in story.lead.clocks.values() if c.clock == "first_touch"} == {
        "first_touch": Outcome.BREACHED
    }


def test_the_page_of_a_lead_says_that_it_stands_in_shadow() -> None:
    story = lived(SHADOW, *HOT, BY_THE_CRM, until=at(hours=2))

    told = explain(story.lead, story.journal, story.shelf, at(hours=2) + timedelta(minutes=1))

    assert told.rules.mode == "shadow"
    assert told.summary.endswith(
        "Sales stands in shadow: promises run, but nobody is told, and the CRM says whose a lead is."
    )
    [first_touch] = [promise for promise in told.promises if promise.clock == "first_touch"]
    said = {rung.rung: rung.sentence for rung in first_touch.ladder}
    assert said["half"].endswith("left out: the team stood in shadow; ana would have been reminded.")
    assert said["move"].endswith("left out: the team stood in shadow; it would have gone to ben.")


def test_the_page_of_a_lead_nobody_has_says_who_would_have_got_it() -> None:
    story = lived(SHADOW, *HOT, until=at(5))

    owner = explain(story.lead, story.journal, story.shelf, at(6)).owner

    assert owner.because is not None
    assert owner.because.sentence.endswith("out of shadow it would have gone to ana")
