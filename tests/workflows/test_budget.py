"""What a lead's life costs: history events, billable Actions, and memory and time in the sandbox."""

from collections import Counter

import pytest

from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import kinds
from tests.workflows.instances import instance_cost
from tests.workflows.scenarios import ten_events_and_two_notices

pytestmark = pytest.mark.timeout(60)


def billable(names: list[str]) -> int:
    """Actions as Temporal Cloud counts them: local activities of one task are one, a start by signal is the signal."""
    count = Counter(names)
    return (
        count["WORKFLOW_EXECUTION_SIGNALED"]
        + count["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"]
        + count["TIMER_STARTED"]
        + count["ACTIVITY_TASK_STARTED"]
        + count["UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"]
        + count["MARKER_RECORDED"]  # here each task takes one step
    )


async def test_ten_events_and_two_notices_stay_below_80_events_and_35_actions(temporal_env: LeadTestEnv) -> None:
    home = await ten_events_and_two_notices(temporal_env)
    names = kinds(await home.events())
    assert Counter(names)["WORKFLOW_EXECUTION_SIGNALED"] == 10
    assert Counter(names)["ACTIVITY_TASK_COMPLETED"] == 2
    assert len(names) < 80, " ".join(names)
    assert billable(names) < 35, Counter(names)


async def test_a_life_in_the_sandbox_takes_below_5_ms_and_20_kib(temporal_env: LeadTestEnv) -> None:
    cost = await instance_cost(temporal_env)
    assert cost.cpu_ms < 5
    assert cost.kib < 20
