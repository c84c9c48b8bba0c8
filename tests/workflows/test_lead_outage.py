"""While the store is away a life waits patiently: few events, nothing lost, nothing said."""

from datetime import timedelta
from typing import Any

import pytest

from activities.step import StepResult, StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import ENDED, Seen, house, kinds, open_turn

SECRET = "Key (email)=(anna.karlsson@example.com) already exists"
pytestmark = pytest.mark.timeout(60)


class Outage:
    """A store that is away until told otherwise."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error: Exception | None = error or StoreAway(SECRET)

    def __call__(self, seen: Seen) -> StepResult | Exception:
        return self.error or seen.turn_in(timedelta(hours=1))


async def test_an_outage_costs_forty_events_in_ten_minutes_and_sixty_in_each_hour(temporal_env: LeadTestEnv) -> None:
    # pauses of 5, 10, 20, 40, 80, 160 and then 300 s: six of them end in the first ten minutes, a seventh runs;
    # each is a timer that fires, a task of three events, a marker and a new timer
    async with house(temporal_env, Outage()) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        before = len(kinds(await home.events()))
        await home.advance(timedelta(minutes=10))
        assert len(kinds(await home.events())) - before <= 7 * 6
        assert await home.count("TIMER_FIRED") <= 7


@pytest.mark.parametrize(("error", "code"), [(StoreAway(SECRET), "store_away"), (RuntimeError(SECRET), "step_failed")])
async def test_the_page_tells_what_failed_and_when_it_is_tried_again(
    temporal_env: LeadTestEnv, error: Exception, code: str
) -> None:
    async with house(temporal_env, Outage(error)) as home:
        handle = await home.start()
        await home.until("TIMER_STARTED")
        details: Any = await handle.query("__temporal_workflow_metadata")
        assert details.current_details == f"the last step failed: {code}; tries again within 0:00:05"


async def test_an_outage_that_ends_loses_nothing(temporal_env: LeadTestEnv) -> None:
    outage = Outage()
    async with house(temporal_env, outage) as home:
        handle = await home.ring()
        await home.until("TIMER_STARTED")
        outage.error = None
        await home.advance(timedelta(minutes=6))
        steps = home.steps
        await home.advance(timedelta(hours=1))
        await eventually(lambda: home.steps > steps)
        assert (await handle.describe()).close_time is None


async def test_a_ring_ends_the_pause(temporal_env: LeadTestEnv) -> None:
    outage = Outage()
    async with house(temporal_env, outage) as home:
        await home.start()
        await home.until("TIMER_STARTED")
        await home.advance(timedelta(seconds=40))  # the next try would be after 75 s
        outage.error = None
        steps = home.steps
        await home.ring()
        await eventually(lambda: home.steps > steps)


async def test_a_ring_before_an_outage_is_answered_after_it(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, open_turn(), StoreAway(SECRET), StoreAway(SECRET), ENDED) as home:
        handle = await home.start()
        await home.reach(1)
        await home.ring()
        await home.until("TIMER_FIRED")
        assert await handle.result() == "lost"


@pytest.mark.parametrize("error", [StoreAway(SECRET), RuntimeError(SECRET), ValueError(SECRET)])
async def test_what_an_error_says_leaves_no_trace_in_history(temporal_env: LeadTestEnv, error: Exception) -> None:
    async with house(temporal_env, Outage(error)) as home:
        handle = await home.start()
        await home.until("TIMER_STARTED")
        history = (await handle.fetch_history()).to_json()
        assert "example.com" not in history
        assert "already exists" not in history
        assert ("store_away" if isinstance(error, StoreAway) else "step_failed") in history
