"""Half-open intervals of whole numbers: joining and cutting."""

from collections.abc import Iterable, Iterator

Interval = tuple[int, int]
"""From the first number, inclusive, to the second, exclusive. In this project: microseconds since 1970."""


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted, with those that overlap or touch made one, and empty ones dropped."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], max(end, result[-1][1])
        elif start < end:
            result.append((start, end))
    return result


def cut(intervals: list[Interval], away: list[Interval]) -> Iterator[Interval]:
    """What is left of the intervals without those cut away. Both sorted and disjoint, as `joined` gives them."""
    first = 0
    for start, end in intervals:
        while first < len(away) and away[first][1] <= start:
            first += 1
        at, i = start, first
        while i < len(away) and away[i][0] < end:
            if at < away[i][0]:
                yield at, away[i][0]
            at = away[i][1]
            i += 1
        if at < end:
            yield at, end
