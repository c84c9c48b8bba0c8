"""What a lead and its timeline say of what Leadloop did, and the table of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from workers.demo.findings import Findings, Story, story_of
from workers.demo.report import document, rows, show
from workers.demo.stage import Played

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def line(seconds: float, kind: str, type_: str | None = None, *, stands: bool = True, **data: Any) -> dict[str, Any]:
    return {"at": at(seconds), "kind": kind, "type": type_, "stands": stands, "data": data}


def decision(seconds: float, type_: str, **data: Any) -> dict[str, Any]:
    return line(seconds, "decision", type_, **data)


def clock(
    name: str = "first_touch", ended: float | None = None, why: str | None = None, *, breached: bool = False
) -> Any:
    return {
        "clock": name,
        "ended_at": None if ended is None else at(ended),
        "why": why,
        "breached_at": at(60) if breached else None,
    }


def lead(*clocks: Any, stage: str = "assigned", ignored: bool = False) -> dict[str, Any]:
    return {"clocks": list(clocks), "stage": stage, "ignored_at": at(500) if ignored else None}


HANDED_OVER = [line(0, "hand_off_opened"), line(0.2, "owner_set")]
WARNING = [decision(30, "rung_fired"), decision(30, "notice_issued", template="warning", to=["owner:ana"])]
BREACH = [
    decision(60, "rung_fired"),
    decision(60, "notice_issued", template="breach", to=["owner:ana", "channel:sales"]),
]
MOVE = [decision(70, "assigned", cause="rung", owner="ben")]


def test_a_lead_touched_in_time() -> None:
    story = story_of(lead(clock(ended=20, why="real_touch")), HANDED_OVER)
    assert (story.assigned_after, story.touched_after) == (timedelta(seconds=0.2), timedelta(seconds=20))
    assert (story.in_time, story.warned, story.saved, story.breached) == (True, False, False, False)


def test_a_lead_touched_after_its_reminder_is_saved() -> None:
    story = story_of(lead(clock(ended=40, why="real_touch")), HANDED_OVER + WARNING)
    assert (story.in_time, story.warned, story.saved) == (True, True, True)


def test_a_lead_moved_on_and_then_touched_is_escalated_reassigned_and_saved() -> None:
    clocks = (clock(ended=70, why="reassigned", breached=True), clock(ended=90, why="real_touch"))
    story = story_of(lead(*clocks), HANDED_OVER + WARNING + BREACH + MOVE)
    assert (story.breached, story.escalated, story.reassigned, story.saved) == (True, True, 1, True)
    assert (story.in_time, story.touched_after) == (False, timedelta(seconds=90))


def test_a_breach_that_late_word_proved_false_is_retracted() -> None:
    retracted = [decision(80, "breach_retracted")]
    story = story_of(lead(clock(ended=50, why="real_touch")), HANDED_OVER + WARNING + BREACH + retracted)
    assert (story.retracted, story.breached, story.in_time) == (True, False, True)


def test_a_lead_with_mail_from_a_machine_only_is_untouched() -> None:
    mail = [line(10, "fact", "lead.touched", mode="sequence_auto")]
    story = story_of(lead(clock(), ignored=True), HANDED_OVER + mail)
    assert (story.automatic_only, story.touched_after, story.ignored) == (True, None, True)


def test_lines_that_do_not_stand_do_not_count() -> None:
    story = story_of(lead(), [line(0, "hand_off_opened", stands=False)])
    assert story.handed_over_at is None


def findings() -> Findings:
    saved = story_of(lead(clock(ended=40, why="real_touch"), stage="won"), HANDED_OVER + WARNING)
    quick = story_of(
        lead(clock(ended=20, why="real_touch"), stage="working"), [line(0, "hand_off_opened"), line(0, "owner_set")]
    )
    reader = story_of(lead(stage="nurturing"), [])
    return Findings([saved, quick, reader])


def test_the_table_counts_leads_and_explains_each_number() -> None:
    told = {row.name: row for row in rows(findings(), hour_seconds=60)}
    assert (told["captured"].leads, told["handed to sales"].leads) == (3, 2)
    assert (told["assigned"].leads, told["assigned"].share) == (2, "100%")
    assert (told["saved"].leads, told["saved"].share) == (1, "50%")
    assert told["won"].leads == 1
    # 20 s and 40 s, of an hour that lasts 60 s
    assert "within 0.5 shortened hours" in told["touched"].meaning
    assert all(row.meaning for row in told.values())


def test_a_run_without_any_lead_can_be_told() -> None:
    assert {row.leads for row in rows(Findings(), hour_seconds=60)} == {0}
    console = Console(record=True, width=100)
    show(console, Findings(), Played(), hour_seconds=60)
    assert "0 events sent" in console.export_text()


def test_programs_get_the_same_numbers() -> None:
    told = document(findings(), Played(sent=9, repeats=1), run_name="demo-1", seed=1, hour_seconds=60)
    assert told["leads"]["handed_to_sales"] == 2
    assert (told["median_seconds_to_touch"], told["events_sent"]) == (30.0, 9)
    assert isinstance(findings().stories[0], Story)
