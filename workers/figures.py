"""The figures that operators watch, read from the database when they are asked for.

Every process that serves them serves the same numbers: one does, the courier. What cannot be read is left out, since an
old number passes for a new one; the rest of the page stands.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import structlog
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, UnknownMetricFamily
from prometheus_client.registry import Collector

from storage.figures import Figures

READ_AT_MOST_EVERY_SECONDS = 5.0
PATIENCE_SECONDS = 2.0
"""Less than any scrape waits: the database being away must not cost the rest of the page."""

log = structlog.get_logger(__name__)


class FigureCollector(Collector):
    """Figures as metrics. Read once for all who ask within five seconds, a failure too."""

    def __init__(self, read: Callable[[], Figures], *, seconds: Callable[[], float] = time.monotonic) -> None:
        """`read` may block and may raise; `seconds` is a clock."""
        self._read = read
        self._seconds = seconds
        self._lock = Lock()
        self._figures: Figures | None = None
        self._stale_at = seconds()

    def describe(self) -> Iterator[Metric]:
        """What there will be. Without this, to register the collector would be to read the database."""
        yield _whether(None)
        yield from _families(Figures())

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if self._seconds() >= self._stale_at:
                self._figures = self._try()
                self._stale_at = self._seconds() + READ_AT_MOST_EVERY_SECONDS
            figures = self._figures
        yield _whether(figures)
        if figures is not None:
            yield from _families(figures)

    def _try(self) -> Figures | None:
        try:
            return self._read()
        except Exception as error:  # noqa: BLE001  whatever fails here, the other metrics are to be served
            log.warning("figures_unread", code=type(error).__name__)
            return None


@contextmanager
def figures_exported(
    registry: CollectorRegistry,
    read: Callable[[], Awaitable[Figures]],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[None]:
    """Export while this runs. `read` is called on the running loop; pages are served by threads of their own."""
    loop = asyncio.get_running_loop()

    async def read_patiently() -> Figures:
        async with asyncio.timeout(patience_seconds):
            return await read()

    def read_from_a_thread() -> Figures:
        # twice as patient: the loop ends it by itself, unless it is held up or has ended
        return asyncio.run_coroutine_threadsafe(read_patiently(), loop).result(2 * patience_seconds)

    collector = FigureCollector(read_from_a_thread)
    registry.register(collector)
    try:
        yield
    finally:
        registry.unregister(collector)


def _whether(figures: Figures | None) -> Metric:
    name, about = "leadloop_figures_up", "Whether the figures could be read from the database."
    return GaugeMetricFamily(name, about, int(figures is not None))


def _families(figures: Figures) -> Iterator[Metric]:
    place = ["team", "segment"]
    now = GaugeMetricFamily("leadloop_hand_offs_ignored", "Hand-offs ignored and still not looked after.", labels=place)
    # a counter in all but its type: OpenMetrics knows a counter by its name without `_total`, which the gauge has
    ever = UnknownMetricFamily(
        "leadloop_hand_offs_ignored_total", "Hand-offs announced as ignored since the beginning.", labels=place
    )
    corrections = CounterMetricFamily(
        "leadloop_corrections", "Announcements that late facts have taken back.", labels=["kind"]
    )
    for where, number in figures.ignored_now.items():
        now.add_metric(where, number)
    for where, number in figures.ignored_ever.items():
        ever.add_metric(where, number)
    for kind, number in figures.corrections.items():
        corrections.add_metric([kind], number)
    yield from (now, ever, corrections)
