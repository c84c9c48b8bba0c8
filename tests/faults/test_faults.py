"""Whatever goes wrong under load, what was answered 202 stands once, and every promise goes on."""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.eventually import eventually_sync
from tests.faults.schedule import few, many
from tests.faults.trial import MAIL_SETTINGS, Plan, Report, run_trial, send_under_faults, settle_and_audit
from tests.smtp_sink import SmtpSink
from tests.workers.running_up import Up

START_WITHIN_SECONDS = 90
SEED = int(os.environ.get("FAULT_SEED", "1"))

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for what is left running in /proc")


@pytest.fixture
def up(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Up]:
    mail = {"LEADLOOP_SMTP_HOST": smtp_sink.host, "LEADLOOP_SMTP_PORT": str(smtp_sink.port)}
    stack = Up(tmp_path / "data", program=["-m", "workers.cli", "up"], **MAIL_SETTINGS, **mail)
    with (tmp_path / "up.log").open("w") as output:
        stack.start(output=output, within_seconds=START_WITHIN_SECONDS)
        yield stack
        if stack.process and stack.process.poll() is None:
            stack.end(signal.SIGKILL)
    eventually_sync(lambda: stack.left_running() == [], within_seconds=20)


def _holds(report: Report) -> None:
    print(f"\n{report}")  # noqa: T201  the numbers are what the trial is for
    assert report.wrong == []
    assert report.shortfalls == []
    assert report.findings.counts["rungs_fired"] > 0
    assert report.findings.counts["letters_arrived"] > 0
    assert report.findings.differences == []


@pytest.mark.timeout(300)
async def test_what_was_accepted_stands_whatever_goes_wrong_for_half_a_minute(up: Up, smtp_sink: SmtpSink) -> None:
    faults = few(random.Random(SEED), longest_seconds=3)
    plan = Plan(SEED, events=300, commands=100, seconds=30, lanes=faults, quiet_within_seconds=200)
    _holds(await run_trial(up, smtp_sink, plan))


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_what_was_accepted_stands_whatever_goes_wrong_for_minutes(
    up: Up, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    faults = many(random.Random(SEED), rounds=6, longest_seconds=16)
    plan = Plan(
        SEED, events=1600, commands=500, seconds=200, lanes=faults, no_fault_after_seconds=200,
        quiet_within_seconds=400,
    )  # fmt: skip
    with (tmp_path / "other_worker.log").open("w") as output, up.another("worker", output=output) as other:
        report = await run_trial(up, smtp_sink, plan)
        assert other.poll() is None
    _holds(report)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_promises_go_on_after_all_was_killed_and_temporal_has_forgotten_everything(
    up: Up, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    plan = Plan(
        SEED, events=100, commands=30, seconds=10, lanes=(), quiet_within_seconds=400, temporal_forgets=True
    )  # fmt: skip
    report = await send_under_faults(up, smtp_sink, plan)
    up.end(signal.SIGKILL)
    eventually_sync(lambda: up.left_running() == [], within_seconds=20)

    for file in (up.data / "temporal").iterdir():
        file.unlink()
    with (tmp_path / "again.log").open("w") as output:
        up.start(output=output, within_seconds=START_WITHIN_SECONDS)
        await settle_and_audit(up, smtp_sink, report)

    _holds(report)
