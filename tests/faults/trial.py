"""The fault trial: live events over HTTP, `kill -9` meanwhile, then quiet, then the audit."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import httpx2
import psycopg
import yaml

from tests.eventually import eventually
from tests.faults.audit import Findings, audit
from tests.faults.killer import Fault, kill_in_turn
from tests.faults.sender import Senders, Sent
from tests.faults.stories import posts, stories
from tests.workers.running_up import Up

_UNQUIET = """
SELECT 'mail unread by ' || lead_id FROM mailboxes WHERE read_to < last_sequence
UNION ALL
SELECT lead_id || ' wakes at ' || wake_at FROM leads
WHERE wake_at < now() + interval '8 seconds'
  AND (stage <> 'nurturing' OR wake_at < now() - interval '7 minutes')  -- these sleep in on purpose
UNION ALL
SELECT action_id || ' of ' || lead_id || ' is ' || state || ', retry at ' || coalesce(retry_at::text, 'none')
FROM actions
WHERE state IN ('pending', 'claimed') AND (%(settled)s OR issued_at > now() - interval '2 seconds')
"""


@dataclass(frozen=True)
class Plan:
    """How much, how long, what is killed, and how long quiet may take to come."""

    seed: int
    events: int
    seconds: float
    parts: tuple[str, ...]
    quiet_within_seconds: float
    all_notices_settled: bool = True
    """Else a notice whose worker was killed may still be waiting for its next try."""


@dataclass
class Report:
    plan: Plan
    sent: Sent
    faults: list[Fault] = field(default_factory=list)
    quiet_after_seconds: float = 0.0
    """From the last 202."""
    findings: Findings = field(default_factory=Findings)

    def __str__(self) -> str:
        sent = self.sent
        answers = ", ".join(f"{what} × {count}" for what, count in sorted(sent.answers.items()))
        return "\n".join([
            f"seed {self.plan.seed}",
            *(f"fault: {fault}" for fault in self.faults),
            f"events accepted: {len(sent.accepted)} of {self.plan.events}",
            f"answers: {answers}; longest wait for a 202 {sent.longest_wait_seconds:.1f} s; wrong {len(sent.wrong)}",
            f"quiet {self.quiet_after_seconds:.1f} s after the last event",
            f"found: {self.findings}",
        ])  # fmt: skip


async def run_trial(up: Up, plan: Plan) -> Report:
    """Run the plan against a system that is up. Raises TimeoutError where something does not come back."""
    report = await send_under_faults(up, plan)
    await settle_and_audit(up, report)
    return report


async def send_under_faults(up: Up, plan: Plan) -> Report:
    """Send everything while parts are killed; returns when all is accepted and every part is back."""
    rng = random.Random(plan.seed)
    key = (up.data / "admin.key").read_text().strip()
    url = up.state()["urls"]["api"]
    await _publish(url, key)
    senders = Senders(url, key, rng)
    requests = posts(rng, stories(rng, plan.events))
    parts = rng.sample(plan.parts, len(plan.parts))
    async with asyncio.TaskGroup() as tasks:
        killing = tasks.create_task(kill_in_turn(up, parts, over_seconds=plan.seconds))
        tasks.create_task(senders.send_all(requests, seconds=plan.seconds))
    return Report(plan, senders.sent, killing.result())


async def settle_and_audit(up: Up, report: Report) -> None:
    """Wait until nothing is due any more, then look for differences."""
    database_url = up.state()["urls"]["database"]
    began = time.monotonic()
    await eventually(lambda: _is_quiet(database_url, report.plan), report.plan.quiet_within_seconds)
    report.quiet_after_seconds = time.monotonic() - began
    report.findings = await audit(database_url, report.sent.accepted)


async def _is_quiet(database_url: str, plan: Plan) -> bool:
    await asyncio.sleep(0.5)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (await connection.execute(_UNQUIET, {"settled": plan.all_notices_settled})).fetchall()
    assert not rows, f"still not quiet: {[row[0] for row in rows[:10]]}"
    return True


async def _publish(url: str, key: str) -> None:
    """Promises of seconds, so that alarms ring while parts are away."""
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
        answer = await client.post(
            f"{url}/v1/playbook/revisions",
            headers={"Authorization": f"Bearer {key}"},
            json={"source": json.dumps(_hurried()), "comment": "Promises of seconds"},
        )
        assert answer.status_code == httpx2.codes.CREATED, answer.text
    in_force_from = datetime.fromisoformat(answer.json()["in_force_from"])
    await eventually(lambda: _is_past(in_force_from), within_seconds=90)  # else the first notices keep the old manners


async def _is_past(instant: datetime) -> bool:
    return datetime.now(UTC) >= instant


def _hurried() -> dict[str, Any]:
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    document["calendars"]["office"]["weekly"] = {day: [["00:00", "24:00"]] for day in days}
    hot = {
        "speed_to_lead": {"target": "PT4S"},
        "assign": {"target": "PT3S", "time": "elapsed"},
        "first_touch": {"target": "PT2S", "ladder": "hot"},
        "effort": {"target": "PT5S", "attempts": 2, "ladder": "normal"},
        "next_step": {"target": "PT3S", "ladder": "hot"},
        "reply": {"target": "PT3S", "ladder": "normal"},
        "meeting_outcome": {"target": "PT2S", "ladder": "normal"},
        "feedback": {"target": "PT3S", "ladder": "normal"},
    }
    passed = {
        "accept": {"target": "PT3S", "ladder": "normal"},
        **hot,
        "first_touch": {"target": "PT4S", "ladder": "hot"},
    }
    del passed["speed_to_lead"], passed["effort"]
    for kind in ("rep_to_closer", "returned"):
        document["hand_offs"][kind] |= {"promises": passed, "ignored_after": {"target": "PT8S"}}
    document["stages"]["working"] = {"target": "PT6S", "time": "elapsed", "ladder": "normal"}
    document["feedback"]["share_of_wins"] = 1
    normal = {"assign": {"target": "PT3S"}, "first_touch": {"target": "PT4S", "ladder": "normal"}}
    document["segments"] = [
        {"name": "hot", "when": {"field": "raised_hand", "op": "present"}, "team": "sales", "promises": hot,
         "ignored_after": {"target": "PT8S"}},
        {"name": "normal", "team": "sales", "promises": normal, "ignored_after": {"target": "PT8S"}},
    ]  # fmt: skip
    document["ladders"] |= {
        "hot": [
            {"rung": "half", "at": "50%", "notify": ["owner"]},
            {"rung": "due", "at": "due", "notify": ["owner"]},
            {"rung": "due_channel", "at": "due", "notify": ["channel"]},
            {"rung": "move", "at": "due+PT1S", "reassign": True, "max_hops": 1},
            {"rung": "manager", "at": "due+PT2S", "notify": ["manager"]},
        ],
        "normal": [
            {"rung": "due", "at": "due", "notify": ["owner"]},
            {"rung": "queue", "at": "due+PT3S", "to_queue": True},
        ],
    }
    document["evidence"]["lag"] = "PT1S"
    document["notices"] |= {"rungs_apart": "PT1S", "quiet": None}
    document["qualification"]["nurture_after"] = "PT5S"
    return document
