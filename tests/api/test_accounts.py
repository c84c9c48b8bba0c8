"""Accounts over HTTP: lists by key and domain, one with its leads, plain refusals."""

from uuid import UUID

import pytest

from storage.accounts import AccountRecord
from tests.api.fakes import ADMIN, SENDER, Api
from tests.builders import at

ACME = AccountRecord(
    account_id=UUID(int=1), system="default", key="ACME-1", name="Acme", domains=("acme.com", "gmail.com"),
    free_mail=("gmail.com",), owner="ana", type="customer", named=True, open_opportunity_owner=None, changed_at=at(0),
    leads=(UUID(int=7),),
)  # fmt: skip
OTHER = AccountRecord(
    account_id=UUID(int=2), system="default", key="OTHER-1", name=None, domains=(), free_mail=(), owner=None, type=None,
    named=False, open_opportunity_owner=None, changed_at=at(1),
)  # fmt: skip


@pytest.fixture
def api() -> Api:
    made = Api()
    made.accounts.kept = [ACME, OTHER]
    return made


async def test_one_account_with_its_leads(api: Api) -> None:
    async with api.client(ADMIN) as client:
        found = (await client.get(f"/v1/accounts/{ACME.account_id}")).json()

    assert found == {
        "account_id": str(UUID(int=1)), "system": "default", "key": "ACME-1", "name": "Acme",
        "domains": ["acme.com", "gmail.com"], "free_mail": ["gmail.com"], "owner": "ana", "type": "customer",
        "named": True, "open_opportunity_owner": None, "changed_at": "2026-06-01T09:00:00Z",
        "leads": [str(UUID(int=7))],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("", ["OTHER-1", "ACME-1"]),
        ("?key=ACME-1", ["ACME-1"]),
        ("?domain=https://www.ACME.com/en", ["ACME-1"]),
        ("?domain=acme.example", []),
    ],
)
async def test_lists_by_what_is_asked(api: Api, asked: str, keys: list[str]) -> None:
    async with api.client(ADMIN) as client:
        found = (await client.get(f"/v1/accounts{asked}")).json()

    assert [one["key"] for one in found["accounts"]] == keys


async def test_pages_end_with_the_id_of_their_last(api: Api) -> None:
    async with api.client(ADMIN) as client:
        first = (await client.get("/v1/accounts?limit=1")).json()
        second = (await client.get(f"/v1/accounts?limit=1&after={first['next']}")).json()

    assert [page["accounts"][0]["key"] for page in (first, second)] == ["OTHER-1", "ACME-1"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        (f"/{UUID(int=9)}", 404, "not-found"),
        ("/ACME-1", 400, "invalid-request"),
        ("?domain=nonsense", 400, "invalid-request"),
        ("?limit=0", 400, "invalid-request"),
        ("?stranger=1", 400, "invalid-request"),
    ],
)
async def test_what_cannot_be_answered_is_refused_plainly(api: Api, path: str, status: int, problem: str) -> None:
    async with api.client(ADMIN) as client:
        answer = await client.get(f"/v1/accounts{path}")

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:leadloop:problem:{problem}")


async def test_who_may_only_send_events_sees_none(api: Api) -> None:
    async with api.client(SENDER) as client:
        assert (await client.get("/v1/accounts")).status_code == 403
