"""Leaving: a life that ends while someone still has something to say."""

import asyncio

from tests.eventually import eventually
from tests.journeys.world import World, captured_with_a_raised_hand


async def test_a_command_against_a_closing_life_is_answered_and_nothing_is_lost(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    lost = await lead.event("lead.lost", reason="no_fit")

    _, answer = await asyncio.gather(lead.gets(lost), lead.command("reopen", "ana"))

    again = answer if answer == "granted" else await lead.command("reopen", "ana")
    assert again == "granted"
    row = await lead.lead()
    assert (row.stage, row.is_open) == ("assigned", True)
    await eventually(lead.is_alive, within_seconds=10)


async def test_a_later_event_on_an_ended_lead_starts_a_new_run(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.hears("lead.won", opportunity="o-1")
    await eventually(lead.has_ended, within_seconds=20)
    first = (await lead.handle.describe()).run_id

    await lead.hears("lead.updated", company="Renamed Engines")

    assert (await lead.lead()).company == "Renamed Engines"
    assert (await lead.handle.describe()).run_id != first


async def test_a_lost_lead_that_raises_a_hand_again_goes_back_to_who_knows_the_buyer(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.hears("lead.assigned", owner="cleo")
    await lead.hears("lead.touched", channel="call", by="cleo")
    await lead.hears("lead.lost", reason="no_budget")
    await eventually(lead.has_ended, within_seconds=20)

    await lead.hears("lead.hand_raised", kind="pricing")

    row = await lead.lead()
    assert (row.stage, row.owner) == ("assigned", "cleo")
