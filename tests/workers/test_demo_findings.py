"""What is read from a lead and its timeline: a table of lives, each with what it must come to."""

from datetime import timedelta
from typing import Any

import pytest

from tests.workers.demo_lives import (
    ASSIGNED,
    BROKEN,
    KEPT,
    MOVED,
    OVERDUE,
    PASSED_ON,
    WARNED,
    at,
    clock,
    decision,
    hand_off,
    lead,
    line,
)
from workers.demo.findings import story_of
from workers.demo.story import Promise, Story

# what it is called, the lead, its timeline after it was assigned, what must be true; all else must not
LIVES: list[tuple[str, dict[str, Any], list[dict[str, Any]], set[str]]] = [
    ("touched in time", lead([hand_off(touched=20)], KEPT), [], {"touched", "in_time"}),
    ("not touched yet", lead([hand_off()], clock()), [], set()),
    ("after a reminder", lead([hand_off(touched=40)], KEPT), WARNED, {"touched", "in_time", "warned", "saved"}),
    (
        "moved on, then touched",
        lead([hand_off(touched=90)], clock(outcome="breached"), clock(outcome="met", started=70)),
        WARNED + BROKEN + MOVED,
        {"touched", "is_late", "is_broken", "warned", "escalated", "reassigned", "saved"},
    ),
    (
        "late word",
        lead([hand_off(touched=50)], KEPT),
        [*BROKEN, decision(80, "breach_retracted", clock="first_touch:0")],
        {"touched", "in_time", "retracted", "escalated"},
    ),
    ("left by no clean exit", lead([hand_off()], clock(outcome="dodged")), [], {"is_late", "is_broken"}),
    (
        "a machine's mail, and nobody",
        lead([hand_off(is_ignored=True)], OVERDUE),
        [line(10, "fact", "lead.touched", mode="sequence_auto")],
        {"automatic_only", "ignored", "is_late", "is_broken"},
    ),
    (
        "a machine's mail, and a call told by hand",
        lead([hand_off(touched=20)], KEPT),
        [line(10, "fact", "lead.touched", mode="sequence_auto"), line(20, "command", "touch")],
        {"touched", "in_time"},
    ),
    ("waived", lead([hand_off()], clock(outcome="waived")), [], {"waived"}),
    ("taken by a colleague", lead([hand_off(touched=9)], KEPT), [line(10, "command", "claim")],
     {"touched", "in_time", "claimed"}),
    (
        "another promise broken",
        lead([hand_off(touched=20)], KEPT, clock("reply", "breached", started=30)),
        [decision(90, "rung_fired", clock="reply:30")],
        {"touched", "in_time", "is_broken"},
    ),
    (
        "given up too early",
        lead([hand_off(touched=20, result="rejected", is_under_worked=True)], KEPT, clock("effort", "dodged")),
        [],
        {"touched", "in_time", "is_broken", "under_worked", "given_back"},
    ),
    (
        "passed on and won",
        lead([PASSED_ON, hand_off("rep_to_closer", 50, 60, "won")], KEPT, clock(outcome="met", started=50)),
        [],
        {"touched", "in_time", "passed_on", "closer_won"},
    ),
    (
        "passed on and left there: that promise is the closer's",
        lead([PASSED_ON, hand_off("rep_to_closer", 50)], KEPT, clock(started=50, late=True)),
        [],
        {"touched", "in_time", "is_broken", "passed_on"},
    ),
    (
        "given back by the closer, who tells why",
        lead([PASSED_ON, hand_off("rep_to_closer", 50, result="returned"), hand_off("returned", 80)], KEPT,
             clock("feedback", "met", started=80)),
        [decision(80, "feedback_asked")],
        {"touched", "in_time", "passed_on", "returned", "feedback_asked", "feedback_given"},
    ),
    (
        "sent on unseen, and touched there",
        lead([hand_off(result="rejected"), hand_off(opened=30, touched=50)], KEPT, clock(outcome="met", started=30)),
        [],
        {"touched", "in_time", "given_back"},
    ),
    (
        "recycled, and back; answered the second time only",
        lead([hand_off(result="recycled"), hand_off("re_inquiry", 90, 95)], clock(outcome="dodged"),
             clock(outcome="met", started=90)),
        [],
        {"is_late", "is_broken", "given_back", "re_inquired"},
    ),
    ("asked while worked", lead([hand_off(touched=20)], KEPT), [line(40, "came_back")],
     {"touched", "in_time", "asked_again"}),
]  # fmt: skip
_QUALITIES = [
    "touched", "in_time", "is_late", "is_broken", "warned", "retracted", "escalated", "reassigned", "saved", "ignored",
    "automatic_only", "waived", "claimed", "under_worked", "given_back", "asked_again", "re_inquired", "passed_on",
    "closer_won", "returned", "feedback_asked", "feedback_given",
]  # fmt: skip


@pytest.mark.parametrize(("made", "lines", "expected"), [life[1:] for life in LIVES], ids=[life[0] for life in LIVES])
def test_a_life_is_told_by_what_was_found(
    made: dict[str, Any], lines: list[dict[str, Any]], expected: set[str]
) -> None:
    story = story_of("lead-1", made, ASSIGNED + lines)
    assert {name for name in _QUALITIES if getattr(story, name)} == expected
    assert story.handed_over


def test_the_table_speaks_of_everything_a_story_can_say() -> None:
    assert set().union(*(life[3] for life in LIVES)) == set(_QUALITIES)
    flags = {name for name, kind in Story.__annotations__.items() if kind is bool}
    assert flags - {"is_counted", "is_stuck"} <= set(_QUALITIES)


def test_spans_run_from_the_hand_over() -> None:
    story = story_of("lead-1", lead([hand_off(opened=5, touched=25)], KEPT), [line(5.2, "owner_set")])
    assert (story.assigned_after, story.touched_after) == (timedelta(seconds=0.2), timedelta(seconds=20))


def test_a_lead_that_is_none_counts_as_handed_over_to_nobody() -> None:
    story = story_of("lead-1", lead([hand_off()], stage="disqualified", is_counted=False), ASSIGNED)
    assert (story.is_counted, story.handed_over) == (False, False)
    assert not story_of("lead-2", lead([], stage="nurturing"), []).handed_over


def test_a_lead_that_leadloop_cannot_go_on_with_is_told() -> None:
    assert story_of("lead-1", lead([hand_off()]) | {"stuck_since": at(50)}, ASSIGNED).is_stuck


def test_lines_that_do_not_stand_do_not_count() -> None:
    story = story_of("lead-1", lead([hand_off()]), [line(70, "decision", "assigned", stands=False, cause="rung")])
    assert not story.reassigned


def test_each_promise_became_one_thing() -> None:
    outcomes = ("met", "met_late", "breached", "dodged", "waived", "cancelled", None)
    story = story_of("lead-1", lead([hand_off()], *(clock("reply", outcome) for outcome in outcomes), OVERDUE), [])
    became = ["kept", "kept", "broken", "broken", "waived", "let go", "running"]
    assert story.promises == (*(Promise("reply", word) for word in became), Promise("first_touch", "broken"))
