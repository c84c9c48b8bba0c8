"""No change of a life's commands lands unnoticed: lives begun before it must go on, and new ones must be recorded."""

from difflib import unified_diff
from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.histories import changed_lives
from tests.histories.commands import led_as_new
from tests.histories.record import commands_given, history_of, newest
from tests.workflows.rollouts import ROLLOUT_SCENARIOS
from tests.workflows.scenarios import SCENARIOS
from workers.engine import replayer

WHAT_TO_DO = """
A new life gives other commands than the recorded one. If recorded lives still replay (test_replay.py), record the new
way beside the old: python -m tests.histories.record. If they do not, put the change behind workflow.patched first.
"""
UNLIKE = [
    # a life, whether the recorded ones can go on as it
    (changed_lives.WaitsASecondFirst, False),
    (changed_lives.WaitsASecondFirstIfItIsNew, True),
    (changed_lives.TakesAnotherStep, False),
    (changed_lives.SetsTheAlarmFirst, False),
    (changed_lives.SaysMore, True),
]


def recorded(name: str) -> Path:
    path = newest(name)
    assert path is not None, f"{name} has no recording: run python -m tests.histories.record"
    return path


@pytest.mark.parametrize("name", [*SCENARIOS, *ROLLOUT_SCENARIOS])
async def test_a_new_life_gives_the_commands_that_are_recorded(name: str) -> None:
    path = recorded(name)
    led = await led_as_new(history_of(path))
    differences = list(unified_diff(commands_given(path), led.commands, "recorded", "now", lineterm="", n=1))
    assert not differences, "\n".join([WHAT_TO_DO, *differences[:20]])
    assert led.failure is None, f"{WHAT_TO_DO}\n{led.failure}"


@pytest.mark.parametrize(("life", "goes_on"), UNLIKE, ids=lambda value: getattr(value, "__name__", str(value)))
async def test_a_changed_life_is_noticed(life: type, *, goes_on: bool) -> None:
    path = recorded("ten_events_and_two_notices")
    history, runner = history_of(path), UnsandboxedWorkflowRunner()

    replay = await replayer(runner, workflows=[life]).replay_workflow(history, raise_on_replay_failure=False)
    assert (replay.replay_failure is None) is goes_on

    led = await led_as_new(history, workflows=[life], runner=runner)
    assert led.commands != commands_given(path)


async def test_without_a_change_nothing_is_noticed() -> None:
    path = recorded("ten_events_and_two_notices")
    led = await led_as_new(history_of(path), runner=UnsandboxedWorkflowRunner())
    assert (led.commands, led.failure) == (commands_given(path), None)
