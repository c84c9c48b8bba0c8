"""A lead's life on a real Temporal with a store made by hand: what it waits for, and what wakes it."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from temporalio.common import SearchAttributeKey

from activities.step import StepResult
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import ENDED, FAR, LONG_AGO, NOTICE, FakeMessenger, Seen, house, open_turn
from workflows.front_door import RING

HOUR = timedelta(hours=1)
WATCH = "first_touch due 2040-01-01T00:00:00Z"
pytestmark = pytest.mark.timeout(60)


async def test_a_life_takes_a_turn_and_then_waits(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env) as home:
        await home.start()
        await home.reach(1)
        assert home.store.seen[0].lead_id == home.lead_id
        assert await home.until("TIMER_STARTED") == 1


async def test_a_ring_makes_it_look_and_an_ended_lead_ends_the_run(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, open_turn(), ENDED) as home:
        handle = await home.start()
        await home.reach(1)
        await home.ring()
        assert await handle.result() == "lost"
        assert home.steps == 2


async def test_an_event_after_the_end_starts_a_new_run(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, ENDED, open_turn()) as home:
        first = await home.ring()
        await first.result()
        second = await home.ring()
        await home.reach(2)
        assert (first.id, first.first_execution_run_id) != (second.id, second.first_execution_run_id)


async def test_the_alarm_rings_at_the_wake_and_not_before(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, lambda seen: seen.turn_in(HOUR)) as home:
        handle = await home.start()
        await home.reach(1)
        await home.advance(HOUR - timedelta(minutes=1))
        assert home.steps == 1
        await home.advance(timedelta(minutes=2))
        await home.reach(2)
        first, second = home.store.seen
        assert HOUR <= second.now - first.now < HOUR + timedelta(minutes=1)
        assert await temporal_env.now(handle) >= second.now


async def test_a_nurture_date_is_spread_over_minutes_by_the_lead(temporal_env: LeadTestEnv) -> None:
    def nurture(seen: Seen) -> StepResult:
        return open_turn("nurture", "nurturing", (seen.now + HOUR).isoformat())

    lead_id = "0199bbbb-0000-7000-8000-000000000007"  # crc32 % 1000 = 720, of five minutes: 216 s
    async with house(temporal_env, nurture, lead_id=lead_id) as home:
        await home.start()
        await home.reach(1)
        await home.advance(HOUR + timedelta(minutes=10))
        await home.reach(2)
        first, second = home.store.seen
        assert HOUR + timedelta(seconds=216) < second.now - first.now < HOUR + timedelta(seconds=220)


async def test_a_notice_of_a_nurtured_lead_is_tried_when_it_is_due(temporal_env: LeadTestEnv) -> None:
    def nurture(seen: Seen) -> StepResult:
        return open_turn("nurture", "nurturing", (seen.now + HOUR).isoformat(), is_exact=True)

    async with house(temporal_env, nurture, lead_id="0199bbbb-0000-7000-8000-000000000007") as home:
        await home.start()
        await home.reach(1)
        await home.advance(HOUR + timedelta(minutes=10))
        await home.reach(2)
        first, second = home.store.seen
        assert HOUR <= second.now - first.now < HOUR + timedelta(seconds=4)


async def test_a_wake_is_never_under_a_second_away(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, open_turn(wake_at=LONG_AGO)) as home:
        await home.start()
        await eventually(lambda: home.steps >= 3)
        instants = [seen.now for seen in home.store.seen]
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(instants))


async def test_one_timer_is_not_made_anew_when_the_wake_moves_later(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, lambda seen: seen.turn_in(HOUR)) as home:
        await home.start()
        for steps in range(1, 6):
            await home.reach(steps)
            await home.ring()
        await home.reach(6)
        assert await home.count("TIMER_STARTED") == 1
        assert await home.count("TIMER_CANCELED") == 0


async def test_a_timer_that_fires_before_the_moved_wake_is_set_for_the_rest_without_a_step(
    temporal_env: LeadTestEnv,
) -> None:
    async with house(temporal_env, lambda seen: seen.turn_in(HOUR), lambda seen: seen.turn_in(2 * HOUR)) as home:
        await home.start()
        await home.reach(1)
        await home.ring()
        await home.reach(2)
        await home.advance(HOUR + timedelta(minutes=5))
        assert (home.steps, await home.count("TIMER_FIRED"), await home.count("TIMER_STARTED")) == (2, 1, 2)
        await home.advance(HOUR)
        await home.reach(3)


async def test_the_timer_is_made_anew_when_the_wake_moves_earlier(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, lambda seen: seen.turn_in(2 * HOUR), lambda seen: seen.turn_in(HOUR)) as home:
        await home.start()
        await home.reach(1)
        await home.ring()
        await home.until("TIMER_CANCELED")
        assert await home.count("TIMER_STARTED") == 2
        await home.advance(HOUR + timedelta(minutes=1))
        await home.reach(3)


async def test_unread_mail_is_read_on_at_once(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, open_turn(has_more=True), open_turn(has_more=True), open_turn()) as home:
        await home.start()
        await home.reach(3)
        await home.until("TIMER_STARTED")
        assert await home.count("WORKFLOW_TASK_COMPLETED") == 1


async def test_fifty_rings_in_a_burst_are_few_steps(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env) as home:
        handle = await home.start()
        await home.reach(1)
        await asyncio.gather(*(handle.signal(RING) for _ in range(50)))

        async def are_in() -> bool:  # the server holds those back that come while a task runs
            return await home.count("WORKFLOW_EXECUTION_SIGNALED") == 50

        await eventually(are_in)
        await home.advance(timedelta(minutes=1))  # through when all is quiet
        assert 2 <= home.steps <= 25


async def test_a_ring_during_a_closing_step_is_not_lost(temporal_env: LeadTestEnv) -> None:
    rung = asyncio.Event()

    async def close_slowly(_seen: Seen) -> StepResult:
        await rung.wait()
        return ENDED

    async with house(temporal_env, open_turn(), close_slowly, open_turn()) as home:
        handle = await home.start()
        await home.reach(1)
        await handle.signal(RING)
        await home.reach(2)
        await handle.signal(RING)
        rung.set()
        await eventually(lambda: home.steps >= 3)
        described = await handle.describe()
        assert described.status is not None
        assert described.status.name == "RUNNING"


async def test_the_stage_is_a_search_attribute_written_only_when_it_changes(temporal_env: LeadTestEnv) -> None:
    working = open_turn("close_loop", "working")
    async with house(temporal_env, open_turn(), open_turn(), working, working) as home:
        handle = await home.start()
        for steps in range(1, 4):
            await home.reach(steps)
            await home.ring()
        await home.reach(4)
        await home.until("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES")
        assert await home.count("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES") == 2
        key = SearchAttributeKey.for_keyword("LeadStage")
        assert (await handle.describe()).typed_search_attributes.get(key) == "working"


async def test_a_phase_of_a_newer_build_is_waited_in_all_the_same(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, open_turn("negotiation", "negotiating"), ENDED) as home:
        handle = await home.start()
        await home.until("TIMER_STARTED")
        await home.ring()
        assert await handle.result() == "lost"


@pytest.mark.parametrize(
    ("phase", "what"),
    [
        ("capture", "a reason to qualify"),
        ("nurture", "the next nurture step"),
        ("hand_off", "an owner"),
        ("follow_up", "a real touch"),
        ("close_loop", "sales' answer"),
    ],
)
async def test_the_page_tells_what_each_phase_waits_for(temporal_env: LeadTestEnv, phase: str, what: str) -> None:
    async with house(temporal_env, open_turn(phase, watch=WATCH)) as home:
        handle = await home.start()
        await home.until("TIMER_STARTED")
        details: Any = await handle.query("__temporal_workflow_metadata")
        assert details.current_details == f"{phase}: waits for {what}; looks again {FAR}\n\n{WATCH}"


async def test_the_page_tells_what_an_ended_life_stays_for(temporal_env: LeadTestEnv) -> None:
    ended = StepResult("ended", "lost", None, actions=[NOTICE])
    async with house(temporal_env, ended, messenger=FakeMessenger(hangs=True)) as home:
        handle = await home.start()
        await home.until("ACTIVITY_TASK_SCHEDULED")
        details: Any = await handle.query("__temporal_workflow_metadata")
        assert details.current_details.strip() == "ended: leaves once all is answered and done"
