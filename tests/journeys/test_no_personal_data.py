"""What a lead is called, wrote or can be reached by stays in the database, also when things fail."""

import io
import re
from base64 import b64decode
from typing import Any

import pytest
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import text

from tests.eventually import eventually
from tests.journeys.world import World
from workers.logs import configure_logs

PERSONAL: dict[str, Any] = {
    "name": "Wilhelmina Quuxbury",
    "email": "wilhelmina.q@quuxbury-secret.example",
    "phone": "+4915112345678",
    "company": "Quuxbury Secret Holdings",
}
WORDS = "please call my private number after nine"

BOOM = """
CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'duplicate key: Key (email)=(%) already exists, name %', NEW.email, NEW.name;
END $$;
CREATE TRIGGER boom BEFORE UPDATE ON leads FOR EACH ROW WHEN (NEW.stuck_since IS NULL AND NEW.email IS NOT NULL)
EXECUTE FUNCTION boom();
"""


def readable(history: str) -> str:
    """A history's text with its payloads, which travel as base64, in the clear."""
    payloads = re.findall(r'"data": "([A-Za-z0-9+/=]+)"', history)
    assert payloads
    return "\n".join([history, *(b64decode(payload).decode(errors="replace") for payload in payloads)])


@pytest.mark.usefixtures("logging_restored")
async def test_a_failing_step_and_a_failing_notice_leave_no_personal_value_behind(lead: World) -> None:
    logs = io.StringIO()
    configure_logs("json", level="debug", stream=logs)
    async with lead.engine.begin() as connection:
        await connection.execute(text(BOOM))
    lead.sink.refuse(f"451 4.3.0 {PERSONAL['email']} is unknown to {PERSONAL['name']}")

    await lead.accepts(
        await lead.event("lead.captured", source="website", **PERSONAL),
        await lead.event("lead.hand_raised", kind="contact", words=WORDS),
    )
    await eventually(lead.is_stuck, within_seconds=20)
    async with lead.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER boom ON leads"))
    await lead.after(minutes=6)
    assert (await lead.lead()).name == PERSONAL["name"]
    await eventually(lambda: lead.sink.attempts >= 1, within_seconds=20)
    await lead.after(minutes=5)

    history = readable((await lead.handle.fetch_history()).to_json())
    metrics = generate_latest(REGISTRY).decode()
    assert "lead_stuck" in logs.getvalue()
    assert "put_off" in history
    for place, content in {"history": history, "logs": logs.getvalue(), "metrics": metrics}.items():
        for value in [*PERSONAL.values(), WORDS, "Quuxbury", "ana@example.com"]:
            assert value.lower() not in content.lower(), f"{value!r} stands in the {place}"
