"""A long life goes on in a new run, which carries the lead's id and nothing else."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType

from activities.step import StepResult
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.builds import build_of, deploy, new_run
from tests.workflows.fakes import NOTICE, FakeMessenger, House, Seen, house, open_turn
from workflows.front_door import RING
from workflows.lead import LONGEST_HISTORY
from workflows.lead_commands import LeadCommands

pytestmark = pytest.mark.timeout(110)


async def ring_long(home: House, until_steps: int) -> None:
    """Ring one by one, so that each is a task of its own."""
    while (steps := home.steps) < until_steps:
        await home.handle.signal(RING)
        await eventually(partial(_has_passed, home, steps))


def _has_passed(home: House, steps: int) -> bool:
    return home.steps > steps


async def test_a_new_run_begins_before_the_history_is_long_and_carries_only_the_id(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env) as home:
        first = await home.start()
        await ring_long(home, LONGEST_HISTORY // 4)
        await new_run(home)
        closed = home.client.get_workflow_handle(first.id, run_id=first.first_execution_run_id)
        events = [event async for event in closed.fetch_history_events()]
        assert len(events) <= LONGEST_HISTORY + 10
        assert events[-1].event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
        carried = events[-1].workflow_execution_continued_as_new_event_attributes.input.payloads
        assert [payload.data for payload in carried] == [f'"{home.lead_id}"'.encode()]
        begun = (await home.events())[0].workflow_execution_started_event_attributes
        assert not begun.memo.fields


async def test_a_new_run_waits_for_an_action_under_way_and_goes_on_living_meanwhile(temporal_env: LeadTestEnv) -> None:
    messenger = FakeMessenger(hangs=True)
    async with house(temporal_env, open_turn(actions=[NOTICE]), open_turn(), messenger=messenger) as home:
        first = await home.start()
        await ring_long(home, LONGEST_HISTORY // 4 + 5)
        assert not await _has_moved_on(home, first.first_execution_run_id)
        messenger.may_end.set()
        await new_run(home)
        assert messenger.begun == messenger.ended == [NOTICE.id]


async def test_a_storm_of_rings_and_commands_over_new_runs_loses_and_doubles_nothing(
    temporal_env: LeadTestEnv,
) -> None:
    def grant(seen: Seen) -> StepResult:
        return open_turn(answer="granted" if seen.command_id else None)

    async with house(temporal_env, grant) as home:
        first = await home.start()
        desk = LeadCommands(home.client, task_queue=home.queue)
        command_ids = [str(uuid4()) for _ in range(160)]

        async def give(ids: list[str]) -> list[str]:
            answers = []
            for command_id in ids:
                answers.append(await desk.give(home.lead_id, command_id))
                await home.ring()
            return answers

        answers = await asyncio.gather(*(give(command_ids[lane::4]) for lane in range(4)))
        assert [answer for lane in answers for answer in lane] == ["granted"] * len(command_ids)
        weighed = {seen.command_id for seen in home.store.seen} - {None}
        assert weighed == set(command_ids)
        assert await _has_moved_on(home, first.first_execution_run_id)


async def test_a_new_build_takes_an_idle_life_over_at_a_ring(temporal_env: LeadTestEnv) -> None:
    async with house(temporal_env, works=False) as home, AsyncExitStack() as stack:
        await deploy(home, stack, "1")
        await home.start()
        await home.until("TIMER_STARTED")
        assert await build_of(home) == "1"
        await deploy(home, stack, "2")
        await new_run(home, ring=True)  # the server takes a moment to tell
        await home.until("TIMER_STARTED")
        assert await build_of(home) == "2"


async def _has_moved_on(home: House, first_run_id: str | None) -> bool:
    return (await home.handle.describe()).run_id != first_run_id
