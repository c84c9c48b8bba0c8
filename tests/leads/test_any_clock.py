"""Whatever clocks show, of senders and of those who step, no tick falls and the fold stays the fold."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.entries import Book, Entry
from leads.revisions import Shelf
from tests.builders import MONDAY, Story, captured
from tests.leads.strategies import facts, instants, shelves

FEW = settings(max_examples=100, deadline=None)
steps = st.lists(st.tuples(instants(), st.lists(facts, max_size=3)), max_size=10)
"""What the clock shows at each step, and what has come in; neither in any order."""


def lived(taken: list[tuple[datetime, list[Entry]]], shelf: Shelf) -> tuple[Story, list[datetime]]:
    story, ticks, known = Story(shelf), list[datetime](), set[str]()
    for now, mail in [(MONDAY, [captured(MONDAY)]), *taken]:
        fresh = {entry.id: entry for entry in mail if entry.id not in known}
        known |= fresh.keys()
        story.step(now, *fresh.values())
        assert story.lead == story.refolded_with_tick()
        assert story.lead.tick is not None
        ticks.append(story.lead.tick)
    return story, ticks


@FEW
@given(taken=steps, shelf=shelves)
def test_a_clock_that_goes_back_moves_no_tick_and_no_decision_back(
    taken: list[tuple[datetime, list[Entry]]], shelf: Shelf
) -> None:
    story, ticks = lived(taken, shelf)

    assert all(one <= other for one, other in pairwise(ticks))
    own = sorted((entry for entry in story.journal if entry.book is Book.OWN), key=lambda entry: entry.number)
    assert all(one.effective_at <= other.effective_at for one, other in pairwise(own))
    assert len({entry.id for entry in own}) == len(own)


@FEW
@given(mail=st.lists(facts, max_size=12), shelf=shelves)
def test_events_each_earlier_than_the_last_end_as_in_the_right_order(mail: list[Entry], shelf: Shelf) -> None:
    entries = sorted({entry.id: entry for entry in mail}.values(), key=lambda entry: entry.sort_key, reverse=True)
    now = MONDAY + timedelta(days=10)
    backwards, forwards = Story(shelf), Story(shelf)
    for number, entry in enumerate([*entries, captured(MONDAY)]):
        backwards.step(now + timedelta(seconds=number), entry, may_decide=False)
    forwards.step(now, captured(MONDAY), *reversed(entries), may_decide=False)

    assert backwards.refolded().stage is forwards.lead.stage
    assert backwards.lead == backwards.refolded_with_tick()
    assert [clock.outcome for clock in backwards.lead.clocks.values()] == [
        clock.outcome for clock in forwards.lead.clocks.values()
    ]
