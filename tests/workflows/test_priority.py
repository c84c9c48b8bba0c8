"""When there is more to do than hands to do it, what hangs on a promise goes first."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from activities.step import ActionRef, Step
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import house, open_turn
from workers.engine import Slots, action_worker, lead_worker
from workflows.front_door import actions_queue

pytestmark = pytest.mark.timeout(60)
MANY = 60


def notices(first: int) -> list[ActionRef]:
    return [ActionRef(f"0199aaaa-0000-7000-8000-{number:012}", "notify") for number in range(first, first + MANY)]


async def test_what_hangs_on_a_promise_overtakes_what_was_asked_for_in_nurturing(temporal_env: LeadTestEnv) -> None:
    nurtured, promised = notices(0), notices(MANY)
    slots = Slots(actions=1, graceful_stop=timedelta(0))
    turns = [open_turn("nurture", "nurturing", actions=nurtured), open_turn(actions=promised)]
    async with house(temporal_env, *turns, works=False) as home, AsyncExitStack() as stack:
        lives = lead_worker(home.client, Step(home.store), slots, task_queue=home.queue, build="lives")
        await stack.enter_async_context(lives)
        await home.start()
        await eventually(lambda: home.steps == 1)
        while await home.count("ACTIVITY_TASK_SCHEDULED") < MANY:
            await home.until("ACTIVITY_TASK_SCHEDULED")
        await home.ring()
        while await home.count("ACTIVITY_TASK_SCHEDULED") < 2 * MANY:
            await home.until("ACTIVITY_TASK_SCHEDULED")

        queue = actions_queue(home.queue)
        hands = action_worker(home.client, [home.messenger.notify], slots, task_queue=queue, build="hands")
        await stack.enter_async_context(hands)
        await eventually(lambda: len(home.messenger.begun) == 2 * MANY, within_seconds=30)

    first = {action.id for action in promised}
    overtaken = [done in first for done in home.messenger.begun]
    # a queue has some parts, each in order but for what is handed out as it comes; they run empty at different times
    assert sum(overtaken[: MANY // 2]) >= MANY // 2 - 4
    assert sum(overtaken[-MANY // 3 :]) <= 4
