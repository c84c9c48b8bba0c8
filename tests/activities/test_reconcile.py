"""The hunt for leaks: what is open is compared with what runs, each leak is rung once, and what is found is noted."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from activities.reconcile import RINGS_AT_ONCE, Reconciler, ReconcileRequest
from tests.builders import at


@dataclass
class FakeBook:
    leaks: dict[str, list[str]] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    armed: list[str] = field(default_factory=list)
    noted: dict[str, int] | None = None

    async def found(self) -> dict[str, list[str]]:
        return {"nobodys": [], "never_rung": []} | self.leaks

    async def open_leads(self) -> AsyncIterator[list[str]]:
        for first in range(0, len(self.open), 2):
            yield self.open[first : first + 2]

    async def arm(self, leads: list[str], now: datetime) -> None:
        assert now == at(0)
        self.armed += leads

    async def note(self, left: Mapping[str, int], now: datetime) -> None:
        assert now == at(0)
        self.noted = dict(left)


@dataclass
class FakeLives:
    """`listed` is what Temporal's list shows; `begun` runs too, and the list does not know yet."""

    listed: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    rung: list[str] = field(default_factory=list)

    async def running(self) -> set[str]:
        return self.listed

    async def is_running(self, lead_id: str) -> bool:
        return lead_id in self.begun

    async def ring(self, lead_id: str) -> None:
        self.rung.append(lead_id)


NOW = ReconcileRequest(at(0).isoformat())
LOOK = ReconcileRequest(at(0).isoformat(), mends=False)


async def test_where_all_is_well_nothing_is_rung_and_every_kind_is_noted_as_none() -> None:
    book, lives = FakeBook(open=["a", "b", "c"]), FakeLives(listed={"a", "b", "c", "ended"})
    found = await Reconciler(book, lives).reconcile(NOW)

    assert (found.leaks, found.rung, found.open_leads) == (0, 0, 3)
    assert lives.rung == []
    assert book.noted == {"nobodys": 0, "never_rung": 0, "no_workflow": 0}


async def test_an_open_lead_without_a_workflow_is_rung_and_one_that_has_just_begun_is_not() -> None:
    book, lives = FakeBook(open=["a", "b", "c"]), FakeLives(listed={"a"}, begun={"c"})
    found = await Reconciler(book, lives).reconcile(NOW)

    assert lives.rung == ["b"]
    assert found.found["no_workflow"] == 1


async def test_a_lead_that_leaks_in_two_ways_is_rung_once_and_lost_mail_is_armed() -> None:
    book = FakeBook(leaks={"nobodys": ["a", "b"], "never_rung": ["b", "c"]})
    lives = FakeLives()
    found = await Reconciler(book, lives).reconcile(NOW)

    assert lives.rung == ["a", "b", "c"]
    assert book.armed == ["b", "c"]
    assert (found.leaks, found.rung) == (4, 3)
    assert book.noted == {"nobodys": 2, "never_rung": 2, "no_workflow": 0}


async def test_a_look_alone_changes_nothing_but_the_note() -> None:
    book, lives = FakeBook(leaks={"nobodys": ["a"]}, open=["a"]), FakeLives()
    found = await Reconciler(book, lives).reconcile(LOOK)

    assert (found.leaks, found.rung) == (2, 0)
    assert (lives.rung, book.armed) == ([], [])
    assert book.noted == {"nobodys": 1, "never_rung": 0, "no_workflow": 1}


async def test_many_are_rung_in_portions() -> None:
    many = [str(number) for number in range(3 * RINGS_AT_ONCE + 1)]
    lives = FakeLives()
    await Reconciler(FakeBook(open=many), lives).reconcile(NOW)
    assert lives.rung == many
