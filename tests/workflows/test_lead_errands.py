"""Actions run beside a lead's life: once each, and whatever becomes of them, the clocks go on."""

from datetime import timedelta

import pytest

from activities.step import ActionRef, StepResult
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import ENDED, FAR, NOTICE, FakeMessenger, Seen, house, open_turn

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.timeout(60)


async def test_an_action_under_way_is_never_begun_again(temporal_env: LeadTestEnv) -> None:
    messenger = FakeMessenger(hangs=True)
    async with house(temporal_env, open_turn(actions=[NOTICE]), messenger=messenger) as home:
        await home.start()
        await eventually(lambda: messenger.begun)
        for steps in range(1, 4):
            await home.reach(steps)
            await home.ring()
        await home.reach(4)
        assert messenger.begun == [NOTICE.id]
        assert await home.count("ACTIVITY_TASK_SCHEDULED") == 1


async def test_an_action_that_hangs_stops_no_clock(temporal_env: LeadTestEnv) -> None:
    messenger = FakeMessenger(hangs=True)
    soon = timedelta(seconds=1)  # by the wall: a workflow's clock is not moved on while an action of its runs
    async with house(temporal_env, lambda seen: seen.turn_in(soon, actions=[NOTICE]), messenger=messenger) as home:
        await home.start()
        await eventually(lambda: home.steps >= 3)
        assert messenger.begun == [NOTICE.id]
        assert not messenger.ended


@pytest.mark.parametrize("says", ["sent", "withdrawn", "already_done", "parked"])
async def test_an_action_that_is_settled_costs_no_step(temporal_env: LeadTestEnv, says: str) -> None:
    async with house(temporal_env, open_turn(actions=[NOTICE]), messenger=FakeMessenger(says=says)) as home:
        await home.start()
        await home.until("ACTIVITY_TASK_COMPLETED")
        assert home.steps == 1


@pytest.mark.parametrize("says", ["put_off", "a word of a newer build"])
async def test_an_action_put_off_makes_the_life_look_when_to_try_again(temporal_env: LeadTestEnv, says: str) -> None:
    later: list[ActionRef] = []

    def then(seen: Seen) -> StepResult:
        retry_at = (seen.now + HOUR).isoformat()
        later.append(ActionRef(NOTICE.id, "notify", retry_at))
        return open_turn(wake_at=FAR, actions=later[:1])

    messenger = FakeMessenger(says=says)
    async with house(temporal_env, open_turn(actions=[NOTICE]), then, messenger=messenger) as home:
        await home.start()
        await home.reach(2)
        assert len(messenger.begun) == 1
        messenger.says = "sent"
        await home.advance(HOUR + timedelta(minutes=1))
        await eventually(lambda: home.steps == 3 and len(messenger.begun) == 2)


async def test_an_action_that_fails_without_a_word_rests_longer_each_time(temporal_env: LeadTestEnv) -> None:
    messenger = FakeMessenger(says=RuntimeError("550 anna@example.com unknown"))
    async with house(temporal_env, open_turn(actions=[NOTICE]), messenger=messenger) as home:
        await home.start()
        await eventually(lambda: messenger.begun)
        await home.advance(timedelta(seconds=20))  # 5 s and 10 s between the three tries
        await home.until("ACTIVITY_TASK_FAILED")
        await home.reach(2)
        assert len(messenger.begun) == 3
        await home.advance(timedelta(seconds=65))
        await eventually(lambda: len(messenger.begun) > 3)
        assert "anna" not in str(await home.events())


async def test_an_ended_life_stays_until_nothing_comes_due_any_more(temporal_env: LeadTestEnv) -> None:
    """A notice that is held back, say, or an answer that is owed."""

    def later(seen: Seen) -> StepResult:
        return StepResult("ended", "lost", (seen.now + HOUR).isoformat())

    async with house(temporal_env, later, ENDED) as home:
        handle = await home.start()
        await home.until("TIMER_STARTED")
        await home.advance(HOUR + timedelta(minutes=1))
        assert await handle.result() == "lost"
        assert home.steps == 2


async def test_an_ended_life_looks_once_more_when_its_action_is_done(temporal_env: LeadTestEnv) -> None:
    """What came due may have been the action alone, which this very life has had done meanwhile."""
    later = StepResult("ended", "lost", FAR, actions=[NOTICE])
    async with house(temporal_env, later, ENDED) as home:
        handle = await home.start()
        assert await handle.result() == "lost"
        assert home.steps == 2


async def test_an_ended_life_stays_until_its_actions_are_done(temporal_env: LeadTestEnv) -> None:
    messenger = FakeMessenger(hangs=True)
    ended = StepResult("ended", "lost", None, actions=[NOTICE])
    async with house(temporal_env, ended, messenger=messenger) as home:
        handle = await home.start()
        await eventually(lambda: messenger.begun)
        assert (await handle.describe()).close_time is None
        messenger.may_end.set()
        assert await handle.result() == "lost"
        assert messenger.ended == [NOTICE.id]


async def test_a_ring_while_the_last_actions_run_is_answered(temporal_env: LeadTestEnv) -> None:
    messenger = FakeMessenger(hangs=True)
    ended = StepResult("ended", "lost", None, actions=[NOTICE])
    async with house(temporal_env, ended, open_turn(), ENDED, messenger=messenger) as home:
        handle = await home.start()
        await eventually(lambda: messenger.begun)
        await home.ring()
        await home.reach(2)
        messenger.may_end.set()
        await home.until("ACTIVITY_TASK_COMPLETED")
        assert (await handle.describe()).close_time is None
