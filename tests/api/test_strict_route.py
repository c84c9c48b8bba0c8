"""What is read strictly on every route: JSON, instants and numbers in it, and the parameters of a query."""

import json
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.app import ROUTERS
from api.strict_route import StrictRoute
from tests.api.fakes import ADMIN, Api
from tests.api.lead_fakes import LEAD

COMMANDS = f"/v1/leads/{LEAD}/commands"
PEOPLE, TEAMS, ABSENCES = "/v1/roster/people", "/v1/roster/teams", "/v1/roster/absences"
JSON = {"Content-Type": "application/json"}
ANA = {"name": "Ana", "email": "ana@example.com"}
SOON = "2026-03-03T09:00:00Z"


def office() -> Api:
    api = Api()
    api.commands.leads.add(LEAD)
    return api


def test_every_route_of_the_api_is_a_strict_one() -> None:
    routes = [route for router in ROUTERS for route in router.routes]
    assert routes
    assert [route for route in routes if isinstance(route, APIRoute) and not isinstance(route, StrictRoute)] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"command":"accept","command":"claim"}', "an object has the same key twice"),
        (b'{"command":"accept","note":{"a":1,"a":2}}', "an object has the same key twice"),
        ('{"command":"accept"}'.encode("utf-16"), "the body is not UTF-8"),
        (b"\xef\xbb\xbf" + b'{"command":"accept"}', "line 1, column 1"),
        ('{"command":"accept","note":"Größe"}'.encode("latin-1"), "the body is not UTF-8"),
        (b'{"command":"accept","note":NaN}', "NaN and Infinity are not JSON"),
        (b'{"command":"accept","note":123456789012345678901}', "does not fit 64 bits"),
        (b'{"command":' + b"[" * 40 + b"]" * 40 + b"}", "nested more than 32 deep"),
        (b'{"command":' + b"[" * 100_000, "nested too deeply"),
        (b'{"command"', "line 1, column"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", COMMANDS), ("PUT", f"{PEOPLE}/ana"), ("PATCH", f"{TEAMS}/sales"), ("POST", "/v1/keys")],
)
async def test_json_that_could_be_read_in_two_ways_is_taken_nowhere(
    method: str, path: str, body: bytes, said: str
) -> None:
    api = office()
    async with api.client(ADMIN) as client:
        answer = await client.request(method, path, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:leadloop:problem:bad-json")
    assert said in answer.json()["detail"]
    assert api.commands.stored == {}


async def test_a_body_that_says_it_is_no_utf_8_is_415() -> None:
    async with office().client(ADMIN) as client:
        headers = {"Content-Type": "application/json; charset=latin-1"}
        answer = await client.post(COMMANDS, content=b'{"command":"accept"}', headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:leadloop:problem:unsupported-media-type")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"command": "touch", "channel": "call", "at": 1795671100}, "/at"),
        ({"command": "touch", "channel": "call", "at": "1795671100"}, "/at"),
        ({"command": "touch", "channel": "call", "connected": "yes"}, "/connected"),
        ({"command": "touch", "channel": "call", "connected": 1}, "/connected"),
        ({"command": "touch", "channel": "call", "duration_seconds": "60"}, "/duration_seconds"),
        ({"command": "snooze", "until": 1795671100.5}, "/until"),
        ({"command": "snooze", "until": True}, "/until"),
        ({"command": "callback", "at": 0}, "/at"),
        ({"command": "recycle", "reason": "no_need", "wake_at": 1795671100}, "/wake_at"),
        ({"command": "feedback", "quality": "3"}, "/quality"),
        ({"command": "feedback", "quality": True}, "/quality"),
    ],
)
async def test_a_command_takes_no_number_for_an_instant_and_no_text_for_a_number(body: Any, pointer: str) -> None:
    api = office()
    async with api.client(ADMIN) as client:
        answer = await client.post(COMMANDS, json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:leadloop:problem:invalid-request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert api.commands.stored == {}


@pytest.mark.parametrize("start", [0, 1795671100, "0", "1795671100", None, "2026-03-03"])
async def test_an_absence_begins_at_an_instant_in_words(start: Any) -> None:
    async with Api().client(ADMIN) as client:
        await client.put(f"{PEOPLE}/ana", json=ANA)
        answer = await client.post(ABSENCES, json={"person": "ana", "from": start, "until": SOON})
        good = await client.post(ABSENCES, json={"person": "ana", "from": "2026-03-02T09:00:00Z", "until": SOON})
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, ["/from"])
    assert good.status_code == 201


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        ("/v1/leads?stage=won&stage=lost", ["/stage"]),
        ("/v1/leads?limit=5&limit=6", ["/limit"]),
        ("/v1/leads?stag=won", ["/stag"]),
        ("/v1/leads?a%2Fb~=1&stage=won", ["/a~1b~0"]),
        (f"{TEAMS}?team=x", ["/team"]),
        (f"{PEOPLE}?member=x", ["/member"]),
        (f"{PEOPLE}?limit=1&limit=1&x", ["/limit", "/x"]),
        (f"{ABSENCES}?people=ana", ["/people"]),
        (f"{ABSENCES}?ends_after=-1", ["/ends_after"]),
        (f"{ABSENCES}?starts_before=1795671100", ["/starts_before"]),
        (f"/v1/leads/{LEAD}/timeline?x=1", ["/x"]),
        (f"/v1/leads/{LEAD}?x=1", ["/x"]),
        ("/v1/roster/changes?person=ana", ["/person"]),
        ("/v1/playbook/revisions?after=1", ["/after"]),
        ("/v1/keys?before=1", ["/before"]),
        ("/v1/event-types?type=x", ["/type"]),
        ("/healthz?x=1", ["/x"]),
    ],
)
async def test_a_parameter_that_is_not_known_or_there_twice_is_refused_with_its_name(
    path: str, pointers: list[str]
) -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:leadloop:problem:invalid-request")
    assert [(error["in"], error["pointer"]) for error in answer.json()["errors"]] == [("query", p) for p in pointers]


async def test_the_refusal_of_a_parameter_names_those_there_are() -> None:
    async with Api().client(ADMIN) as client:
        [unknown] = (await client.get(f"{TEAMS}?team=x")).json()["errors"]
        [doubled] = (await client.get(f"{TEAMS}?member=a&member=b")).json()["errors"]
        [none] = (await client.get(f"/v1/leads/{LEAD}?x=1")).json()["errors"]
    assert unknown["detail"] == "there is no such parameter here; there are: member, after, limit"
    assert doubled["detail"] == "a parameter is given once"
    assert none["detail"] == "there is no such parameter here"


async def test_what_changes_something_takes_known_parameters_only_too() -> None:
    api = office()
    async with api.client(ADMIN) as client:
        answers = [
            await client.post(f"{COMMANDS}?dry_run=true", json={"command": "accept"}),
            await client.put(f"{PEOPLE}/ana?x=1", json=ANA),
            await client.post(
                "/v1/roster/import?dryrun=true", content=b"person_id\n", headers={"Content-Type": "text/csv"}
            ),
            await client.post("/v1/events?dry_run=true", content=json.dumps({}), headers=JSON),
        ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert api.commands.stored == {}
