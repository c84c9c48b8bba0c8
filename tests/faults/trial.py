"""The fault trial: live events and commands over HTTP while everything goes wrong, then quiet, then the audit."""

import asyncio
import json
import math
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import psycopg

from tests.eventually import eventually
from tests.faults.audit import Findings, Witnesses, audit
from tests.faults.chaos import Chaos, Suffered
from tests.faults.commander import Commander
from tests.faults.hurried import hurried_playbook
from tests.faults.leaks import running_lives
from tests.faults.schedule import Lane
from tests.faults.sender import Senders, requests
from tests.faults.sent import Commanded, Sent
from tests.faults.stories import posts, stories
from tests.smtp_sink import SmtpSink
from tests.workers.running_up import Up
from workflows.front_door import lead_workflow_id

MAIL_SETTINGS = {
    "LEADLOOP_SMTP_STARTTLS": "false",
    "LEADLOOP_SMTP_TIMEOUT_SECONDS": "4",
    "LEADLOOP_NOTICE_PAUSE_SECONDS": "2",
    "LEADLOOP_NOTICE_LONGEST_PAUSE_SECONDS": "8",
    "LEADLOOP_NOTICE_ATTEMPTS": "100",
}
"""Short waits, so that quiet comes within a minute or two; nothing is given up."""

LEAST_ACCEPTED = 0.8
"""Of all events: about one in seventeen is sent once by somebody who waits for no answer."""

_UNQUIET = """
SELECT 'mail unread by ' || lead_id FROM mailboxes WHERE read_to < last_sequence
UNION ALL
SELECT lead_id || ' wakes at ' || wake_at FROM leads
WHERE wake_at < now() + interval '8 seconds'
  AND (stage <> 'nurturing' OR wake_at < now() - interval '7 minutes')  -- these sleep in on purpose
UNION ALL
SELECT action_id || ' of ' || lead_id || ' is ' || state || ', retry at ' || coalesce(retry_at::text, 'none')
FROM actions WHERE state IN ('pending', 'claimed')
UNION ALL
SELECT 'lines not counted of ' || lead_id FROM tally_queue
"""


@dataclass(frozen=True)
class Plan:
    """How much, how long, what goes wrong, and how long quiet may take to come."""

    seed: int
    events: int
    commands: int
    seconds: float
    lanes: tuple[Lane, ...]
    quiet_within_seconds: float
    no_fault_after_seconds: float = math.inf
    temporal_forgets: bool = False
    """Then a lead with nothing due has no workflow until its next wake."""


@dataclass
class Report:
    plan: Plan
    sent: Sent
    commanded: Commanded
    suffered: list[Suffered] = field(default_factory=list)
    quiet_after_seconds: float = 0.0
    """From the last answer."""
    last_to_rest: str = "nothing"
    findings: Findings = field(default_factory=Findings)

    @property
    def wrong(self) -> list[str]:
        """Answers nobody should have got."""
        return self.sent.wrong + self.commanded.wrong

    @property
    def shortfalls(self) -> list[str]:
        """What was planned and did not come about: a trial without it proves less than it says."""
        planned = {fault.kind for lane in self.plan.lanes for fault in lane.faults}
        missing = planned - {suffered.fault.kind for suffered in self.suffered}
        accepted, told = len(self.sent.accepted), len(self.sent.posted)
        granted = any("granted" in asked.answers for asked in self.commanded.asked.values())
        return [
            *(f"no {kind} came about" for kind in sorted(missing)),
            *([f"{told} events were posted, not {self.plan.events}"] if told != self.plan.events else []),
            *([f"only {accepted} events were accepted"] if accepted < LEAST_ACCEPTED * self.plan.events else []),
            *(["no command was granted"] if not granted else []),
        ]

    def __str__(self) -> str:
        sent, commanded = self.sent, self.commanded
        kinds = Counter(str(suffered.fault.kind) for suffered in self.suffered)
        unanswered = sum(map(len, sent.unanswered))
        granted = sum("granted" in asked.answers for asked in commanded.asked.values())
        lines = [
            f"seed {self.plan.seed}",
            f"faults injected: {len(self.suffered)} ({_told(kinds)})",
            *(f"  {suffered}" for suffered in self.suffered),
            f"events: {len(sent.accepted)} accepted, {len(sent.refused)} refused, {unanswered} without an answer",
            f"  answers: {_told(sent.answers)}; longest wait for a 202 {sent.longest_wait_seconds:.1f} s",
            f"  requests repeated: {_told(sent.repeats)}",
            f"commands: {len(commanded.asked)} given, {granted} granted, {len(commanded.seen_over)} ran out unanswered",
            f"  answers: {_told(commanded.answers)}",
            f"wrong answers: {len(self.wrong)}",
            f"quiet {self.quiet_after_seconds:.1f} s after the last answer; last to come to rest: {self.last_to_rest}",
            f"found: {self.findings}",
        ]
        return "\n".join(lines)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{what} × {count}" for what, count in sorted(counts.items())) or "none"


async def run_trial(up: Up, sink: SmtpSink, plan: Plan) -> Report:
    """Run the plan against a system that is up. Raises TimeoutError where something does not come back."""
    report = await send_under_faults(up, sink, plan)
    await settle_and_audit(up, sink, report)
    return report


async def send_under_faults(up: Up, sink: SmtpSink, plan: Plan) -> Report:
    """Send and ask everything while things go wrong; returns when all is answered and every part is back."""
    rng = random.Random(plan.seed)
    key = (up.data / "admin.key").read_text().strip()
    urls = up.state()["urls"]
    await _publish(urls["api"], key)
    made = requests(rng, posts(rng, stories(rng, plan.events)), latest_seconds=plan.seconds / 2)
    senders = Senders(f"{urls['api']}/v1/events", key, random.Random(rng.random()))
    commander = Commander(
        f"{urls['api']}/v1/leads", key, random.Random(rng.random()), senders.sent.accepted, urls["database"]
    )
    chaos = Chaos(up, sink)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(chaos.run(plan.lanes, seconds=plan.no_fault_after_seconds))
        tasks.create_task(senders.send_all(made, seconds=plan.seconds))
        tasks.create_task(commander.give_all(plan.commands, seconds=plan.seconds))
    return Report(plan, senders.sent, commander.told, chaos.suffered)


async def settle_and_audit(up: Up, sink: SmtpSink, report: Report) -> None:
    """Wait until nothing is due any more, then look for differences."""
    urls = up.state()["urls"]
    began = time.monotonic()
    await eventually(lambda: _is_quiet(urls["database"], report), report.plan.quiet_within_seconds)
    report.quiet_after_seconds = time.monotonic() - began
    if report.plan.temporal_forgets:
        await eventually(lambda: _is_whole(up, urls), 300)
    running = await running_lives(urls["temporal"])
    witnesses = Witnesses(report.sent, report.commanded, running, list(sink.deliveries))
    report.findings = await audit(urls["database"], witnesses)


async def _is_quiet(database_url: str, report: Report) -> bool:
    await asyncio.sleep(0.5)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (await connection.execute(_UNQUIET)).fetchall()
    if rows:
        report.last_to_rest = rows[0][0]
    assert not rows, f"still not quiet: {[row[0] for row in rows[:10]]}"
    return True


async def _is_whole(up: Up, urls: dict[str, str]) -> bool:
    """Whether all open leads live again, by the hunt for leaks alone: it leaves those of the last two minutes alone."""
    hunted = await asyncio.to_thread(up.says, "reconcile")
    assert hunted.returncode in (0, 1), hunted.stderr
    await asyncio.sleep(2)
    async with await psycopg.AsyncConnection.connect(urls["database"]) as connection:
        rows = await (await connection.execute("SELECT lead_id FROM leads WHERE is_open")).fetchall()
    return {lead_workflow_id(str(lead_id)) for (lead_id,) in rows} <= await running_lives(urls["temporal"])


async def _publish(url: str, key: str) -> None:
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
        answer = await client.post(
            f"{url}/v1/playbook/revisions",
            headers={"Authorization": f"Bearer {key}"},
            json={"source": json.dumps(hurried_playbook()), "comment": "Promises of seconds"},
        )
        assert answer.status_code == httpx2.codes.CREATED, answer.text
    in_force_from = datetime.fromisoformat(answer.json()["in_force_from"])
    await eventually(lambda: _is_past(in_force_from), within_seconds=90)  # else the first notices keep the old manners


async def _is_past(instant: datetime) -> bool:
    return datetime.now(UTC) >= instant
