"""Giving a lead a command: granted, refused, expired or unanswered, and never twice."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.command_examples import command_examples
from leads.commands import COMMANDS
from storage.keys import Scope
from tests.api.fakes import ADMIN, NOW, Api
from tests.api.lead_fakes import LEAD, detail

PATH = f"/v1/leads/{LEAD}/commands"
KEY = "0199aaaa-0000-7000-8000-000000000001"
ACCEPT = {"command": "accept"}
ANA = "ana-secret"


def examples() -> dict[str, Any]:
    """As the OpenAPI document has them."""
    body = Api().app.openapi()["paths"]["/v1/leads/{lead_id}/commands"]["post"]["requestBody"]
    found: dict[str, Any] = body["content"]["application/json"]["examples"]
    return found


def office(answer: str | None = "granted", reason: str | None = None) -> Api:
    """An API whose desk has every command answered so; None: nobody answers."""
    api = Api()
    api.keys.add(ANA, "ana", Scope.LEADS_WRITE)
    api.commands.leads.add(LEAD)
    api.leads.details[LEAD] = detail()
    if answer is not None:
        api.desk.weigh = lambda command_id: api.commands.answer(command_id, answer, reason)
    return api


async def give(api: Api, body: Any = ACCEPT, *, secret: str = ANA, path: str = PATH, **headers: str) -> httpx2.Response:
    async with api.client(secret) as client:
        return await client.post(path, json=body, headers=headers)


def named(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_a_granted_command_answers_with_how_the_lead_stands() -> None:
    api = office()
    answer = await give(api, {"command": "snooze", "until": (NOW + timedelta(days=1)).isoformat(), "note": "Call Ada"})
    content = answer.json()
    [stored] = api.commands.stored.values()

    assert (answer.status_code, content["answer"], content["lead"]["stage"]) == (200, "granted", "assigned")
    assert content["command_id"] == str(stored.command_id)
    assert (stored.actor, stored.name, stored.body["note"]) == ("ana", "snooze", "Call Ada")
    assert stored.expires_at - stored.created_at == timedelta(seconds=10)
    # only ids leave for Temporal
    assert api.desk.given == [(str(LEAD), str(stored.command_id))]


async def test_a_refused_command_is_409_with_the_reason_as_a_sentence() -> None:
    answer = await give(office("refused", "it is handed to ben; claim it instead"))
    content = answer.json()
    assert (answer.status_code, content["type"]) == (409, "urn:leadloop:problem:command-refused")
    assert content["detail"] == "It is handed to ben; claim it instead."


async def test_nobody_outside_the_roster_is_given_a_lead_and_nothing_is_stored() -> None:
    api = office()
    api.commands.not_in_roster = "there is no active person 'zorro' in the roster"
    answer = await give(api, {"command": "reassign", "owner": "zorro"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:leadloop:problem:command-refused")
    assert answer.json()["detail"] == "There is no active person 'zorro' in the roster."
    assert (api.commands.stored, api.desk.given) == ({}, [])


async def test_the_actor_is_the_key_s_principal_unless_it_may_act_for_others() -> None:
    api = office()
    forbidden = await give(api, **{"Leadloop-Actor": "ben"})
    allowed = await give(api, secret=ADMIN, **{"Leadloop-Actor": "ben"})
    assert (forbidden.status_code, allowed.status_code) == (403, 200)
    assert [command.actor for command in api.commands.stored.values()] == ["ben"]


@pytest.mark.parametrize("key", [KEY, "order-66"])
async def test_sent_again_with_its_key_a_command_is_weighed_once_and_answered_the_same(key: str) -> None:
    api = office()
    answers = [await give(api, **named(key)) for _ in range(3)]
    assert {answer.json()["command_id"] for answer in answers} == {answers[0].json()["command_id"]}
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(api.desk.given) == len(api.commands.stored) == 1
    if key == KEY:
        assert answers[0].json()["command_id"] == KEY


async def test_sent_again_with_its_key_a_command_whose_team_was_filled_in_is_known() -> None:
    api = office()
    api.commands.only_teams["dora"] = "closers"
    answers = [await give(api, {"command": "reassign", "owner": "dora"}, **named(KEY)) for _ in range(2)]
    other = await give(api, {"command": "reassign", "owner": "dora", "team": "sales"}, **named(KEY))

    assert [answer.status_code for answer in (*answers, other)] == [200, 200, 409]
    [stored] = api.commands.stored.values()
    assert stored.body == {"command": "reassign", "owner": "dora", "team": "closers"}
    assert len(api.desk.given) == 1


async def test_a_refusal_is_repeated_too() -> None:
    api = office("refused", "it is yours already")
    answers = [await give(api, **named(KEY)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json() == answers[1].json()


async def test_a_key_names_one_command_of_one_actor() -> None:
    api = office()
    await give(api, **named(KEY))
    other_body = await give(api, {"command": "claim"}, **named(KEY))
    other_actor = await give(api, secret=ADMIN, **named(KEY))
    same_word = [await give(api, secret=secret, **named("word")) for secret in (ANA, ADMIN)]

    assert [answer.status_code for answer in (other_body, other_actor)] == [409, 409]
    assert other_body.json()["type"] == "urn:leadloop:problem:idempotency-key-reused"
    # a word is each caller's own
    assert len({answer.json()["command_id"] for answer in same_word}) == 2


async def test_with_temporal_away_it_is_503_and_the_same_command_can_be_sent_again() -> None:
    api = office(None)
    away = await give(api)
    command_id = away.json()["command_id"]
    api.desk.weigh = lambda found: api.commands.answer(found, "granted")
    again = await give(api, **named(command_id))

    assert (away.status_code, away.headers["retry-after"], away.json()["code"]) == (503, "1", "temporal_away")
    assert (again.status_code, again.json()["command_id"]) == (200, command_id)
    assert api.desk.given == [(str(LEAD), command_id)] * 2


async def test_no_answer_in_time_is_503_too() -> None:
    api = office()
    api.desk.weigh = lambda _: None  # the lead's step could not say
    answer = await give(api)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_answer")


async def test_an_expired_command_is_answered_as_such_and_not_granted_later() -> None:
    api = office("expired")
    answers = [await give(api, **named(KEY))]
    api.desk.weigh = lambda found: api.commands.answer(found, "granted")
    answers.append(await give(api, **named(KEY)))
    assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [
        (409, "urn:leadloop:problem:command-expired")
    ] * 2


async def test_an_answer_that_came_though_the_desk_lost_it_counts() -> None:
    api = office()
    api.desk.loses_answers = True
    assert (await give(api)).status_code == 200


async def test_an_unknown_lead_is_404_and_nothing_is_stored() -> None:
    api = office()
    answer = await give(api, path=PATH.replace("0001/", "0002/"))
    assert (answer.status_code, api.commands.stored, api.desk.given) == (404, {}, [])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"command": "sell"}, ""),
        ({"command": "reject"}, "/reason"),
        ({"command": "accept", "reason": "x"}, "/reason"),
        ({"command": "snooze", "until": "2026-03-03T09:00:00"}, "/until"),
        ({"command": "snooze", "until": "9999-12-31T23:00:00Z"}, "/until"),
        ({"command": "touch", "channel": "call", "at": "0001-01-01T00:00:00Z"}, "/at"),
        ({"command": "accept", "note": "a\x00b"}, "/note"),
        ({"command": "reject", "reason": "\x00"}, "/reason"),
        ({"command": "return"}, "/reason"),
        ({"command": "recycle", "reason": "no_need", "wake_at": "2036-04-01T00:00:00Z"}, "/wake_at"),
        ({"command": "callback", "at": "2026-03-03"}, "/at"),
        ({"command": "waive", "clock": "tea", "reason": "x"}, "/clock"),
        ({"command": "reassign", "owner": "ben", "kind": "returned"}, "/kind"),
        ({"command": "reassign"}, ""),
        ({"command": "reassign", "reason": "no_fit", "kind": "to_partner", "owner": None}, ""),
        ({"command": "feedback", "quality": 6}, "/quality"),
        ({"command": "feedback", "words": "a\x00b"}, "/words"),
        ({"command": "feedback", "content_used": ["a", "b\x00"]}, "/content_used/1"),
        ({"command": "disqualify", "kind": "harsh", "reason": "x"}, "/kind"),
    ],
)
async def test_a_command_that_makes_no_sense_is_refused_with_its_place(body: Any, pointer: str) -> None:
    api = office()
    answer = await give(api, body)
    content = answer.json()
    assert (answer.status_code, content["type"]) == (400, "urn:leadloop:problem:invalid-request")
    assert [error["pointer"] for error in content["errors"]] == [pointer]
    assert api.commands.stored == {}


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonl"])
async def test_a_body_that_is_not_sent_as_json_is_415(media_type: str) -> None:
    api = office()
    async with api.client(ANA) as client:
        headers = {"Content-Type": media_type} if media_type else {}
        answer = await client.post(PATH, content=b'{"command": "accept"}', headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:leadloop:problem:unsupported-media-type")
    assert answer.json()["detail"] == "Send the body as application/json."
    assert api.commands.stored == {}


@pytest.mark.parametrize(
    ("body", "said"), [({}, "command is missing; one of"), ({"command": "sell"}, "there is no such command; one of")]
)
async def test_without_a_command_the_answer_lists_those_there_are(body: Any, said: str) -> None:
    [error] = (await give(office(), body)).json()["errors"]
    assert error["detail"] == (
        f"{said} accept, reject, return, recycle, callback, reassign, claim, touch, snooze, waive, feedback, "
        "disqualify, reopen"
    )


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
async def test_a_key_that_makes_no_sense_is_refused(key: str) -> None:
    answer = await give(office(), **named(key))
    assert answer.status_code == 400


def test_the_examples_are_of_all_commands_there_are() -> None:
    assert {example["value"]["command"] for example in examples().values()} == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(command_examples()))
async def test_every_example_can_be_copied_and_is_stored_as_it_stands(name: str) -> None:
    api, example = office(), examples()[name]
    answer = await give(api, example["value"])
    [stored] = api.commands.stored.values()

    assert (answer.status_code, stored.body | example["value"]) == (200, stored.body)
    assert example["summary"]


async def test_giving_needs_its_scope() -> None:
    api = office()
    api.keys.add("reader", "bi", Scope.LEADS_READ)
    answer = await give(api, secret="reader")
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "leads:write")
