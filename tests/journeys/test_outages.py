"""What is away for a while delays nothing else, and is made good without a storm."""

from datetime import UTC, datetime, timedelta

from tests.journeys.house import WEEKDAYS, house_rules
from tests.journeys.world import World, captured_with_a_raised_hand, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink


async def test_after_an_outage_only_the_highest_rung_fires_and_the_lower_are_skipped(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)

    lead.doors.are_shut = True
    await lead.after(minutes=26)  # half (7.5), due and due_channel (15) and move (25) have come due
    lead.doors.are_shut = False
    await lead.after(minutes=5.5)  # the longest pause between two looks is five minutes

    assert await lead.rungs() == {"half": "outage", "due": "outage", "due_channel": "outage", "move": "fired"}
    assert (await lead.lead()).owner == "ben"
    await lead.all_is_sent()
    assert len(await lead.letters("ana", 1)) == 1  # the assignment; no alarm about what another has now


async def test_a_mail_server_that_hangs_for_an_hour_stops_no_promise(lead: World) -> None:
    lead.sink.hang()
    await captured_with_a_raised_hand(lead)

    await lead.after(minutes=30)
    assert (await lead.lead()).owner == "ben"  # warned, breached and given to the next, with nobody told yet
    await lead.hears("lead.touched", channel="call", by="ben")
    assert (await lead.clock("first_touch")).outcome == "met"
    await lead.after(minutes=30)
    assert lead.sink.deliveries == []

    lead.sink.accept()
    await lead.after(hours=3)
    await lead.all_is_sent()
    subjects = [str(letter.message["Subject"]) for letter in lead.sink.deliveries]
    assert not any("overdue" in subject.lower() for subject in subjects)  # what became pointless was withdrawn


async def test_a_snooze_over_a_weekend_moves_the_promise_by_working_hours_only(
    temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink
) -> None:
    rules = house_rules(weekly=WEEKDAYS, snooze_before_touch=True)
    async with world(temporal_env, database_url, smtp_sink, rules) as lead:
        await lead.hears("lead.captured", source="website")
        friday = next_friday(await lead.now())
        await lead.until(friday)
        await lead.hears("lead.hand_raised", kind="demo")
        assigned_at = (await lead.clock("first_touch")).started_at  # Friday 16:00, a second or so past
        await lead.after(minutes=5)

        monday = friday + timedelta(days=2, hours=17)
        assert await lead.command("snooze", "ana", until=monday.isoformat(), reason="on holiday") == "granted"

        used = (await snoozed_at(lead)) - assigned_at  # of fifteen minutes
        assert (await lead.clock("first_touch")).due_at == monday + timedelta(minutes=15) - used
        await lead.until(monday + timedelta(minutes=4))
        assert "breach_announced" not in await lead.decisions()


async def snoozed_at(lead: World) -> datetime:
    [snooze] = [row for row in await lead.journal_rows() if row.type == "snooze"]
    instant: datetime = snooze.effective_at
    return instant


def next_friday(now: datetime) -> datetime:
    """16:00 UTC on the first Friday at least an hour ahead; Monday 09:00 is two days and seventeen hours later."""
    today = datetime(now.year, now.month, now.day, 16, tzinfo=UTC)
    friday = today + timedelta(days=(4 - now.weekday()) % 7)
    return friday if friday - now > timedelta(hours=1) else friday + timedelta(days=7)
