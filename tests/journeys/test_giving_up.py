"""Giving a lead up: after the agreed effort, or for a reason that anyone can check; every other way is a miss."""

from collections.abc import Iterable

from tests.journeys.world import World, captured_with_a_raised_hand, qualified_without_a_raised_hand


async def tries(lead: World, channels: Iterable[str]) -> None:
    """Ana reaches nobody, time and again."""
    for channel in channels:
        await lead.hears("lead.touched", channel=channel, by="ana")


async def test_one_who_cannot_be_reached_is_given_up_after_the_agreed_effort_and_not_before(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    assert await lead.command("recycle", "ana", reason="unable_to_reach") == "refused"
    assert lead.refusal.startswith("0 of 6 attempts so far, on 0 of 2 channels (none yet): reach out again")

    await tries(lead, ["call", "call", "call"])
    assert await lead.command("reject", "ana", reason="unable_to_reach") == "refused"
    assert lead.refusal == (
        "3 of 6 attempts so far, on 1 of 2 channels (call): reach out again, or give the reason that holds."
    )
    assert await lead.stands() == ("working", "ana", 1)  # what is refused changes nothing

    await tries(lead, ["call", "call", "call"])
    assert await lead.command("reject", "ana", reason="unable_to_reach") == "refused"
    assert lead.refusal.startswith("6 of 6 attempts so far, on 1 of 2 channels (call)")

    await tries(lead, ["email"])
    assert (await lead.clock("effort")).outcome == "met"
    assert await lead.command("reject", "ana", reason="unable_to_reach") == "granted"

    [given_up] = await lead.hand_offs()
    assert (given_up["result"], given_up["attempts"], given_up["is_under_worked"]) == ("rejected", 7, False)
    assert await lead.stands() == ("nurturing", "ana", 1)


async def test_after_a_long_silence_attempts_count_anew(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await tries(lead, ["call", "call", "call", "call", "email"])
    await lead.after(hours=28)

    await tries(lead, ["call"])

    assert await lead.command("recycle", "ana", reason="unable_to_reach") == "refused"
    assert lead.refusal.startswith("1 of 6 attempts so far, on 1 of 2 channels (call)")


async def test_a_conversation_ends_the_effort_and_asks_for_a_next_step(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await tries(lead, ["call"])
    assert (await lead.running()).keys() == {"effort", "stage"}

    await lead.hears("lead.touched", channel="call", by="ana", connected=True)

    assert (await lead.clock("effort")).outcome == "met"
    assert (await lead.running()).keys() == {"next_step", "stage"}
    # who has spoken with the buyer has reached them, however few the attempts
    assert await lead.command("reject", "ana", reason="unable_to_reach") == "granted"
    assert (await lead.hand_offs())[0]["is_under_worked"] is False


async def test_the_answer_of_a_machine_is_neither_an_attempt_nor_a_conversation(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    await lead.hears("lead.touched", channel="email", by="ana", mode="sequence_auto")
    await lead.hears("lead.replied", channel="email", mode="bulk")

    [hand_off] = await lead.hand_offs()
    assert (hand_off["attempts"], hand_off["touched_at"], hand_off["conversed_at"]) == (0, None, None)
    assert (await lead.running()).keys() == {"speed_to_lead", "first_touch"}


async def test_as_word_of_another_system_it_is_accepted_and_flagged(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await tries(lead, ["call"])

    await lead.hears("lead.recycled", reason="unable_to_reach", by="ana")

    [given_up] = await lead.hand_offs()
    assert (given_up["result"], given_up["is_under_worked"]) == ("recycled", True)
    effort = await lead.clock("effort")
    assert (effort.outcome, effort.why) == ("dodged", "under_worked")
    assert (await lead.lead()).stage == "nurturing"


async def test_a_reason_that_anyone_can_check_is_a_clean_exit_without_a_call(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    assert await lead.command("reject", "ana", reason="wrong_territory") == "granted"

    rejected, again = await lead.hand_offs()
    assert (rejected["result"], rejected["reason"], again["owner"]) == ("rejected", "wrong_territory", "ben")
    assert await lead.outcomes("first_touch") == ["cancelled", None]
    [speed] = await lead.clocks("speed_to_lead")
    assert (speed.owner, speed.ended_at) == ("ben", None)  # the buyer still waits for an answer
    assert await lead.told("ben") == ["assigned"]


async def test_a_matter_of_judgement_before_any_touch_is_a_promise_dodged(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    assert await lead.command("reject", "ana", reason="no_fit") == "granted"

    assert await lead.stands() == ("disqualified", "ana", 1)
    assert await lead.outcomes("first_touch") == ["dodged"]
    assert await lead.outcomes("speed_to_lead") == ["dodged"]


async def test_a_reason_of_ones_own_is_refused_with_those_there_are(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    assert await lead.command("reject", "ana", reason="bad_mood") == "refused"

    assert "'bad_mood' is not a reason of the playbook" in lead.refusal
    assert "no_fit" in lead.refusal
    assert await lead.command("reject", "ana", reason="bad_timing") == "refused"
    assert "callback" in lead.refusal
