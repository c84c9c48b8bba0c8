"""Hand-offs as rows: written by the step in which they change, and dropped when they never were."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import text

from leads.state import load_state
from storage.hand_off_rows import hand_off_rows
from storage.tables import clocks, hand_offs, lead_states, leads
from tests.builders import at, captured, fact, raised, touched
from tests.storage.step_desk import StepDesk, opened_desk

HORIZON = at(hours=9)
"""One business day after Monday 09:00; this playbook waits for no late word."""
TO_CARL = fact("lead.assigned", at(10), owner="carl", team="closers", by="ana")


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def handed_over(desk: StepDesk) -> UUID:
    lead_id = await desk.mail(captured(at(0)), raised(at(0)))
    await desk.step(lead_id, at(0))
    return lead_id


async def only_row(desk: StepDesk, lead_id: UUID) -> Any:
    [row] = await desk.rows(hand_offs, lead_id)
    return row


async def versions(desk: StepDesk, table: str) -> list[str]:
    """Which transaction wrote each row last."""
    async with desk.engine.connect() as connection:
        found = await connection.execute(text(f"SELECT xmin::text FROM {table} ORDER BY 1"))  # noqa: S608  a constant
        return list(found.scalars())


async def test_a_hand_off_is_a_row_from_the_step_that_opens_it(desk: StepDesk) -> None:
    row = await only_row(desk, await handed_over(desk))

    assert (row.id, row.number, row.kind) == (f"crm/{raised(at(0)).id}", 1, "marketing_to_rep")
    assert (row.team, row.segment, row.revision, row.owner, row.queue) == ("sales", "hot", 1, "ana", None)
    assert (row.opened_at, row.raised_at, row.owner_since, row.horizon_at) == (at(0), at(0), at(0), HORIZON)
    assert (row.touched_at, row.attempts, row.hops, row.is_ignored, row.ended_at) == (None, 0, 0, False, None)


async def test_it_follows_what_happens_to_it(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    await desk.told(touched(at(5)), touched(at(7), connected=True), fact("lead.rejected", at(9), reason="no_budget"))

    row = await only_row(desk, lead_id)

    assert (row.touched_at, row.touched_by, row.conversed_at, row.attempts) == (at(5), "ana", at(7), 2)
    assert (row.ended_at, row.result, row.reason) == (at(9), "rejected", "no_budget")


async def test_the_baton_passed_on_is_a_row_of_its_own_that_names_where_it_came_from(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    await desk.told(touched(at(5), connected=True), TO_CARL)

    rep, closer = sorted(await desk.rows(hand_offs, lead_id), key=lambda row: row.number)

    assert (rep.number, rep.result, rep.ended_at) == (1, "passed_on", at(10))
    assert (closer.number, closer.kind, closer.giver, closer.sourced_by) == (2, "rep_to_closer", "ana", rep.id)
    assert {row.hand_off for row in await desk.rows(clocks, lead_id) if row.clock == "accept"} == {closer.id}


async def test_a_step_in_which_nothing_changes_writes_no_row(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    before = await versions(desk, "hand_offs"), await versions(desk, "clocks")

    await desk.step(lead_id, at(1))
    await desk.told(fact("lead.engaged", at(2), kind="page_viewed"))  # news, but none of it

    assert (await versions(desk, "hand_offs"), await versions(desk, "clocks")) == before


async def test_it_is_ignored_once_its_horizon_passes_by_itself_and_a_later_touch_does_not_change_that(
    desk: StepDesk,
) -> None:
    lead_id = await handed_over(desk)
    before = await only_row(desk, lead_id)
    await desk.sleep_until(lead_id, HORIZON, now=at(1))
    after = await only_row(desk, lead_id)
    await desk.told(touched(at(1, hours=9)))
    touched_later = await only_row(desk, lead_id)

    assert (before.is_ignored, after.is_ignored, touched_later.is_ignored) == (False, True, True)
    [lead] = await desk.rows(leads, lead_id)
    assert (lead.ignored_at, lead.is_counted) == (HORIZON, True)


async def test_late_word_of_a_touch_in_time_takes_it_out(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    await desk.sleep_until(lead_id, HORIZON, now=at(1))

    await desk.mail(touched(at(60)))
    await desk.step(lead_id, at(5, hours=9))

    assert (await only_row(desk, lead_id)).is_ignored is False
    [lead] = await desk.rows(leads, lead_id)
    assert lead.ignored_at is None


async def test_what_never_was_a_lead_leaves_the_numbers_also_backwards(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    await desk.sleep_until(lead_id, HORIZON, now=at(1))

    await desk.told(fact("lead.disqualified", at(5, hours=9), kind="not_a_lead", reason="test"))

    assert (await only_row(desk, lead_id)).is_ignored is False
    [lead] = await desk.rows(leads, lead_id)
    assert (lead.is_counted, lead.ignored_at) == (False, None)


async def test_a_refold_drops_the_row_of_a_hand_off_that_never_was(desk: StepDesk) -> None:
    """A score hands it over. Then word comes of a hand raised before: the hand-off goes by that."""
    points = [fact("lead.engaged", at(1), kind="content_downloaded", points=60)]
    lead_id = await desk.mail(captured(at(0)), *points)
    await desk.step(lead_id, at(2))
    before = await only_row(desk, lead_id)

    await desk.mail(raised(at(0.5)))
    await desk.step(lead_id, at(3))
    after = await only_row(desk, lead_id)

    assert before.id.startswith("qualified:")
    assert (after.id, after.raised_at) == (f"crm/{raised(at(0.5)).id}", at(0.5))


async def test_leads_folded_by_older_rules_get_their_rows_with_their_next_step(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    before = await desk.rows(hand_offs, lead_id), await desk.rows(clocks, lead_id)
    async with desk.engine.begin() as connection:
        await connection.execute(text("DELETE FROM hand_offs"))
        await connection.execute(text("UPDATE clocks SET subject = NULL"))
        old = "UPDATE lead_states SET state = jsonb_set(state::jsonb, '{rules_version}', '1')::json"
        await connection.execute(text(old))

    await desk.step(lead_id, at(1))

    assert (await desk.rows(hand_offs, lead_id), await desk.rows(clocks, lead_id)) == before


async def test_the_rows_are_those_of_the_stored_state(desk: StepDesk) -> None:
    lead_id = await handed_over(desk)
    await desk.sleep_until(lead_id, HORIZON, now=at(1))
    await desk.told(
        touched(at(10, hours=9), connected=True),
        fact("lead.assigned", at(20, hours=9), owner="carl", team="closers", by="ana"),
        fact("lead.returned", at(30, hours=9), reason="no_fit", by="carl"),
    )

    [stored] = await desk.rows(lead_states, lead_id)
    rows = sorted(await desk.rows(hand_offs, lead_id), key=lambda row: row.number)

    assert [dict(row._mapping) for row in rows] == list(hand_off_rows(load_state(stored.state), stored.tick).values())
    assert len(rows) == 3
