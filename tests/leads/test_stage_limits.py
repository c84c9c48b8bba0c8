"""How long a lead may stay in a stage, and that an upgrade of the rules alarms nobody."""

from datetime import datetime
from typing import Any

import pytest

from leads.entries import Entry
from leads.playbook_check import check
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

OWNED = [captured(at(0)), fact("lead.assigned", at(1), owner="ana")]


def told(*entries: Entry) -> Story:
    story = Story(people=("ana",))
    story.step(at(1), *entries[:1])
    for entry in entries[1:]:
        story.step(entry.effective_at, entry)
    return story


@pytest.mark.parametrize(
    ("life", "limit", "due_at"),
    [
        ([captured(at(0))], "captured", at(days=1)),
        ([captured(at(0)), fact("lead.recycled", at(5), reason="no_need")], "nurturing", at(5, days=365)),
        ([*OWNED, fact("lead.accepted", at(5))], "accepted", at(5, days=1)),  # one business day
        ([*OWNED, touched(at(5))], "working", at(5, days=30)),
    ],
)
def test_a_stage_has_a_longest_stay(life: list[Entry], limit: str, due_at: datetime) -> None:
    [clock] = [clock for clock in told(*life).lead.running() if clock.clock == "stage"]

    assert (clock.subject, clock.due_at) == (limit, due_at)


def test_leaving_in_time_keeps_it_and_leaving_late_breaks_it() -> None:
    for minutes, outcome in ((5 + 9 * 60 - 1, "met"), (5 + 24 * 60 + 1, "breached")):
        story = told(*OWNED, fact("lead.accepted", at(5)), touched(at(minutes)))

        [clock] = [c for c in story.lead.clocks.values() if c.clock == "stage" and c.subject == "accepted"]
        assert (clock.outcome, clock.why) == (outcome, "stage_left")


def test_the_owner_who_took_it_and_sleeps_on_it_is_told() -> None:
    story = told(*OWNED, fact("lead.accepted", at(5)))
    story.sleep_until(at(6, days=1))

    about = [e.data for e in story.decided("notice_issued") if e.data.about.startswith("stage:")]  # type: ignore[attr-defined]  # by type
    assert [(n.template, n.to) for n in about] == [("breach", ("owner:ana",))]  # type: ignore[attr-defined]  # by type


def test_a_rung_that_moves_the_lead_as_the_limit_is_reached_does_not_keep_it() -> None:
    """Else the breach told at that instant would have to be taken back."""
    hour = {"target": "PT1H", "ladder": "moves"}
    segment = {"name": "all", "team": "sales", "ignored_after": {"target": "PT9H"}, "promises": {"first_touch": hour}}
    moves = [{"rung": "queue", "at": "due", "to_queue": True}]
    rules: dict[str, Any] = {"evidence": {"lag": "PT0S"}, "stages": {"accepted": {"target": "PT1H"}}}
    story = Story(shelf(playbook(segments=[segment], ladders={"moves": moves}, **rules)), people=())
    story.step(at(0), captured(at(0)), fact("lead.accepted", at(0), by="ana"))

    story.sleep_until(at(61))
    story.step(at(62))

    assert story.lead.stage == "qualified"
    assert len(story.decided("breach_announced")) == 2
    assert story.decided("breach_retracted") == []


@pytest.mark.parametrize("stage", ["won", "lost", "disqualified", "provisional"])
def test_no_limit_is_set_for_a_stage_leads_may_stay_in(stage: str) -> None:
    rules: dict[str, Any] = {"stages": {stage: {"target": "PT1H"}}}
    _, faults = check(playbook(**rules).model_dump(mode="json", by_alias=True))
    assert any("leads may stay there" in fault.reason for fault in faults if fault.path == ("stages", stage))


def older(story: Story) -> Story:
    """As an older build left it: without what today's rules derive, and by its own number."""
    story.lead.rules_version = 0
    story.lead.clocks = {key: clock for key, clock in story.lead.clocks.items() if clock.clock != "next_step"}
    return story


def test_promises_that_an_upgrade_finds_broken_long_ago_alarm_nobody() -> None:
    story = Story(people=("ana",))
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.step(at(5), touched(at(5), connected=True))
    told = len(story.notices())

    story = older(story)
    story.step(at(days=9))

    [step] = [clock for clock in story.lead.clocks.values() if clock.clock == "next_step"]
    assert step.due_at == at(5, days=1)
    assert {e.data.why for e in story.decided("rung_skipped")} == {"upgrade"}  # type: ignore[attr-defined]  # by type
    assert [e.data.clock for e in story.decided("breach_announced")] == [step.key]  # type: ignore[attr-defined]  # by type
    assert len(story.notices()) == told
    story.sleep_until(at(days=40))
    assert {t for t, _ in story.notices()[told:]} <= {"breach", "escalation"}  # of what came due since


def test_the_same_playbook_may_hold_no_limits_at_all() -> None:
    story = Story(shelf(playbook(stages={})))
    story.step(at(0), captured(at(0)))

    assert story.lead.running() == []
