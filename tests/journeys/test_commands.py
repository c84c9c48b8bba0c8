"""What people ask of a lead over HTTP, and what becomes of it: yes at once, or no with what to do instead."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio

from tests.eventually import eventually
from tests.journeys.house import house_rules
from tests.journeys.world import World, captured_with_a_raised_hand, qualified_without_a_raised_hand, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink

ASKS_OF_EVERY_WIN = {"on_return": True, "share_of_wins": 1.0, "most_a_day": 1}
NO_LADDER = {
    "name": "all",
    "team": "sales",
    "promises": {"assign": {"target": "PT15M"}, "first_touch": {"target": "PT30M"}},
    "ignored_after": {"target": "PT1H"},
}


@pytest_asyncio.fixture
async def curious(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    """Marketing asks what came of every win here."""
    async with world(temporal_env, database_url, smtp_sink, house_rules(feedback=ASKS_OF_EVERY_WIN)) as made:
        yield made


@pytest_asyncio.fixture
async def hurried(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    """Whoever is not looked after within an hour is ignored."""
    async with world(temporal_env, database_url, smtp_sink, house_rules(segments=[NO_LADDER])) as made:
        yield made


async def worked_by_ana(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)


async def at(lead: World, **ahead: float) -> datetime:
    return await lead.now() + timedelta(**ahead)


async def test_given_back_to_marketing_until_a_day_that_sales_names(lead: World) -> None:
    await lead.hears("lead.captured", source="website")
    await lead.hears("lead.engaged", kind="webinar_attended", points=60)
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)
    await lead.all_is_sent()  # a letter on its way would be looked after sooner
    wakes_at = await at(lead, days=10)

    assert await lead.command("recycle", "ana", reason="no_budget", wake_at=wakes_at.isoformat()) == "granted"

    page = await lead.shown()
    assert (page["stage"], page["score"]) == ("nurturing", 30)  # half of what it had
    assert datetime.fromisoformat(page["wake_at"]) == wakes_at
    [hand_off] = page["hand_offs"]
    assert (hand_off["result"], hand_off["reason"], hand_off["ended_by"]) == ("recycled", "no_budget", "ana")
    assert (await lead.running()).keys() == {"stage"}

    await lead.until(wakes_at + timedelta(hours=1))  # a crowd that wakes on one day is spread over it
    assert (await lead.decisions())[-1] == "nurtured"


async def test_a_day_gone_by_is_no_day_to_wake_up(lead: World) -> None:
    await worked_by_ana(lead)
    yesterday = await at(lead, days=-1)

    assert await lead.command("recycle", "ana", reason="no_budget", wake_at=yesterday.isoformat()) == "refused"

    assert lead.refusal == "The wake-up date must lie in the future."


async def test_a_fourth_round_is_refused(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    for _ in range(3):
        await lead.hears("lead.touched", channel="call", by="ana")
        assert await lead.command("recycle", "ana", reason="no_need") == "granted"
        await lead.hears("lead.hand_raised", kind="pricing")
    assert await lead.stands() == ("assigned", "ana", 4)

    assert await lead.command("recycle", "ana", reason="no_need") == "refused"

    assert lead.refusal == "It went back to marketing 3 times, and 3 are the most: disqualify it, or keep it."
    assert await lead.stands() == ("assigned", "ana", 4)


async def test_called_back_on_the_day_agreed_it_stays_with_the_rep_and_promises_rest_until_then(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    agreed = await at(lead, days=3)
    assert await lead.command("callback", "ana", at=agreed.isoformat()) == "refused"
    assert lead.refusal == "No callback before the first touch: reach out once and agree on the date."
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)
    too_far = await at(lead, days=91)
    assert await lead.command("callback", "ana", at=too_far.isoformat(), reason="bad_timing") == "refused"
    assert lead.refusal == "A callback lies 90 days ahead at most; recycle the lead instead."

    assert await lead.command("callback", "ana", at=agreed.isoformat(), reason="bad_timing") == "granted"

    assert await lead.stands() == ("working", "ana", 1)
    next_step = await lead.clock("next_step")
    assert (next_step.subject, next_step.due_at) == ("callback", agreed + timedelta(hours=9))
    await lead.until(agreed + timedelta(hours=1))
    assert await lead.told("ana") == ["assigned"]
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)
    assert [clock.outcome for clock in await lead.clocks("next_step") if clock.subject == "callback"] == ["met"]


async def test_snoozed_all_clocks_stand_still_until_the_buyer_speaks(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    until = await at(lead, hours=5)
    assert await lead.command("snooze", "ana", until=until.isoformat()) == "refused"
    assert lead.refusal == "No snooze before the first touch: reach out once, then snooze."
    await lead.hears("lead.touched", channel="call", by="ana")
    before = (await lead.running())["effort"]

    assert await lead.command("snooze", "ana", until=until.isoformat(), reason="on holiday") == "granted"

    assert timedelta(hours=4, minutes=59) < (await lead.running())["effort"] - before <= timedelta(hours=5)
    await lead.after(hours=1)
    await lead.hears("lead.replied", channel="email")
    assert timedelta(minutes=59) < (await lead.running())["effort"] - before < timedelta(minutes=62)
    assert (await lead.clock("reply")).ended_at is None


async def test_what_came_of_a_win_is_asked_once_a_day_and_the_lead_waits_for_the_answer(curious: World) -> None:
    lead, second = curious, curious.another()
    for one in (lead, second):
        await captured_with_a_raised_hand(one)
        await one.hears("lead.assigned", owner="ana")
        await one.hears("lead.touched", channel="call", by="ana", connected=True)
        await one.hears("lead.won", opportunity="o-1")
    assert "feedback_asked" in await lead.decisions()
    assert "feedback_spared" in await second.decisions()
    assert (await lead.told("ana")).count("feedback_asked") == 1
    assert await lead.is_alive()

    answer = {"quality": 5, "message_used": "save-time", "content_used": ["case-study"]}
    assert await lead.command("feedback", "ana", **answer) == "granted"

    assert (await lead.clock("feedback")).outcome == "met"
    await eventually(lead.has_ended)
    await eventually(second.has_ended)


async def test_there_is_nothing_to_tell_of_what_sales_never_had(lead: World) -> None:
    await lead.hears("lead.captured", source="website")

    assert await lead.command("feedback", "ana", quality=1) == "refused"

    assert lead.refusal == "This lead was never handed to sales; there is nothing to tell marketing of."


async def test_what_never_was_a_lead_leaves_every_number_until_it_turns_out_to_be_one(hurried: World) -> None:
    lead = hurried
    await captured_with_a_raised_hand(lead)
    await lead.after(hours=1, minutes=1)
    assert (await lead.hand_offs())[0]["is_ignored"] is True
    assert await lead.ignored_now() == {("sales", "all"): 1}
    assert (await lead.clock("first_touch")).announced_at is not None

    assert await lead.command("disqualify", "ben", kind="not_a_lead", reason="other") == "granted"

    page = await lead.shown()
    assert (page["stage"], page["is_counted"], page["ignored_at"]) == ("disqualified", False, None)
    assert page["hand_offs"][0]["is_ignored"] is False
    assert await lead.ignored_now() == {("sales", "all"): 0}
    first_touch = await lead.clock("first_touch")
    assert (first_touch.outcome, first_touch.announced_at) == ("breached", None)  # as it was, but said of no lead

    assert await lead.command("reopen", "ben") == "granted"

    page = await lead.shown()
    # of no lead the turn is given back: it is ana's again
    assert (page["stage"], page["owner"], page["is_counted"]) == ("assigned", "ana", True)
    assert [hand_off["is_ignored"] for hand_off in page["hand_offs"]] == [True, False]  # it was, after all


async def test_in_the_queue_it_is_taken_by_who_claims_it_first(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)

    assert await lead.command("claim", "ben") == "refused"
    assert lead.refusal == "It belongs to ana; ask for a reassign."
    assert await lead.command("reassign", "mira", team="sales") == "granted"
    page = await lead.shown()
    assert (page["stage"], page["owner"], page["queue"]) == ("qualified", None, "sales")
    assert "unassigned" in await lead.told("cleo")

    assert await lead.command("claim", "ben") == "granted"
    assert await lead.stands() == ("assigned", "ben", 1)
    assert await lead.command("claim", "cleo") == "refused"
    assert "assigned" not in await lead.told("ben")  # who takes it knows
