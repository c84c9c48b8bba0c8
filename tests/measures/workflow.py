"""What a workflow costs its worker: to make one in the sandbox, and to keep one in memory."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.api.builders import BATCH, event
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.measures.figures import Figure, Pace, Row
from tests.measures.stack import Api, Database, Temporal, api, database, process, temporal
from tests.workflows.instances import instance_cost

WARM_UP, LEADS = 60, 200
QUICK_LEADS = 60
_BY_RING = 20
"""Leads captured at once, so that the worker is busy as on a good day, and not swamped."""
_UNREAD = "SELECT count(*) FROM mailboxes WHERE read_to < last_sequence"


async def instances(server: Temporal, pace: Pace) -> list[Figure]:
    env = LeadTestEnv(WorkflowEnvironment.from_client(await Client.connect(server.server.address)))
    cost = await instance_cost(env, 20 if pace.is_quick else 200)
    return [
        Figure(name="to make an instance", value=cost.cpu_ms, unit="ms CPU", at_most=5),
        Figure(name="an instance", value=cost.kib, unit="KiB", at_most=20, note="as Python counts"),
    ]


async def cached(server: Temporal, pace: Pace) -> list[Figure]:
    """How a worker process grows with each open lead that it has in memory, once it is warm."""
    leads = QUICK_LEADS if pace.is_quick else LEADS
    async with database() as db, api(db) as served:
        settings = db.variables | server.variables
        async with (
            process("worker", settings, ready=lambda log: "worker_works" in log) as worker,
            process("courier", settings, ready=lambda log: "courier_delivers" in log),
        ):
            await live(db, served, WARM_UP)
            before = resident_kib(worker.pid)
            await live(db, served, leads)
            grown = (resident_kib(worker.pid) - before) / leads
    return [Figure(name="a lead in memory", value=grown, unit="KiB", at_most=150, note="of the process, over many")]


async def live(db: Database, served: Api, leads: int) -> None:
    """Let so many new leads raise a hand; returns once each has taken the step that reads it."""
    async with (
        httpx2.AsyncClient(timeout=30, trust_env=False, headers=served.headers | BATCH) as client,
        await psycopg.AsyncConnection.connect(db.url, autocommit=True) as connection,
    ):

        async def is_read() -> bool:
            return await (await connection.execute(_UNREAD)).fetchone() == (0,)

        for _ in range(leads // _BY_RING):
            subjects = [uuid4().hex for _ in range(_BY_RING)]
            made = [told for name in subjects for told in captured_and_raised(name)]
            answer = await client.post(f"{served.url}/v1/events", content=json.dumps(made))
            assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
            await eventually(is_read, 60)


def captured_and_raised(name: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    raised = {"type": "lead.hand_raised", "data": {"kind": "demo"}}
    return [event(id=f"{name}-{n}", subject=name, time=now, **more) for n, more in enumerate(({}, raised))]


def resident_kib(pid: int) -> int:
    """The process's memory that is in RAM."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


async def measure(pace: Pace) -> list[Figure]:
    async with temporal() as server:
        return [*await instances(server, pace), *await cached(server, pace)]


ROW = Row(name="workflow", about="time and memory of a life in its worker", measure=measure)
