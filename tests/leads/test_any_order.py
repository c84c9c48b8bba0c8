"""The heart of correctness: state depends on the facts and decisions, never on how they arrived."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leads.decisions import RungFired, RungSkipped
from leads.fold import refold
from leads.revisions import Shelf
from leads.state import Lead, dump_state, load_state
from tests.builders import Story
from tests.leads.strategies import Beat, lives, shelves

FEW = settings(max_examples=100, deadline=None)


def played(beats: list[Beat], shelf_: Shelf, *, sleeping: bool) -> Story:
    story = Story(shelf_)
    for beat in beats:
        if sleeping:
            story.sleep_until(beat.at - timedelta(seconds=1))
        story.step(beat.at, *beat.mail)
        if beat.command is not None:
            (name, data), actor = beat.command
            story.give(beat.at, name, actor, **data)
    return story


def derived(lead: Lead) -> Lead:
    """Without where the steps stood: two ways to the same facts may have ticked at other instants."""
    return replace(lead, tick=None)


@FEW
@given(beats=lives(), shelf_=shelves, sleeping=st.booleans(), seed=st.integers())
def test_any_order_of_arrival_folds_to_the_same_state(
    beats: list[Beat], shelf_: Shelf, *, sleeping: bool, seed: int
) -> None:
    story = played(beats, shelf_, sleeping=sleeping)
    shuffled = list(story.journal)
    Random(seed).shuffle(shuffled)

    assert derived(refold("lead-1", shuffled, story.shelf)[0]) == derived(story.lead)


@FEW
@given(beats=lives(), shelf_=shelves, sleeping=st.booleans())
def test_folding_everything_twice_changes_nothing(beats: list[Beat], shelf_: Shelf, *, sleeping: bool) -> None:
    story = played(beats, shelf_, sleeping=sleeping)

    assert refold("lead-1", story.journal * 2, story.shelf)[0] == refold("lead-1", story.journal, story.shelf)[0]


@FEW
@given(lives(), shelves)
def test_a_step_without_news_decides_nothing_the_second_time(beats: list[Beat], shelf_: Shelf) -> None:
    story = played(beats, shelf_, sleeping=True)
    before, tick = story.refolded(), story.lead.tick
    wake_at = story.turn.wake_at if story.turn else None
    assume(wake_at is None or tick is None or wake_at - tick > timedelta(seconds=1))  # the next tick is not yet due

    turn = story.step(beats[-1].at)

    assert turn.decisions == []
    assert story.lead.tick == tick
    assert derived(story.lead) == derived(before)


@FEW
@given(lives(), shelves)
def test_a_state_survives_being_stored(beats: list[Beat], shelf_: Shelf) -> None:
    lead = played(beats, shelf_, sleeping=True).lead

    assert load_state(dump_state(lead)) == lead


@FEW
@given(lives(), shelves)
def test_no_open_lead_is_without_a_next_instant_and_no_cause_is_journalled_twice(
    beats: list[Beat], shelf_: Shelf
) -> None:
    story = played(beats, shelf_, sleeping=True)

    assert story.turn is not None
    assert story.turn.wake_at is not None or not story.lead.is_open
    assert story.turn.wake_at is None or story.turn.wake_at > beats[-1].at
    ids = [entry.id for entry in story.journal]
    assert len(ids) == len(set(ids))
    settled = [e.data for e in story.journal if isinstance(e.data, RungFired | RungSkipped)]
    rungs = [(data.clock, data.rung) for data in settled]
    assert len(rungs) == len(set(rungs))
