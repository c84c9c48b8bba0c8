from typing import Any

import pytest

from api.dependencies import Limits
from storage.keys import Scope
from tests.api.builders import BATCH, batch, event
from tests.api.fakes import ADMIN, SENDER, Api

NEW: dict[str, Any] = {"principal": "crm", "scopes": ["events:write"], "sources": ["/crm"]}


async def test_a_key_is_made_shown_once_used_and_revoked() -> None:
    api = Api(limits=Limits(key_memory_seconds=60))
    async with api.client(ADMIN) as client:
        made = await client.post("/v1/keys", json=NEW)
        secret = made.json()["secret"]
        listed = await client.get("/v1/keys")
        assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
        assert secret not in listed.text
        async with api.client(secret) as sender:
            sent = await sender.post("/v1/events", content=batch(event(source="/crm")), headers=BATCH)
            assert sent.status_code == 202
            revoked = await client.delete(f"/v1/keys/{made.json()['key_id']}")
            assert (revoked.status_code, revoked.content) == (204, b"")
            # at once in this process, though the key had been remembered
            again = await sender.post("/v1/events", content=batch(event(source="/crm")), headers=BATCH)
            assert again.status_code == 401
        last = (await client.get("/v1/keys")).json()["keys"][-1]
        assert last["revoked_at"] is not None
        assert {name: last[name] for name in ("principal", "scopes", "sources", "may_act_for_others")} == NEW | {
            "may_act_for_others": False
        }


async def test_keys_come_in_pages() -> None:
    api = Api()
    for number in range(5):
        api.keys.add(f"more-{number}", "web", Scope.EVENTS_WRITE)
    found: list[str] = []
    after: str | None = None
    async with api.client(ADMIN) as client:
        for _ in range(4):
            page = (await client.get("/v1/keys", params={"limit": 2} | ({"after": after} if after else {}))).json()
            found += [key["key_id"] for key in page["keys"]]
            after = page["next"]
    # 7 keys in pages of 2 are 4 pages
    assert found == [f"key-{number:03}" for number in range(1, 8)]
    assert after is None


async def test_only_an_admin_may() -> None:
    async with Api().client(SENDER) as client:
        answers = [await client.get("/v1/keys"), await client.post("/v1/keys", json=NEW)]
        answers.append(await client.delete("/v1/keys/key-001"))
    assert [(answer.status_code, answer.json()["missing_scope"]) for answer in answers] == [(403, "admin")] * 3


async def test_an_unknown_key_cannot_be_revoked() -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.delete("/v1/keys/none")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:leadloop:problem:not-found")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"principal": ""}, "/principal"),
        ({"principal": "ada lovelace"}, "/principal"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({"sources": ["not a uri"]}, "/sources/0"),
        ({"sources": [f"/{number}" for number in range(51)]}, "/sources"),
        ({"more": 1}, "/more"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused_with_its_place(change: dict[str, Any], pointer: str) -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.post("/v1/keys", json=NEW | change)
    content = answer.json()
    assert (answer.status_code, content["type"]) == (400, "urn:leadloop:problem:invalid-request")
    assert [(error["in"], error["pointer"]) for error in content["errors"]] == [("body", pointer)]
    assert "ada lovelace" not in answer.text


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=%00", "after="])
async def test_a_page_that_makes_no_sense_is_refused(query: str) -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.get(f"/v1/keys?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["in"]) == (400, "query")
