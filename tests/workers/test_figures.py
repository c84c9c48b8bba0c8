"""The figures on the metrics page: read when they are asked for, not too often, and never at the page's cost."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from storage.engine import DatabaseAwayError, create_engine
from storage.figures import Figures, read_figures
from tests.docs.documents import ROOT, read, rows
from workers.figures import FigureCollector, figures_exported
from workers.local_stack.ports import free_port
from workers.metrics_server import metrics_served
from workers.settings import Settings

SOME = Figures({("sales", "hot"): 2}, {("sales", "hot"): 5}, {"breach": 3, "ignored": 1})
PLACE = {"team": "sales", "segment": "hot"}


@dataclass
class FakeBooks:
    """Answers with `figures`; None: the database is away."""

    figures: Figures | None = SOME
    reads: int = 0
    seconds: float = 0

    def read(self) -> Figures:
        self.reads += 1
        if self.figures is None:
            raise DatabaseAwayError("away")
        return self.figures


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


@pytest.fixture
def registry(books: FakeBooks) -> CollectorRegistry:
    made = CollectorRegistry(auto_describe=True)
    Gauge("leadloop_courier_backlog_leads", "Another metric of the page.", registry=made).set(7)
    made.register(FigureCollector(books.read, seconds=lambda: books.seconds))
    return made


def test_figures_stand_under_their_names(registry: CollectorRegistry) -> None:
    assert registry.get_sample_value("leadloop_hand_offs_ignored", PLACE) == 2
    assert registry.get_sample_value("leadloop_hand_offs_ignored_total", PLACE) == 5
    assert registry.get_sample_value("leadloop_corrections_total", {"kind": "breach"}) == 3
    assert registry.get_sample_value("leadloop_corrections_total", {"kind": "ignored"}) == 1
    assert registry.get_sample_value("leadloop_figures_up") == 1


def test_the_page_is_sound_in_both_formats(registry: CollectorRegistry) -> None:
    """A counter of the same family as a gauge would not be: OpenMetrics names a counter without its `_total`."""
    openmetrics: bytes = generate_openmetrics(registry)  # type: ignore[no-untyped-call]  # the library says no more
    families: Any = parse_openmetrics(openmetrics.decode())  # type: ignore[no-untyped-call]  # same
    told = {sample.name: sample.value for family in families for sample in family.samples}
    plain = generate_latest(registry).decode()

    assert (told["leadloop_hand_offs_ignored"], told["leadloop_hand_offs_ignored_total"]) == (2, 5)
    assert all(f"\n{name}" in plain for name in told)


def test_operators_are_told_of_all_of_them(registry: CollectorRegistry) -> None:
    told = {cells[0].strip("`") for cells in rows(read(ROOT / "docs" / "operations.md"), "## Metrics")}
    served = {sample.name for family in registry.collect() for sample in family.samples}
    assert told == {name for name in served if not name.startswith("leadloop_courier")}


def test_to_register_them_reads_nothing_and_whoever_asks_soon_again_gets_what_was_read(
    registry: CollectorRegistry, books: FakeBooks
) -> None:
    assert books.reads == 0
    for books.seconds in (0, 1, 4.9):
        generate_latest(registry)
    assert books.reads == 1

    books.seconds, books.figures = 5, Figures()
    assert registry.get_sample_value("leadloop_hand_offs_ignored", PLACE) is None
    assert books.reads == 2


def test_with_the_database_away_the_page_says_so_and_leaves_old_numbers_out(
    registry: CollectorRegistry, books: FakeBooks
) -> None:
    generate_latest(registry)
    books.seconds, books.figures = 5, None
    page = generate_latest(registry).decode()
    generate_latest(registry)

    assert "leadloop_figures_up 0" in page
    assert "leadloop_hand_offs_ignored" not in page
    assert "leadloop_courier_backlog_leads 7" in page
    assert books.reads == 2  # that it is away is remembered as well

    books.seconds, books.figures = 10, SOME
    assert registry.get_sample_value("leadloop_figures_up") == 1


def test_scrapes_at_once_read_once(books: FakeBooks) -> None:
    together = threading.Barrier(4)
    registry = CollectorRegistry(auto_describe=True)
    registry.register(FigureCollector(books.read, seconds=lambda: books.seconds))

    def scrape(_number: int) -> bytes:
        together.wait(5)
        return generate_latest(registry)

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(scrape, range(4)))

    assert (len(set(pages)), books.reads) == (1, 1)


@asynccontextmanager
async def served(read_from: str) -> AsyncIterator[str]:
    """The page's address, as a courier serves it."""
    engine = create_engine(read_from)
    registry = CollectorRegistry(auto_describe=True)
    settings = Settings(metrics_port=free_port())
    try:
        with metrics_served(settings, registry), figures_exported(registry, lambda: read_figures(engine)):
            yield f"http://{settings.metrics_host}:{settings.metrics_port}/metrics"
    finally:
        await engine.dispose()


async def page_of(url: str) -> str:
    async with httpx2.AsyncClient() as client:
        answer = await client.get(url, timeout=10)
    assert answer.status_code == 200
    return answer.text


async def test_the_courier_serves_them_from_the_database(database_url: str) -> None:
    async with served(database_url) as url:
        page = await page_of(url)

    assert "leadloop_figures_up 1" in page
    assert 'leadloop_corrections_total{kind="ignored"} 0.0' in page


@pytest.mark.parametrize("broken", ["away", "not migrated"])
async def test_a_scrape_is_answered_whatever_is_wrong_with_the_database(empty_database_url: str, broken: str) -> None:
    url = empty_database_url if broken == "not migrated" else "postgresql://someone:swordfish@127.0.0.1:1/leadloop"
    async with served(url) as page_url:
        page = await page_of(page_url)

    assert "leadloop_figures_up 0" in page
    assert "swordfish" not in page


async def test_a_database_that_hangs_costs_a_scrape_no_more_than_its_patience() -> None:
    registry = CollectorRegistry(auto_describe=True)

    async def hang() -> Figures:
        await asyncio.sleep(60)
        return Figures()

    with figures_exported(registry, hang, patience_seconds=0.05):
        async with asyncio.timeout(5):
            page = await asyncio.to_thread(generate_latest, registry)

    assert b"leadloop_figures_up 0" in page
    assert b"leadloop_figures_up" not in generate_latest(registry)
