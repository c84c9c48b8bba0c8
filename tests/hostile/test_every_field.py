"""Every nasty text in every field of every event and command: taken or refused in form, and no lead breaks on it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from api.decode import ProblemCode
from leads.commands import COMMANDS
from leads.events import EVENTS, stream_of
from storage.tables import leads
from tests.hostile.corpus import LONG, STRINGS
from tests.hostile.fields import KEY, Place, places, put, sample
from tests.hostile.house import NOW, House

PORTIONS = 8
"""A test each, so that none is long."""
ENVELOPE = ("id", "source", "subject", "type", "time", "leadsystem", "dataschema", "datacontenttype", "leadextension")
OF_COMMANDS = [(name, place) for name, model in COMMANDS.items() for place in places(model, is_open=False)]


KEEPS_UNKNOWN = ("lead.captured", "person.absent")
"""All types keep fields that nobody knows, in one way: two are enough."""


def of_events() -> Iterator[tuple[str, Place]]:
    for name, model in EVENTS.items():
        yield from ((name, place) for place in places(model, is_open=name in KEEPS_UNKNOWN))


def event(type_: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=1)).isoformat()
    return {
        "specversion": "1.0", "source": "hostile", "id": str(uuid4()), "type": type_, "subject": subject, "time": at,
        "data": data,
    }  # fmt: skip


def with_text(subject: str, text: str) -> Iterator[dict[str, Any]]:
    """An event for every place the text can stand in."""
    for type_, place in of_events():
        # megabytes of what is refused for its length alone: once is enough
        if len(text) < LONG // 4 or type_ in KEEPS_UNKNOWN:
            yield event(type_, subject, put(sample(EVENTS[type_]), place, text))
    for attribute in ENVELOPE:
        yield event("lead.captured", subject, {"source": "x"}) | {attribute: text}
    yield event("lead.captured", subject, {"source": "x"}) | ({text: "x"} if text not in ("", "specversion") else {})


def test_every_field_is_found() -> None:
    found = set(of_events())
    assert {("lead.captured", ("email",)), ("lead.linked", ("keys", KEY)), ("person.absent", ("from",))} <= found
    assert {("lead.touched", ("content", 0)), ("lead.captured", ("attributes", "x"))} <= found
    assert {("feedback", ("content_used", 0)), ("touch", ("note",)), ("waive", ("reason",))} <= set(OF_COMMANDS)
    assert {stream_of(name) for name in EVENTS} == {"lead", "account", "person"}


@pytest.mark.parametrize("portion", range(PORTIONS))
async def test_every_text_in_every_field_of_every_event_is_taken_or_refused_in_form(house: House, portion: int) -> None:
    every = taken = refused = 0
    for number, text in [*enumerate(STRINGS.values())][portion::PORTIONS]:
        sent = [*with_text(f"lead-{number}", text)]
        every += len(sent)
        for answer in await house.send(sent):
            taken += len(answer["events"]) if "accepted" in answer else 0
            problems = answer["rejected" if "accepted" in answer else "events"]
            refused += len({problem["index"] for problem in problems})
            for problem in problems:
                assert problem["code"] in set(ProblemCode)
                assert problem["pointer"] == "" or problem["pointer"].startswith("/")
                # why, and not what: it may be somebody's address
                assert problem["detail"].isprintable()
                assert len(problem["detail"]) < 1_000
    assert taken + refused == every
    # neither is the rule: a test in which all is refused would prove nothing
    assert min(taken, refused) > every // 10


async def test_every_lead_that_holds_such_texts_goes_on_living(house: House) -> None:
    async with house.engine.connect() as connection:
        lead_ids = [*await connection.scalars(select(leads.c.lead_id))]
    assert len(lead_ids) >= len(STRINGS)
    for lead_id in lead_ids:
        now = NOW
        for _ in range(3):
            taken = await house.steps.take_step(lead_id, now)
            assert taken.stuck_code is None
            now = max(now, taken.wake_at or now)
    async with house.engine.connect() as connection:
        assert not [*await connection.scalars(select(leads.c.lead_id).where(leads.c.stuck_since.is_not(None)))]


async def test_every_text_in_a_command_is_answered_in_form(house: House) -> None:
    assert not house.residents[0].letters
    [answer] = await house.send([event("lead.captured", "asked", {"source": "x"})])
    path = f"/v1/leads/{answer['events'][0]['lead_id']}/commands"
    await house.steps.take_step(answer["events"][0]["lead_id"], NOW)

    async def give(name: str, place: Place, text: str) -> int:
        body = put({"command": name} | sample(COMMANDS[name]), place, text)
        given = await house.client.post(
            path, content=json.dumps(body), headers={"Content-Type": "application/json", "Leadloop-Actor": "mira"}
        )
        assert given.status_code in (200, 400, 409), given.text[:500]
        if given.status_code != 200:
            problem = given.json()
            assert problem["type"].startswith("urn:leadloop:problem:")
            assert all(error["detail"].isprintable() for error in problem.get("errors", []))
        return given.status_code

    # each place sees every third text, and each text a third of the places
    asked = [
        (name, place, text)
        for number, (name, place) in enumerate(OF_COMMANDS)
        for index, text in enumerate(STRINGS.values())
        if (number + index) % 3 == 0
    ]
    seen: set[int] = set()
    for start in range(0, len(asked), 20):
        seen |= set(await asyncio.gather(*(give(*each) for each in asked[start : start + 20])))
    assert {200, 400, 409} == seen


_PARAMETERS = {
    "/v1/leads": ("source", "subject", "team", "after", "limit"),
    "/v1/keys": ("after", "limit"),
    "/v1/playbook/revisions": ("before", "limit"),
    "/v1/playbook/effective": ("team", "revision"),
    "/v1/reports/shadow": ("team", "since"),
}
_REQUIRED = {
    "/v1/playbook/effective": {"team": "sales"},
    "/v1/reports/shadow": {"team": "sales", "since": "2026-06-01"},
}


@pytest.mark.parametrize("path", [*_PARAMETERS])
async def test_every_text_as_a_parameter_is_answered_in_form(house: House, path: str) -> None:
    for name in _PARAMETERS[path]:
        for text in STRINGS.values():
            if len(text) < 5_000:
                value = text.encode("utf-8", "replace").decode()
                answer = await house.client.get(path, params=_REQUIRED.get(path, {}) | {name: value})
                assert answer.status_code in (200, 400, 404), answer.text[:500]
