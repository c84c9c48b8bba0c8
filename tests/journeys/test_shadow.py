"""A team starts in shadow: nobody hears, the report says what would have been, and no storm comes when it goes live."""

from collections.abc import AsyncIterator

import pytest_asyncio

from storage.playbooks import Shelves, publish
from storage.shadow_report import ShadowReports, Spared
from tests.journeys.house import house_rules
from tests.journeys.world import World, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink


def rules(mode: str) -> str:
    return house_rules(teams={"sales": {"mode": mode}})


@pytest_asyncio.fixture
async def lead(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    async with world(temporal_env, database_url, smtp_sink, rules("shadow")) as made:
        yield made


async def goes_live(lead: World) -> None:
    """Sales leaves shadow, seen from the lead's own clock."""
    async with lead.engine.begin() as connection:
        await publish(connection, rules("full"), author="mira", comment="live", now=await lead.now())


async def spared(lead: World) -> Spared:
    now = await lead.now()
    [week] = (await ShadowReports(lead.engine, Shelves(lead.engine)).report("sales", now.date(), now)).weeks
    return week


async def test_a_team_goes_from_shadow_to_full(lead: World) -> None:
    await lead.hears("lead.captured", source="website")
    await lead.hears("lead.hand_raised", kind="demo")
    assert (await lead.lead()).queue == "sales"  # nobody is given it
    await lead.hears("lead.assigned", owner="ana")
    await lead.after(minutes=20)  # due after 15

    assert (await lead.shown())["mode"] == "shadow"
    assert lead.sink.deliveries == []
    week = await spared(lead)
    assert dict(week.breaches) == {"first_touch": 1, "speed_to_lead": 1}
    assert {(line.role, line.rung) for line in week.notices} >= {("owner", "half"), ("owner", "due")}
    assert (week.given_out, week.as_the_crm) == (1, 1)

    await goes_live(lead)
    await lead.after(hours=3)  # the ladder has rungs ten minutes and an hour past due

    assert (await lead.shown())["mode"] == "full"
    assert lead.sink.deliveries == []
    assert (await lead.lead()).owner == "ana"

    await lead.hears("lead.touched", channel="call", by="ana", connected=True)
    await lead.after(hours=10)  # a new promise, to take a next step within nine, is broken out of shadow
    [breach] = await lead.letters("ana", 1)
    assert breach.message["Subject"].startswith("Next step")
