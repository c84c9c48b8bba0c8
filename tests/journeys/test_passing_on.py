"""Passing the baton on inside sales: a hand-off of its own, with promises of its own; who sourced it stays."""

from datetime import timedelta
from typing import Any

from tests.journeys.world import World, captured_with_a_raised_hand


async def worked_by_ana(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)
    await lead.hears("lead.touched", channel="call", by="ana", connected=True)


async def handed_to_carl(lead: World) -> None:
    """Who is in one team only is given the lead in that team, and it is the closers'."""
    await worked_by_ana(lead)
    assert await lead.command("reassign", "ana", owner="carl") == "granted"


def parts(hand_off: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(hand_off[name] for name in names)


async def test_a_closer_gets_a_hand_off_of_his_own_and_the_rep_has_done_her_part(lead: World) -> None:
    await handed_to_carl(lead)

    rep, closer = await lead.hand_offs()
    assert parts(rep, "kind", "owner", "result", "ended_by") == ("marketing_to_rep", "ana", "passed_on", "ana")
    assert parts(closer, "kind", "owner", "giver", "team") == ("rep_to_closer", "carl", "ana", "closers")
    assert closer["sourced_by"] == rep["id"]
    assert await lead.stands() == ("working", "carl", 2)  # the buyer is in conversation still
    assert await lead.told("carl") == ["assigned"]


async def test_his_clocks_are_not_hers(lead: World) -> None:
    await handed_to_carl(lead)

    passed_at = (await lead.clock("accept")).started_at
    assert await lead.running() == {
        "accept": passed_at + timedelta(hours=8),
        "first_touch": passed_at + timedelta(hours=9),
        "stage": (await lead.clock("stage")).due_at,
    }
    hers, his = await lead.clocks("first_touch")
    assert [(c.owner, c.outcome) for c in (hers, his)] == [("ana", "met"), ("carl", None)]

    assert await lead.command("accept", "cora") == "refused"
    assert await lead.command("accept", "carl") == "granted"
    await lead.hears("lead.touched", channel="call", by="carl", connected=True)
    assert (await lead.clock("accept")).outcome == "met"
    assert (await lead.clock("first_touch")).outcome == "met"
    assert (await lead.clock("next_step")).owner == "carl"


async def test_a_closer_who_lets_it_lie_breaks_his_promise_and_nobody_elses(lead: World) -> None:
    await handed_to_carl(lead)

    await lead.after(hours=9, minutes=1)

    told_of = [await lead.clock(name) for name in ("accept", "first_touch")]
    broken = [(clock.clock, clock.owner) for clock in told_of if clock.announced_at is not None]
    assert broken == [("accept", "carl"), ("first_touch", "carl")]
    assert await lead.told("carl") == ["assigned", "warning", "breach", "breach"]
    assert await lead.told("ana") == ["assigned"]


async def test_what_he_wins_is_credited_to_the_hand_off_that_marketing_sourced(lead: World) -> None:
    await handed_to_carl(lead)
    await lead.hears("lead.opportunity_opened", by="carl", opportunity="o-1", amount=9_000, currency="EUR")
    await lead.hears("lead.won", by="carl", opportunity="o-1")

    rep, closer = await lead.hand_offs()
    assert (rep["result"], closer["result"]) == ("passed_on", "won")
    assert rep["opportunity_at"] == closer["opportunity_at"] is not None
    assert await lead.stands() == ("won", "carl", 2)


async def test_what_a_closer_gives_back_goes_to_who_passed_it_on_and_he_is_asked_why(lead: World) -> None:
    await handed_to_carl(lead)

    assert await lead.command("return", "carl", reason="no_fit") == "granted"

    rep, closer, again = await lead.hand_offs()
    assert parts(closer, "result", "reason", "ended_by") == ("returned", "no_fit", "carl")
    assert parts(again, "kind", "owner", "team") == ("returned", "ana", "sales")
    assert again["sourced_by"] == rep["id"]
    assert (await lead.clock("accept")).outcome == "dodged"  # untouched, and no reason that anyone could check
    assert await lead.told("ana") == ["assigned", "assigned"]
    assert await lead.told("carl") == ["assigned", "feedback_asked"]

    assert await lead.command("feedback", "carl", quality=2, words="They only want the free tier.") == "granted"
    assert (await lead.clock("feedback")).outcome == "met"


async def test_given_back_for_a_reason_that_can_be_checked_it_is_a_clean_exit(lead: World) -> None:
    await handed_to_carl(lead)

    assert await lead.command("return", "carl", reason="wrong_territory") == "granted"

    assert (await lead.clock("accept")).outcome == "met"
    assert [c.outcome for c in await lead.clocks("first_touch") if c.owner == "carl"] == ["cancelled"]
    assert (await lead.lead()).owner == "ana"


async def test_what_was_promised_to_the_buyer_goes_on_with_the_closer(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    raised_at = (await lead.clock("speed_to_lead")).started_at

    assert await lead.command("reassign", "mira", team="closers") == "granted"

    assert (await lead.lead()).owner == "carl"  # the closers' turn is their own
    [speed] = await lead.clocks("speed_to_lead")
    assert (speed.owner, speed.outcome, speed.started_at) == ("carl", None, raised_at)
    await lead.hears("lead.touched", channel="call", by="carl")
    assert await lead.outcomes("speed_to_lead") == ["met"]
    assert await lead.outcomes("first_touch") == ["cancelled", "met"]  # hers, and his
