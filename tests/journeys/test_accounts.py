"""A lead of a company that somebody knows: who gets it, and what follows when the account changes."""

from datetime import timedelta
from typing import Any

from storage.accounts_changed import AccountsChanged
from storage.playbooks import Shelves
from tests.eventually import eventually
from tests.journeys.world import World


async def account(lead: World, **data: Any) -> None:
    """The CRM tells of Acme."""
    event = await lead.event("account.updated", **data)
    await lead.house.front.sends([event | {"subject": "ACME-1"}], await lead.now())


async def comes_in(lead: World, **profile: Any) -> None:
    await lead.gets(
        await lead.event("lead.captured", source="website", name="Ada Lovelace", **profile),
        await lead.event("lead.hand_raised", kind="demo"),
    )


async def explained(lead: World) -> dict[str, Any]:
    answer: dict[str, Any] = await lead.house.front.shows(f"/v1/leads/{lead.lead_id}/explain", await lead.now())
    return answer


async def test_a_customer_goes_to_whoever_looks_after_them_and_explain_says_so(lead: World) -> None:
    await account(lead, domains=["acme.example"], owner="carl", type="customer", name="Acme")

    await comes_in(lead, email="ada@acme.example")

    assert (await lead.stands())[:2] == ("assigned", "carl")
    assert (await lead.lead()).segment == "known"
    told = await explained(lead)
    assert "Carl Closer looks after the company, a customer" in told["owner"]["sentence"]
    assert "the account type is customer" in told["rules"]["sentence"]


async def test_an_open_opportunity_comes_first_and_who_is_away_is_stood_in_for(lead: World) -> None:
    await account(
        lead, domains=["acme.example"], owner="carl", type="customer", open_opportunity_owner="ana", name="Acme"
    )
    await lead.is_away("ana", days=3)

    await comes_in(lead, domain="https://www.acme.example")

    assert (await lead.lead()).owner == "ben"
    said = (await explained(lead))["owner"]["sentence"]
    assert "Ben Example stands in for Ana Example, who works on a deal with the company" in said


async def test_a_second_lead_of_the_company_follows_the_owner_of_the_first(lead: World) -> None:
    await comes_in(lead, email="ada@acme.example")
    first = (await lead.lead()).owner
    second, third = lead.another(), lead.another()

    await comes_in(second, email="charles@acme.example")
    await comes_in(third, email="somebody@gmail.com")

    assert first == "ana"
    assert (await second.lead()).owner == "ana"
    assert (await third.lead()).owner == "ben"  # by turn: an address anybody can have
    assert "was given another lead of the company not long ago" in (await explained(second))["owner"]["sentence"]


async def test_a_changed_account_reaches_its_untouched_lead(lead: World) -> None:
    await comes_in(lead, domain="acme.example")
    assert (await lead.lead()).owner == "ana"
    await account(lead, domains=["acme.example"], owner="cleo", named=True)

    later = await lead.now() + timedelta(minutes=1)
    assert await AccountsChanged(lead.engine, Shelves(lead.engine)).tell(later, 500) == 1
    await lead.ring()
    await eventually(lead.has_read_all, within_seconds=20)

    assert (await lead.lead()).owner == "cleo"
    said = (await explained(lead))["owner"]["sentence"]
    assert "Leadloop moved it on from Ana Example to Cleo Example, whose account it is now" in said
