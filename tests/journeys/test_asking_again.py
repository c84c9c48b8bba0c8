"""A buyer whom we know asks again: where the question finds the lead decides what is promised, and who hears of it."""

from datetime import timedelta

from tests.eventually import eventually
from tests.journeys.world import World, captured_with_a_raised_hand, qualified_without_a_raised_hand

QUARTER = timedelta(minutes=15)


async def asks_again(lead: World) -> None:
    await lead.hears("lead.hand_raised", kind="pricing")


async def worked_by_cleo(lead: World) -> None:
    """Whose turn it was not: what comes back to Cleo comes because she knows the buyer."""
    await captured_with_a_raised_hand(lead)
    await lead.hears("lead.assigned", owner="cleo")
    await lead.hears("lead.touched", channel="call", by="cleo")


async def test_nurtured_it_is_handed_to_sales(lead: World) -> None:
    await lead.hears("lead.captured", source="website")
    await lead.after(minutes=16)
    assert await lead.stands() == ("nurturing", None, 0)

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "ana", 1)
    assert (await lead.running()).keys() == {"speed_to_lead", "first_touch"}
    assert await lead.told("ana") == ["assigned"]


async def test_a_mail_to_marketing_and_a_second_form_hand_nobody_over(lead: World) -> None:
    await lead.hears("lead.captured", source="website")

    await lead.hears("lead.replied", channel="email")
    await lead.hears("lead.captured", source="webinar")

    assert await lead.stands() == ("captured", None, 0)
    assert (await lead.shown())["source"] == "website"
    assert (await lead.running()).keys() == {"stage"}
    assert await lead.told("ana") == []


async def test_recycled_it_goes_back_to_who_touched_it_within_ninety_days(lead: World) -> None:
    await worked_by_cleo(lead)
    await lead.hears("lead.recycled", reason="no_need", by="cleo")

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "cleo", 2)
    first, second = await lead.hand_offs()
    assert (first["result"], second["kind"]) == ("recycled", "re_inquiry")
    assert await lead.outcomes("first_touch") == ["met", None]
    assert await lead.told("cleo") == ["assigned", "assigned"]


async def test_recycled_and_forgotten_it_goes_to_the_next_in_turn(lead: World) -> None:
    await worked_by_cleo(lead)
    await lead.hears("lead.recycled", reason="no_need", by="cleo")
    await lead.after(days=91)

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "ben", 2)
    assert await lead.told("ben") == ["assigned"]


async def test_ruled_out_softly_it_comes_back(lead: World) -> None:
    await worked_by_cleo(lead)
    await lead.hears("lead.disqualified", reason="no_fit", by="cleo")
    assert await lead.stands() == ("disqualified", "cleo", 1)

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "cleo", 2)
    assert (await lead.running()).keys() == {"speed_to_lead", "first_touch"}


async def test_ruled_out_for_good_it_is_written_down_and_nothing_else(lead: World) -> None:
    await worked_by_cleo(lead)
    await lead.hears("lead.disqualified", kind="hard", reason="competitor", by="cleo")

    await asks_again(lead)

    assert await lead.stands() == ("disqualified", "cleo", 1)
    assert (await lead.journal_rows())[-1].type == "lead.hand_raised"
    assert await lead.running() == {}
    assert await lead.told("cleo") == ["assigned"]


async def test_assigned_and_untouched_the_clocks_go_on_and_the_earlier_due_wins(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    in_eight_hours = (await lead.clock("first_touch")).due_at

    await asks_again(lead)

    asked_at = (await lead.clock("speed_to_lead")).started_at
    assert await lead.running() == {"speed_to_lead": asked_at + QUARTER, "first_touch": asked_at + QUARTER}
    assert asked_at + QUARTER < in_eight_hours
    assert await lead.stands() == ("assigned", "ana", 1)
    assert await lead.told("ana") == ["assigned", "asked_again"]


async def test_however_often_it_asks_the_first_question_counts_and_the_owner_hears_of_it_once(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    before = await lead.running()
    await lead.after(minutes=5)

    for _ in range(3):
        await asks_again(lead)

    assert await lead.running() == before
    assert await lead.stands() == ("assigned", "ana", 1)
    assert await lead.told("ana") == ["assigned", "asked_again"]


async def test_a_promise_about_to_run_out_is_given_no_more_time(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    due_at = (await lead.clock("first_touch")).due_at
    await lead.until(due_at - timedelta(minutes=5))

    await asks_again(lead)

    assert (await lead.running())["first_touch"] == due_at
    assert (await lead.running())["speed_to_lead"] > due_at


async def test_in_work_an_answer_is_owed_and_a_touch_gives_it(lead: World) -> None:
    await worked_by_cleo(lead)

    await asks_again(lead)

    assert await lead.stands() == ("working", "cleo", 1)
    reply = await lead.clock("reply")
    assert (reply.owner, reply.due_at - reply.started_at) == ("cleo", timedelta(hours=4))
    assert await lead.told("cleo") == ["assigned", "asked_again"]

    await lead.hears("lead.touched", channel="email", by="cleo")
    assert await lead.outcomes("reply") == ["met"]
    assert await lead.outcomes("speed_to_lead") == ["met"]  # not begun anew


async def test_a_mail_to_the_owner_is_no_news_to_them_until_it_lies_too_long(lead: World) -> None:
    await worked_by_cleo(lead)

    await lead.hears("lead.replied", channel="email")

    assert await lead.told("cleo") == ["assigned"]
    await lead.after(hours=4, minutes=1)
    assert await lead.told("cleo") == ["assigned", "breach"]
    assert (await lead.clock("reply")).announced_at is not None


async def test_with_an_opportunity_its_owner_answers_and_nobody_else_gets_it(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.hears("lead.opportunity_opened", by="ana", opportunity="o-1")
    await lead.hears("lead.assigned", owner="cleo")

    await asks_again(lead)

    assert await lead.stands() == ("opportunity", "cleo", 1)
    assert (await lead.clock("reply")).owner == "cleo"
    assert "asked_again" in await lead.told("cleo")
    assert "asked_again" not in await lead.told("ana")


async def test_a_customer_is_answered_by_the_owner_and_is_no_new_lead(lead: World) -> None:
    await worked_by_cleo(lead)
    await lead.hears("lead.won", opportunity="o-1", by="cleo")

    await asks_again(lead)

    assert await lead.stands() == ("won", "cleo", 1)
    assert (await lead.running()).keys() == {"reply"}
    assert await lead.told("cleo") == ["assigned", "asked_again"]

    await lead.hears("lead.touched", channel="call", by="cleo")
    assert await lead.outcomes("reply") == ["met"]
    await eventually(lead.has_ended)


async def test_a_customer_whom_nobody_here_ever_had_is_answered_by_the_team(lead: World) -> None:
    await lead.hears("lead.captured", source="website")
    await lead.hears("lead.won", opportunity="o-1")

    await asks_again(lead)

    assert await lead.stands() == ("won", None, 0)
    assert [await lead.told(person) for person in ("ana", "ben", "cleo")] == [["asked_again"]] * 3


async def lost_by_carl(lead: World, *, days_ago: int) -> None:
    """Ana found it, Carl of the closers lost it; word of all this comes at once."""
    lost = timedelta(days=days_ago)
    when = [lost + timedelta(minutes=minutes) for minutes in (60, 50, 40, 30, 20, 10, 0)]
    await lead.gets(
        await lead.event("lead.captured", ago=when[0], source="website"),
        await lead.event("lead.hand_raised", ago=when[1], kind="demo"),
        await lead.event("lead.assigned", ago=when[2], owner="ana"),
        await lead.event("lead.touched", ago=when[3], channel="call", by="ana", connected=True),
        await lead.event("lead.assigned", ago=when[4], owner="carl", team="closers"),
        await lead.event("lead.opportunity_opened", ago=when[5], by="carl"),
        await lead.event("lead.lost", ago=when[6], reason="chose_other", by="carl"),
    )


async def test_lost_not_long_ago_it_goes_back_to_its_closer(lead: World) -> None:
    await lost_by_carl(lead, days_ago=89)

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "carl", 3)
    assert (await lead.hand_offs())[-1]["kind"] == "re_inquiry"
    assert await lead.told("carl") == ["assigned"]


async def test_while_its_closer_is_away_it_goes_to_the_rep_who_knows_the_buyer(lead: World) -> None:
    await lost_by_carl(lead, days_ago=89)
    await lead.is_away("carl", days=7)

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "ana", 3)
    assert (await lead.shown())["team"] == "sales"


async def test_lost_long_ago_it_is_handed_out_anew(lead: World) -> None:
    await lost_by_carl(lead, days_ago=91)

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "ana", 3)
    assert await lead.told("carl") == []


async def test_a_live_question_on_a_hand_off_out_of_history_is_a_new_one_for_the_same_owner(lead: World) -> None:
    month = timedelta(days=30)
    await lead.gets(
        await lead.event("lead.captured", ago=month, backfill=True, source="website"),
        await lead.event("lead.hand_raised", ago=month, backfill=True, kind="demo"),
        await lead.event("lead.assigned", ago=month, backfill=True, owner="ben"),
    )
    assert await lead.told("ben") == []

    await asks_again(lead)

    assert await lead.stands() == ("assigned", "ben", 2)
    old, new = await lead.hand_offs()
    assert [(h["quiet"], h["result"]) for h in (old, new)] == [(True, "asked_again"), (False, None)]
    assert await lead.told("ben") == ["assigned"]


async def test_a_question_out_of_history_alarms_nobody(lead: World) -> None:
    await worked_by_cleo(lead)

    await lead.hears("lead.hand_raised", backfill=True, kind="pricing")

    assert await lead.told("cleo") == ["assigned"]
    await lead.after(hours=5)
    assert "breach_announced" not in await lead.decisions()
