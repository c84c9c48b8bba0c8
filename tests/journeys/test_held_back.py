"""A notice too many waits a little, wakes its lead when it is to go out, and goes to nobody once it is pointless."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.journeys.house import house_rules
from tests.journeys.world import World, captured_with_a_raised_hand, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink

ONE_AT_A_TIME = {"most": 1, "within": "PT10M", "digest_after": "PT5M"}


@pytest_asyncio.fixture
async def lead(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    """People here want one notice in ten minutes."""
    async with world(temporal_env, database_url, smtp_sink, house_rules(notices=ONE_AT_A_TIME)) as made:
        yield made


async def test_a_warning_too_many_goes_out_five_minutes_later(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)

    await lead.after(minutes=8)  # half of 15 minutes
    assert len(await lead.letters("ana", 1)) == 1
    await lead.after(minutes=5)

    [_, warning] = await lead.letters("ana", 2)
    assert warning.message["Subject"].startswith("First touch due")
    assert "held up on its way" in warning.text


async def test_a_touch_takes_back_what_is_held(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)
    await lead.after(minutes=8)

    await lead.hears("lead.touched", channel="call", by="ana", connected=True)
    await lead.after(minutes=30)

    await lead.all_is_sent()
    assert len(await lead.letters("ana", 1)) == 1
