"""Owners go on leave and leave for good; their leads go on, and nobody is buried in notices."""

from datetime import timedelta
from typing import Any

from storage.owners_gone import OwnersGone
from storage.playbooks import Shelves
from tests.eventually import eventually
from tests.journeys.world import World, captured_with_a_raised_hand, qualified_without_a_raised_hand


async def courier_looks(lead: World) -> int:
    """What the courier does every few seconds; the lead has read what it was told."""
    told = await OwnersGone(lead.engine, Shelves(lead.engine)).tell(await lead.now(), 500)
    await lead.ring()
    await eventually(lead.has_read_all, within_seconds=20)
    return told


async def test_a_lead_of_somebody_on_leave_goes_to_a_colleague_and_its_promise_goes_on(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    due_at = (await lead.clock("first_touch")).due_at
    await lead.letters("ana", 1)
    await lead.is_away("ana", days=14)

    assert await courier_looks(lead) == 1

    assert await lead.stands() == ("assigned", "ben", 1)
    [promise] = await lead.clocks("first_touch")
    assert (promise.owner, promise.due_at, promise.outcome) == ("ben", due_at, None)
    await lead.after(minutes=6)
    assert await lead.told("ben") == ["taken_over"]
    explained = await lead.house.front.shows(f"/v1/leads/{lead.lead_id}/explain", await lead.now())
    said = explained["owner"]["sentence"]
    assert "Leadloop moved it on from Ana Example to Ben Example, because Ana Example is away until" in said
    assert "Ben Example was next in turn" in said
    skipped = {story["person"]: story["skipped"] for story in explained["owner"]["candidates"]}
    assert skipped["ana"] == "absent"


async def test_a_raised_hand_is_told_of_at_once(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)
    await lead.is_away("ana", hours=1)

    assert await courier_looks(lead) == 1

    [letter] = await lead.letters("ben", 1)
    assert letter.message["X-Leadloop-Notice"] == "taken_over"
    assert "Your lead now: Ada Lovelace" in str(letter.message["Subject"])


async def test_somebody_back_in_time_keeps_the_lead_and_the_timeline_says_why(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await lead.is_away("ana", hours=1)

    await courier_looks(lead)

    assert await lead.stands() == ("assigned", "ana", 1)
    lines = (await lead.house.front.shows(f"/v1/leads/{lead.lead_id}/timeline", await lead.now()))["lines"]
    told = [line["sentence"] for line in lines]
    assert any("Ana Example, whose lead it is, went away until" in sentence for sentence in told)
    assert any("Leadloop left it with Ana Example, who is away, but back soon enough" in sentence for sentence in told)


async def test_an_absence_told_ahead_acts_when_it_begins_and_one_taken_back_never(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    now = await lead.now()
    starts_at = now + timedelta(hours=2)
    data: dict[str, Any] = {"from": starts_at.isoformat(), "until": "2099-01-01T00:00:00Z"}
    absence = await lead.event("person.absent", **data)
    await lead.house.front.sends([absence | {"subject": "ana"}], now)

    assert await courier_looks(lead) == 0
    await lead.after(hours=2)
    assert await courier_looks(lead) == 1

    assert (await lead.lead()).owner == "ben"
