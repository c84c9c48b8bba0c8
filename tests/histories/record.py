"""Record the histories that every later build must be able to replay: `python -m tests.histories.record`.

A scenario is recorded where it has no recording yet, or where a new life would now give other commands than its newest
recording (a change behind `workflow.patched`). What is there already is never replaced: lives begun by that build may
still be under way. Beside each history lie the commands its life gave, for people and for the guard to read;
`manifest.py` lists the checksums of both.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from tests.histories.commands import led_as_new
from tests.histories.manifest import add, missing_or_altered
from tests.lead_test_env import LeadTestEnv, running_lead_test_env
from tests.workflows.rollouts import ROLLOUT_SCENARIOS
from tests.workflows.runs import chain_of_runs
from tests.workflows.scenarios import SCENARIOS
from workflows.front_door import lead_workflow_id

FOLDER = Path(__file__).parent
_OF_THE_RECORDER = ("identity", "binaryChecksum", "sdkMetadata", "workerVersion")
"""Names of this machine and process: a replay does not need them."""


async def record(env: LeadTestEnv, name: str) -> str:
    """Play a scenario and return the history of its first run as JSON, an event a line."""
    if name in ROLLOUT_SCENARIOS:
        rollout = await ROLLOUT_SCENARIOS[name](env)
        runs = chain_of_runs(rollout.client, rollout.workflow_id)
    else:
        home = await SCENARIOS[name](env)
        runs = chain_of_runs(home.client, lead_workflow_id(home.lead_id))
    first = await anext(runs)
    events = _without_recorder(json.loads(first.history.to_json()))["events"]
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in events)
    return f'{{"events":[\n{lines}\n]}}\n'


def recordings() -> list[Path]:
    """All histories recorded so far."""
    return sorted(FOLDER.glob("*.json"))


def newest(name: str) -> Path | None:
    """The latest recording of a scenario: name.json, or name.2.json that was added to it, and so on."""
    found = [path for path in recordings() if path.name.split(".")[0] == name]
    return max(found, key=_number, default=None)


def history_of(path: Path) -> WorkflowHistory:
    """A recorded history."""
    text = path.read_text()
    started = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], text)


def commands_given(path: Path) -> list[str]:
    """The commands the recorded life gave when it was recorded."""
    return path.with_suffix(".commands").read_text().splitlines()


async def is_as_recorded(path: Path) -> bool:
    """Whether a new life would do today what this one did."""
    led = await led_as_new(history_of(path))
    return led.failure is None and led.commands == commands_given(path)


def _number(path: Path) -> int:
    parts = path.name.split(".")
    return int(parts[1]) if len(parts) > 2 else 1


def _without_recorder(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_recorder(value) for key, value in part.items() if key not in _OF_THE_RECORDER}
    return [_without_recorder(child) for child in part] if isinstance(part, list) else part


async def main() -> None:
    """Record what is missing, and say what that is; nothing, while a recording is gone or altered."""
    if wrong := missing_or_altered(FOLDER):
        sys.exit("\n".join(wrong))
    async with running_lead_test_env() as env:
        for name in (*SCENARIOS, *ROLLOUT_SCENARIOS):
            last = newest(name)
            if last is not None and await is_as_recorded(last):
                continue
            path = FOLDER / (f"{name}.{_number(last) + 1}.json" if last else f"{name}.json")
            path.write_text(await record(env, name))
            led = await led_as_new(history_of(path))
            commands = path.with_suffix(".commands")
            commands.write_text("".join(f"{line}\n" for line in led.commands))
            add(FOLDER, [path.name, commands.name])
            sys.stdout.write(f"recorded {path.name}: {len(led.commands)} commands\n")


if __name__ == "__main__":
    asyncio.run(main())
