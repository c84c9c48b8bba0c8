"""What Temporal keeps of a lead is ids, codes, numbers and instants, whatever happens to the lead."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from activities.step import StoreAway
from tests.eventually import eventually
from tests.lead_test_env import LeadTestEnv
from tests.workflows.fakes import ENDED, NOTICE, FakeMessenger, house, open_turn
from workflows.lead_commands import LeadCommands

pytestmark = pytest.mark.timeout(60)
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"
CODE = r"[a-z][a-z_]{0,40}"
ALLOWED = re.compile(rf"(\d+|{ID}|{INSTANT}|{CODE}|command {ID}|{CODE} due {INSTANT}|more mail|another turn|)")


def payloads(part: Any) -> Iterator[Any]:
    """Every value in a history that came from us, decoded."""
    if isinstance(part, dict):
        if "data" in part and "metadata" in part:
            yield json.loads(b64decode(part["data"]))
        for child in part.values():
            yield from payloads(child)
    elif isinstance(part, list):
        for child in part:
            yield from payloads(child)


def words(value: Any) -> Iterator[str]:
    """Every string in a decoded value, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from words(child)
    elif isinstance(value, list):
        for child in value:
            yield from words(child)


async def test_history_holds_ids_codes_and_instants_only(temporal_env: LeadTestEnv) -> None:
    away = StoreAway("Key (phone)=(+46 70 123 45 67)")
    watched = open_turn(actions=[NOTICE], watch="first_touch due 2040-01-01T00:00:00Z")
    answered = open_turn(answer="granted", stage="accepted")
    messenger = FakeMessenger(says=ValueError("550 anna@example.com"))
    async with house(temporal_env, away, away, watched, answered, ENDED, messenger=messenger) as home:
        handle = await home.ring()
        await home.until("TIMER_STARTED")
        await home.advance(timedelta(seconds=10))
        await eventually(lambda: home.steps == 3)
        assert await LeadCommands(home.client, task_queue=home.queue).give(home.lead_id, str(uuid4())) == "granted"
        await home.advance(timedelta(seconds=20))  # 5 s and 10 s between the three tries
        await eventually(lambda: len(messenger.begun) == 3)
        await handle.result()
        history = json.loads((await handle.fetch_history()).to_json())
        found = [word for value in payloads(history) for word in words(value)]
        assert len(found) > 20
        assert [word for word in found if not ALLOWED.fullmatch(word)] == []
        text = json.dumps(history)
        assert not re.search(r"@example|\+46|550 ", text)
