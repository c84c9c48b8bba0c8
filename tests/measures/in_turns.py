"""Rates measured in turns with their baseline: on a shared machine only what ran side by side can be compared."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median_low

Rate = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Compared:
    """The median turn, and how far apart the turns' ratios lie."""

    value: float
    baseline: float
    spread: tuple[float, float]


async def in_turns(turns: int, measure: Rate, baseline: Rate) -> Compared:
    """Baseline and measured, one after the other, so many times."""
    pairs = []
    for _ in range(turns):
        bare = await baseline()
        pairs.append((await measure(), bare))
    return compared(pairs)


def compared(pairs: list[tuple[float, float]]) -> Compared:
    """Of (measured, baseline) pairs."""
    ratios = [value / bare for value, bare in pairs]
    value, bare = pairs[ratios.index(median_low(ratios))]
    return Compared(value, bare, (min(ratios), max(ratios)))
