"""The heart of correctness: state depends on the facts and decisions, never on how they arrived."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.fold import refold
from leads.state import Lead, dump_state, load_state
from tests.builders import Story
from tests.leads.strategies import lives

FEW = settings(max_examples=150, deadline=None)


def played(steps: list, *, sleeping: bool) -> Story:
    story = Story()
    for tick, mail in steps:
        if sleeping:
            story.sleep_until(tick - timedelta(seconds=1))
        story.step(tick, *mail)
    return story


def derived(lead: Lead) -> Lead:
    """Without where the steps stood: two ways to the same facts may have ticked at other instants."""
    return replace(lead, tick=None)


@FEW
@given(lives(), st.booleans(), st.integers())
def test_any_order_of_arrival_folds_to_the_same_state(steps: list, sleeping: bool, seed: int) -> None:
    story = played(steps, sleeping=sleeping)
    shuffled = list(story.journal)
    Random(seed).shuffle(shuffled)

    assert derived(refold("lead-1", shuffled, story.shelf)[0]) == derived(story.lead)


@FEW
@given(lives(), st.booleans())
def test_folding_everything_twice_changes_nothing(steps: list, sleeping: bool) -> None:
    story = played(steps, sleeping=sleeping)

    assert refold("lead-1", story.journal * 2, story.shelf)[0] == refold("lead-1", story.journal, story.shelf)[0]


@FEW
@given(lives())
def test_a_step_without_news_decides_nothing_the_second_time(steps: list) -> None:
    story = played(steps, sleeping=True)
    before, tick = story.refolded(), story.lead.tick

    turn = story.step(steps[-1][0])

    assert turn.decisions == []
    assert story.lead.tick == tick
    assert derived(story.lead) == derived(before)


@FEW
@given(lives())
def test_a_state_survives_being_stored(steps: list) -> None:
    lead = played(steps, sleeping=True).lead

    assert load_state(dump_state(lead)) == lead


@FEW
@given(lives())
def test_no_open_lead_is_without_a_next_instant_and_no_cause_is_journalled_twice(steps: list) -> None:
    story = played(steps, sleeping=True)

    assert story.turn is not None
    assert (story.turn.wake_at is not None) == story.lead.is_open
    assert story.turn.wake_at is None or story.turn.wake_at > steps[-1][0]
    ids = [entry.id for entry in story.journal]
    assert len(ids) == len(set(ids))
    rungs = [(e.data.clock, e.data.rung) for e in story.journal if e.type in ("rung_fired", "rung_skipped")]
    assert len(rungs) == len(set(rungs))
