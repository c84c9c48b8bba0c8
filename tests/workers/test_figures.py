"""The figures on the metrics page: what the observer read last, and nothing once that is old."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from storage.figures import Figures
from tests.docs.documents import ROOT, read, rows
from workers.figures import STALE_AFTER_SECONDS, FigureCollector
from workers.observer import ObserverMetrics

PLACE = ("sales", "hot")
DELAY = ("first_touch", "sales", "elapsed")
SOME = Figures(
    totals={
        ("hand_offs_ignored", PLACE, ""): 5,
        ("corrections", ("breach",), ""): 3,
        ("delay_seconds", DELAY, "60"): 2,
        ("delay_seconds", DELAY, "300"): 1,
        ("delay_seconds", DELAY, "+Inf"): 1,
        ("delay_seconds", DELAY, "sum"): 2_000_300,
    },
    ignored_now={PLACE: 2},
    uncounted=4,
    review_overdue_seconds=90,
    owned_by_leavers=6,
)


@dataclass
class Page:
    """A registry with the figures and another metric; `seconds` is the clock."""

    seconds: float = 0
    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=True))

    def __post_init__(self) -> None:
        self.figures = FigureCollector(seconds=lambda: self.seconds)
        Gauge("leadloop_courier_backlog_leads", "Another metric of the page.", registry=self.registry).set(7)
        self.registry.register(self.figures)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"leadloop_{name}", labels)


@pytest.fixture
def page() -> Page:
    return Page()


def test_figures_stand_under_their_names(page: Page) -> None:
    page.figures.show(SOME)
    assert page.value("figures_up") == 1
    assert page.value("hand_offs_ignored_now", team="sales", segment="hot") == 2
    assert page.value("hand_offs_ignored_total", team="sales", segment="hot") == 5
    assert page.value("corrections_total", kind="breach") == 3
    assert page.value("uncounted_steps") == 4
    assert page.value("playbook_review_overdue_seconds") == 90
    assert page.value("leads_owned_by_leavers") == 6


def test_a_bucket_holds_what_lies_below_it_too(page: Page) -> None:
    page.figures.show(SOME)
    labels = dict(zip(("clock", "team", "time"), DELAY, strict=True))
    buckets = [page.value("delay_seconds_bucket", le=le, **labels) for le in ("15.0", "60.0", "120.0", "300.0", "+Inf")]
    assert buckets == [0, 2, 2, 3, 4]
    assert (page.value("delay_seconds_count", **labels), page.value("delay_seconds_sum", **labels)) == (4, 2_000_300)


def test_the_page_is_sound_in_both_formats(page: Page) -> None:
    page.figures.show(SOME)
    openmetrics: bytes = generate_openmetrics(page.registry)  # type: ignore[no-untyped-call]  # the library says no more
    families: Any = parse_openmetrics(openmetrics.decode())  # type: ignore[no-untyped-call]  # same
    told = {sample.name: sample.value for family in families for sample in family.samples}
    plain = generate_latest(page.registry).decode()

    assert (told["leadloop_hand_offs_ignored_now"], told["leadloop_hand_offs_ignored_total"]) == (2, 5)
    assert all(f"\n{name}" in plain for name in told)


def test_operators_are_told_of_all_of_them(page: Page) -> None:
    ObserverMetrics(page.registry)
    page.figures.show(SOME)
    told = {cells[0].strip("`") for cells in rows(read(ROOT / "docs" / "operations.md"), "## Metrics")}
    families = {family.name for family in page.registry.collect()} - {"leadloop_courier_backlog_leads"}
    assert {name.removesuffix("_total") for name in told} >= families


@pytest.mark.parametrize("is_shown", [True, False])
def test_figures_never_read_or_not_for_a_minute_are_left_out_and_the_page_says_so(page: Page, is_shown: bool) -> None:  # noqa: FBT001  a case
    if is_shown:
        page.figures.show(SOME)
        page.seconds = STALE_AFTER_SECONDS + 1
    text = generate_latest(page.registry).decode()

    assert "leadloop_figures_up 0" in text
    assert "leadloop_hand_offs_ignored" not in text
    assert "leadloop_courier_backlog_leads 7" in text

    page.figures.show(SOME)
    assert page.value("figures_up") == 1
