from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import DatabaseAwayError, create_engine
from storage.keys import KeyStore, Scope
from storage.tables import api_keys
from tests.storage.new_events import NOON


@pytest.fixture
def keys(engine: AsyncEngine) -> KeyStore:
    return KeyStore(engine, now=lambda: NOON)


async def test_a_key_is_found_by_its_secret_with_all_it_may(keys: KeyStore) -> None:
    key_id, secret = await keys.create("crm", {Scope.EVENTS_WRITE}, {"//crm", "//forms"}, may_act_for_others=True)

    found = await keys.find(secret)

    assert found is not None
    assert (found.key_id, found.principal, found.created_at, found.revoked_at) == (key_id, "crm", NOON, None)
    assert found.scopes == {Scope.EVENTS_WRITE}
    assert found.sources == {"//crm", "//forms"}
    assert found.may_act_for_others


async def test_the_secret_is_kept_as_its_hash_alone(keys: KeyStore, engine: AsyncEngine) -> None:
    _, secret = await keys.create("crm", {Scope.ADMIN})

    async with engine.connect() as connection:
        row = (await connection.execute(select(api_keys))).one()

    assert len(row.digest) == 32
    assert secret.rpartition("_")[2] not in repr(row)


async def test_a_secret_that_differs_in_its_last_letter_is_not_found(keys: KeyStore) -> None:
    _, secret = await keys.create("crm", {Scope.ADMIN})

    assert await keys.find(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None


@pytest.mark.parametrize("secret", ["", "leadloop", "leadloop__", "leadloop_nul\x00_x", "other_0123_x", "leadloop_ä_x"])
async def test_what_is_no_secret_is_simply_not_found(keys: KeyStore, secret: str) -> None:
    assert await keys.find(secret) is None


async def test_a_revoked_key_is_no_longer_found_but_still_listed_with_the_first_instant(engine: AsyncEngine) -> None:
    moments = iter([NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)])
    keys = KeyStore(engine, now=lambda: next(moments))
    key_id, secret = await keys.create("crm", {Scope.ADMIN})

    assert await keys.revoke(key_id)
    assert await keys.revoke(key_id)

    assert await keys.find(secret) is None
    assert [(key.key_id, key.revoked_at) for key in await keys.list()] == [(key_id, NOON + timedelta(hours=1))]


async def test_revoking_a_key_nobody_has_says_so(keys: KeyStore) -> None:
    assert not await keys.revoke("0123456789abcdef")


async def test_with_the_database_away_nobody_is_told_that_a_key_is_unknown() -> None:
    keys = KeyStore(create_engine("postgresql://someone:swordfish@127.0.0.1:1/leadloop"))

    with pytest.raises(DatabaseAwayError):
        await keys.find("leadloop_0123456789abcdef_secret")
