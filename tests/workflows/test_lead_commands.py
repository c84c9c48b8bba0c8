"""Commands given to a lead: answered whatever the lead is about to do."""

import asyncio
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from activities.step import StepResult, StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import ENDED, House, Seen, house, open_turn
from workflows.lead_commands import CommandUnanswered, LeadCommands

pytestmark = pytest.mark.timeout(60)


class Granting:
    """Grants every command, and stands otherwise as told."""

    def __init__(self, otherwise: StepResult) -> None:
        self.otherwise = otherwise

    def __call__(self, seen: Seen) -> StepResult:
        if seen.command_id is None:
            return self.otherwise
        return open_turn(answer="granted")


def desk(home: House, queue: str | None = None, **more: timedelta) -> LeadCommands:
    return LeadCommands(home.client, task_queue=queue or home.queue, **more)


async def test_a_command_is_answered_by_the_step_that_weighed_it(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, open_turn(), open_turn(answer="refused")) as home:
        await home.start()
        await home.reach(1)
        command_id = str(uuid4())
        assert await desk(home).give(home.lead_id, command_id) == "refused"
        assert home.store.seen[-1].command_id == command_id


async def test_a_lead_without_a_life_is_begun_by_the_command(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, Granting(open_turn())) as home:
        assert await desk(home).give(home.lead_id, str(uuid4())) == "granted"


async def test_the_same_command_twice_is_weighed_once(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, Granting(open_turn())) as home:
        command_id = str(uuid4())
        answers = [await desk(home).give(home.lead_id, command_id) for _ in range(3)]
        assert answers == ["granted"] * 3
        assert [seen.command_id for seen in home.store.seen].count(command_id) == 1


@pytest.mark.parametrize("cached", [100, 0])
async def test_a_command_against_a_closing_life_is_answered(temporal_env: LeadTestEnv, cached: int) -> None:
    given = asyncio.Event()

    async def close_slowly(seen: Seen) -> StepResult:
        if seen.command_id is None:
            await given.wait()
            return ENDED
        return StepResult("ended", "lost", None, answer="refused")

    async with house(temporal_env, close_slowly, cached=cached) as home:
        await home.start()
        await home.reach(1)
        answer = asyncio.create_task(desk(home).give(home.lead_id, str(uuid4())))
        given.set()
        assert await answer == "refused"


@pytest.mark.parametrize("cached", [100, 0])
async def test_a_command_that_ends_the_life_is_answered_every_time(temporal_env: LeadTestEnv, cached: int) -> None:
    def close(seen: Seen) -> StepResult:
        return StepResult("ended", "disqualified", None, answer="granted") if seen.command_id else open_turn()

    async with house(temporal_env, close, cached=cached) as home:
        for _ in range(10):
            assert await desk(home).give(home.lead_id, str(uuid4())) == "granted"


async def test_closing_and_a_granted_reopen_in_one_task_leave_the_life_open(
    temporal_env: LeadTestEnv,
) -> None:
    closed, reopened = StepResult("ended", "lost", None, answer="granted"), open_turn(answer="granted")
    async with house(temporal_env, closed, reopened, works=False) as home:
        handle = await home.start()
        answers = [asyncio.create_task(desk(home).give(home.lead_id, str(uuid4()))) for _ in range(2)]
        await asyncio.wait(answers, timeout=0.3)  # nothing tells from outside that the server holds both
        async with home.at_work():
            assert await asyncio.gather(*answers) == ["granted", "granted"]
            assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_a_failed_step_is_an_error_with_its_code_and_the_life_goes_on(temporal_env: LeadTestEnv) -> None:
    def away(seen: Seen) -> StepResult | Exception:
        return StoreAway("Key (email)=(anna@example.com)") if seen.command_id else open_turn()

    async with house(temporal_env, away) as home:
        handle = await home.start()
        with pytest.raises(CommandUnanswered) as refusal:
            await desk(home).give(home.lead_id, str(uuid4()))
        assert refusal.value.code == "store_away"
        steps = home.steps
        await home.ring()
        await eventually(lambda: home.steps > steps)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_without_a_worker_the_answer_is_given_up_in_time(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env) as home:
        began = time.monotonic()
        with pytest.raises(CommandUnanswered) as refusal:
            await desk(home, "nobody-works-here", patience=timedelta(seconds=1)).give(home.lead_id, str(uuid4()))
        assert refusal.value.code == "no_answer_in_time"
        assert time.monotonic() - began < 3


async def test_with_temporal_away_the_command_is_unanswered_in_time() -> None:
    client = await Client.connect("127.0.0.1:1", lazy=True)
    began = time.monotonic()
    with pytest.raises(CommandUnanswered) as refusal:
        await LeadCommands(client, patience=timedelta(seconds=1)).give(str(uuid4()), str(uuid4()))
    assert refusal.value.code == "temporal_away"
    assert time.monotonic() - began < 3
