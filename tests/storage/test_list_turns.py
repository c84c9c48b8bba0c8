"""Looking after a bulk list: the day's share goes to sales once, in order, duplicates never."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import select, update

from leads.list_entry import ListEntry
from storage.list_store import ListCancelledError
from storage.tables import journal, leads, people, team_members
from tests.builders import at, captured, raised
from tests.storage.list_desk import UPLOAD, ListDesk, by
from tests.storage.step_desk import WITHOUT_LAG, opened_desk

TWO_A_DAY = WITHOUT_LAG.replace("per_rep_a_day: 20", "per_rep_a_day: 2")
MONDAY, TUESDAY = at(0), at(days=1)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[ListDesk]:
    """Each of three people gets two leads of lists in a day."""
    async with opened_desk(database_url, TWO_A_DAY) as opened:
        yield ListDesk(opened)


async def test_each_day_the_team_gets_its_share(desk: ListDesk) -> None:
    """3 people, 2 each: of 14 leads 6 on Monday, 6 on Tuesday, 2 on Wednesday."""
    await desk.comes_in(*range(14))

    closed = await desk.look(at(-30))
    released = [(await desk.look(when)).released for when in (MONDAY, at(60), TUESDAY, at(days=2), at(days=3))]

    assert (closed.released, closed.look_at) == (0, MONDAY)
    assert released == [6, 0, 6, 2, 0]
    assert await desk.counts(at(days=3)) == {"uploaded": 14, "released": 14}


async def test_who_waits_is_in_nobody_s_queue(desk: ListDesk) -> None:
    [lead] = await desk.comes_in(1)

    assert await desk.standing(lead) == [("captured", None, "expo")]
    assert await desk.counts(MONDAY) == {"uploaded": 1, "waiting": 1}


async def test_the_highest_score_goes_first_then_as_they_came_in(desk: ListDesk) -> None:
    came = await desk.comes_in(*range(9))
    await desk.scores(came[7], 7, 30)
    await desk.scores(came[8], 8, 10)

    await desk.look(MONDAY)

    waiting = [lead for lead, (_, _, waits) in zip(came, await desk.standing(*came), strict=True) if waits]
    assert waiting == came[4:7]  # 7 and 8 by their score, then 0 to 3


async def test_somebody_away_gets_nothing_and_is_counted_when_back(desk: ListDesk) -> None:
    await desk.comes_in(*range(9))
    await desk.is_away("ben", at(-600), at(hours=3))

    morning, afternoon = await desk.look(MONDAY), await desk.look(at(hours=3))

    assert (morning.released, morning.look_at, afternoon.released) == (4, at(hours=1), 2)


async def test_who_takes_fewer_leads_a_day_is_given_fewer(desk: ListDesk) -> None:
    await desk.comes_in(*range(9))
    async with desk.steps.engine.begin() as connection:
        await connection.execute(update(people).where(people.c.person_id == "ana").values(max_new_leads_per_day=1))

    assert (await desk.look(MONDAY)).released == 5


async def test_all_lists_of_a_team_share_its_day(desk: ListDesk) -> None:
    await desk.comes_in(*range(4))
    await desk.comes_in(*range(10, 20), name="webinar")

    first, second = await desk.look(MONDAY), await desk.look(MONDAY, "webinar")

    assert (first.released, second.released) == (4, 2)


async def test_a_list_may_have_a_team_and_a_pace_of_its_own(desk: ListDesk) -> None:
    await desk.comes_in(*range(9))
    entry = ListEntry(team="closers", per_rep_a_day=5)
    await desk.lists.edit("expo", lambda _kept: entry, by=by(UPLOAD))

    assert (await desk.look(MONDAY)).released == 5


async def test_taken_twice_a_look_releases_nobody_twice(desk: ListDesk) -> None:
    """The worker died after the look, before the leads read of it."""
    came = await desk.comes_in(*range(4))
    await desk.turns.look("expo", MONDAY)

    again = await desk.look(MONDAY)

    assert again.released == 0
    async with desk.steps.engine.connect() as connection:
        told = await connection.execute(select(journal).where(journal.c.type == "lead.released"))
    assert sorted(row.lead_id for row in told) == sorted(came)


async def test_a_duplicate_of_a_lead_under_way_opens_no_second_hand_off(desk: ListDesk) -> None:
    """Ada asked on the website under another key; the list has her address. Her own lead hears that she was there."""
    known = captured(at(-500), email="Ada@Fair.example")
    under_way = await desk.steps.told(known, raised(at(-500)), subject="visitor-1")
    [twin] = await desk.comes_in(1, email="ada@fair.example")

    await desk.look(MONDAY)

    async with desk.steps.engine.connect() as connection:
        row = (await connection.execute(select(leads).where(leads.c.lead_id == twin))).one()
        heard = (await connection.execute(select(journal).where(journal.c.lead_id == under_way))).all()
    assert (row.stage, row.owner, row.waits_in) == ("disqualified", None, None)
    assert await desk.counts(MONDAY) == {"uploaded": 1, "ruled_out": 1}
    assert [row.data["campaign"] for row in heard if row.type == "lead.engaged"] == ["expo"]


async def test_of_two_rows_with_one_address_the_first_goes(desk: ListDesk) -> None:
    came = await desk.comes_in(1, 2, email="same@fair.example")

    look = await desk.look(MONDAY)

    assert [stage for stage, _, _ in await desk.standing(*came)] == ["assigned", "disqualified"]
    assert look.released == 1


async def test_a_duplicate_takes_nobody_s_place(desk: ListDesk) -> None:
    """Of the first six one is a duplicate: the seventh is released in its place, a moment later."""
    await desk.comes_in(1, 2, email="same@fair.example")
    await desk.comes_in(*range(3, 9))

    first = await desk.look(MONDAY)
    assert first.look_at is not None
    second = await desk.look(first.look_at)

    assert (first.released, first.look_at, second.released) == (5, MONDAY + timedelta(seconds=10), 1)


async def test_a_raised_hand_waits_for_nothing(desk: ListDesk) -> None:
    [lead] = await desk.comes_in(1)

    await desk.steps.told(raised(at(-50)), subject="expo-1")

    assert [stage for stage, _, _ in await desk.standing(lead)] == ["assigned"]
    assert await desk.counts(MONDAY) == {"uploaded": 1, "released_early": 1}


async def test_paused_it_releases_nothing_and_resumed_it_goes_on(desk: ListDesk) -> None:
    await desk.comes_in(*range(9))
    await desk.lists.order("expo", "paused", by(UPLOAD))
    paused = await desk.look(MONDAY)

    await desk.lists.order("expo", "open", by(at(10)))
    resumed = await desk.look(at(10))

    assert (paused.released, paused.look_at, resumed.released) == (0, None, 6)


async def test_cancelled_what_waits_goes_on_with_marketing(desk: ListDesk) -> None:
    came = await desk.comes_in(*range(8))
    await desk.look(MONDAY)

    await desk.lists.order("expo", "cancelled", by(at(10)))
    await desk.look(at(10))

    assert await desk.counts(at(10)) == {"uploaded": 8, "released": 6, "let_go": 2}
    assert [stage for stage, _, _ in await desk.standing(*came[6:])] == ["nurturing", "nurturing"]


async def test_what_was_cancelled_does_not_go_on(desk: ListDesk) -> None:
    await desk.comes_in(1)
    await desk.lists.order("expo", "cancelled", by(UPLOAD))

    refused = False
    try:
        await desk.lists.order("expo", "open", by(at(10)))
    except ListCancelledError:
        refused = True

    assert refused


async def test_a_team_of_nobody_is_looked_at_again_in_an_hour(desk: ListDesk) -> None:
    await desk.comes_in(1)
    async with desk.steps.engine.begin() as connection:
        await connection.execute(team_members.delete())

    look = await desk.look(MONDAY)

    assert (look.released, look.look_at) == (0, at(60))
