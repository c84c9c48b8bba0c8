"""Accounts as their events come in, found by the leads of a company, which hear of changes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import select

from storage.accounts_changed import SETTLED_AFTER, AccountsChanged
from storage.history import HistoryStore
from storage.journal import NewEvent
from storage.tables import accounts, company_leads, journal, leads
from tests.builders import at, captured, fact, raised
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

ACME: dict[str, Any] = {"domains": ["https://www.Acme.com/"], "owner": "cleo", "type": "customer"}


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url, WITHOUT_LAG) as opened:
        yield opened


async def updated(desk: StepDesk, minutes: float, key: str = "ACME-1", **data: Any) -> None:
    """An account's event, told as it happens."""
    event = NewEvent(
        source="crm", id=f"{key} {minutes} {sorted(data)}", type="account.updated", stream="account", system="default",
        subject=key, effective_at=at(minutes), data=data, digest=b"%32d" % abs(hash(str(data))),
    )  # fmt: skip
    await desk.journal.append([event], at(minutes))


async def account(desk: StepDesk, key: str = "ACME-1") -> dict[str, Any]:
    async with desk.engine.connect() as connection:
        row = (await connection.execute(select(accounts).where(accounts.c.key == key))).one()
    return {name: word["v"] for name, word in row.told.items()} | {"changes": row.changes}


async def look(desk: StepDesk, now: datetime, limit: int = 500) -> int:
    return await AccountsChanged(desk.engine, desk.shelves).tell(now, limit)


async def lead(desk: StepDesk, subject: str, minutes: float = 0, **profile: Any) -> UUID:
    about = captured(at(minutes), id_=f"{subject} captured", **profile)
    lead_id = await desk.mail(about, raised(at(minutes), id_=f"{subject} raised"), subject=subject)
    await desk.step(lead_id, at(minutes))
    return lead_id


async def stands(desk: StepDesk, lead_id: UUID) -> tuple[str, str | None]:
    [row] = await desk.rows(leads, lead_id)
    return row.segment, row.owner


async def test_the_latest_word_on_each_field_stands_and_repeats_are_no_change(desk: StepDesk) -> None:
    await updated(desk, 5, type="customer")
    await updated(desk, 1, **ACME, open_opportunity_owner="carl")
    await updated(desk, 2, owner="ben", type="partner")
    await updated(desk, 6, open_opportunity_owner=None, owner="ben")

    assert await account(desk) == {
        "domains": ["acme.com"], "owner": "ben", "type": "customer", "open_opportunity_owner": None, "changes": 4,
    }  # fmt: skip
    await updated(desk, 7, owner="ben", type="customer")
    assert (await account(desk))["changes"] == 4


async def test_one_batch_with_many_words_of_one_account(desk: StepDesk) -> None:
    events = [
        NewEvent(
            source="crm", id=str(n), type="account.updated", stream="account", system="default", subject="ACME-1",
            effective_at=at(n), data={"owner": f"person-{n}"}, digest=b"%32d" % n,
        )
        for n in (3, 1, 2)
    ]  # fmt: skip
    await desk.journal.append(events, at(5))

    assert (await account(desk))["owner"] == "person-3"


async def test_a_lead_of_the_company_is_known_when_it_comes_in(desk: StepDesk) -> None:
    await updated(desk, 0, **ACME)
    lead_id = await lead(desk, "a", 1, email="jane@acme.com")

    assert (await stands(desk, lead_id))[0] == "known"
    async with desk.engine.connect() as connection:
        keys = await connection.scalars(select(company_leads.c.key).where(company_leads.c.lead_id == lead_id))
        assert sorted(key.partition(":")[0] for key in keys) == ["domain", "matched"]


async def test_an_owner_whom_the_roster_does_not_know_is_passed_over(desk: StepDesk) -> None:
    await updated(desk, 0, **(ACME | {"owner": "stranger"}))

    assert await stands(desk, await lead(desk, "a", 1, email="jane@acme.com")) == ("known", "ana")


async def test_a_lead_that_was_there_before_hears_of_the_account_and_follows_it(desk: StepDesk) -> None:
    lead_id = await lead(desk, "a", domain="acme.com")
    assert await stands(desk, lead_id) == ("hot", "ana")
    await updated(desk, 1, **ACME)

    assert await look(desk, at(1)) == 0  # steps that read it as it was may be under way
    assert await look(desk, at(1) + SETTLED_AFTER) == 1
    await desk.step(lead_id, at(2))

    assert await stands(desk, lead_id) == ("known", "cleo")
    assert await look(desk, at(3)) == 0


async def test_whoever_loses_the_account_loses_nothing_that_is_touched_and_hears_of_nothing(desk: StepDesk) -> None:
    lead_id = await lead(desk, "a", domain="acme.com")
    await desk.told(fact("lead.touched", at(0.5), channel="call", by="ana"), subject="a")
    await updated(desk, 1, **ACME)

    assert await look(desk, at(2)) == 0
    assert not [row for row in await desk.rows(journal, lead_id) if row.type.startswith("account.")]


async def test_a_company_of_many_leads_is_told_in_batches_each_once(desk: StepDesk) -> None:
    ids = [await lead(desk, f"lead {n}", domain="acme.com") for n in range(7)]
    await updated(desk, 1, **ACME)
    await updated(desk, 1, "OTHER-1", domains=["other.com"])

    now = at(1) + timedelta(minutes=1)
    told = [await look(desk, now, limit=3) for _ in range(4)]

    assert (told[:2], sum(told)) == ([3, 3], 7)
    heard = [[row.type for row in await desk.rows(journal, lead_id)].count("account.changed") for lead_id in ids]
    assert heard == [1] * 7


async def test_a_domain_taken_from_an_account_is_forgotten_by_its_leads(desk: StepDesk) -> None:
    await updated(desk, 0, **ACME)
    lead_id = await lead(desk, "a", 1, domain="acme.com")
    await updated(desk, 2, domains=["acme.example"])

    assert await look(desk, at(5)) == 1
    await desk.step(lead_id, at(5))

    [*_, last] = [row.data for row in await desk.rows(journal, lead_id) if row.type == "account.matched"]
    assert last["account"] is None


async def test_couriers_that_look_at_once_tell_each_lead_once(desk: StepDesk) -> None:
    ids = [await lead(desk, f"lead {n}", domain="acme.com") for n in range(5)]
    await updated(desk, 1, **ACME)

    await asyncio.gather(*(look(desk, at(2), limit=2) for _ in range(3)))
    while await look(desk, at(2), limit=2):
        pass

    heard = [[row.type for row in await desk.rows(journal, lead_id)].count("account.changed") for lead_id in ids]
    assert heard == [1] * len(ids)


async def test_history_is_matched_without_a_step_for_each(desk: StepDesk) -> None:
    await updated(desk, 0, **ACME)
    ids = [
        await desk.mail(captured(at(1), id_=f"{n}", domain="acme.com", backfill=True), subject=f"lead {n}")
        for n in range(3)
    ]

    folded = await HistoryStore(desk.engine, desk.shelves).fold(ids, at(2), lambda: at(days=1))

    assert (len(folded.stages), folded.left) == (3, [])
    async with desk.engine.connect() as connection:
        found = await connection.scalars(
            select(company_leads.c.lead_id).where(company_leads.c.key == "domain:acme.com")
        )
        assert sorted(found) == sorted(ids)
