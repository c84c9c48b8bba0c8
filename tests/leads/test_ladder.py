"""Ladders: where each rung stands, when it may fire, and that each fires at most once."""

from datetime import datetime
from typing import Any

import pytest

from leads.decisions import NoticeIssued, RungFired, RungSkipped
from leads.ladder import climb
from leads.life import Life
from leads.revisions import Shelf
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

HOT = [captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ana")]
NORMAL = [captured(at(0)), fact("lead.qualified", at(0)), fact("lead.assigned", at(0), owner="ana")]


def with_lag(lag: str, **changes: Any) -> Shelf:
    return shelf(playbook(evidence={"lag": lag, "late_after": "PT1H"}, **changes))


def one_ladder(*rungs: dict[str, Any], lag: str = "PT0S", **changes: Any) -> Shelf:
    """Every lead gets a first touch of 60 minutes under this ladder."""
    segment = {
        "name": "all", "team": "sales", "ignored_after": {"target": "PT90H"},
        "promises": {"first_touch": {"target": "PT60M", "ladder": "one"}},
    }  # fmt: skip
    return with_lag(lag, segments=[segment], ladders={"one": list(rungs)}, **changes)


def rung(name: str, place: str, **does: Any) -> dict[str, Any]:
    return {"rung": name, "at": place} | (does or {"notify": ["owner"]})


def rungs_of(story: Story) -> dict[str, tuple[datetime, datetime]]:
    life = Life(story.lead, story.shelf)
    return {
        step.rung.rung: (step.due_at, step.fires_at) for clock in story.lead.running() for step in climb(life, clock)
    }


def fired(story: Story) -> list[tuple[str, datetime]]:
    return [(e.data.rung, e.effective_at) for e in story.decided("rung_fired") if isinstance(e.data, RungFired)]


def skipped(story: Story) -> list[tuple[str, str]]:
    return [(e.data.rung, e.data.why) for e in story.decided("rung_skipped") if isinstance(e.data, RungSkipped)]


def test_where_the_rungs_of_a_hot_lead_stand() -> None:
    story = Story(with_lag("PT2M"), people=())
    story.step(at(1), *HOT)  # owner at 09:01, 15 minutes, due 09:16

    assert rungs_of(story) == {
        "half": (at(8.5), at(8.5)),  # 1 + 50 % of 15 = 1 + 7.5
        "due": (at(16), at(16)),
        "due_channel": (at(16), at(18)),  # above the owner: + 2 min for late evidence
        "move": (at(26), at(28)),  # due + 10, + 2
        "manager": (at(76), at(78)),  # due + 60, + 2
    }


def test_where_the_rungs_of_a_normal_lead_stand() -> None:
    story = Story(with_lag("PT2M"), people=())
    story.step(at(0), *NORMAL)  # owner Monday 09:00, 8 working hours of 9 a day

    assert rungs_of(story) == {
        "three_quarters": (at(hours=6), at(hours=6)),  # 75 % of 8 h
        "due": (at(hours=8), at(hours=8)),  # Monday 17:00
        "manager": (at(hours=3, days=1), at(2, hours=3, days=1)),  # 8 + 4 = 12 h: 9 today, 3 on Tuesday
        "move": (at(hours=8, days=1), at(2, hours=8, days=1)),  # 8 + 9 = 17 h: 9 + 8
        "queue": (at(hours=9, days=2), at(2, hours=9, days=2)),  # 8 + 19 = 27 h fill three days: closing time
    }


@pytest.mark.parametrize(
    ("place", "due"),
    [
        ("1%", at(0.6)),  # of 60 minutes
        ("99%", at(59.4)),
        ("due-PT15M", at(45)),
        ("due-PT2H", at(0)),  # before the start is at the start
        ("due+PT9H", at(60, days=1)),  # one working day later
    ],
)
def test_fractions_and_offsets_run_in_the_clocks_calendar(place: str, due: datetime) -> None:
    story = Story(one_ladder(rung("x", place), rung("last", "due+PT20H")))
    story.step(at(-60), captured(at(-60)), fact("lead.qualified", at(-60)))  # before opening; assigned at once

    assert rungs_of(story)["x"][0] == due


def test_a_ladder_climbed_alone_fires_each_rung_once_and_at_its_instant() -> None:
    story = Story(people=("ana",))
    story.step(at(1), *HOT)

    story.sleep_until(at(hours=8))

    assert fired(story) == [("half", at(8.5)), ("due", at(16)), ("due_channel", at(16)), ("manager", at(76))]
    assert skipped(story) == [("move", "nobody_left")]  # there is only ana
    assert story.notices() == [
        ("assigned", ("owner:ana",)),
        ("warning", ("owner:ana",)),
        ("breach", ("owner:ana",)),
        ("breach", ("channel:sales",)),
        ("escalation", ("manager:ana",)),
    ]


@pytest.mark.parametrize(
    ("wakes_at", "fires", "skips"),
    [
        (at(10), ["half"], []),
        (at(20), ["due", "due_channel"], ["half"]),  # at one instant: together
        (at(30), ["move"], ["half", "due", "due_channel"]),
        (at(100), ["manager"], ["half", "due", "due_channel", "move"]),
    ],
)
def test_after_an_outage_only_the_highest_due_rung_fires(
    wakes_at: datetime, fires: list[str], skips: list[str]
) -> None:
    story = Story()
    story.step(at(1), *HOT)

    story.step(wakes_at)

    assert [name for name, _ in fired(story)] == fires
    assert skipped(story) == [(name, "outage") for name in skips]


def test_rungs_of_one_instant_stand_together_though_one_waits_for_evidence() -> None:
    story = Story(with_lag("PT2M"))
    story.step(at(1), *HOT)

    story.step(at(20))  # due at 16 for the owner, at 18 for the channel; asleep from 1 to 20

    assert [name for name, _ in fired(story)] == ["due", "due_channel"]


def test_evidence_that_comes_within_the_lag_keeps_everybody_above_the_owner_calm() -> None:
    story = Story(with_lag("PT2M"))
    story.step(at(1), *HOT)
    story.sleep_until(at(16))

    story.step(at(17), touched(at(15)))
    story.sleep_until(at(hours=8))

    assert story.notices() == [
        ("assigned", ("owner:ana",)),
        ("warning", ("owner:ana",)),
        ("breach", ("owner:ana",)),
        ("retraction", ("owner:ana",)),
    ]


def test_no_rung_fires_for_a_promise_kept_however_late_one_looks() -> None:
    story = Story()

    story.step(at(hours=8), *HOT, touched(at(5)))

    assert (fired(story), skipped(story)) == ([], [])


def test_all_notices_of_a_rung_name_roles_of_the_clocks_owner_and_team() -> None:
    everyone = ["owner", "deputy", "manager", "team", "channel"]
    story = Story(one_ladder(rung("all", "due", notify=everyone)), people=("ana",))
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))

    story.sleep_until(at(60))

    assert story.notices()[-1] == (
        "breach", ("owner:ana", "deputy:ana", "manager:ana", "team:sales", "channel:sales"),
    )  # fmt: skip


def test_without_an_owner_the_whole_team_hears() -> None:
    promises = {"assign": {"target": "PT10M", "ladder": "one"}}
    segment = {"name": "all", "team": "sales", "ignored_after": {"target": "PT90H"}, "promises": promises}
    ladders = {"one": [rung("due", "due", notify=["owner", "manager"])]}
    story = Story(shelf(playbook(segments=[segment], ladders=ladders)), people=())
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))

    story.sleep_until(at(10))

    assert story.notices()[-1] == ("breach", ("team:sales", "team_manager:sales"))


@pytest.mark.parametrize(
    ("mode", "heard"),
    [
        ("notify_owner", ["assigned owner:ana", "warning owner:ana", "breach owner:ana"]),
        (
            "full",
            ["assigned owner:ana", "warning owner:ana", "breach owner:ana", "breach channel:sales",
             "escalation manager:ana", "ignored manager:ana"],
        ),
    ],
)  # fmt: skip
def test_who_hears_depends_on_the_mode_and_the_books_do_not(mode: str, heard: list[str]) -> None:
    story = Story(shelf(playbook(mode=mode)), people=("ana",))
    story.step(at(1), *HOT)

    story.sleep_until(at(days=3))

    assert [f"{template} {','.join(to)}" for template, to in story.notices()] == heard
    assert [name for name, _ in fired(story)] == ["half", "due", "due_channel", "manager"]
    assert len(story.decided("breach_announced")) == 2  # speed to lead and first touch
    assert len(story.decided("ignored_announced")) == 1


def test_a_rung_with_a_reader_fires_though_nobody_is_left_to_take_the_lead() -> None:
    story = Story(one_ladder(rung("move", "due", notify=["manager"], reassign=True)), people=("ana",))
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))

    story.sleep_until(at(60))

    assert [name for name, _ in fired(story)] == ["move"]
    assert story.notices()[-1] == ("breach", ("manager:ana",))
    assert story.lead.owner == "ana"


def test_a_rung_notice_names_its_rung_and_the_owner_of_its_time() -> None:
    story = Story(people=("ana",))
    story.step(at(1), *HOT)
    story.sleep_until(at(9))

    notice = story.decided("notice_issued")[-1].data

    assert isinstance(notice, NoticeIssued)
    assert (notice.rung, notice.owner, notice.about) == ("half", "ana", story.lead.running()[-1].key)


@pytest.mark.parametrize("move", [{"reassign": True}, {"to_queue": True}])
def test_a_rung_that_moves_the_lead_is_heard_by_whoever_it_names(move: dict[str, Any]) -> None:
    """Though the promise that it tells of ends in the same step."""
    story = Story(one_ladder(rung("move", "due", notify=["manager"], **move)))
    story.step(at(0), *NORMAL)
    story.sleep_until(at(60))
    (breach,) = (name for name, notice in story.lead.notices.items() if notice.template == "breach")

    story.undone = frozenset({breach})  # the mail server takes its time
    story.step(at(65))

    assert story.lead.notices[breach].to == ["manager:ana"]
    assert story.lead.owner != "ana"
    assert story.decided("notice_withdrawn") == []
