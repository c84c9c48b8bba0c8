"""The figures that operators watch, as metrics.

Read from the database by the observer, again and again; a scrape is served what was read last and asks the database
nothing. What could not be read for a while is left out, since an old number passes for a new one; the rest of the page
stands.
"""

import time
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from leads.counting import BOUNDS, COUNTERS, HISTOGRAMS
from storage.figures import Figures
from storage.tallies import INFINITE, SUM, Totals, part_of

STALE_AFTER_SECONDS = 60.0
PREFIX = "leadloop_"


class FigureCollector(Collector):
    """Serves what it was shown last."""

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is a clock."""
        self._seconds = seconds
        self._shown: tuple[Figures, float] | None = None

    def show(self, figures: Figures) -> None:
        """From now on these are served."""
        self._shown = figures, self._seconds()

    def describe(self) -> Iterator[Metric]:
        """What there will be."""
        yield _whether(None)
        yield from _families(Figures())

    def collect(self) -> Iterator[Metric]:
        figures = self._fresh()
        yield _whether(figures)
        if figures is not None:
            yield from _families(figures)

    def _fresh(self) -> Figures | None:
        if self._shown is None or self._seconds() - self._shown[1] > STALE_AFTER_SECONDS:
            return None
        return self._shown[0]


def _whether(figures: Figures | None) -> Metric:
    about = "Whether the figures could be read from the database in the last minute."
    return GaugeMetricFamily(f"{PREFIX}figures_up", about, int(figures is not None))


def _families(figures: Figures) -> Iterator[Metric]:
    for name, (about, labels) in COUNTERS.items():
        counter = CounterMetricFamily(f"{PREFIX}{name}", about, labels=labels)
        for (metric, values, _), total in figures.totals.items():
            if metric == name:
                counter.add_metric(values, total)
        yield counter
    for name, (about, labels) in HISTOGRAMS.items():
        histogram = HistogramMetricFamily(f"{PREFIX}{name}", about, labels=labels)
        for values in sorted({values for metric, values, _ in figures.totals if metric == name}):
            histogram.add_metric(values, _buckets(figures.totals, name, values), figures.totals[name, values, SUM])
        yield histogram
    place = ["team", "segment"]
    about = "Hand-offs ignored and still not looked after."
    now = GaugeMetricFamily(f"{PREFIX}hand_offs_ignored_now", about, labels=place)
    for where, number in figures.ignored_now.items():
        now.add_metric(where, number)
    yield now
    about = "For how long the review of the playbook's definitions is overdue; 0 while it is not."
    review = GaugeMetricFamily(f"{PREFIX}playbook_review_overdue_seconds", about)
    if figures.review_overdue_seconds is not None:
        review.add_metric([], figures.review_overdue_seconds)
    yield review
    about = "Leads that rollouts under way or paused have not reached yet."
    yield GaugeMetricFamily(f"{PREFIX}rollout_leads_left", about, figures.rollout_leads_left)
    about = "Promises that a revision would have broken at once, waiting to be confirmed."
    yield GaugeMetricFamily(f"{PREFIX}rollout_promises_held", about, figures.rollout_promises_held)
    about = "Open leads of people who have left."
    yield GaugeMetricFamily(f"{PREFIX}leads_owned_by_leavers", about, figures.owned_by_leavers)
    yield from _leaks(figures)
    yield GaugeMetricFamily(f"{PREFIX}uncounted_steps", "Steps whose lines are not counted yet.", figures.uncounted)


def _leaks(figures: Figures) -> Iterator[Metric]:
    """0 where nothing is wrong; nothing at all until the first hunt has ended."""
    left = GaugeMetricFamily(f"{PREFIX}leaks", "Leads that leak and could not be mended: must be 0.", labels=["kind"])
    for kind, (leads, _) in figures.leaks.items():
        left.add_metric([kind], leads)
    yield left
    looked = GaugeMetricFamily(f"{PREFIX}leaks_looked_at_seconds", "When the last hunt for leaks ended, in Unix time.")
    if figures.leaks:
        looked.add_metric([], min(at for _, at in figures.leaks.values()).timestamp())
    yield looked


def _buckets(totals: Totals, name: str, values: tuple[str, ...]) -> list[tuple[str, float]]:
    """Each with all that lies below it."""
    parts = [*map(part_of, BOUNDS[name]), INFINITE]
    bounds = [*map(floatToGoString, BOUNDS[name]), INFINITE]
    return list(zip(bounds, accumulate(totals.get((name, values, part), 0.0) for part in parts), strict=True))
