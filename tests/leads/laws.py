"""The laws of every life, checked while it is lived and once it has been."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from leads.decisions import RungFired, RungSkipped
from leads.entries import Entry
from leads.fold import fits, fold, refold
from leads.lifecycle import Ask, Turn
from leads.promises import ClockName
from leads.revisions import Shelf
from leads.stages import SALES_STAGES, Stage
from leads.state import Clock, Lead, Outcome
from leads.wake import REVIEW_EVERY
from tests.builders import Story
from tests.leads.generated import HOURS
from tests.leads.strategies import Beat
from tests.retaken import retaken

MOVES_DUE = {"lead.snoozed", "lead.replied", "lead.hand_raised", "snooze", "callback"}
"""Entries that begin a pause or end one, or ask again."""
MEETINGS = {"lead.meeting_booked", "lead.meeting_held", "lead.meeting_missed", "lead.meeting_cancelled"}
"""These pause and resume the effort."""
ENDS_SNOOZE = {
    "lead.won", "lead.lost", "lead.disqualified", "lead.rejected", "lead.returned", "lead.recycled", "lead.assigned",
    "reject", "return", "recycle", "disqualify", "reassign",
}  # fmt: skip
OUTLIVE = {ClockName.STAGE, ClockName.FEEDBACK, ClockName.REPLY}
"""Promises that may run on without a hand-off under way."""
MAIL_TAKES = timedelta(minutes=20)
"""A notice issued no longer ago is under way, and may be taken back."""
OFTEN = 0.5
"""How likely a tick without news is before a beat: to fold the whole journal again for each takes its time."""
MISSED = (Outcome.BREACHED, Outcome.MET_LATE, Outcome.DODGED, Outcome.WAIVED)
Before = dict[str, tuple[datetime, datetime | None, Outcome | None]]


def derived(lead: Lead) -> Lead:
    """Without where the steps stood: two ways to the same facts may have ticked at other instants."""
    return replace(lead, tick=None)


class Watched(Story):
    """A story that is looked at after every step."""

    now: datetime | None = None

    def step(self, now: datetime, *entries: Entry, ask: Ask | None = None, may_decide: bool = True) -> Turn:
        before = {key: (clock.due_at, clock.ended_at, clock.outcome) for key, clock in self.lead.clocks.items()}
        tick = self.lead.tick
        self.undone = frozenset(name for name, n in self.lead.notices.items() if now - n.issued_at < MAIL_TAKES)
        turn = super().step(now, *entries, ask=ask, may_decide=may_decide)
        lead, heard = turn.lead, {entry.type for entry in [*entries, *turn.entries]}
        self.now = max(now, lead.tick or now)
        assert tick is None or lead.tick is None or lead.tick >= tick, "the tick never goes back"
        assert turn.wake_at is not None or not lead.is_open, "an open lead has a next instant"
        sales_leads_are_in_somebodys_hands(lead)
        the_untouched_are_promised_a_touch(lead)
        breaches_are_said_and_said_truly(lead, max(now, lead.tick or now))
        if not turn.refolded:
            what_ended_stays_ended(lead, before)
            dues_stand_still(lead, before, heard)
        return turn


def sales_leads_are_in_somebodys_hands(lead: Lead) -> None:
    hand_off = lead.hand_off
    assert sum(h.is_open for h in lead.hand_offs) <= 1, "one hand-off at a time"
    assert (hand_off is not None) is (lead.stage in SALES_STAGES), "with sales is handed off"
    assert hand_off is None or (hand_off.owner is None) is (hand_off.queue is not None), "an owner or a queue"
    known = {h.id for h in lead.hand_offs} | {None}
    for clock in lead.running():
        assert clock.hand_off in known, "every clock hangs on a hand-off, or on the lead"
        is_its = clock.hand_off == (hand_off.id if hand_off else None)
        assert is_its or clock.clock in OUTLIVE, f"{clock.key} runs on a hand-off that has ended"


def the_untouched_are_promised_a_touch(lead: Lead) -> None:
    hand_off = lead.hand_off
    if hand_off is None or hand_off.owner is None or hand_off.looked_after_at is not None:
        return
    assert lead.stage in (Stage.ASSIGNED, Stage.ACCEPTED) or hand_off.is_inside_sales
    promised = [clock for clock in lead.clocks.values() if clock.clock == "first_touch"]
    of_it = [c for c in promised if c.hand_off == hand_off.id and (c.is_running or c.outcome is Outcome.WAIVED)]
    assert of_it, "whoever has not reached out promises to"
    running = [c for c in of_it if c.is_running]
    assert len(running) <= 1, "one promise of a first touch at a time"
    assert all(c.owner == hand_off.owner and (c.quiet is False or hand_off.quiet) for c in running)


def breaches_are_said_and_said_truly(lead: Lead, at: datetime) -> None:
    for key, clock in lead.clocks.items():
        is_over = clock.outcome is Outcome.BREACHED or (clock.is_running and clock.due_at <= at)
        is_said = lead.breaches_announced.get(key)
        assert clock.quiet or not is_over or is_said or not lead.is_counted, f"the breach of {key} is not said"
    for key, stands in lead.breaches_announced.items():
        assert not stands or _is_missed(lead.clocks.get(key), at), f"a breach of {key} is said that is none"


def _is_missed(clock: Clock | None, at: datetime) -> bool:
    return clock is not None and (clock.outcome in MISSED or (clock.is_running and clock.due_at <= at))


def what_ended_stays_ended(lead: Lead, before: Before) -> None:
    for key, (_, ended_at, outcome) in before.items():
        if ended_at is None:
            continue
        clock = lead.clocks[key]
        is_upgrade = (outcome, clock.outcome) == (Outcome.MET_LATE, Outcome.MET)
        assert is_upgrade or (clock.ended_at, clock.outcome) == (ended_at, outcome), f"{key} ended twice"


def dues_stand_still(lead: Lead, before: Before, heard: set[str]) -> None:
    for key, (due_at, ended_at, _) in before.items():
        clock = lead.clocks[key]
        may_move = MOVES_DUE | ENDS_SNOOZE | (MEETINGS if clock.clock is ClockName.EFFORT else set())
        may_move |= {"lead.touched", "touch"} if clock.clock is ClockName.NEXT_STEP else set()
        assert clock.due_at == due_at or heard & may_move, f"the due instant of {key} moved on {heard}"
        assert clock.due_at == due_at or ended_at is None, f"{key} had ended, and its due instant moved"


def lived(shelf: Shelf, beats: list[Beat], chance: Random) -> Watched:
    """Live a life, with ticks thrown in anywhere, and every law watched."""
    story = Watched(shelf)
    story.hours = dict(HOURS)
    for beat in beats:
        story.sleep_until(beat.at - timedelta(seconds=1))
        if chance.random() < OFTEN:
            idle(story, chance)
        story.step(beat.at, *beat.mail)
        if beat.command is not None:
            (name, data), actor = beat.command
            story.give(beat.at, name, actor, **data)
    story.sleep_until(beats[-1].at + timedelta(days=3))
    return story


def idle(story: Watched, chance: Random) -> None:
    """A tick between two wakes decides nothing and changes nothing."""
    now, turn = story.now, story.turn
    if turn is None or now is None or turn.wake_at is None:
        return
    at = now + (turn.wake_at - now) * chance.random() * 0.99
    before = derived(story.refolded())
    again = story.step(at)
    assert again.entries == [], f"a tick without news decided {[entry.type for entry in again.entries]}"
    assert derived(story.lead) == before
    is_review = again.wake_at == at + REVIEW_EVERY
    assert is_review or again.wake_at == turn.wake_at, "a tick without news moved the next wake"


def any_arrival_ends_the_same(story: Story, chance: Random) -> None:
    """Any order, everything twice, split into steps anywhere: the same state."""
    arriving = story.journal * 2
    chance.shuffle(arriving)
    assert derived(refold("lead-1", arriving, story.shelf)[0]) == derived(story.lead), "another order ends otherwise"
    lead, had = Lead("lead-1"), dict[tuple[str, str], Entry]()
    while arriving:
        cut = chance.randint(1, len(arriving))
        step, arriving = arriving[:cut], arriving[cut:]
        fresh = list({(e.source, e.id): e for e in step if (e.source, e.id) not in had}.values())
        had |= {(e.source, e.id): e for e in fresh}
        if fits(lead, fresh):
            fold(lead, fresh, story.shelf)
        else:
            lead, _ = refold("lead-1", had.values(), story.shelf)
    assert derived(lead) == derived(story.lead), "split into other steps it ends otherwise"


def every_decision_comes_out_again(story: Story) -> int:
    """From what it saw, at its tick, under the same playbook; how many were taken again."""
    found = list(retaken("lead-1", story.journal, story.shelf))
    differences = [tick.difference for tick in found if tick.difference]
    assert differences == []
    return sum(len(tick.made) for tick in found)


def each_cause_is_journalled_once(story: Story) -> None:
    ids = [entry.id for entry in story.journal]
    assert len(ids) == len(set(ids)), "a cause is journalled twice"
    settled = [e.data for e in story.journal if isinstance(e.data, RungFired | RungSkipped)]
    rungs = [(data.clock, data.rung) for data in settled]
    assert len(rungs) == len(set(rungs)), "a rung is settled twice"
    ended = [key for key in story.timeline if key.startswith("clock:")]
    assert len(ended) == len(set(ended))
