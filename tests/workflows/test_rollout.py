"""The workflow of a rollout: it goes on until it is done, stands still when paused, and ends when somebody ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.rollout import Standing
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.rollouts import rolling
from workers.rollouts import StoreAway

pytestmark = pytest.mark.timeout(60)
RUNNING, PAUSED = Standing("running", progress="4 of 10 leads reached"), Standing("paused")


async def test_it_goes_on_until_it_is_done_and_its_history_stays_small(temporal_env: LeadTestEnv) -> None:
    async with rolling(temporal_env, RUNNING, RUNNING, Standing("done")) as rollout:
        await rollout.ring()
        assert await rollout.handle.result() == "done"
        assert len(await rollout.events()) <= 6 + 3 * 6  # a start, its ring and an end; six for each portion
        assert rollout.portions.asked == [rollout.revision] * 3


async def test_paused_it_waits_for_a_ring_and_goes_on(temporal_env: LeadTestEnv) -> None:
    async with rolling(temporal_env, RUNNING, PAUSED, RUNNING, Standing("done")) as rollout:
        await rollout.ring()
        await eventually(lambda: len(rollout.portions.asked) == 2)
        await temporal_env.advance(rollout.handle, timedelta(minutes=30))
        assert len(rollout.portions.asked) == 2

        await rollout.ring()

        assert await rollout.handle.result() == "done"


@pytest.mark.parametrize("state", ["cancelled", "superseded", "a state of a newer build"])
async def test_it_ends_with_whatever_state_is_neither_running_nor_paused(temporal_env: LeadTestEnv, state: str) -> None:
    async with rolling(temporal_env, Standing(state)) as rollout:
        await rollout.ring()
        assert await rollout.handle.result() == state


async def test_before_the_revision_is_in_force_it_sleeps(temporal_env: LeadTestEnv) -> None:
    async with rolling(temporal_env, Standing("done")) as rollout:
        now = datetime.now(UTC)
        rollout.portions.answers.insert(0, Standing("running", starts_at=(now + timedelta(minutes=10)).isoformat()))
        await rollout.ring()
        await eventually(lambda: len(rollout.portions.asked) == 1)
        await temporal_env.advance(rollout.handle, timedelta(minutes=11))
        assert await rollout.handle.result() == "done"


async def test_while_the_store_is_away_it_tries_again(temporal_env: LeadTestEnv) -> None:
    away = StoreAway("Key (email)=(ada@example.com) already exists")
    async with rolling(temporal_env, away, Standing("done")) as rollout:
        await rollout.ring()
        assert await rollout.handle.result() == "done"
        history = await rollout.handle.fetch_history()
        assert "ada@example.com" not in history.to_json()


async def test_temporals_page_says_how_far_it_is(temporal_env: LeadTestEnv) -> None:
    async with rolling(temporal_env, RUNNING, PAUSED) as rollout:
        await rollout.ring()
        await eventually(lambda: len(rollout.portions.asked) == 2)

        async def is_told() -> bool:
            return await rollout.details() == f"revision {rollout.revision}: paused\n\n"

        await eventually(is_told)
        await rollout.handle.terminate("seen")
