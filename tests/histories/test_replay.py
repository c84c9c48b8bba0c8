"""Every recorded life replays on this build, in the worker's sandbox and in the strict one."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from tests.histories.record import record, recordings
from tests.lead_test_env import LeadTestEnv
from tests.workflows.scenarios import SCENARIOS
from workers.engine import replayer


def history_of(path: Path) -> WorkflowHistory:
    text = path.read_text()
    started = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], text)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("path", recordings(), ids=lambda path: path.stem)
async def test_a_recorded_life_replays(path: Path, strict: bool) -> None:  # noqa: FBT001  a parameter of the table
    result = await replayer(strict=strict).replay_workflow(history_of(path), raise_on_replay_failure=False)
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


def test_every_scenario_has_a_recording() -> None:
    assert {path.stem for path in recordings()} >= set(SCENARIOS)


@pytest.mark.timeout(60)
async def test_a_life_recorded_now_replays_at_once(temporal_env: LeadTestEnv, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.json"
    fresh.write_text(await record(temporal_env, "commands_and_moving_alarms"))
    result = await replayer().replay_workflow(history_of(fresh), raise_on_replay_failure=False)
    assert result.replay_failure is None
