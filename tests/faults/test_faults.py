"""Whatever dies under load, what was answered 202 stands once, and every promise goes on."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.eventually import eventually_sync
from tests.faults.trial import Plan, Report, run_trial, send_under_faults, settle_and_audit
from tests.workers.running_up import Up

START_WITHIN_SECONDS = 90

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for what is left running in /proc")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    stack = Up(tmp_path / "data", program=["-m", "workers.cli", "up"])
    with (tmp_path / "up.log").open("w") as output:
        stack.start(output=output, within_seconds=START_WITHIN_SECONDS)
        yield stack
        if stack.process and stack.process.poll() is None:
            stack.end(signal.SIGKILL)
    eventually_sync(lambda: stack.left_running() == [], within_seconds=20)


def _holds(report: Report) -> None:
    print(f"\n{report}")  # noqa: T201  the numbers are what the trial is for
    assert report.sent.wrong == []
    assert len(report.sent.accepted) == report.plan.events
    assert report.findings.counts["events"] == report.plan.events
    assert report.findings.counts["rungs_fired"] > 0
    assert report.findings.differences == []


@pytest.mark.timeout(300)
async def test_what_was_accepted_stands_though_worker_database_and_temporal_are_killed(up: Up) -> None:
    parts = ("worker", "postgres", "temporal")
    plan = Plan(
        seed=int(os.environ.get("FAULT_SEED", "1")),
        events=200,
        seconds=10,
        parts=parts,
        quiet_within_seconds=150,
        all_notices_settled=False,
    )
    _holds(await run_trial(up, plan))


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_what_was_accepted_stands_though_every_part_is_killed_in_turn(up: Up) -> None:
    parts = ("worker", "courier", "api", "temporal", "postgres")
    seed = int(os.environ.get("FAULT_SEED", "7"))
    plan = Plan(seed=seed, events=1000, seconds=75, parts=parts, quiet_within_seconds=600)
    _holds(await run_trial(up, plan))


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_promises_go_on_after_all_was_killed_and_temporal_has_forgotten_everything(
    up: Up, tmp_path: Path
) -> None:
    plan = Plan(seed=3, events=100, seconds=10, parts=(), quiet_within_seconds=400)
    report = await send_under_faults(up, plan)
    up.end(signal.SIGKILL)
    eventually_sync(lambda: up.left_running() == [], within_seconds=20)

    for file in (up.data / "temporal").iterdir():
        file.unlink()
    with (tmp_path / "again.log").open("w") as output:
        up.start(output=output, within_seconds=START_WITHIN_SECONDS)
        await settle_and_audit(up, report)

    _holds(report)
