"""Marketing's own promise: from the event's end to the upload; who gave it hears once when it is broken."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from leads.list_entry import ListEntry
from leads.list_pace import UploadOutcome
from storage.list_letters import ListLetters, UnknownOwnerError
from storage.roster_kept import RosterError
from storage.tables import people
from tests.builders import at
from tests.storage.list_desk import ListDesk, by
from tests.storage.step_desk import opened_desk

ENDED = at(days=-3, hours=8)
"""Friday 17:00; 18 working hours later it is Tuesday 17:00."""
DUE = at(days=1, hours=8)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[ListDesk]:
    async with opened_desk(database_url) as opened:
        yield ListDesk(opened)


async def announced(desk: ListDesk, owner: str | None = "mira") -> None:
    entry = ListEntry(event_ended_at=ENDED, marketing_owner=owner)
    await desk.lists.edit("expo", lambda _kept: entry, by=by(at(days=-4)))


async def test_announced_before_the_event_it_is_looked_at_when_it_is_due(desk: ListDesk) -> None:
    await announced(desk)

    look = await desk.look(at(days=-4))

    assert (look.look_at, look.owes_letter) == (DUE, False)


async def test_that_it_is_late_is_said_once(desk: ListDesk) -> None:
    await announced(desk)
    letters = ListLetters(desk.steps.engine, desk.steps.shelves)

    look = await desk.look(DUE)
    late = await letters.late("expo", DUE)
    assert late is not None
    await letters.told("expo", late.due_at, DUE)
    again = await desk.look(DUE + timedelta(hours=1))

    assert (look.owes_letter, again.owes_letter) == (True, False)
    assert (late.person_id, late.due_at, late.uploaded_at, late.took) == ("mira", DUE, None, timedelta(hours=18))
    assert await letters.late("expo", DUE + timedelta(hours=1)) is None


async def test_where_the_letter_did_not_go_it_is_tried_again_in_an_hour(desk: ListDesk) -> None:
    await announced(desk)

    look = await desk.look(DUE)

    assert look.look_at == DUE + timedelta(hours=1)
    assert (await desk.look(DUE + timedelta(hours=1))).owes_letter


async def test_in_time_nobody_hears(desk: ListDesk) -> None:
    await announced(desk)
    await desk.comes_in(1, when=at(0))

    assert not (await desk.look(DUE)).owes_letter
    promise = (await desk.page(DUE)).promise
    assert promise is not None
    assert (promise.outcome, promise.took) == (UploadOutcome.MET, timedelta(hours=1))  # Friday 17:00 to 18:00


async def test_an_event_end_put_right_is_judged_anew(desk: ListDesk) -> None:
    await announced(desk)
    await desk.look(DUE)
    moved = ListEntry(event_ended_at=at(0), marketing_owner="mira")

    await desk.lists.edit("expo", lambda _kept: moved, by=by(DUE))

    assert not (await desk.look(DUE)).owes_letter


async def test_without_a_marketing_owner_the_page_alone_says_it(desk: ListDesk) -> None:
    await announced(desk, owner=None)

    assert not (await desk.look(DUE)).owes_letter
    promise = (await desk.page(DUE)).promise
    assert promise is not None
    assert promise.outcome is UploadOutcome.BREACHED


async def test_an_owner_who_is_not_in_the_roster_is_refused(desk: ListDesk) -> None:
    with pytest.raises(RosterError, match="no active person"):
        await announced(desk, owner="nobody")
    assert await desk.lists.get("expo", at(0)) is None


async def test_an_owner_who_has_left_since_is_a_fault_that_is_said(desk: ListDesk) -> None:
    await announced(desk)
    await desk.look(DUE)
    async with desk.steps.engine.begin() as connection:
        await connection.execute(update(people).where(people.c.person_id == "mira").values(is_active=False))

    with pytest.raises(UnknownOwnerError):
        await ListLetters(desk.steps.engine, desk.steps.shelves).late("expo", DUE)
