"""Thousands of lives, every law, in seconds: `make lives` lives ten thousand."""

import os
import sys
from dataclasses import dataclass
from multiprocessing import cpu_count, get_context
from random import Random
from time import perf_counter

import pytest

from tests.leads.generated import life
from tests.leads.laws import (
    any_arrival_ends_the_same,
    each_cause_is_journalled_once,
    every_decision_comes_out_again,
    lived,
)

LIVES = 10_000
FEW = 300
AUDITED = 9
"""Of so many lives one has all its decisions taken again, which costs two thirds of all the other laws together;
not by a number that divides that of the playbooks, of each of which some are."""
MOST_TOLD = 20


@dataclass(frozen=True)
class Lived:
    """What a life came to."""

    number: int
    entries: int = 0
    retaken: int = 0
    """Decisions taken again."""
    failure: str | None = None


def live(number: int) -> Lived:
    """Live the life of this number under every law."""
    chance = Random(number)
    story = lived(*life(number), chance)
    any_arrival_ends_the_same(story, chance)
    each_cause_is_journalled_once(story)
    retaken = every_decision_comes_out_again(story) if number % AUDITED == 0 else 0
    return Lived(number, len(story.journal), retaken)


def survive(number: int) -> Lived:
    """The same, but a failure is only noted."""
    try:
        return live(number)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the other lives go on
        return Lived(number, failure=f"life {number}: {type(failure).__name__}: {str(failure)[:500]}")


def test_a_few_hundred_lives_keep_every_law() -> None:
    for number in range(FEW):
        live(number)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_lives_keep_every_law() -> None:
    seed = int(os.environ.get("LIVES_SEED") or "0")
    start = perf_counter()
    with get_context("spawn").Pool(cpu_count()) as pool:
        all_lived = list(pool.imap_unordered(survive, range(seed * LIVES, (seed + 1) * LIVES), chunksize=50))
    seconds = perf_counter() - start
    failures = [one.failure for one in sorted(all_lived, key=lambda one: one.number) if one.failure]
    entries, retaken = sum(one.entries for one in all_lived), sum(one.retaken for one in all_lived)
    sys.stdout.write(
        f"\nseed {seed}: {len(all_lived):,} lives, {entries:,} facts and decisions, {len(failures)} failures,"
        f" {len(all_lived) / seconds:.0f} lives a second;"
        f" {retaken:,} decisions re-taken (all of one life in {AUDITED})\n"
    )
    assert failures[:MOST_TOLD] == []
