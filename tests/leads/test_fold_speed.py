"""What a fold costs: generous floors, so that only a change of kind fails, and bounds on a long life."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import pytest

from leads.entries import Entry
from leads.fold import refold
from leads.state import dump_state
from tests.builders import Story, at, captured, fact, raised, shelf, touched

FLOOR_FACTS_A_SECOND = 20_000
"""100,000 is the aim on a quiet machine; tests share theirs."""
LONG_LIFE = 400


def test_facts_fold_by_the_ten_thousands_a_second() -> None:
    facts = [captured(at(0)), *(fact("lead.engaged", at(i), kind="page_viewed", id_=f"e{i}") for i in range(10_000))]
    on = shelf()
    best = min(_seconds(lambda: refold("lead-1", facts, on)) for _ in range(3))

    assert len(facts) / best > FLOOR_FACTS_A_SECOND


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def rounds(i: int) -> list[Entry]:
    """Handed over, touched, snoozed, asked again, given back: the busiest life there is."""
    t = i * 10
    kinds = [
        raised(at(t)),
        fact("lead.assigned", at(t + 1), owner=f"p{i % 7}", team=("sales", "partners")[i % 2]),
        touched(at(t + 2), by="zoe"),
        fact("lead.snoozed", at(t + 3), until=at(t + 9).isoformat()),
        fact("lead.rejected", at(t + 4), reason="no_budget"),
    ]
    return [kinds[i % 5]]


LIVES: list[tuple[Callable[[int], list[Entry]], int]] = [
    # one step of the life                                                            most kilobytes of state
    (lambda i: [raised(at(i))], 40),
    (lambda i: [touched(at(i))], 10),
    (lambda i: [fact("lead.engaged", at(i), kind="page_viewed")], 10),
    (lambda i: [fact("lead.assigned", at(i), owner="ana")], 20),
    (lambda i: [fact("lead.updated", at(i), attributes={f"a{i}": "x" * 100})], 30),
    (lambda i: [fact("lead.snoozed", at(i), until=at(i + 600).isoformat())], 120),
    # four hundred hand-offs and twelve hundred clocks, or eighty with all that can happen in one
    (lambda i: [fact("lead.accepted", at(i), by="ana"), fact("lead.rejected", at(i), reason="nonsense")], 800),
    (rounds, 350),
]


@pytest.mark.parametrize(("one_step", "most_kilobytes"), LIVES)
def test_a_long_life_stays_small_and_steps_stay_quick(
    one_step: Callable[[int], list[Entry]], most_kilobytes: int
) -> None:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    tenth, spent = LONG_LIFE // 10, []
    for i in range(1, LONG_LIFE):
        entries = one_step(i)
        start = perf_counter()
        story.step(max(e.effective_at for e in entries) + timedelta(seconds=1), *entries)
        spent.append(perf_counter() - start)

    assert len(dump_state(story.lead)) < most_kilobytes * 1000
    assert sum(spent[-tenth:]) < 30 * sum(spent[tenth : 2 * tenth]) + 0.5
