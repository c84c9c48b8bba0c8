"""The observer: what waits is counted, what is read is shown, and a database that is away is waited for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from storage.engine import DatabaseAwayError
from storage.figures import Figures, read_figures
from storage.tallies import Counted, count_some
from tests.builders import at, captured, raised
from tests.eventually import eventually
from tests.storage.step_desk import StepDesk, opened_desk
from workers.figures import FigureCollector
from workers.observer import COUNT_EVERY_SECONDS, Observer, ObserverMetrics


@dataclass
class FakeBooks:
    """Counts what is in `goes`, one a go."""

    goes: list[Counted] = field(default_factory=list)
    is_away: bool = False
    shown: list[Figures] = field(default_factory=list)

    async def count(self) -> Counted:
        self._answer()
        return self.goes.pop(0) if self.goes else Counted(0, 0, is_behind=False)

    async def read(self) -> Figures:
        self._answer()
        return Figures(uncounted=len(self.goes))

    def show(self, figures: Figures) -> None:
        self.shown.append(figures)

    def _answer(self) -> None:
        if self.is_away:
            raise DatabaseAwayError("away")


def made(books: FakeBooks, registry: CollectorRegistry) -> Observer:
    return Observer(books.count, books.read, books, ObserverMetrics(registry))


async def test_it_goes_on_at_once_while_it_is_behind() -> None:
    registry = CollectorRegistry()
    observer = made(FakeBooks([Counted(200, 900, is_behind=True), Counted(3, 10, is_behind=False)]), registry)

    assert [await observer.count_on() for _ in range(2)] == [0, COUNT_EVERY_SECONDS]
    assert registry.get_sample_value("leadloop_observer_lines_total") == 910


@pytest.mark.timeout(60)
async def test_a_database_that_is_away_is_waited_for_and_shows_nothing() -> None:
    registry, books = CollectorRegistry(), FakeBooks(is_away=True)
    running = asyncio.create_task(made(books, registry).run())

    async def has_failed() -> bool:
        return registry.get_sample_value("leadloop_observer_failures_total", {"what": "read"}) == 1

    await eventually(has_failed, 10)
    assert books.shown == []
    books.is_away = False

    async def is_shown() -> bool:
        return books.shown != []

    await eventually(is_shown, 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def test_two_observers_of_one_database_serve_the_same(desk: StepDesk) -> None:
    for number in range(3):
        await desk.told(captured(at(0), id_=f"c{number}"), raised(at(0), id_=f"r{number}"), subject=str(number))
    boards = [FigureCollector() for _ in range(2)]
    observers = [
        Observer(
            lambda: count_some(desk.engine), lambda: read_figures(desk.engine), board,
            ObserverMetrics(CollectorRegistry()),
        )
        for board in boards
    ]  # fmt: skip
    for observer in observers:
        await observer.count_on()
    for observer in observers:
        await observer.read_on()

    pages = [[sample for family in board.collect() for sample in family.samples] for board in boards]
    assert pages[0] == pages[1]
    assert any(sample.name == "leadloop_leads_captured_total" and sample.value == 3 for sample in pages[0])
