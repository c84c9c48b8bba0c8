"""Meetings with the buyer: while one is ahead nobody has to try; afterwards its outcome is to be told."""

from datetime import datetime, timedelta

from tests.journeys.world import World, captured_with_a_raised_hand

HOUR = timedelta(hours=1)
"""How long a meeting lasts whose end is not told."""
TO_TELL = timedelta(hours=4)


async def books(lead: World, *, in_: timedelta, meeting: str = "m-1", by: str | None = "ana") -> datetime:
    """A meeting is agreed; when it begins. Without a name of sales the buyer has picked the slot."""
    begins_at = await lead.now() + in_
    who = {"by": by} if by else {"self_booked": True}
    await lead.hears("lead.meeting_booked", at=begins_at.isoformat(), meeting=meeting, **who)
    return begins_at


async def tells(lead: World, what: str, begins_at: datetime, meeting: str = "m-1") -> None:
    await lead.hears(f"lead.meeting_{what}", at=begins_at.isoformat(), meeting=meeting, by="ana")


async def called_by_ana(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.hears("lead.touched", channel="call", by="ana")


async def test_while_a_meeting_is_ahead_the_effort_stands_still(lead: World) -> None:
    await called_by_ana(lead)
    before = (await lead.clock("effort")).due_at
    booked_at = await lead.now()

    begins_at = await books(lead, in_=timedelta(hours=20), by=None)

    stood_still = (await lead.clock("effort")).due_at - before
    assert abs(stood_still - (begins_at + HOUR - booked_at)) < timedelta(seconds=5)
    assert (await lead.running())["meeting_outcome"] == begins_at + HOUR + TO_TELL


async def test_held_its_outcome_is_told_and_a_next_step_is_owed(lead: World) -> None:
    await called_by_ana(lead)
    begins_at = await books(lead, in_=2 * HOUR)
    await lead.until(begins_at + HOUR + timedelta(minutes=10))

    await tells(lead, "held", begins_at)

    assert await lead.outcomes("meeting_outcome") == ["met"]
    assert await lead.outcomes("effort") == ["met"]
    next_step = await lead.clock("next_step")
    assert (next_step.ended_at, next_step.subject, next_step.owner) == (None, None, "ana")
    assert (await lead.hand_offs())[0]["conversed_at"] is not None
    assert await lead.told("ana") == ["assigned"]


async def test_nobody_tells_how_it_went_and_the_owner_is_asked(lead: World) -> None:
    await called_by_ana(lead)
    begins_at = await books(lead, in_=HOUR)

    await lead.until(begins_at + HOUR + TO_TELL + timedelta(minutes=1))

    assert await lead.told("ana") == ["assigned", "breach"]
    outcome = await lead.clock("meeting_outcome")
    assert (outcome.owner, outcome.announced_at is not None) == ("ana", True)


async def test_missed_a_new_date_is_owed_until_one_is_booked(lead: World) -> None:
    await called_by_ana(lead)
    begins_at = await books(lead, in_=HOUR)
    await lead.until(begins_at + timedelta(minutes=15))

    await tells(lead, "missed", begins_at)

    assert await lead.outcomes("meeting_outcome") == ["met"]  # it is told; that is all that was promised
    rebook = await lead.clock("next_step")
    assert (rebook.subject, rebook.outcome, rebook.due_at - rebook.started_at) == ("rebook", None, timedelta(hours=9))

    await books(lead, in_=timedelta(days=1), meeting="m-2")
    assert [clock.outcome for clock in await lead.clocks("next_step") if clock.subject == "rebook"] == ["met"]
    assert await lead.outcomes("meeting_outcome") == ["met", None]


async def test_called_off_there_is_nothing_to_tell_and_a_new_date_is_owed(lead: World) -> None:
    await called_by_ana(lead)
    begins_at = await books(lead, in_=timedelta(hours=20))
    await lead.after(hours=2)

    await tells(lead, "cancelled", begins_at)

    outcome = await lead.clock("meeting_outcome")
    assert (outcome.outcome, outcome.why) == ("cancelled", "meeting_cancelled")
    assert (await lead.clock("next_step")).subject == "rebook"


async def test_moved_it_is_the_same_meeting_at_another_hour(lead: World) -> None:
    await called_by_ana(lead)
    await books(lead, in_=2 * HOUR)

    begins_at = await books(lead, in_=4 * HOUR)

    first, second = await lead.clocks("meeting_outcome")
    assert (first.outcome, first.why) == ("cancelled", "rebooked")
    assert (second.outcome, second.due_at) == (None, begins_at + HOUR + TO_TELL)


async def test_a_slot_that_the_buyer_picks_answers_the_raised_hand_but_is_no_touch(lead: World) -> None:
    await captured_with_a_raised_hand(lead)

    await books(lead, in_=timedelta(hours=20), by=None)

    speed = await lead.clock("speed_to_lead")
    assert (speed.outcome, speed.why) == ("met", "self_serve")
    assert (await lead.hand_offs())[0]["touched_at"] is None
    assert (await lead.clock("first_touch")).outcome is None  # Ana still says hello


async def test_a_slot_picked_out_of_nurturing_hands_the_lead_to_sales(lead: World) -> None:
    await lead.hears("lead.captured", source="website")

    await books(lead, in_=timedelta(hours=20), by=None)

    assert await lead.stands() == ("assigned", "ana", 1)
    assert (await lead.running()).keys() == {"first_touch", "meeting_outcome"}
    assert await lead.told("ana") == ["assigned"]
