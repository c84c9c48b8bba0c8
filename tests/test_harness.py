"""The harness itself: what others lean on holds."""

import asyncio
import smtplib
import uuid
from datetime import timedelta

import psycopg
import pytest
from temporalio import workflow
from temporalio.worker import Worker

from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink


@workflow.defn(sandboxed=False)
class Sleeper:
    """Sleeps ten days, then says so; a bell wakes it early."""

    def __init__(self) -> None:
        self._rung = False

    @workflow.run
    async def run(self) -> str:
        try:
            await workflow.wait_condition(lambda: self._rung, timeout=timedelta(days=10))
        except TimeoutError:
            return "slept"
        return "rung"

    @workflow.signal
    def ring(self) -> None:
        self._rung = True


def test_a_database_is_a_fresh_copy_and_takes_writes(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
        assert connection.execute("SELECT count(*) FROM only_here").fetchone() == (0,)


def test_the_next_test_sees_nothing_of_the_last(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


async def test_advancing_ten_days_fires_the_timer_of_this_workflow_only(temporal_env: LeadTestEnv) -> None:
    client, queue = temporal_env.client, f"harness-{uuid.uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Sleeper]):
        moved = await client.start_workflow(Sleeper.run, id=f"{queue}-moved", task_queue=queue, start_signal=None)
        left = await client.start_workflow(Sleeper.run, id=f"{queue}-left", task_queue=queue)
        before = await temporal_env.now(moved)
        await temporal_env.advance(moved, timedelta(days=9))
        assert timedelta(days=9) <= await temporal_env.now(moved) - before < timedelta(days=9, minutes=1)
        await temporal_env.advance(moved, timedelta(days=2))
        assert await moved.result() == "slept"
        await left.signal(Sleeper.ring)
        assert await left.result() == "rung"


async def test_the_mail_sink_collects_refuses_and_hangs(smtp_sink: SmtpSink) -> None:
    def send() -> None:
        with smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=5) as mail:
            mail.sendmail("loop@example.com", ["rep@example.com"], "Subject: Hello\n\nCall them.")

    await asyncio.to_thread(send)
    assert [delivery.message["subject"] for delivery in smtp_sink.to("rep@example.com")] == ["Hello"]
    smtp_sink.refuse()
    with pytest.raises(smtplib.SMTPSenderRefused):
        await asyncio.to_thread(send)
    smtp_sink.accept()
    smtp_sink.hang()
    sending = asyncio.create_task(asyncio.to_thread(send))
    await eventually(lambda: smtp_sink.attempts == 3)
    assert not sending.done()
    smtp_sink.accept()
    await sending
    assert len(smtp_sink.deliveries) == 2


async def test_eventually_returns_the_answer_or_tells_the_last_one() -> None:
    answers = iter([0, 0, 7])
    assert await eventually(lambda: next(answers)) == 7
    with pytest.raises(TimeoutError, match="last answer: 0"):
        await eventually(lambda: 0, within_seconds=0.05)
