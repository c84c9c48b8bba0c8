"""Lived on a worker that keeps no life in memory, so that each task replays all before it, a life does the same."""

import json
import re

import pytest
from temporalio.api.enums.v1 import EventType

from tests.histories.commands import led_as_new
from tests.histories.record import commands_given, newest
from tests.lead_test_env import LeadTestEnv
from tests.workflows.runs import chain_of_runs
from tests.workflows.scenarios import BY_CHANCE, SCENARIOS, a_long_life_goes_on_in_a_new_run
from workflows.front_door import lead_workflow_id

pytestmark = pytest.mark.timeout(120)
_LONG = a_long_life_goes_on_in_a_new_run.__name__
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,27}")


def gist(lines: list[str]) -> list[str]:
    """What was done to whom, without ids and instants."""
    found = []
    for line in lines:
        kind, _, content = line.partition(" ")
        told = json.loads(content)
        found.append(_ID.sub("id", f"{kind} {told.get('activityType', '')} {told.get('summary', '')}"))
    return found


async def does_the_same(env: LeadTestEnv, name: str) -> None:
    recorded = newest(name)
    assert recorded is not None
    home = await SCENARIOS[name](env, cached=0)
    first = await anext(chain_of_runs(home.client, lead_workflow_id(home.lead_id)))
    kinds = [event.event_type for event in first.history.events]
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in kinds
    led = await led_as_new(first.history)
    assert led.failure is None
    if SCENARIOS[name] not in BY_CHANCE:
        assert gist(led.commands) == gist(commands_given(recorded))


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {_LONG}))
async def test_each_scenario(temporal_env: LeadTestEnv, name: str) -> None:
    await does_the_same(temporal_env, name)


@pytest.mark.slow
async def test_the_long_life(temporal_env: LeadTestEnv) -> None:
    await does_the_same(temporal_env, _LONG)
