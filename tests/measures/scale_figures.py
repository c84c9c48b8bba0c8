"""What the questions' times and plans come to, and what is held of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from storage.tables import metadata
from tests.measures.figures import Figure
from tests.measures.plans import Plan

LEAST_MOST, MOST_SHARE = 5_000, 20
"""Rows one statement may take up: so many, or as many as one lead in twenty."""
GROWS_BY_ITSELF = frozenset({"backlog"})
"""With the mail that waits, up to ten thousand leads of it; in a crowd that is a share of all leads."""
SMALL = frozenset(
    {"teams", "people", "team_members", "playbook_revisions", "tallies", "tally_labels", "absences", "api_keys"}
)
"""Tables that do not grow with the leads."""


@dataclass
class Series:
    """One question at every size: by the number of leads, the milliseconds of each time."""

    kind: str
    name: str
    spent: dict[int, list[float]]

    @property
    def sizes(self) -> list[int]:
        return sorted(self.spent)

    @property
    def medians(self) -> dict[int, float]:
        return {size: median(spent) for size, spent in self.spent.items()}

    @property
    def p99(self) -> dict[int, float]:
        return {size: sorted(spent)[int(len(spent) * 0.99)] for size, spent in self.spent.items()}


def figures(series: list[Series], plans: dict[str, list[Plan]], *, is_held: bool) -> list[Figure]:
    bounds = {"list": 50, "page": 50, "scrape": 100}
    size = series[0].sizes[-1]
    slowest = []
    for kind, most in bounds.items():
        one = max((one for one in series if one.kind == kind), key=lambda one: one.medians[size])
        slowest.append(Figure(
            name=f"slowest {kind}", value=one.medians[size], unit="ms", at_most=most if is_held else None,
            note=f"{one.name}, p99 {one.p99[size]:.1f}",
        ))  # fmt: skip
    scanned = [f"{name}: {', '.join(sorted(tables))}" for name, tables in _scans(plans) if tables]
    most_rows = max(LEAST_MOST, size // MOST_SHARE)
    looked = {name: max(plan.looked_at() for plan in found) for name, found in plans.items()}
    walks = [f"{name}: {rows:,}" for name, rows in looked.items() if rows > most_rows]
    checked: list[Figure] = [
        Figure(name=name, value=len(found), unit="", at_most=0 if is_held else None, note="; ".join(found))
        for name, found in (("scans of whole tables", scanned), (f"walks over more than {most_rows:,} rows", walks))
    ]
    return [*slowest, *checked, *(_growth(one, is_held=is_held) for one in series)]


def _scans(plans: dict[str, list[Plan]]) -> Iterable[tuple[str, set[str]]]:
    big = metadata.tables.keys() - SMALL
    for name, found in plans.items():
        yield name, set().union(*(plan.seen_whole for plan in found)) & big


def _growth(one: Series, *, is_held: bool) -> Figure:
    first, last = one.sizes[0], one.sizes[-1]
    told = " → ".join(f"{one.medians[size]:.1f}" for size in one.sizes)
    return Figure(
        name=one.name, value=one.medians[last], baseline=one.medians[first], unit="ms",
        at_most=3 if is_held and one.name not in GROWS_BY_ITSELF else None,
        note=f"{told}, p99 {one.p99[last]:.1f}",
    )  # fmt: skip
