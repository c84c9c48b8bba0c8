"""Laws of adopting a revision, over lives and edits drawn at random."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.business_time import Pause, working_time
from leads.calendar import Calendar
from leads.decisions import RungFired, RungSkipped
from leads.fold import refold
from leads.playbook import Playbook
from leads.revisions import Revision, Shelf
from leads.running import Choice, Running
from leads.state import Lead
from tests.builders import MONDAY, Story, at, fact, playbook
from tests.leads.editions import begun, book, clock, edited, reached
from tests.leads.generated import life
from tests.retaken import retaken

FEW = settings(max_examples=20, deadline=None)
DAYS = ("mon", "tue", "wed", "thu", "fri")
HOURS = (("09:00", "18:00"), ("08:00", "12:00"), ("10:30", "20:00"), ("00:00", "24:00"))
LIVES = 12


def open_in(hours: tuple[str, str]) -> dict[str, Any]:
    return {"timezone": "UTC", "weekly": {day: [[*hours]] for day in DAYS}}


@FEW
@given(
    before=st.integers(60, 1200), after=st.integers(60, 1200), old=st.sampled_from(HOURS), new=st.sampled_from(HOURS),
    paused=st.tuples(st.integers(1, 110), st.integers(1, 300)) | st.none(),
)  # fmt: skip
def test_carried_a_promise_loses_no_time_it_has_used_and_no_pause(
    before: int, after: int, old: tuple[str, str], new: tuple[str, str], paused: tuple[int, int] | None
) -> None:
    """Due when the new target less what the old hours had counted by the edit has run in the new hours."""
    first = book(f"PT{before}M", calendar="c", calendars={"c": open_in(old)}, snooze_before_touch=True)
    second = book(f"PT{after}M", calendar="c", calendars={"c": open_in(new)}, snooze_before_touch=True)
    story, pauses = begun(edited(first, second)), []
    if paused is not None:
        start, end = at(paused[0]), at(paused[0] + paused[1])
        story.step(start, fact("lead.snoozed", start, until=end.isoformat()))
        pauses = [Pause(start, end)]
    was, edit = clock(story).due_at, at(hours=2)
    used = working_time(Calendar.model_validate(open_in(old))).elapsed(MONDAY, edit, pauses)

    reached(story, edit)

    if was <= edit or used >= timedelta(minutes=after):
        assert clock(story).due_at == was, "broken or held, it stays where it was"
        assert (clock(story).hold is not None) is (was > edit)
    else:
        left = timedelta(minutes=after) - used
        assert clock(story).due_at == working_time(Calendar.model_validate(open_in(new))).due(edit, left, pauses)


@cache
def draft(number: int) -> Playbook:
    """One of a dozen playbooks that promise now this, now that."""
    chance = Random(number)
    target = f"PT{chance.choice((30, 60, 120, 240, 480))}M"
    promises: dict[str, Any] = {
        "speed_to_lead": {"target": "PT15M", "ladder": "one"}, "assign": {"target": "PT5M"},
        "first_touch": {"target": target, "ladder": "one"}, "next_step": {"target": target, "ladder": "one"},
        "effort": {"target": "PT6H", "attempts": chance.randint(1, 4), "ladder": "one"},
        "accept": {"target": target}, "reply": {"target": "PT1H"}, "meeting_outcome": {"target": "PT1H"},
    }  # fmt: skip
    for name in chance.sample(sorted(promises), k=chance.randint(0, 3)):
        del promises[name]
    segment = {"name": "all", "team": "sales", "ignored_after": {"target": "PT9H"}, "promises": promises}
    ladder = [{"rung": "half", "at": "50%", "notify": ["owner"]}, {"rung": "due", "at": "due", "notify": ["owner"]},
              {"rung": "move", "at": "due+PT1H", "reassign": True, "max_hops": 2}]  # fmt: skip
    return playbook(segments=[segment], ladders={"one": ladder}, snooze_before_touch=True)


def edits(chance: Random) -> tuple[Shelf, frozenset[int]]:
    """A playbook, two edits of it while leads run, and which of them reach them."""
    since = [MONDAY + timedelta(minutes=chance.randint(1, 600)), MONDAY + timedelta(minutes=chance.randint(601, 1600))]
    revisions = [Revision(1, datetime(2020, 1, 1, tzinfo=UTC), draft(chance.randrange(12)))]
    for number, at_ in enumerate(since, start=2):
        running = Running(default=chance.choice([*Choice]))
        revisions.append(Revision(number, at_, draft(chance.randrange(12)), running))
    shelf = Shelf(revisions)
    return shelf, frozenset(revision.number for revision in shelf.reaching)


def derived(lead: Lead) -> Lead:
    return replace(lead, tick=None)


def lived(seed: int) -> Story:
    """A life whose rollouts reach it at any step after they began."""
    chance = Random(seed)
    shelf, reaching = edits(chance)
    story = Story(shelf)
    for beat in life(seed)[1]:
        story.sleep_until(beat.at - timedelta(seconds=1))
        if chance.random() < 0.5:
            story.adopts = reaching
        story.step(beat.at, *beat.mail)
        if beat.command is not None:
            (name, data), actor = beat.command
            story.give(beat.at, name, actor, **data)
    story.adopts = reaching
    story.sleep_until(story.turn.wake_at) if story.turn and story.turn.wake_at else None
    return story


def test_lives_under_edits_fold_to_the_same_in_any_order_and_twice_and_alarm_once() -> None:
    adopted = 0
    for seed in range(LIVES):
        story = lived(seed)
        adopted += len(story.decided("playbook.adopted"))
        shuffled = story.journal * 2
        Random(seed).shuffle(shuffled)
        assert derived(refold("lead-1", shuffled, story.shelf)[0]) == derived(story.lead), f"life {seed}"
        ids = [entry.id for entry in story.journal]
        assert len(ids) == len(set(ids)), f"life {seed} journals a cause twice"
        settled = [e.data for e in story.journal if isinstance(e.data, RungFired | RungSkipped)]
        rungs = [(data.clock, data.rung) for data in settled]
        assert len(rungs) == len(set(rungs)), f"life {seed} settles a rung twice"
        if seed % 10 == 0:
            assert [f.difference for f in retaken("lead-1", story.journal, story.shelf) if f.difference] == []
    assert adopted > LIVES / 4, "edits are adopted often enough to say something"


def test_no_edit_dates_a_breach_before_it_was_known() -> None:
    """Whatever was chosen: a breach announced that was none under the promise in force then is none by edit."""
    for seed in range(LIVES):
        story = lived(seed)
        known = {e.data.revision: e.recorded_at for e in story.decided("playbook.adopted")}  # type: ignore[attr-defined]
        for one in story.lead.clocks.values():
            if one.revision in known and one.started_at < known[one.revision] and one.outcome is None:
                moved = story.timeline.get(f"adopted:{one.revision}:{one.key}")
                assert moved is None or moved.data["due_at"] > known[one.revision], f"life {seed}: {one.key}"
