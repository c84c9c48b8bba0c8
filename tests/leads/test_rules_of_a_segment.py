"""What counts as a touch, and how long a lead may stay in a stage, where a segment or a hand-off says otherwise."""

from datetime import datetime
from typing import Any

import pytest

from leads.playbook_check import check
from leads.revisions import Shelf
from leads.state import Clock
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

CALLS = {"channels": ["call"], "min_call_seconds": 60, "booked_meetings": False}


def changed(segment: str = "hot", **rules: Any) -> Shelf:
    document = playbook().model_dump(mode="json", by_alias=True)
    for found in document["segments"]:
        if found["name"] == segment:
            found.update(rules)
    if segment in document["hand_offs"]:
        document["hand_offs"][segment] |= rules
    return shelf(playbook(**document))


def first_touch(story: Story) -> Clock:
    return [clock for clock in story.lead.clocks.values() if clock.clock == "first_touch"][-1]


def stage_clock(story: Story, stage: str) -> Clock | None:
    return next((c for c in story.lead.clocks.values() if c.clock == "stage" and c.subject == stage), None)


HOT = [captured(at(0)), raised(at(0)), fact("lead.assigned", at(0), owner="ana")]
NORMAL = [captured(at(0)), fact("lead.qualified", at(0)), fact("lead.assigned", at(0), owner="ana")]


@pytest.mark.parametrize(
    ("lead", "made", "counts"),
    [
        (HOT, {"channel": "email"}, False),
        (NORMAL, {"channel": "email"}, True),  # as for all
        (HOT, {"channel": "call"}, True),  # of unknown length
        (HOT, {"channel": "call", "duration_seconds": 59}, False),
        (HOT, {"channel": "call", "duration_seconds": 60}, True),
        (NORMAL, {"channel": "call", "duration_seconds": 5}, True),
        (HOT, {"channel": "call", "mode": "bulk"}, False),  # what the segment leaves out is as for all
    ],
)
def test_a_touch_counts_by_the_rule_of_the_segment(lead: list[Any], made: dict[str, Any], *, counts: bool) -> None:
    story = Story(changed(real_touch=CALLS), people=())
    story.step(at(5), *lead, touched(at(5), **made))

    assert (first_touch(story).outcome == "met") is counts
    assert story.lead == story.refolded_with_tick()


@pytest.mark.parametrize(("lead", "counts"), [(HOT, False), (NORMAL, True)])
def test_a_meeting_agreed_counts_by_it_too(lead: list[Any], *, counts: bool) -> None:
    story = Story(changed(real_touch=CALLS), people=())
    story.step(at(5), *lead, fact("lead.meeting_booked", at(5), at=at(60).isoformat(), by="ana"))

    assert (first_touch(story).outcome == "met") is counts


def test_a_kind_of_hand_off_has_a_rule_of_its_own() -> None:
    story = Story(changed("rep_to_closer", real_touch={"channels": ["meeting"]}), people=())
    story.step(at(1), *HOT, touched(at(1)), fact("lead.assigned", at(1), owner="carl", team="closers", id_="on"))
    passed = first_touch(story)
    story.step(at(9), touched(at(5), by="carl"))

    assert passed.is_running
    story.step(at(9), touched(at(8), by="carl", channel="meeting"))
    assert first_touch(story).outcome == "met"


@pytest.mark.parametrize(
    ("lead", "limit", "due"),
    [
        (HOT, {"target": "PT2H", "ladder": "gentle"}, at(5, hours=2)),
        (NORMAL, {"target": "PT2H", "ladder": "gentle"}, at(5, days=30)),  # as for all
        (HOT, None, None),  # any time
    ],
)
def test_a_lead_may_stay_in_a_stage_as_long_as_its_segment_says(
    lead: list[Any], limit: dict[str, str] | None, due: datetime | None
) -> None:
    story = Story(changed(stages={"working": limit}), people=())
    story.step(at(5), *lead, touched(at(5)))

    clock = stage_clock(story, "working")
    assert (clock.due_at if clock else None) == due


def test_a_limit_of_a_segment_needs_none_for_all() -> None:
    document = playbook().model_dump(mode="json", by_alias=True) | {"stages": {}}
    document["segments"][1]["stages"] = {"assigned": {"target": "PT1H"}}
    story = Story(shelf(playbook(**document)), people=())
    story.step(at(0), *HOT)

    clock = stage_clock(story, "assigned")
    assert clock is not None
    assert clock.due_at == at(60)


@pytest.mark.parametrize(
    ("rules", "path", "reason"),
    [
        ({"stages": {"won": {"target": "PT1H"}}}, "segments.1.stages.won", "leads may stay there"),
        ({"stages": {"working": {"target": "PT1H", "ladder": "nix"}}}, "segments.1.stages.working.ladder", "no ladder"),
        ({"stages": {"working": {"target": "PT1H", "calendar": "x"}}}, "segments.1.stages.working.calendar", "no cal"),
        (
            {"stages": {"captured": {"target": "PT1H", "hours": "owner"}}},
            "segments.1.stages.captured.hours", "nobody in sales owns a lead there",
        ),
        ({"real_touch": {"channel": ["call"]}}, "segments.1.real_touch.channel", "there is no such key"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_with_its_place(rules: dict[str, Any], path: str, reason: str) -> None:
    document = playbook().model_dump(mode="json", by_alias=True)
    document["segments"][1] |= rules

    _, faults = check(document)

    assert [(fault.place, reason in fault.reason) for fault in faults] == [(path, True)], faults
