import dataclasses

import httpx2
import pytest

from api.auth import Caller, Gate
from api.dependencies import Limits
from api.guesses import GuessLimit
from storage.keys import Scope
from tests.api.builders import BATCH, batch, event
from tests.api.fakes import ADMIN, SENDER, Api, FakeKeys


async def send(api: Api, headers: dict[str, str], address: str = "192.0.2.1") -> httpx2.Response:
    async with api.client(None, address) as client:
        return await client.post("/v1/events", content=batch(event()), headers=BATCH | headers)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, None),
        ({"Authorization": "Basic YTpi"}, "invalid_request"),
        ({"Authorization": "Bearer"}, "invalid_request"),
        ({"Authorization": "Bearer " + "x" * 257}, "invalid_request"),
        (bearer("wrong"), "invalid_token"),
    ],
)
async def test_without_a_known_key_nobody_is_let_in(headers: dict[str, str], error: str | None) -> None:
    answer = await send(Api(), headers)
    challenge = answer.headers["www-authenticate"]
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:leadloop:problem:unauthenticated")
    assert challenge.startswith('Bearer realm="leadloop"')
    assert (f'error="{error}"' in challenge) if error else ("error" not in challenge)


async def test_a_key_without_the_scope_is_told_which_one_it_lacks() -> None:
    api = Api()
    api.keys.add("reader", "ops", Scope.LEADS_READ)
    answer = await send(api, bearer("reader"))
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "events:write")
    assert 'scope="events:write"' in answer.headers["www-authenticate"]


async def test_admin_implies_every_scope() -> None:
    caller = Caller("key", "admin", "admin", frozenset({Scope.ADMIN}), frozenset())
    assert all(caller.may(scope) for scope in Scope)
    assert (await send(Api(), bearer(ADMIN))).status_code == 202


async def test_the_actor_is_the_principal_unless_the_key_may_act_for_others() -> None:
    api = Api()
    assert (await send(api, bearer(ADMIN) | {"Leadloop-Actor": "rep-7"})).status_code == 202
    assert [fact.actor for fact in api.journal.events] == ["rep-7"]
    assert (await send(api, bearer(SENDER) | {"Leadloop-Actor": "web"})).status_code == 202
    assert (await send(api, bearer(SENDER) | {"Leadloop-Actor": "rep-7"})).status_code == 403
    assert (await send(api, bearer(ADMIN) | {"Leadloop-Actor": "r" * 201})).status_code == 403


async def test_a_key_found_good_is_not_looked_up_with_every_request() -> None:
    api = Api()
    for _ in range(5):
        assert (await send(api, bearer(SENDER))).status_code == 202
    assert api.keys.looked_up == 1


async def test_wrong_keys_are_limited_per_address_while_known_keys_still_work() -> None:
    api = Api(limits=Limits(key_failures_per_minute=3, key_memory_seconds=0))
    assert (await send(api, bearer(SENDER))).status_code == 202
    statuses = [(await send(api, bearer(f"guess-{number}"))).status_code for number in range(5)]
    looked_up = api.keys.looked_up
    limited = await send(api, bearer("guess-6"))
    assert statuses == [401, 401, 401, 429, 429]
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    assert api.keys.looked_up == looked_up
    assert (await send(api, bearer(SENDER))).status_code == 202
    assert (await send(api, bearer("guess-7"), address="192.0.2.2")).status_code == 401


async def test_a_store_that_is_away_says_so_and_counts_as_no_guess() -> None:
    api = Api(limits=Limits(key_failures_per_minute=1))
    api.keys.away = True
    assert [(await send(api, bearer(SENDER))).status_code for _ in range(3)] == [503, 503, 503]
    api.keys.away = False
    assert (await send(api, bearer(SENDER))).status_code == 202


async def test_a_key_revoked_elsewhere_ends_within_its_memory() -> None:
    seconds = 0.0
    keys = FakeKeys()
    keys.add(SENDER, "web", Scope.EVENTS_WRITE)
    gate = Gate(keys, Limits(key_memory_seconds=5), lambda: seconds)
    api = Api(keys=keys)
    api.app.state.gate = gate
    assert (await send(api, bearer(SENDER))).status_code == 202
    keys.records[SENDER] = dataclasses.replace(keys.records[SENDER], revoked_at=keys.records[SENDER].created_at)
    seconds = 4.9
    assert (await send(api, bearer(SENDER))).status_code == 202
    seconds = 5.0
    assert (await send(api, bearer(SENDER))).status_code == 401


def test_guesses_are_forgotten_after_a_minute() -> None:
    seconds = 0.0
    guesses = GuessLimit(2, lambda: seconds)
    guesses.failed("192.0.2.1")
    assert guesses.wait_seconds("192.0.2.1") == 0
    guesses.failed("192.0.2.1")
    seconds = 20.0
    # the window began at 0 and ends at 60
    assert guesses.wait_seconds("192.0.2.1") == 41
    seconds = 60.0
    assert guesses.wait_seconds("192.0.2.1") == 0
    guesses.failed("192.0.2.1")
    assert guesses.wait_seconds("192.0.2.1") == 0


def test_a_network_of_ipv6_is_one_address_and_a_mapped_ipv4_its_own() -> None:
    guesses = GuessLimit(1, lambda: 0.0)
    guesses.failed("2001:db8:0:1::1")
    guesses.failed("::ffff:192.0.2.1")
    assert guesses.wait_seconds("2001:db8:0:1:ffff::2") > 0
    assert guesses.wait_seconds("2001:db8:0:2::1") == 0
    assert guesses.wait_seconds("192.0.2.1") > 0
    assert guesses.wait_seconds("192.0.2.2") == 0


def test_the_memory_of_guesses_is_bounded() -> None:
    guesses = GuessLimit(1, lambda: 0.0)
    for number in range(10_001):
        guesses.failed(f"10.0.{number >> 8}.{number & 255}")
    assert guesses.wait_seconds("10.0.0.0") == 0
    assert guesses.wait_seconds("10.0.39.16") > 0


def test_what_is_no_address_is_one_address() -> None:
    # a proxy may hand on whatever a stranger says of where it comes from
    guesses = GuessLimit(2, lambda: 0.0)
    for text in ("x" * 60_000, "unix:"):
        guesses.failed(text)
    assert guesses.wait_seconds("another") > 0
    assert guesses.wait_seconds("192.0.2.1") == 0
