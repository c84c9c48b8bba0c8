"""Letters taken together: in step with the steps of their leads, without a deadlock, and for little."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, text, update

from leads.brief import Claim, Standing
from leads.post import Ending, Fate, Post
from storage.actions import ActionStore
from storage.playbooks import Shelves
from storage.tables import actions, letters
from tests.desk import NOON, Desk, notice
from tests.eventually import eventually
from tests.measures.plans import explained

MINUTE = timedelta(minutes=1)
RELEASE = NOON + 5 * MINUTE
DONE = Ending(state="done", is_no_try=True)


async def told(desk: Desk, action_id: UUID, at: Any = NOON) -> Post | None:
    """As the activity does it with a mail server that takes everything."""
    claim = await desk.store.claim(action_id, at)
    if claim.standing is not Standing.GRANTED:
        return None
    post = await desk.store.post(claim, at)
    assert post is not None
    fates = [Fate(parcel=parcel) for parcel in post.parcels]
    await desk.store.settle(claim, at, DONE, fates, post.dropped, last_attempt=12)
    return post


async def held(desk: Desk, *leads: int, to: tuple[str, ...] = ("owner:ana",)) -> list[UUID]:
    """Notices of these leads that are held for whoever has had three already."""
    for number in range(3):
        await told(desk, await desk.issue(notice("overtaken", *to), f"before:{number}", lead=UUID(int=99)))
    found = []
    for number, lead in enumerate(leads):
        found.append(await desk.issue(notice("overtaken", *to), f"held:{number:02}", lead=UUID(int=lead)))
        post = await told(desk, found[-1])
        assert post is not None
        assert post.held_until == RELEASE
    return found


async def test_a_digest_waits_for_the_step_that_may_withdraw_what_is_in_it(desk: Desk) -> None:
    one, two, three = await held(desk, 1, 2, 3)
    async with desk.engine.begin() as step:
        await step.execute(select(actions.c.key).where(actions.c.action_id == two).with_for_update(key_share=True))
        claim = asyncio.create_task(desk.store.claim(one, RELEASE))
        is_waiting: bool = await eventually(partial(_somebody_waits, desk))
        assert is_waiting
        await step.execute(update(actions).where(actions.c.action_id == two).values(state="withdrawn"))

    post = await desk.store.post(await claim, RELEASE)

    assert post is not None
    assert {own.action_id for parcel in post.parcels for own in parcel.claims} == {one, three}


async def _somebody_waits(desk: Desk) -> bool:
    async with desk.engine.connect() as connection:
        return bool(await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


async def test_what_a_digest_has_taken_no_step_may_withdraw(desk: Desk) -> None:
    one, two = await held(desk, 1, 2)
    await desk.store.claim(one, RELEASE)

    assert (await desk.row(two)).state == "claimed"
    assert (await desk.store.claim(two, RELEASE)).standing is Standing.HELD


async def test_a_notice_taken_for_one_hearer_stays_held_for_another(desk: Desk) -> None:
    [both] = await held(desk, 1, to=("owner:ana", "owner:ben"))
    async with desk.engine.begin() as connection:  # Ben's evening has come, say
        for_ben = (letters.c.action_id == both) & (letters.c.hearer == "ben")
        await connection.execute(letters.update().where(for_ben).values(release_at=RELEASE + MINUTE))

    post = await told(desk, both, RELEASE)

    assert post is not None
    assert [parcel.hearer.key for parcel in post.parcels] == ["ana"]
    row = await desk.row(both)
    assert (row.state, row.retry_at, row.payload["told"], row.attempts) == ("pending", RELEASE + MINUTE, ["ana"], 0)


async def test_only_so_many_are_spelt_out_and_the_rest_is_counted(desk: Desk) -> None:
    several = await held(desk, *range(1, 61))

    post = await told(desk, several[0], RELEASE)

    assert post is not None
    [parcel] = post.parcels
    assert (len(parcel.notices), parcel.more, len(parcel.claims)) == (50, 10, 60)
    # of those not spelt out nobody has looked up yet who else is to hear: their own turn does
    states = Counter([(await desk.row(action)).state for action in several])
    assert states.keys() == {"done", "pending"}
    assert states["pending"] in (9, 10)  # the one whose turn it is may be among them
    for action in several:
        await told(desk, action, RELEASE)
    assert {(await desk.row(action)).state for action in several} == {"done"}


async def test_digests_and_steps_never_lock_each_other_out(desk: Desk) -> None:
    """Steps lock all actions of a lead, oldest first; digests those of many leads. A deadlock would raise."""
    several = await held(desk, *range(1, 5), *range(1, 5), *range(1, 5), to=("owner:ana", "owner:ben", "manager:ana"))
    chance = random.Random(3)
    is_over = False

    async def step() -> None:
        while not is_over:
            lead = chance.randint(1, 4)
            async with desk.engine.begin() as connection:
                for number in range(lead - 1, 12, 4):  # one by one, so that others come between
                    one = select(actions.c.key).where(actions.c.action_id == several[number])
                    await connection.execute(one.with_for_update(key_share=True))
                    await asyncio.sleep(0.002)

    steps = [asyncio.create_task(step()) for _ in range(3)]
    fresh = [await desk.issue(notice("overtaken", "owner:ana"), f"new:{n}", lead=UUID(int=n % 4 + 1)) for n in range(9)]
    shuffled = chance.sample(several, len(several))
    await asyncio.gather(*(told(desk, action, RELEASE) for action in [*shuffled, *fresh]))
    is_over = True
    await asyncio.gather(*steps)

    assert {(await desk.row(action)).state for action in several} == {"done"}


async def test_a_notice_to_somebody_who_has_had_few_costs_few_statements(desk: Desk, database_url: str) -> None:
    async with explained(database_url) as watched:
        desk.store = ActionStore(watched.engine, Shelves(watched.engine))
        await told(desk, await desk.issue(notice("overtaken"), "first"))
        action_id = await desk.issue(notice("overtaken"))
        watched.take()
        begun: list[object] = []
        event.listen(watched.engine.sync_engine, "checkout", lambda *given: begun.append(given))

        await told(desk, action_id)

        said = [plan.statement for plan in watched.take()]
    # claimed; the hearer locked, looked at and written; sent and ended
    assert len([one for one in said if "letters" in one or "advisory" in one]) == 6
    assert len(begun) == 4  # claim, look, post, settle


@pytest.mark.parametrize("attempt", [1, 2])
async def test_an_action_that_another_worker_has_by_now_is_left_to_it(desk: Desk, attempt: int) -> None:
    action_id = await desk.issue(notice("overtaken"))
    await desk.store.claim(action_id, NOON)
    claim = Claim(Standing.GRANTED, action_id, attempt)

    assert (await desk.store.post(claim, NOON) is None) is (attempt == 2)
