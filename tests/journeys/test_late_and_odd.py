"""Facts that come late, twice, in odd order, with other content, or before anybody knows the lead."""

from datetime import timedelta

import pytest

from tests.journeys.front import Refused
from tests.journeys.world import World, captured_with_a_raised_hand


async def test_a_touch_that_arrives_late_takes_the_breach_back_in_the_same_thread(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.after(minutes=16)
    breach = (await lead.letters("ana", 3))[-1]
    assert (await lead.clock("first_touch")).announced_at is not None

    await lead.hears("lead.touched", channel="call", by="ana", ago=timedelta(minutes=10))

    retraction = (await lead.letters("ana", 4))[-1]
    assert retraction.message["Subject"].startswith("Re: ")
    assert breach.message["Message-ID"] in (
        retraction.message["In-Reply-To"],
        *retraction.message["References"].split(),
    )
    first_touch = await lead.clock("first_touch")
    assert (first_touch.outcome, first_touch.announced_at) == ("met", None)
    assert "breach_retracted" in await lead.decisions()


async def test_a_late_self_report_is_met_late_and_retracts_nothing(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.after(hours=3)
    logged_at = (await lead.now()).isoformat()

    await lead.hears(
        "lead.touched", channel="call", by="ana", evidence="self_reported", logged_at=logged_at,
        ago=timedelta(hours=2, minutes=55),
    )  # fmt: skip

    assert (await lead.clock("speed_to_lead")).outcome == "met_late"
    assert "breach_retracted" not in await lead.decisions()


async def test_events_in_odd_order_end_as_in_the_right_one(lead: World) -> None:
    await lead.hears("lead.touched", channel="email", by="ben", ago=timedelta(minutes=1))
    await lead.hears("lead.hand_raised", kind="pricing", ago=timedelta(minutes=3))
    assert (await lead.lead()).stage == "provisional"

    await lead.hears("lead.captured", source="chat", ago=timedelta(minutes=4))

    row = await lead.lead()
    assert (row.stage, row.owner) == ("working", "ben")  # who touched it gets it
    assert (await lead.clock("speed_to_lead")).outcome == "met"


async def test_a_doubled_event_changes_nothing(lead: World) -> None:
    captured = await lead.event("lead.captured", source="website")
    raised = await lead.event("lead.hand_raised", kind="demo")
    await lead.gets(captured, raised)
    before = await lead.story()

    await lead.gets(captured, raised)

    assert await lead.story() == before


async def test_the_same_id_with_other_content_is_refused_and_nothing_of_its_batch_is_stored(lead: World) -> None:
    await lead.hears("lead.captured", id_="c-1", source="website")
    before = await lead.story()

    with pytest.raises(Refused, match="409"):
        await lead.gets(
            await lead.event("lead.hand_raised", kind="demo"),
            await lead.event("lead.captured", id_="c-1", source="webinar"),
        )

    assert await lead.story() == before
    assert (await lead.lead()).source == "website"


async def test_a_provisional_lead_waits_for_its_capture(lead: World) -> None:
    await lead.hears("lead.hand_raised", kind="demo")
    row = await lead.lead()
    assert (row.stage, row.provisional, row.owner) == ("provisional", True, None)
    await lead.after(minutes=20)
    assert await lead.decisions() == []

    await lead.hears("lead.captured", source="website")

    row = await lead.lead()
    assert (row.stage, row.owner) == ("assigned", "ana")
    assert (await lead.clock("speed_to_lead")).breached_at is not None  # the hand went up twenty minutes ago
