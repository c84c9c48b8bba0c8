"""A published revision reaches the leads under way: in batches, once each, stopped and resumed, and by itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select

from leads.entries import Entry
from leads.fold import refold
from leads.running import Choice, Running
from leads.state import load_state
from storage.playbooks import IN_FORCE_AFTER, publish_read, read_playbook
from storage.reading import read_all
from storage.rings import Rings
from storage.rollout_reach import RolloutBook, RolloutReach
from storage.rollouts import NoSuchRolloutError, Rollout, RolloutOverError, RolloutState, RolloutStore
from storage.tables import clocks, lead_states, mailboxes
from tests.builders import at, captured, fact, touched
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

CARRY = Running(default=Choice.CARRY)
WITH_TARGET = "first_touch: {target: PT8H, ladder: normal}"


def rules(target: str) -> str:
    """The first touch of an ordinary lead in `target` instead of eight hours; Monday's hours from 09:00 to 18:00."""
    assert WITH_TARGET in WITHOUT_LAG
    return WITHOUT_LAG.replace(WITH_TARGET, WITH_TARGET.replace("PT8H", target))


class RolloutDesk:
    """A desk with leads whose owners have not reached out yet, and an admin."""

    def __init__(self, desk: StepDesk) -> None:
        self.desk = desk
        self.store = RolloutStore(desk.engine)
        self.book = RolloutBook(desk.engine)
        self.waited = 0.0
        self.now = at(hours=2)

    async def lead(self, name: str) -> UUID:
        """Handed to Ana at 09:00."""
        start = at(0)
        handed = fact("lead.assigned", start, owner="ana", id_=f"own-{name}")
        return await self.desk.told(captured(start, name=name, id_=f"new-{name}"), handed, subject=name)

    async def publish(self, target: str, running: Running | None = CARRY, now: datetime | None = None) -> int:
        """In force five seconds after `now`, which is 11:00 unless said otherwise."""
        at_ = now or self.now
        source = rules(target)
        async with self.desk.engine.begin() as connection:
            return await publish_read(
                connection, read_playbook(source, at_), source, author="root", comment="c", now=at_, running=running
            )

    async def reach(self, revision: int, now: datetime | None = None, *, rate: float = 10_000) -> RolloutState:
        async def pace(seconds: float) -> None:
            self.waited += seconds

        reach = RolloutReach(self.desk.engine, self.desk.store, self.desk.shelves, leads_a_second=rate, pace=pace)
        instant = now or self.now + IN_FORCE_AFTER
        return (await reach.go_on(revision, lambda: instant, seconds=20)).state

    async def due(self, lead_id: UUID, name: str = "first_touch") -> datetime:
        rows = [row for row in await self.desk.rows(clocks, lead_id) if row.clock == name]
        due_at: datetime = rows[-1].due_at
        return due_at

    async def journal_of(self, lead_id: UUID) -> list[Entry]:
        async with self.desk.engine.connect() as connection:
            return await read_all(connection, lead_id)

    async def shows(self, revision: int) -> Rollout:
        return await self.store.get(revision, now=self.now)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[RolloutDesk]:
    async with opened_desk(database_url, rules("PT8H")) as opened:
        yield RolloutDesk(opened)


async def test_every_lead_under_way_is_moved_and_its_due_instant_written(desk: RolloutDesk) -> None:
    leads = [await desk.lead(f"lead-{n}") for n in range(5)]
    revision = await desk.publish("PT4H")

    assert await desk.reach(revision) is RolloutState.DONE

    assert [await desk.due(lead) for lead in leads] == [at(hours=4)] * 5
    shown = await desk.shows(revision)
    assert (shown.state, shown.total, shown.reached, shown.adopted) == (RolloutState.DONE, 5, 5, 5)
    for lead in leads:
        [row] = await desk.desk.rows(lead_states, lead)
        folded, _ = refold(str(lead), await desk.journal_of(lead), await desk.desk.shelves.at_least(2))
        folded.tick = row.tick
        assert load_state(row.state) == folded


async def test_reached_twice_a_lead_is_as_reached_once(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    revision = await desk.publish("PT4H")
    await desk.reach(revision)
    before = [row.type for row in await desk.journal_of(lead)]

    await desk.desk.store.take_step(lead, desk.now + timedelta(minutes=1), aside=True)

    assert [row.type for row in await desk.journal_of(lead)] == before
    assert before.count("playbook.adopted") == 1


async def test_a_publication_that_keeps_what_runs_is_done_at_once(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    for choice in (None, Running(default=Choice.NEW_LEADS_ONLY)):
        revision = await desk.publish("PT4H", choice)
        assert (await desk.shows(revision)).state is RolloutState.DONE
        assert await desk.book.take(at(days=1)) == []
        await desk.desk.step(lead, at(hours=2, minutes=1))

    assert await desk.due(lead) == at(hours=8)


async def test_it_does_not_begin_before_the_revision_is_in_force(desk: RolloutDesk) -> None:
    await desk.lead("lead-1")
    revision = await desk.publish("PT4H")

    assert await desk.book.take(desk.now) == []
    assert await desk.reach(revision, desk.now) is RolloutState.RUNNING
    assert (await desk.shows(revision)).reached == 0
    assert await desk.book.take(desk.now + IN_FORCE_AFTER) == [revision]
    assert await desk.book.take(desk.now + IN_FORCE_AFTER) == []  # rung again if it does not get on


async def test_a_lead_that_wakes_before_it_is_reached_adopts_by_itself(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    await desk.publish("PT10H")

    await desk.desk.step(lead, at(hours=8))  # due under the old revision, which is not the one it goes by

    assert await desk.due(lead) == at(hours=1, days=1)  # 9 hours on Monday, one on Tuesday
    assert "breach_announced" not in [entry.type for entry in await desk.journal_of(lead)]


async def test_paused_it_reaches_nobody_until_it_goes_on(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    revision = await desk.publish("PT4H")
    paused = await desk.store.pause(revision, by="root", now=desk.now)
    assert paused.state is RolloutState.PAUSED

    assert await desk.reach(revision) is RolloutState.PAUSED
    await desk.desk.step(lead, at(hours=3))
    assert await desk.due(lead) == at(hours=8)

    await desk.store.resume(revision, by="root", now=desk.now)
    assert await desk.book.take(desk.now) == [revision]
    assert await desk.reach(revision, at(hours=3, minutes=1)) is RolloutState.DONE
    assert await desk.due(lead) == at(hours=4)


async def test_cancelled_what_is_adopted_stays_and_the_rest_finishes_as_it_was(desk: RolloutDesk) -> None:
    first, second = await desk.lead("lead-1"), await desk.lead("lead-2")
    revision = await desk.publish("PT4H")
    await desk.desk.step(first, desk.now + IN_FORCE_AFTER)

    cancelled = await desk.store.cancel(revision, by="mira", now=at(hours=2, minutes=1))

    assert (cancelled.state, cancelled.changed_by) == (RolloutState.CANCELLED, "mira")
    assert await desk.reach(revision, at(hours=3)) is RolloutState.CANCELLED
    await desk.desk.step(second, at(hours=3))
    assert (await desk.due(first), await desk.due(second)) == (at(hours=4), at(hours=8))
    with pytest.raises(RolloutOverError):
        await desk.store.resume(revision, by="mira", now=desk.now)


async def test_a_newer_publication_takes_over_and_leads_adopt_both_in_their_order(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    second = await desk.publish("PT4H")
    third = await desk.publish("PT6H", now=at(hours=2, minutes=30))

    assert (await desk.shows(second)).state is RolloutState.SUPERSEDED
    assert await desk.reach(third, at(hours=3)) is RolloutState.DONE

    adopted = [e.id for e in await desk.journal_of(lead) if e.type == "playbook.adopted"]
    assert adopted == [f"adopted:{number}:{lead}" for number in (2, 3)]
    assert await desk.due(lead) == at(hours=6)


async def test_what_stood_still_when_a_newer_one_was_published_reaches_nobody(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    second = await desk.publish("PT4H", Running(default=Choice.RESTART))
    await desk.store.pause(second, by="root", now=desk.now)
    third = await desk.publish("PT6H", now=at(hours=2, minutes=30))

    await desk.reach(third, at(hours=3))

    assert (await desk.shows(second)).state is RolloutState.CANCELLED
    assert (await desk.shows(second)).why == "revision 3 was published"
    assert await desk.due(lead) == at(hours=6)


async def test_one_that_keeps_what_runs_supersedes_nothing(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    second = await desk.publish("PT4H")
    await desk.publish("PT6H", None, now=at(hours=2, minutes=30))

    assert await desk.reach(second, at(hours=3)) is RolloutState.DONE
    assert await desk.due(lead) == at(hours=4)


async def test_what_the_edit_would_break_is_listed_and_released_or_waived(desk: RolloutDesk) -> None:
    leads = [await desk.lead(f"lead-{n}") for n in range(3)]
    await desk.desk.told(touched(at(hours=1)), subject="lead-0")
    revision = await desk.publish("PT1H")
    await desk.reach(revision)
    assert [await desk.due(lead) for lead in leads[1:]] == [at(hours=8)] * 2

    held = await desk.store.held(revision, after=None, limit=10, now=desk.now)
    assert {(h.lead_id, h.clock, h.held_due_at) for h in held} == {(x, "first_touch", at(hours=1)) for x in leads[1:]}
    assert (await desk.shows(revision)).held_leads == 2

    told = await desk.store.confirm(revision, by="root", now=at(hours=3))
    assert told == 2
    assert set(await Rings(desk.desk.engine).take_mail(at(hours=3), 10)) >= set(leads[1:])
    for lead in leads[1:]:
        await desk.desk.step(lead, at(hours=3, minutes=1))
    assert [await desk.due(lead) for lead in leads[1:]] == [at(hours=3)] * 2
    assert (await desk.shows(revision)).held_leads == 0
    assert await desk.store.waive(revision, by="root", now=at(hours=4)) == 0


async def test_two_who_confirm_at_once_break_it_once(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    revision = await desk.publish("PT1H")
    await desk.reach(revision)

    await asyncio.gather(*(desk.store.confirm(revision, by=who, now=at(hours=3)) for who in ("root", "mira")),
                         return_exceptions=True)  # fmt: skip
    await desk.desk.step(lead, at(hours=3, minutes=1))

    said = [e.type for e in await desk.journal_of(lead)]
    assert said.count("breach_announced") == 1


async def test_a_lead_moved_to_an_earlier_alarm_is_rung_shortly_before_it(desk: RolloutDesk) -> None:
    lead = await desk.lead("lead-1")
    revision = await desk.publish("PT4H")
    await desk.desk.everything_is_sent()
    await desk.desk.step(lead, at(hours=1))
    await desk.reach(revision)

    async with desk.desk.engine.connect() as connection:
        ring_due_at = await connection.scalar(select(mailboxes.c.ring_due_at).where(mailboxes.c.lead_id == lead))
    # three quarters of four hours are over at 12:00
    assert ring_due_at == at(hours=3) - timedelta(seconds=90)


async def test_a_slow_rollout_waits_between_its_leads(desk: RolloutDesk) -> None:
    for n in range(6):
        await desk.lead(f"lead-{n}")
    revision = await desk.publish("PT4H")

    await desk.reach(revision, rate=2)

    assert desk.waited > 2.0  # six leads at two a second


async def test_there_is_no_rollout_of_what_was_never_published(desk: RolloutDesk) -> None:
    calls: list[Any] = [desk.store.get(9, now=desk.now), desk.store.pause(9, by="x", now=desk.now), desk.reach(9)]
    for call in calls:
        with pytest.raises(NoSuchRolloutError):
            await call
