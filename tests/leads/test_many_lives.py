"""Thousands of lives, every law, in seconds: `make lives` lives ten thousand."""

import os
import sys
from multiprocessing import cpu_count, get_context
from random import Random
from time import perf_counter

import pytest

from tests.leads.generated import life
from tests.leads.laws import any_arrival_ends_the_same, each_cause_is_journalled_once, lived

LIVES = 10_000
FEW = 300


def live(seed: int) -> int:
    """Live the life of a seed under every law; how many facts and decisions it had."""
    chance = Random(seed)
    story = lived(*life(seed), chance)
    any_arrival_ends_the_same(story, chance)
    each_cause_is_journalled_once(story)
    return len(story.journal)


def test_a_few_hundred_lives_keep_every_law() -> None:
    for seed in range(FEW):
        live(seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_lives_keep_every_law() -> None:
    first = int(os.environ.get("LIVES_SEED", "0"))
    start = perf_counter()
    with get_context("spawn").Pool(cpu_count()) as pool:
        entries = sum(pool.imap_unordered(live, range(first, first + LIVES), chunksize=50))
    seconds = perf_counter() - start
    pace = f"{LIVES / seconds:.0f} lives and {entries / seconds:,.0f} entries a second"
    sys.stdout.write(f"\n{LIVES:,} lives, {entries:,} entries, 0 failures in {seconds:.0f} s: {pace}\n")
