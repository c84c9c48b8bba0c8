"""Lives that go as they should: an owner in seconds, a real touch in time, an answer."""

from datetime import timedelta

from tests.journeys.world import World, captured_with_a_raised_hand


async def test_a_raised_hand_is_assigned_at_once_and_touched_in_time(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    assert (await lead.lead()).owner == "ana"
    [letter] = await lead.letters("ana", 1)
    assert "Ada Lovelace" in letter.text

    await lead.after(minutes=5)
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)

    assert (await lead.lead()).stage == "working"
    assert (await lead.clock("first_touch")).outcome == "met"
    assert (await lead.clock("speed_to_lead")).outcome == "met"

    await lead.after(hours=5)
    assert [d for d in await lead.decisions() if d not in ("assigned", "notice_issued")] == []


async def test_never_touched_it_is_warned_breached_escalated_reassigned_and_in_the_end_ignored(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)

    await lead.after(minutes=8)  # half of 15 minutes
    [_, warning] = await lead.letters("ana", 2)
    assert "7 minutes" in warning.text or "8 minutes" in warning.text
    await lead.after(minutes=7.5)
    assert len(await lead.letters("ana", 3)) == 3

    await lead.after(minutes=10)  # ten minutes over: to someone else
    assert (await lead.lead()).owner == "ben"
    assert (await lead.clock("first_touch", 0)).outcome == "breached"
    await lead.letters("ben", 1)

    await lead.after(hours=2)  # ben and cleo let it lie as well
    assert (await lead.lead()).owner == "cleo"
    [escalation] = await lead.letters("mira", 1)
    assert "still waiting" in escalation.text
    assert "because you manage Cleo Example" in escalation.text

    await lead.after(hours=9)  # one business day without a touch
    assert (await lead.lead()).ignored_at is not None
    assert "ignored_announced" in await lead.decisions()
    await lead.after(days=2)
    rungs = [d for d in await lead.decisions() if d in ("rung_fired", "rung_skipped")]
    assert len(rungs) == 4 + 4 + 5


async def test_accepted_then_rejected_for_a_reason_that_needs_no_call(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    assert await lead.command("accept", "ben") == "refused"
    assert await lead.command("accept", "ana") == "granted"
    assert (await lead.lead()).stage == "accepted"
    assert await lead.command("reject", "ana", reason="competitor") == "granted"

    assert (await lead.lead()).stage == "disqualified"
    assert (await lead.clock("first_touch")).outcome == "cancelled"
    assert timedelta(0) <= (await lead.now()) - (await lead.lead()).stage_since < timedelta(minutes=1)
