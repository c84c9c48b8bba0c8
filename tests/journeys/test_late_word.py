"""Word that comes late: what was announced in good faith is taken back, kept late, or let go by a manager."""

from datetime import timedelta

from tests.journeys.world import World, captured_with_a_raised_hand, qualified_without_a_raised_hand
from tests.smtp_sink import Delivery


def stands_under(answer: Delivery, letter: Delivery) -> bool:
    """Whether a mail program shows `answer` right below `letter`."""
    named = (answer.message["In-Reply-To"], str(answer.message["References"]).split()[-1])
    return named == (letter.message["Message-ID"], letter.message["Message-ID"])


async def test_everyone_who_was_told_of_a_breach_hears_in_their_thread_that_there_was_none(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await lead.after(hours=12, minutes=1)  # due after eight, and four later the manager hears
    assert await lead.told("ana") == ["assigned", "warning", "breach"]
    assert await lead.told("mira") == ["escalation"]

    await lead.hears("lead.touched", channel="call", by="ana", ago=timedelta(hours=5))

    first_touch = await lead.clock("first_touch")
    assert (first_touch.outcome, first_touch.announced_at) == ("met", None)
    assert await lead.told("ana") == ["assigned", "warning", "breach", "retraction"]
    assert await lead.told("mira") == ["escalation", "retraction"]
    for person in ("ana", "mira"):
        *_, alarm, retraction = await lead.letters(person, 2)
        assert stands_under(retraction, alarm)
        assert retraction.message["Subject"] == f"Re: {alarm.message['Subject']}"


async def test_once_it_was_given_to_another_he_keeps_it_and_hears_why_it_was_for_nothing(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.after(minutes=26)
    assert (await lead.lead()).owner == "ben"

    await lead.hears("lead.touched", channel="call", by="ana", ago=timedelta(minutes=13))

    assert await lead.stands() == ("working", "ben", 1)
    assert await lead.outcomes("speed_to_lead") == ["met"]
    assert await lead.told("ben") == ["assigned", "overtaken"]
    assert (await lead.told("ana"))[-1] == "retraction"


async def test_said_by_oneself_an_hour_too_late_it_is_kept_late_and_nothing_is_taken_back(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await lead.after(hours=8, minutes=30)
    called_at = await lead.now() - timedelta(minutes=80)

    assert await lead.command("touch", "ana", channel="call", at=called_at.isoformat()) == "granted"

    assert (await lead.clock("first_touch")).outcome == "met_late"
    assert await lead.told("ana") == ["assigned", "warning", "breach"]

    # the telephone system has seen it as well, and what a system saw needs no diary
    await lead.hears("lead.touched", channel="call", by="ana", ago=timedelta(minutes=80))
    assert (await lead.clock("first_touch")).outcome == "met"
    assert await lead.told("ana") == ["assigned", "warning", "breach", "retraction"]


async def test_said_by_oneself_within_the_hour_it_counts_as_any_other(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await lead.after(hours=8, minutes=30)
    called_at = await lead.now() - timedelta(minutes=50)

    assert await lead.command("touch", "ana", channel="call", at=called_at.isoformat()) == "granted"

    assert (await lead.clock("first_touch")).outcome == "met"
    assert (await lead.told("ana"))[-1] == "retraction"


async def test_a_touch_after_the_due_instant_takes_nothing_back_however_soon_it_is_told(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.after(minutes=16)

    await lead.hears("lead.touched", channel="call", by="ana")

    assert await lead.outcomes("first_touch") == ["breached"]
    assert "breach_retracted" not in await lead.decisions()
    assert await lead.told("ana") == ["assigned", "warning", "breach"]


async def test_a_manager_lets_a_promise_go_and_nobody_else_may(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    assert await lead.command("waive", "ana", clock="first_touch", reason="outage") == "refused"
    assert lead.refusal == "Nobody waives a promise of their own: ask your manager."
    for stranger in ("ben", "max"):
        assert await lead.command("waive", stranger, clock="first_touch", reason="outage") == "refused"
        assert lead.refusal.startswith("Only the manager of ana may waive it")
    assert await lead.command("waive", "mira", clock="first_touch", reason="outage") == "granted"

    first_touch = await lead.clock("first_touch")
    assert (first_touch.outcome, first_touch.why) == ("waived", "outage")
    await lead.after(minutes=40)
    assert await lead.rungs() == {}
    assert await lead.told("ana") == ["assigned"]
    assert (await lead.clock("speed_to_lead")).announced_at is not None  # the other promise is none of hers to let go


async def test_a_promise_let_go_after_its_breach_was_told_stays_told(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.after(minutes=16)

    assert await lead.command("waive", "mira", clock="first_touch", reason="outage") == "granted"

    assert await lead.outcomes("first_touch") == ["waived"]
    assert "breach_retracted" not in await lead.decisions()
    assert await lead.told("ana") == ["assigned", "warning", "breach"]
