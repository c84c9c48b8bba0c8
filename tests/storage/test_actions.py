"""Actions on their way: one worker at a time, none after a withdrawal, nothing lost with a worker that dies."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from leads.brief import Claim, Hearer, Standing
from leads.post import Ending, Fate, Parcel
from storage.actions import LEASE
from storage.tables import actions, leads
from tests.builders import Story
from tests.desk import LEAD, NOON, Desk, notice
from tests.eventually import eventually

SECOND = timedelta(seconds=1)
ANA = Hearer(key="ana", role="owner", name="Ana", of="Ana", email="ana@sales.example")


def failed(code: str) -> Ending:
    return Ending(state="pending", code=code, retry_at=NOON + 9 * SECOND)


def told_to(claim: Claim) -> Fate:
    """Ana has got the letter."""
    return Fate(parcel=Parcel(letter_id=claim.action_id, hearer=ANA, notices=(), claims=(claim,)))


async def settle(desk: Desk, claim: Claim, ending: Ending, *fates: Fate) -> None:
    await desk.store.settle(claim, NOON, ending, fates, last_attempt=12)


async def test_a_pending_action_is_claimed_by_one_worker_only(desk: Desk) -> None:
    action_id = await desk.issue(notice())

    claims = await asyncio.gather(*(desk.claimed(action_id) for _ in range(5)))

    assert sorted(claim.standing for claim in claims) == [Standing.GRANTED, *[Standing.HELD] * 4]
    row = await desk.row(action_id)
    assert (row.state, row.attempts, row.claimed_at, row.retry_at) == ("claimed", 1, NOON, NOON + LEASE)


@pytest.mark.parametrize(
    ("state", "standing"),
    [("withdrawn", Standing.WITHDRAWN), ("done", Standing.DONE), ("parked", Standing.PARKED)],
)
async def test_what_is_over_is_not_claimed(desk: Desk, state: str, standing: Standing) -> None:
    action_id = await desk.issue(notice())
    await desk.set_row(action_id, state=state)

    assert (await desk.claimed(action_id)).standing is standing
    assert (await desk.row(action_id)).state == state


async def test_the_action_of_an_erased_lead_counts_as_withdrawn(desk: Desk) -> None:
    assert (await desk.claimed(uuid4())).standing is Standing.WITHDRAWN


async def test_the_claim_of_a_dead_worker_runs_out(desk: Desk) -> None:
    action_id = await desk.issue(notice())
    dead = await desk.claimed(action_id)

    assert (await desk.claimed(action_id, NOON + LEASE - SECOND)).standing is Standing.HELD
    again = await desk.claimed(action_id, NOON + LEASE)

    assert (dead.attempt, again.standing, again.attempt) == (1, Standing.GRANTED, 2)


async def test_a_worker_thought_dead_changes_nothing_any_more(desk: Desk) -> None:
    action_id = await desk.issue(notice())
    slow = await desk.claimed(action_id)
    await desk.claimed(action_id, NOON + LEASE)

    assert await desk.store.post(slow, NOON + LEASE) is None
    for ending in (failed("mail_timeout"), Ending(state="parked", code="mail_timeout"), Ending(state="done")):
        await settle(desk, slow, ending, told_to(slow))

    row = await desk.row(action_id)
    assert (row.state, row.attempts, row.payload) == ("claimed", 2, {"to": ["owner:ana"], "about": "none"})


async def test_what_is_put_off_is_pending_again_and_remembers_who_has_heard(desk: Desk) -> None:
    action_id = await desk.issue(notice("overtaken", "owner:ana", "owner:ben"))
    claim = await desk.claimed(action_id)
    post = await desk.store.post(claim, NOON)
    assert post is not None
    to_ana, to_ben = post.parcels

    lost = Fate(parcel=to_ben, code="mail_timeout", retry_at=NOON + 9 * SECOND)
    await settle(desk, claim, failed("mail_timeout"), Fate(parcel=to_ana), lost)

    row = await desk.row(action_id)
    assert (row.state, row.retry_at, row.error_code) == ("pending", NOON + 9 * SECOND, "mail_timeout")
    assert row.payload["told"] == ["ana"]
    again = await desk.store.post(await desk.claimed(action_id, row.retry_at), row.retry_at)
    assert again is not None
    assert [parcel.hearer.key for parcel in again.parcels] == ["ben"]


async def test_what_is_done_is_done(desk: Desk) -> None:
    action_id = await desk.issue(notice())
    claim = await desk.claimed(action_id)

    await settle(desk, claim, Ending(state="done"), told_to(claim))

    row = await desk.row(action_id)
    assert (row.state, row.done_at, row.retry_at, row.error_code) == ("done", NOON, None, None)
    assert row.payload["told"] == ["ana"]


async def test_parked_actions_are_listed_counted_and_can_be_tried_again(desk: Desk) -> None:
    await desk.keep(Story())
    action_id = await desk.issue(notice())
    for _ in range(2):
        await settle(desk, await desk.claimed(action_id), Ending(state="parked", code="address_refused"))

    [parked] = await desk.store.list_parked()
    assert (parked.action_id, parked.lead_id, parked.error_code) == (action_id, LEAD, "address_refused")
    assert await desk.store.count_parked() == {"address_refused": 1}

    assert await desk.store.retry_parked(action_id, NOON)
    assert not await desk.store.retry_parked(action_id, NOON)
    assert await desk.store.list_parked() == []
    assert (await desk.claimed(action_id)).attempt == 1  # with all its tries
    async with desk.engine.connect() as connection:
        assert await connection.scalar(select(leads.c.wake_at)) == NOON  # the sweep finds the lead


async def test_a_claim_waits_for_the_step_that_may_withdraw_the_action(desk: Desk) -> None:
    action_id = await desk.issue(notice())
    async with desk.engine.begin() as step:
        await step.execute(select(actions.c.key).where(actions.c.lead_id == LEAD).with_for_update(key_share=True))
        claim = asyncio.create_task(desk.claimed(action_id))
        is_waiting: bool = await eventually(partial(_somebody_waits, desk))
        assert is_waiting
        await step.execute(update(actions).values(state="withdrawn"))

    assert (await claim).standing is Standing.WITHDRAWN


async def _somebody_waits(desk: Desk) -> bool:
    async with desk.engine.connect() as connection:
        return bool(await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
