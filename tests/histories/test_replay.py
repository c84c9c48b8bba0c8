"""Every recorded life replays on this build: in the worker's sandbox, in the strict one, and in none."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner

from tests.histories.record import history_of, record, recordings
from tests.lead_test_env import LeadTestEnv
from workers.engine import replayer, workflow_runner

RUNNERS = {
    "sandbox": workflow_runner(),
    "strict_sandbox": workflow_runner(strict=True),
    "no_sandbox": UnsandboxedWorkflowRunner(),
}


@pytest.mark.parametrize("runner", RUNNERS.values(), ids=RUNNERS.keys())
@pytest.mark.parametrize("path", recordings(), ids=lambda path: path.stem)
async def test_a_recorded_life_replays(path: Path, runner: WorkflowRunner) -> None:
    result = await replayer(runner).replay_workflow(history_of(path), raise_on_replay_failure=False)
    assert result.replay_failure is None


async def test_a_step_result_of_a_newer_build_replays(tmp_path: Path) -> None:
    text = next(path for path in recordings() if path.stem == "ten_events_and_two_notices").read_text()
    history = json.loads(text)
    changed = 0
    for event in history["events"]:
        for payload in (
            event.get("markerRecordedEventAttributes", {}).get("details", {}).get("result", {}).get("payloads", [])
        ):
            payload["data"] = _with_news(payload["data"])
            changed += 1
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(history))
    assert changed > 5
    result = await replayer().replay_workflow(history_of(newer), raise_on_replay_failure=False)
    assert result.replay_failure is None


def _with_news(data: str) -> str:
    value = {**json.loads(b64decode(data)), "mood": "a field of a newer build"}
    return b64encode(json.dumps(value).encode()).decode()


@pytest.mark.timeout(60)
async def test_a_life_recorded_now_replays_at_once(temporal_env: LeadTestEnv, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.json"
    fresh.write_text(await record(temporal_env, "commands_and_moving_alarms"))
    result = await replayer().replay_workflow(history_of(fresh), raise_on_replay_failure=False)
    assert result.replay_failure is None
