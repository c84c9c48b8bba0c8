"""What goes wrong in a trial is drawn from its seed, and leaves nothing out."""

import random

import pytest

from tests.faults.schedule import PARTS, Kind, Lane, few, many


def drawn(seed: int) -> tuple[Lane, Lane]:
    return many(random.Random(seed), rounds=2, longest_seconds=10)


def test_a_seed_draws_the_same_again_and_another_seed_draws_others() -> None:
    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize("seed", range(20))
def test_a_round_kills_and_pauses_every_part_and_spoils_all_around_it(seed: int) -> None:
    parts, around = many(random.Random(seed), rounds=1, longest_seconds=10)

    alone = {(fault.kind, *fault.parts) for fault in parts.faults}
    assert alone >= {(kind, part) for kind in (Kind.KILL, Kind.PAUSE) for part in PARTS}
    assert {fault.kind for fault in around.faults} == {*Kind} - {Kind.KILL, Kind.PAUSE}


@pytest.mark.parametrize("seed", range(20))
def test_a_short_trial_has_every_kind_and_hits_every_part(seed: int) -> None:
    parts, around = few(random.Random(seed), longest_seconds=2)

    assert {fault.kind for fault in (*parts.faults, *around.faults)} == {*Kind}
    assert sorted(part for fault in parts.faults for part in fault.parts) == sorted(PARTS)
    assert all(fault.seconds <= 2 for fault in (*parts.faults, *around.faults))
