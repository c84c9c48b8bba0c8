"""What holds after every step of any life, whatever came in and in whatever order."""

from datetime import datetime, timedelta

from hypothesis import given, settings

from leads.decisions import NoticeIssued
from leads.entries import Entry
from leads.lifecycle import Ask, Turn
from leads.promises import ClockName
from leads.revisions import Shelf
from leads.stages import SALES_STAGES, Stage
from leads.state import Lead, Outcome
from tests.builders import Story
from tests.leads.strategies import Beat, lives, shelves

FEW = settings(max_examples=100, deadline=None)
MOVES_DUE = {"lead.snoozed", "lead.replied", "lead.hand_raised", "snooze"}
TOLD_ONCE = {"asked_again", "ignored", "overtaken"}
"""Of one hand-off or decision."""
ENDS_SNOOZE = {"lead.won", "lead.lost", "lead.opportunity_opened", "lead.disqualified", "lead.rejected",
               "lead.recycled", "reject", "disqualify"}  # fmt: skip


Before = dict[str, tuple[datetime, datetime | None, Outcome | None]]


class Watched(Story):
    """A story that is looked at after every step."""

    def step(self, now: datetime, *entries: Entry, ask: Ask | None = None, may_decide: bool = True) -> Turn:
        before = {key: (clock.due_at, clock.ended_at, clock.outcome) for key, clock in self.lead.clocks.items()}
        tick = self.lead.tick
        turn = super().step(now, *entries, ask=ask, may_decide=may_decide)
        heard = {entry.type for entry in [*entries, *turn.entries]}
        assert tick is None or turn.lead.tick is None or turn.lead.tick >= tick
        _sales_leads_are_in_somebodys_hands(turn.lead)
        _the_untouched_are_promised_a_touch(turn.lead)
        _breaches_are_said_and_said_truly(turn.lead, max(now, turn.lead.tick or now))
        if not turn.refolded:
            _what_ended_stays_ended(turn.lead, before)
            _dues_stand_still(turn.lead, before, heard)
        return turn


def _sales_leads_are_in_somebodys_hands(lead: Lead) -> None:
    hand_off = lead.hand_off
    assert hand_off is None or lead.stage in SALES_STAGES
    if lead.stage in SALES_STAGES:
        assert hand_off is not None
        assert (hand_off.owner is None) is (hand_off.queue is not None)
    outlive = {ClockName.STAGE, ClockName.FEEDBACK, ClockName.REPLY}
    assert all(c.hand_off == (hand_off.id if hand_off else None) for c in lead.running() if c.clock not in outlive)


def _the_untouched_are_promised_a_touch(lead: Lead) -> None:
    hand_off = lead.hand_off
    if hand_off is None or hand_off.owner is None or hand_off.looked_after_at is not None:
        return
    assert lead.stage in (Stage.ASSIGNED, Stage.ACCEPTED) or hand_off.giver is not None
    [clock] = [clock for clock in lead.running() if clock.clock == "first_touch"]
    assert clock.owner == hand_off.owner
    assert clock.quiet is False or hand_off.quiet


def _breaches_are_said_and_said_truly(lead: Lead, at: datetime) -> None:
    for key, clock in lead.clocks.items():
        is_over = clock.outcome is Outcome.BREACHED or (clock.is_running and clock.due_at <= at)
        assert clock.quiet or not is_over or lead.breaches_announced.get(key) or not lead.is_counted
    for key, stands in lead.breaches_announced.items():
        found = lead.clocks.get(key)
        is_missed = found is not None and (
            found.outcome in (Outcome.BREACHED, Outcome.MET_LATE, Outcome.DODGED, Outcome.WAIVED)
            or (found.is_running and found.due_at <= at)
        )
        assert is_missed or not stands


def _what_ended_stays_ended(lead: Lead, before: Before) -> None:
    for key, (_, ended_at, outcome) in before.items():
        if ended_at is None:
            continue
        clock = lead.clocks[key]
        is_upgrade = (outcome, clock.outcome) == (Outcome.MET_LATE, Outcome.MET)
        assert is_upgrade or (clock.ended_at, clock.outcome) == (ended_at, outcome)


def _dues_stand_still(lead: Lead, before: Before, heard: set[str]) -> None:
    for key, (due_at, _, _) in before.items():
        clock = lead.clocks[key]
        assert clock.due_at == due_at or heard & (MOVES_DUE | ENDS_SNOOZE)


@FEW
@given(lives(), shelves)
def test_promises_hold_after_every_step(beats: list[Beat], shelf_: Shelf) -> None:
    story = Watched(shelf_)
    for beat in beats:
        story.sleep_until(beat.at - timedelta(seconds=1))
        story.step(beat.at, *beat.mail)
        if beat.command is not None:
            (name, data), actor = beat.command
            story.give(beat.at, name, actor, **data)

    issued = [entry.data for entry in story.decided("notice_issued") if isinstance(entry.data, NoticeIssued)]
    once = [(notice.template, notice.about) for notice in issued if notice.template in TOLD_ONCE]
    assert len(once) == len(set(once))
